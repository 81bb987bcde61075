"""The index: the videos of the data folder, each with its picture, status, ladder and players."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from aioz_stream_mock.pages.html import page
from aioz_stream_mock.pages.player import PLAYER_PATHS, has_output
from aioz_stream_mock.pages.reference import REFERENCE_PATH
from aioz_stream_mock.state.videos import render_qualities

if TYPE_CHECKING:
    from collections.abc import Iterator

    from starlette.requests import Request
    from starlette.responses import Response

    from aioz_stream_mock.media.backend import Backend
    from aioz_stream_mock.state.store import Store
    from aioz_stream_mock.state.videos import Video

INDEX_PATH = "/"
SHOWN = 200
"""How many videos the index shows: the newest, and the one that was chosen."""

_HEAD = """\
<header><h1>AIOZ Stream mock server</h1>
<nav><a href=".{reference}">Documentation of the API</a></nav></header>
"""
_HINT = """\
<p class="hint">No videos yet. Upload one, and it shows here:</p>
<pre>from aioz_stream import AiozStream

base_url = "<span class="base" data-path="{prefix}">this server's /api</span>"
with AiozStream(token="token-a", base_url=base_url) as stream:
    stream.upload("talk.mp4", title="Talk")</pre>
"""


async def get_index(request: Request, backend: Backend) -> Response:
    """The public videos of all accounts, the newest first. `?play=ID` puts one on top, open and playing."""
    chosen = request.query_params.get("play", "")
    videos = await backend.run(lambda store: _shown(store, chosen))
    now, prefix = backend.now(), backend.contract.prefix
    items = "".join(_item(video, now, prefix, chosen) for video in videos)
    content = f'<ul class="videos">{items}</ul>' if items else _HINT.format(prefix=escape(prefix))
    body = _HEAD.format(reference=REFERENCE_PATH) + content
    return page("Videos", body, root="./", styles=["index.css"], scripts=["index.js"])


def _shown(store: Store, chosen: str) -> list[Video]:
    def rank(video: Video) -> tuple[bool, int, str]:
        return video.id == chosen, video.created_at, video.id

    return sorted(store.public_videos(), key=rank, reverse=True)[:SHOWN]


def _item(video: Video, now: int, prefix: str, chosen: str) -> str:
    title, status = escape(video.title), escape(video.status(now))
    picture = '<span class="picture"></span>'
    if video.thumbnail:
        picture = f'<img class="picture" loading="lazy" alt="" src=".{prefix}/videos/{video.id}/thumbnail">'
    length = f" · {video.duration:.1f} s" if video.duration else ""
    facts = f'<p class="facts" data-status="{status}">{status}{length}</p>{_ladder(video, now)}'
    players = "".join(_players(video, chosen=video.id == chosen))
    return (
        f'<li id="video-{video.id}"><div class="shown">{picture}<div><h2>{title}</h2>{facts}</div></div>'
        f'<div class="players">{players}</div></li>'
    )


def _ladder(video: Video, now: int) -> str:
    rows = "".join(
        f'<li data-status="{one["status"]}">{escape(str(one["name"]))} {escape(str(one["type"]).upper())} '
        f"<span>{one['status']}</span></li>"
        for one in render_qualities(video, now)
    )
    return f'<ul class="ladder">{rows}</ul>' if rows else ""


def _players(video: Video, *, chosen: bool) -> Iterator[str]:
    """One player for each type, loaded when it is opened; the first one of a chosen video is open and plays."""
    opened = " open" if chosen else ""
    start = "?autoplay=1" if chosen else ""
    for kind, path in PLAYER_PATHS.items():
        if has_output(video, kind) or (opened and kind == "hls"):
            url = "." + path.format(video_id=video.id)
            yield (
                f"<details{opened}><summary>Play {kind.upper()}</summary>"
                f'<iframe loading="lazy" allow="autoplay; fullscreen" title="{kind.upper()} player" '
                f'src="{url}{start}"></iframe><a href="{url}">page of its own</a></details>'
            )
            opened = start = ""
