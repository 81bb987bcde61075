"""Pages: one that plays a video, and one that shows what there is. Plain HTML, nothing from elsewhere, no script.

Addresses in them are relative, so that they hold behind any proxy and under any public URL.
"""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from starlette.responses import Response

from aioz_stream_mock.assets import watchable
from aioz_stream_mock.media.plan import DASH, HLS
from aioz_stream_mock.media.playback import MANIFEST_TYPE, PLAYLIST_TYPE, mp4_type
from aioz_stream_mock.media.signing import carried
from aioz_stream_mock.videos import DONE, render_qualities

if TYPE_CHECKING:
    from starlette.requests import Request

    from aioz_stream_mock.state import State
    from aioz_stream_mock.store import Store
    from aioz_stream_mock.videos import Video

INDEX_PATH = "/"
PLAYER_PATHS = {HLS: "/vod/hls/{video_id}", DASH: "/vod/dash/{video_id}"}
SHOWN = 200
"""How many videos the index shows: the newest."""

_SOURCES = {HLS: ("m3u8", PLAYLIST_TYPE), DASH: ("manifest", MANIFEST_TYPE)}
_HEADERS = {
    "Cache-Control": "no-store",
    # A page of ours loads from here alone, whatever somebody's title says.
    "Content-Security-Policy": "default-src 'none'; media-src 'self'; img-src 'self'; style-src 'unsafe-inline'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
_PAGE = """\
<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>{title}</title>
<style>{style}</style>
{body}
</html>
"""
_PLAYER_STYLE = "html,body{height:100%;margin:0;background:#000;color:#fff}video{width:100%;height:100%}"
_INDEX_STYLE = (
    "body{font:1rem/1.5 sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}"
    "li{display:flex;gap:1rem;margin:1rem 0;list-style:none}ul{padding:0}"
    ".picture{flex:0 0 10rem;height:5.6rem;background:#222;object-fit:contain}"
)


async def get_player(kind: str, request: Request, state: State) -> Response:
    """A page that plays a video. Where a browser can't play the type itself, it takes the MP4."""
    video = await watchable(request, state)
    query = carried(request.query_params)
    here = f"../..{state.contract.prefix}/videos/{video.id}"
    file, media_type = _SOURCES[kind]
    sources = [(file, media_type)] if _has(video, kind) else []
    sources += [("mp4", mp4_type(video.outcome))] if video.outcome and video.outcome.has_mp4 else []
    poster = f' poster="{escape(f"{here}/thumbnail{query}")}"' if video.thumbnail else ""
    inner = "".join(f'<source src="{escape(f"{here}/{name}{query}")}" type="{type_}">' for name, type_ in sources)
    body = f"<video controls playsinline{poster}>{inner}</video>"
    return _page(video.title, _PLAYER_STYLE, body if sources else "<p>There is nothing to play yet.</p>")


async def get_index(_: Request, state: State) -> Response:
    """The public videos of all accounts, the newest first."""
    videos = await state.run(_newest)
    now, prefix = state.now(), state.contract.prefix
    items = "".join(_item(video, now, prefix) for video in videos)
    return _page("Videos", _INDEX_STYLE, f"<h1>Videos</h1><ul>{items}</ul>" if items else "<p>No videos yet.</p>")


def _newest(store: Store) -> list[Video]:
    return sorted(store.public_videos(), key=lambda video: (video.created_at, video.id), reverse=True)[:SHOWN]


def _item(video: Video, now: int, prefix: str) -> str:
    picture = '<span class="picture"></span>'
    if video.thumbnail:
        picture = f'<img class="picture" loading="lazy" alt="" src=".{prefix}/videos/{video.id}/thumbnail">'
    players = "".join(
        f' <a href=".{path.format(video_id=video.id)}">play {kind.upper()}</a>'
        for kind, path in PLAYER_PATHS.items()
        if _has(video, kind)
    )
    ladder = ", ".join(f"{one['name']} {one['type']} {one['status']}" for one in render_qualities(video, now))
    told = f"{escape(video.title)}</strong><br>{video.status(now)}: {escape(ladder)}<br>"
    return f"<li>{picture}<div><strong>{told}{players}</div></li>"


def _has(video: Video, kind: str) -> bool:
    return video.outcome is not None and bool(video.outcome.finished(DONE, kind))


def _page(title: str, style: str, body: str) -> Response:
    return Response(_PAGE.format(title=escape(title), style=style, body=body), headers=_HEADERS, media_type="text/html")
