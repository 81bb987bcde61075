"""A page that plays a video: in the browser itself, or through the player library where the browser can't."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from aioz_stream_mock.errors import ApiError
from aioz_stream_mock.media.plan import DASH, HLS
from aioz_stream_mock.media.playback import MANIFEST_TYPE, PLAYLIST_TYPE, mp4_type
from aioz_stream_mock.media.serving import find_viewable_video
from aioz_stream_mock.media.signing import signature_query
from aioz_stream_mock.pages.html import page
from aioz_stream_mock.state.videos import DONE, TRANSCODING

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from aioz_stream_mock.media.backend import Backend
    from aioz_stream_mock.state.videos import Video

PLAYER_PATHS = {HLS: "/vod/hls/{video_id}", DASH: "/vod/dash/{video_id}"}

_ROOT = "../../"
_SOURCES = {HLS: ("m3u8", PLAYLIST_TYPE), DASH: ("manifest", MANIFEST_TYPE)}
_NO_LINK = (
    "This video is private, and this link has expired or is none for it. "
    "The video object has a new one, which its owner can ask for."
)
_LIBRARY = "shaka-player/shaka-player.js"


async def get_player(kind: str, request: Request, backend: Backend) -> Response:
    """The player of one type. Without scripts, a browser takes what it can play itself, or else the MP4."""
    try:
        video = await find_viewable_video(request, backend)
    except ApiError as error:
        return _refused(error)
    query = signature_query(request.query_params)
    here = f"../..{backend.contract.prefix}/videos/{video.id}"
    sources = [_SOURCES[kind]] if has_output(video, kind) else []
    sources += [("mp4", mp4_type(video.outcome))] if video.outcome and video.outcome.has_mp4 else []
    if not sources:
        return _nothing(video, backend.now())
    poster = f' poster="{escape(f"{here}/thumbnail{query}")}"' if video.thumbnail else ""
    inner = "".join(f'<source src="{escape(f"{here}/{name}{query}")}" type="{type_}">' for name, type_ in sources)
    fixed = " data-fixed" if _is_mixed(video, kind) else ""
    shown = f'<video controls playsinline preload="none"{poster}{fixed}>{inner}</video>'
    body = f'{shown}<p class="message" role="alert" hidden></p>'
    return page(video.title, body, root=_ROOT, styles=["player.css"], scripts=[_LIBRARY, "player.js"])


def _refused(error: ApiError) -> Response:
    """A refusal as a page: a browser shows it to a person."""
    text = _NO_LINK if error.status == 401 else error.message
    body = f'<p class="message">{escape(text)}</p>'
    response = page("No video", body, root=_ROOT, styles=["player.css"], status=error.status)
    response.headers.update(error.headers)
    return response


def _nothing(video: Video, now: int) -> Response:
    """No player; while something is being made, the page looks again by itself."""
    if video.status(now) == TRANSCODING:
        body = '<p class="message" data-again="1">This video is being transcoded; it plays as soon as that is done.</p>'
    else:
        body = '<p class="message">There is nothing to play yet.</p>'
    return page(video.title, body, root=_ROOT, styles=["player.css"], scripts=["player.js"])


def _is_mixed(video: Video, kind: str) -> bool:
    """Whether outputs differ in their container: no player was seen to switch from MPEG-TS to fragmented MP4."""
    outcome = video.outcome
    return outcome is not None and len({output.container for _, output in outcome.finished(DONE, kind)}) > 1


def has_output(video: Video, kind: str) -> bool:
    """Whether there is an output of a type to play."""
    return video.outcome is not None and bool(video.outcome.finished(DONE, kind))
