"""Serving files of a video: to which callers, and which range of the bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.concurrency import iterate_in_threadpool
from starlette.responses import Response, StreamingResponse

from aioz_stream_mock.errors import not_found
from aioz_stream_mock.state.ranges import parse_range
from aioz_stream_mock.state.uploads import find_existing

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.requests import Request

    from aioz_stream_mock.media.backend import Backend
    from aioz_stream_mock.state.stored_files import StoredFile
    from aioz_stream_mock.state.videos import Video


async def find_viewable_video(request: Request, backend: Backend) -> Video:
    """The video, if the caller may watch it: it is public, or the link is signed, or the caller owns it."""
    video_id: str = request.path_params["video_id"]
    video = await backend.run(lambda store: find_existing(store, video_id))
    if video.is_public or backend.signer.is_valid(video.id, request.query_params, backend.now()):
        return video
    if backend.accounts.authenticate(request.headers).id != video.owner:
        raise not_found()
    return video


def serve(request: Request, source: StoredFile, media_type: str) -> Response:
    """A file, or the range of it that was asked for."""
    tag = source.etag
    # A caller that has another version gets the whole file, as HTTP defines If-Range.
    same_version = request.headers.get("if-range", tag) == tag
    part = parse_range(request.headers.get("range") if same_version else None, source.size)
    start, end = part or (0, source.size - 1)
    headers = {
        "Accept-Ranges": "bytes",
        "Content-Length": str(end - start + 1),
        "ETag": tag,
        # These bytes were uploaded by callers; a browser must not take them for a page.
        "X-Content-Type-Options": "nosniff",
    }
    if part is not None:
        headers["Content-Range"] = f"bytes {start}-{end}/{source.size}"
    status = 200 if part is None else 206
    if request.method == "HEAD":
        return Response(status_code=status, headers=headers, media_type=media_type)
    return StreamingResponse(_stream(source, start, end + 1), status, headers, media_type)


async def _stream(source: StoredFile, start: int, stop: int) -> AsyncIterator[bytes]:
    async for block in iterate_in_threadpool(source.blocks(start, stop)):
        yield block
