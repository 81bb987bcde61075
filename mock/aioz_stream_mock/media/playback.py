"""Playback: playlists, manifest, segments and the progressive MP4 under a video's path."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from starlette.responses import Response

from aioz_stream_mock.errors import not_found
from aioz_stream_mock.media import dash, hls
from aioz_stream_mock.media.plan import DASH, HLS
from aioz_stream_mock.media.serving import find_viewable_video, serve
from aioz_stream_mock.media.signing import signature_query
from aioz_stream_mock.media.transcoder import MP4
from aioz_stream_mock.state.ranges import StoredPart
from aioz_stream_mock.state.stored_files import StoredFile
from aioz_stream_mock.state.videos import DONE

if TYPE_CHECKING:
    from pathlib import Path

    from starlette.requests import Request

    from aioz_stream_mock.media.backend import Backend
    from aioz_stream_mock.state.outcome import Outcome, Output

PLAYLIST_PATH = "/videos/{video_id}/m3u8"
MANIFEST_PATH = "/videos/{video_id}/manifest"
MP4_PATH = "/videos/{video_id}/mp4"
MEDIA_PATH = "/videos/{video_id}/media/{number}/{name}"

PLAYLIST_TYPE = "application/vnd.apple.mpegurl"
MANIFEST_TYPE = "application/dash+xml"
_TYPES = {".m3u8": PLAYLIST_TYPE, ".ts": "video/mp2t", ".m4s": "video/iso.segment", ".mp4": "video/mp4"}
_SOUND_TYPE = "audio/mp4"
# Exactly the names in playlists and manifests; other files of the folder are not served.
_NAME = re.compile(r"index\.m3u8|(?:init|segment)(?:-[0-9]{1,9}){0,2}(\.ts|\.m4s|\.mp4)", re.ASCII)
_NUMBER = re.compile(r"[0-9]{1,4}", re.ASCII)


async def get_playlist(request: Request, backend: Backend) -> Response:
    """The HLS master playlist."""
    outcome, folder = await _find_media(request, backend)
    if not outcome.finished(DONE, HLS):
        raise not_found()
    query = signature_query(request.query_params)
    return _text(request, await backend.run(lambda _: hls.master_playlist(outcome, folder, query)), PLAYLIST_TYPE)


async def get_manifest(request: Request, backend: Backend) -> Response:
    """The DASH manifest."""
    outcome, folder = await _find_media(request, backend)
    if not outcome.finished(DONE, DASH):
        raise not_found()
    query = signature_query(request.query_params)
    return _text(request, await backend.run(lambda _: dash.manifest(outcome, folder, query)), MANIFEST_TYPE)


async def get_mp4(request: Request, backend: Backend) -> Response:
    """The whole video as one file that plays while it loads."""
    outcome, folder = await _find_media(request, backend)
    if not outcome.has_mp4:
        raise not_found()
    return await _file(request, backend, folder, MP4, mp4_type(outcome))


def mp4_type(outcome: Outcome) -> str:
    """The media type of the MP4, which has a picture if any output has."""
    has_picture = any(output.has_picture for _, output in outcome.finished(DONE))
    return _TYPES[".mp4"] if has_picture else _SOUND_TYPE


async def get_media(request: Request, backend: Backend) -> Response:
    """A playlist or a segment of one output."""
    outcome, folder = await _find_media(request, backend)
    number, name = request.path_params["number"], request.path_params["name"]
    match = _NAME.fullmatch(name)
    if match is None or not _NUMBER.fullmatch(number):
        raise not_found()
    output = dict(outcome.finished(DONE)).get(int(number))
    if output is None:
        raise not_found()
    if match[1] is None:
        return await _media_playlist(request, backend, folder / number / name)
    return await _file(request, backend, folder, f"{number}/{name}", _media_type(output, name, match[1]))


def _media_type(output: Output, name: str, ending: str) -> str:
    # DASH keeps the tracks of an output apart: a sound beside a picture is its second one.
    is_sound = not output.has_picture or name == "init-1.mp4"
    return _SOUND_TYPE if is_sound and ending == ".mp4" else _TYPES[ending]


async def _media_playlist(request: Request, backend: Backend, path: Path) -> Response:
    try:
        text = await backend.run(lambda _: path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise not_found() from None
    return _text(request, hls.sign_links(text, signature_query(request.query_params)), PLAYLIST_TYPE)


async def _find_media(request: Request, backend: Backend) -> tuple[Outcome, Path]:
    """The outcome of a video that the caller may watch, and the folder of its files."""
    video = await find_viewable_video(request, backend)
    if video.outcome is None or not video.outcome.folder:
        raise not_found()
    return video.outcome, backend.store.media / video.id / video.outcome.folder


async def _file(request: Request, backend: Backend, folder: Path, name: str, media_type: str) -> Response:
    try:
        size = await backend.run(lambda _: (folder / name).stat().st_size)
    except FileNotFoundError:
        raise not_found() from None
    # A folder belongs to one attempt, and nothing in it changes after it was announced.
    whole = StoredPart(0, size - 1, "1", f"{folder.name}/{name}", name)
    return serve(request, StoredFile(folder, [whole]), media_type)


def _text(request: Request, text: str, media_type: str) -> Response:
    # A playlist grows with every output that is done.
    headers = {"Cache-Control": "no-cache", "X-Content-Type-Options": "nosniff"}
    body = text.encode()
    if request.method == "HEAD":
        return Response(None, 200, {**headers, "Content-Length": str(len(body))}, media_type)
    return Response(body, 200, headers, media_type)
