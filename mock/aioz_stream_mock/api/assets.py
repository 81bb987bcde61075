"""Assets: the files that a video's addresses lead to.

The files of a public video are open to all callers. Those of a private one need the owner's credentials or a signed
link.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import Response

from aioz_stream_mock.errors import not_found
from aioz_stream_mock.media.serving import find_viewable_video, serve
from aioz_stream_mock.media.thumbnails import scale_down
from aioz_stream_mock.state import mp4
from aioz_stream_mock.state.ranges import StoredPart
from aioz_stream_mock.state.stored_files import StoredFile

if TYPE_CHECKING:
    from starlette.requests import Request

    from aioz_stream_mock.media.backend import Backend

SOURCE_PATH = "/videos/{video_id}/source"
THUMBNAIL_PATH = "/videos/{video_id}/thumbnail"


async def get_source(request: Request, backend: Backend) -> Response:
    """The bytes that were uploaded, once all of them are there."""
    video = await find_viewable_video(request, backend)
    if not video.is_complete:
        raise not_found()
    source = await backend.run(lambda store: StoredFile(store.files, store.parts(video.id)))
    if source.size == 0:
        raise not_found()
    media_type = await backend.run(lambda _: _source_type(source))
    return serve(request, source, media_type)


async def get_thumbnail(request: Request, backend: Backend) -> Response:
    """The picture as it is, or, where there is an ffmpeg to make it scale_down, in a resolution."""
    video = await find_viewable_video(request, backend)
    picture, resolution = video.thumbnail, request.query_params.get("resolution", "original")
    if picture is None:
        raise not_found()
    if resolution != "original":
        if not backend.settings.transcode:
            raise not_found()
        small = await backend.run(lambda store: scale_down(store, picture, resolution, backend.media_limits))
        if small is None:
            raise not_found()
        return Response(small, media_type="image/jpeg", headers={"X-Content-Type-Options": "nosniff"})
    part = StoredPart(0, picture.size - 1, "1", picture.file, picture.file)
    source = await backend.run(lambda store: StoredFile(store.files, [part]))
    return serve(request, source, picture.media_type)


def _source_type(source: StoredFile) -> str:
    return "video/mp4" if mp4.is_mp4(source.read_at(0, 8)) else "application/octet-stream"
