"""One function for each operation of the contract: what it does once the caller is known."""

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
from aioz_stream_mock.api.ranges import ContentRange, StoredPart, parse_content_range
from aioz_stream_mock.errors import bad_request, not_found
from aioz_stream_mock.state import tariff, uploads
from aioz_stream_mock.state.videos import Json, Picture, Video, changes, new_video, render

if TYPE_CHECKING:
    from starlette.requests import Request

    from aioz_stream_mock.contract import Operation
    from aioz_stream_mock.state.accounts import Account
    from aioz_stream_mock.state.state import State
    from aioz_stream_mock.state.store import Store


@dataclass(frozen=True)
class Call:
    """One authenticated request for one operation."""

    request: Request
    state: State
    operation: Operation
    account: Account

    @property
    def video_id(self) -> str:
        return str(self.request.path_params["video_id"])

    async def video(self) -> Video:
        """The caller's own video; anybody else's is as good as none."""
        video = await self.state.run(lambda store: uploads.alive(store, self.video_id))
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
        value = await read_json(self.request, self.state.settings.max_json_size)
        self.operation.body.rule.check(value)
        result: Json = value
        return result

    def form(self, file_limit: int) -> FormReader:
        """A reader for the form that the contract describes."""
        assert self.operation.body is not None
        return open_form(self.request, self.operation.body, self.state.store.incoming, file_limit)

    def render(self, video: Video) -> Json:
        prefix, now = self.state.contract.prefix, self.state.now()
        base = base_url(self.request, self.state.settings.public_url, prefix)
        signature = "" if video.is_public else self.state.signer.query(video.id, now)
        return render(video, now, base, base.removesuffix(prefix), signature)

    def data(self, data: Json) -> JSONResponse:
        return JSONResponse({"status": "success", "data": data}, self.operation.success)

    def message(self, message: str) -> JSONResponse:
        return JSONResponse({"status": "success", "message": message}, self.operation.success)


async def create_video(call: Call) -> JSONResponse:
    video = new_video(str(uuid.uuid4()), call.account.id, await call.json(), call.state.now())
    await call.state.run(lambda store: store.save_video(video))
    return call.data(call.render(video))


async def list_videos(call: Call) -> JSONResponse:
    listing = parse_listing(await call.json())
    now = call.state.now()
    page, total = await call.state.run(lambda store: select(store.videos_of(call.account.id), listing, now))
    return call.data({"videos": [call.render(video) for video in page], "total": total})


async def get_video(call: Call) -> JSONResponse:
    return call.data(call.render(await call.video()))


async def get_transcode_cost(call: Call) -> JSONResponse:
    parameters = call.parameters()
    price = tariff.cost_of_names(parameters["qualities"], parameters["duration"])
    balance = await call.state.run(lambda store: store.balance(call.account.id))
    return call.data({"price": float(price), "is_enough": balance >= price})


async def upload_video_part(call: Call) -> JSONResponse:
    uploads.check_open(await call.video())
    limit = call.state.settings.max_part_size
    reader = call.form(limit)
    try:
        wanted = parse_content_range(call.parameters()["Content-Range"])
        form = await receive_form(call.request, reader, limit)
        await _take_part(call, wanted, form.texts, form.files["file"])
    finally:
        # Also when the caller hangs up half-way: nothing of the part stays.
        reader.discard()
    return call.message("Upload part successfully.")


async def _take_part(call: Call, wanted: ContentRange, texts: Mapping[str, str], file: ReceivedFile) -> None:
    content = file.content
    uploads.check_part(wanted, content.size, content.md5, texts["hash"], call.state.settings.min_part_size)
    name = await keep_file(content, call.state.store.files)
    part = StoredPart(wanted.start, wanted.end, texts["index"], content.md5, name)
    await call.state.run(lambda store: uploads.store_part(store, call.video_id, wanted, part))


async def complete_video_upload(call: Call) -> JSONResponse:
    await call.video()
    settings = call.state.settings
    seconds = None if settings.transcode else settings.transcode_seconds
    if await call.state.run(lambda store: uploads.complete(store, call.video_id, call.state.now(), seconds)):
        await call.state.run(lambda _: call.state.transcoder.begin(call.video_id))
    return call.message("Upload video complete successfully.")


async def update_video(call: Call) -> JSONResponse:
    await call.video()
    changed = changes(await call.json())
    await call.state.run(lambda store: _apply(store, call, changed))
    return call.message("Update video info successfully.")


def _apply(store: Store, call: Call, changed: dict[str, Any]) -> None:
    if not changed:
        return
    with store.transaction():
        video = uploads.alive(store, call.video_id)
        store.save_video(replace(video, **changed, updated_at=video.touched(call.state.now())))


async def upload_video_thumbnail(call: Call) -> JSONResponse:
    await call.video()
    limit = call.state.settings.max_thumbnail_size
    reader = call.form(limit)
    try:
        form = await receive_form(call.request, reader, limit)
        await _take_thumbnail(call, form.files["file"])
    finally:
        reader.discard()
    return call.message("Upload thumbnail successfully.")


async def _take_thumbnail(call: Call, file: ReceivedFile) -> None:
    if not images.accepts_name(file.filename):
        raise bad_request("/file: the file name must end in .png or .jpg")
    media_type = images.media_type(file.content.head)
    if media_type is None:
        raise bad_request("/file: is neither a PNG nor a JPEG picture")
    name = await keep_file(file.content, call.state.store.files)
    picture = Picture(name, media_type, file.content.size)
    now = call.state.now()
    await call.state.run(lambda store: uploads.set_thumbnail(store, call.video_id, picture, now))


async def delete_video(call: Call) -> JSONResponse:
    await call.video()
    await call.state.run(lambda store: uploads.delete(store, call.video_id, call.state.now()))
    await call.state.run(lambda _: call.state.transcoder.forget(call.video_id))
    return call.message("Delete video successfully.")


Handler = Callable[[Call], Awaitable[JSONResponse]]

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
