"""Assets: the files that a video's addresses lead to.

A public video's are open to everybody, a private one's need the owner's credentials or a signed link.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.concurrency import iterate_in_threadpool
from starlette.responses import Response, StreamingResponse

from aioz_stream_mock.api.ranges import StoredPart, requested
from aioz_stream_mock.errors import not_found
from aioz_stream_mock.media.thumbnails import smaller
from aioz_stream_mock.state import mp4
from aioz_stream_mock.state.sources import Source
from aioz_stream_mock.state.uploads import alive

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.requests import Request

    from aioz_stream_mock.state.state import State
    from aioz_stream_mock.state.videos import Video

SOURCE_PATH = "/videos/{video_id}/source"
THUMBNAIL_PATH = "/videos/{video_id}/thumbnail"


async def get_source(request: Request, state: State) -> Response:
    """The bytes that were uploaded, once all of them are there."""
    video = await watchable(request, state)
    if not video.is_complete:
        raise not_found()
    source = await state.run(lambda store: Source(store.files, store.parts(video.id)))
    if source.size == 0:
        raise not_found()
    media_type = await state.run(lambda _: _source_type(source))
    return serve(request, source, media_type)


async def get_thumbnail(request: Request, state: State) -> Response:
    """The picture as it is, or, where there is an ffmpeg to make it smaller, in a resolution."""
    video = await watchable(request, state)
    picture, resolution = video.thumbnail, request.query_params.get("resolution", "original")
    if picture is None:
        raise not_found()
    if resolution != "original":
        if not state.settings.transcode:
            raise not_found()
        small = await state.run(lambda store: smaller(store, picture, resolution, state.media_limits))
        if small is None:
            raise not_found()
        return Response(small, media_type="image/jpeg", headers={"X-Content-Type-Options": "nosniff"})
    part = StoredPart(0, picture.size - 1, "1", picture.file, picture.file)
    source = await state.run(lambda store: Source(store.files, [part]))
    return serve(request, source, picture.media_type)


async def watchable(request: Request, state: State) -> Video:
    """The video, if the caller may see it: the rule of who may watch what."""
    video_id: str = request.path_params["video_id"]
    video = await state.run(lambda store: alive(store, video_id))
    if video.is_public or state.signer.holds(video.id, request.query_params, state.now()):
        return video
    if state.accounts.authenticate(request.headers).id != video.owner:
        raise not_found()
    return video


def serve(request: Request, source: Source, media_type: str) -> Response:
    """A file, or the range of it that was asked for."""
    tag = source.etag
    # With another version in mind than the one there is, a caller gets the whole, as HTTP has it.
    same_version = request.headers.get("if-range", tag) == tag
    part = requested(request.headers.get("range") if same_version else None, source.size)
    start, end = part or (0, source.size - 1)
    headers = {
        "Accept-Ranges": "bytes",
        "Content-Length": str(end - start + 1),
        "ETag": tag,
        # Anybody's bytes are served here; a browser must not find a page in them.
        "X-Content-Type-Options": "nosniff",
    }
    if part is not None:
        headers["Content-Range"] = f"bytes {start}-{end}/{source.size}"
    status = 200 if part is None else 206
    if request.method == "HEAD":
        return Response(status_code=status, headers=headers, media_type=media_type)
    return StreamingResponse(_stream(source, start, end + 1), status, headers, media_type)


async def _stream(source: Source, start: int, stop: int) -> AsyncIterator[bytes]:
    async for block in iterate_in_threadpool(source.blocks(start, stop)):
        yield block


def _source_type(source: Source) -> str:
    return "video/mp4" if mp4.is_mp4(source.read_at(0, 8)) else "application/octet-stream"
