"""One function for each operation of the contract."""

from __future__ import annotations

import uuid
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from starlette.responses import JSONResponse

from aioz_stream_mock.api import images
from aioz_stream_mock.api.addresses import base_url
from aioz_stream_mock.api.bodies import read_json
from aioz_stream_mock.api.listing import parse_listing, select
from aioz_stream_mock.api.multipart import FormReader, ReceivedFile, keep_file, open_form, receive_form
from aioz_stream_mock.errors import bad_request, not_found
from aioz_stream_mock.state import tariff, uploads
from aioz_stream_mock.state.ranges import ContentRange, StoredPart, parse_content_range
from aioz_stream_mock.state.videos import Json, Thumbnail, Video, changes, new_video, render

if TYPE_CHECKING:
    from starlette.requests import Request

    from aioz_stream_mock.api.answers import AnswerCompleter
    from aioz_stream_mock.contract import Operation
    from aioz_stream_mock.media.backend import Backend
    from aioz_stream_mock.state.accounts import Account
    from aioz_stream_mock.state.store import Store


@dataclass(frozen=True)
class RequestContext:
    """One authenticated request for one operation."""

    request: Request
    backend: Backend
    operation: Operation
    account: Account
    completer: AnswerCompleter

    @property
    def video_id(self) -> str:
        return str(self.request.path_params["video_id"])

    async def video(self) -> Video:
        """The caller's own video. The video of another account is answered like one that does not exist."""
        video = await self.backend.run(lambda store: uploads.find_existing(store, self.video_id))
        if video.owner != self.account.id:
            raise not_found()
        return video

    def parameters(self) -> Json:
        """Query and header parameters, typed and checked against the contract."""
        query, headers = self.request.query_params, self.request.headers
        return {
            parameter.name: parameter.read((query if parameter.place == "query" else headers).getlist(parameter.name))
            for parameter in self.operation.parameters
        }

    async def json(self) -> Json:
        """The JSON body, checked against the contract."""
        assert self.operation.body is not None
        value = await read_json(self.request, self.backend.settings.max_json_size)
        self.operation.body.schema.check(value)
        result: Json = value
        return result

    def form(self, file_limit: int) -> FormReader:
        """A reader for the form that the contract describes."""
        assert self.operation.body is not None
        return open_form(self.request, self.operation.body, self.backend.store.incoming, file_limit)

    def render(self, video: Video) -> Json:
        prefix, now = self.backend.contract.prefix, self.backend.now()
        base = base_url(self.request, self.backend.settings.public_url, prefix)
        signature = "" if video.is_public else self.backend.signer.sign(video.id, now)
        return render(video, now, base, base.removesuffix(prefix), signature)

    def data(self, data: Json) -> JSONResponse:
        return self._answer({"status": "success", "data": data})

    def message(self, message: str) -> JSONResponse:
        return self._answer({"status": "success", "message": message})

    def _answer(self, body: Json) -> JSONResponse:
        self.completer.complete(body, self.operation.answer)
        return JSONResponse(body, self.operation.success)


async def create_video(context: RequestContext) -> JSONResponse:
    video = new_video(str(uuid.uuid4()), context.account.id, await context.json(), context.backend.now())
    await context.backend.run(lambda store: store.save_video(video))
    return context.data(context.render(video))


async def list_videos(context: RequestContext) -> JSONResponse:
    listing = parse_listing(await context.json())
    now = context.backend.now()
    page, total = await context.backend.run(lambda store: select(store.videos_of(context.account.id), listing, now))
    return context.data({"videos": [context.render(video) for video in page], "total": total})


async def get_video(context: RequestContext) -> JSONResponse:
    return context.data(context.render(await context.video()))


async def get_transcode_cost(context: RequestContext) -> JSONResponse:
    parameters = context.parameters()
    price = tariff.cost_of_names(parameters["qualities"], parameters["duration"])
    balance = await context.backend.run(lambda store: store.balance(context.account.id))
    return context.data({"price": float(price), "is_enough": balance >= price})


async def upload_video_part(context: RequestContext) -> JSONResponse:
    uploads.check_open(await context.video())
    limit = context.backend.settings.max_part_size
    reader = context.form(limit)
    try:
        wanted = parse_content_range(context.parameters()["Content-Range"])
        form = await receive_form(context.request, reader, limit)
        await _take_part(context, wanted, form.texts, form.files["file"])
    finally:
        # Also when the caller hangs up half-way: nothing of the part stays.
        reader.discard()
    return context.message("Upload part successfully.")


async def _take_part(
    context: RequestContext, wanted: ContentRange, texts: Mapping[str, str], file: ReceivedFile
) -> None:
    content = file.content
    uploads.check_part(wanted, content.size, content.md5, texts["hash"], context.backend.settings.min_part_size)
    name = await keep_file(content, context.backend.store.files)
    part = StoredPart(wanted.start, wanted.end, texts["index"], content.md5, name)
    await context.backend.run(lambda store: uploads.store_part(store, context.video_id, wanted, part))


async def complete_video_upload(context: RequestContext) -> JSONResponse:
    await context.video()
    settings = context.backend.settings
    seconds = None if settings.transcode else settings.transcode_seconds
    if await context.backend.run(
        lambda store: uploads.complete(store, context.video_id, context.backend.now(), seconds)
    ):
        await context.backend.run(lambda _: context.backend.transcoder.begin(context.video_id))
    return context.message("Upload video complete successfully.")


async def update_video(context: RequestContext) -> JSONResponse:
    await context.video()
    changed = changes(await context.json())
    await context.backend.run(lambda store: _apply(store, context, changed))
    return context.message("Update video info successfully.")


def _apply(store: Store, context: RequestContext, changed: dict[str, Any]) -> None:
    if not changed:
        return
    with store.transaction():
        video = uploads.find_existing(store, context.video_id)
        store.save_video(replace(video, **changed, updated_at=video.next_updated_at(context.backend.now())))


async def upload_video_thumbnail(context: RequestContext) -> JSONResponse:
    await context.video()
    limit = context.backend.settings.max_thumbnail_size
    reader = context.form(limit)
    try:
        form = await receive_form(context.request, reader, limit)
        await _take_thumbnail(context, form.files["file"])
    finally:
        reader.discard()
    return context.message("Upload thumbnail successfully.")


async def _take_thumbnail(context: RequestContext, file: ReceivedFile) -> None:
    if not images.accepts_name(file.filename):
        raise bad_request("/file: the file name must end in .png or .jpg")
    media_type = images.media_type(file.content.head)
    if media_type is None:
        raise bad_request("/file: is neither a PNG nor a JPEG picture")
    name = await keep_file(file.content, context.backend.store.files)
    picture = Thumbnail(name, media_type, file.content.size)
    now = context.backend.now()
    await context.backend.run(lambda store: uploads.set_thumbnail(store, context.video_id, picture, now))


async def delete_video(context: RequestContext) -> JSONResponse:
    await context.video()
    await context.backend.run(lambda store: uploads.delete(store, context.video_id, context.backend.now()))
    await context.backend.run(lambda _: context.backend.transcoder.forget(context.video_id))
    return context.message("Delete video successfully.")


Handler = Callable[[RequestContext], Awaitable[JSONResponse]]

HANDLERS: Mapping[str, Handler] = {
    "createVideo": create_video,
    "listVideos": list_videos,
    "getVideo": get_video,
    "getTranscodeCost": get_transcode_cost,
    "uploadVideoPart": upload_video_part,
    "completeVideoUpload": complete_video_upload,
    "updateVideo": update_video,
    "uploadVideoThumbnail": upload_video_thumbnail,
    "deleteVideo": delete_video,
}
