"""The nine operations as calls: each checks its arguments, fills in the generated operation, and unwraps the answer.

Both clients send these calls, so what an operation takes and returns is written once.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from io import RawIOBase
from typing import BinaryIO, TypeVar, cast

import httpx
from attrs import evolve

from aioz_stream import arguments, encoding, operations
from aioz_stream.errors import ArgumentError, Part
from aioz_stream.http.session import UPLOAD_TIMEOUT, Call
from aioz_stream.operations import matching, thumbnails
from aioz_stream.operations.matching import MARKER, Claim
from aioz_stream.operations.operation import Extra, with_extra
from aioz_stream_api import models
from aioz_stream_api.api import videos
from aioz_stream_api.models.success_type_0 import SUCCESS_TYPE_0_VALUES
from aioz_stream_api.types import File, Unset

M = TypeVar("M")
_LISTS = {"tags": arguments.sequence, "metadata": arguments.pairs}


CLEAR = ""
"""For `Videos.update`: empties a description or a player. An empty list does so for tags and metadata."""


def new_video(
    title: str,
    description: str | None,
    is_public: bool,
    metadata: operations.Metadata | None,
    tags: Sequence[str] | None,
    qualities: operations.Qualities | None,
    source: encoding.Source | None = None,
    strict: bool = False,
) -> models.CreateVideoRequest:
    always = {"title": title, "is_public": is_public}
    make = models.CreateVideoRequest.from_dict
    new = _body(make, "createVideo", always, description=description, metadata=metadata, tags=tags)
    if qualities is not None:
        new.qualities = encoding.accepted(qualities, source, strict)
    return new


def with_marker(new: models.CreateVideoRequest, marker: str | None) -> models.CreateVideoRequest:
    """The video with this marker alone in its metadata. Raises ArgumentError when there is no room for it."""
    if marker is None:
        return new
    pairs = [*(pair for pair in new.metadata or () if pair.key != MARKER), models.MetadataPair(MARKER, marker)]
    most = _limit("createVideo", "metadata", "maxItems")
    if most is not None and len(pairs) > most:
        raise ArgumentError(
            f"metadata has {len(pairs) - 1} pairs, which leaves no room for the marker of the upload. Leave one out. "
            "In Python, marker=False does without it.",
            argument="metadata",
        )
    return evolve(new, metadata=pairs)


def create(
    new: models.CreateVideoRequest, claim: Claim | None = None, extra: Extra | None = None
) -> Call[models.Video]:
    """With a claim, the video gets the marker of an upload."""
    made = with_marker(new, claim.marker if claim else None)

    def parse(response: httpx.Response) -> models.Video:
        video = _video_in(videos.create_video.parse_success(response))
        return matching.check_made(video, call.request()["json"]["title"], claim)

    call = with_extra(Call(lambda: videos.create_video.get_kwargs(body=made), parse, repeatable=False), extra or {})
    return call


def get(video_id: str) -> Call[models.Video]:
    identifier = arguments.video_id(video_id)

    def parse(response: httpx.Response) -> models.Video:
        return matching.check_asked_for(_video_in(videos.get_video.parse_success(response)), identifier)

    return Call(lambda: videos.get_video.get_kwargs(identifier), parse)


def largest_page() -> int:
    """How many videos the service gives at once, at most."""
    return _limit("listVideos", "limit", "maximum") or 100


def longest_title() -> int | None:
    return _limit("createVideo", "title", "maxLength")


def _limit(operation: str, field: str, keyword: str) -> int | None:
    """What the contract says of a field of the operation's body."""
    return arguments.request_schema(operation, "body").part(field).keywords.get(keyword)


def page(
    offset: int,
    limit: int,
    sort_by: operations.SortBy,
    order_by: operations.OrderBy,
    tags: Sequence[str] | None,
    metadata: operations.Metadata | None,
    status: operations.Status | None,
    search: str | None,
) -> Call[operations.Page]:
    always = {"offset": offset, "limit": limit, "sort_by": sort_by, "order_by": order_by, **_filter(metadata)}
    body = _body(models.ListVideosRequest.from_dict, "listVideos", always, tags=tags, status=status, search=search)
    return Call(lambda: videos.list_videos.get_kwargs(body=body), _parse_page)


def cost(qualities: Sequence[str], duration: float) -> Call[encoding.Cost]:
    each = arguments.request_schema("getTranscodeCost", "parameters", "qualities", "x-separated")
    listed = enumerate(arguments.sequence("qualities", qualities))
    names = ",".join([arguments.check(each, name, f"qualities[{place}]") for place, name in listed])
    if not names:
        raise ArgumentError("qualities must name at least one quality.", argument="qualities")
    arguments.check(arguments.request_schema("getTranscodeCost", "parameters", "qualities"), names, "qualities")
    of_duration = arguments.request_schema("getTranscodeCost", "parameters", "duration")
    seconds = arguments.check(of_duration, arguments.seconds("duration", duration), "duration")
    return Call(lambda: videos.get_transcode_cost.get_kwargs(qualities=names, duration=seconds), _parse_cost)


def update(
    video_id: str,
    title: str | Unset | None,
    description: str | Unset | None,
    is_public: bool | Unset | None,
    metadata: operations.Metadata | Unset | None,
    tags: Sequence[str] | Unset | None,
    player_id: str | Unset | None,
) -> Call[None]:
    identifier = arguments.video_id(video_id)
    texts = {"title": title, "description": description, "player_id": player_id}
    make = models.UpdateVideoRequest.from_dict
    body = _body(make, "updateVideo", {}, **texts, is_public=is_public, metadata=metadata, tags=tags)
    return Call(lambda: videos.update_video.get_kwargs(identifier, body=body), _parse_success)


def upload_part(video_id: str, part: Part, md5: str, reader: RawIOBase, file_name: str) -> Call[None]:
    """`reader` must stay open until the call was sent; httpx reads it from its start at each attempt."""
    identifier = arguments.video_id(video_id)
    file = File(cast("BinaryIO", reader), file_name, "application/octet-stream")
    body = models.UploadVideoPartRequest(index=str(part.index), hash_=md5, file=file)
    return Call(
        lambda: videos.upload_video_part.get_kwargs(identifier, body=body, content_range=part.content_range),
        _parse_success,
        UPLOAD_TIMEOUT,
    )


def complete(video_id: str) -> Call[bool]:
    """When its answer is lost, the video's status is read before it is sent again."""
    identifier = arguments.video_id(video_id)
    look = get(video_id)
    is_complete: Call[bool | None] = Call(
        look.request, lambda response: matching.is_complete(look.parse(response)) or None
    )
    return Call(
        lambda: videos.complete_video_upload.get_kwargs(identifier),
        _parse_completed,
        UPLOAD_TIMEOUT,
        when_lost=is_complete,
    )


def upload_thumbnail(video_id: str, picture: str | os.PathLike[str]) -> Call[None]:
    return set_thumbnail(arguments.video_id(video_id), thumbnails.read(picture))


def set_thumbnail(video_id: str, file: Callable[[], File]) -> Call[None]:
    """The same of a picture that was read."""
    return Call(
        lambda: videos.upload_video_thumbnail.get_kwargs(
            video_id, body=models.UploadVideoThumbnailRequest(file=file())
        ),
        _parse_success,
        UPLOAD_TIMEOUT,
    )


def delete(video_id: str) -> Call[None]:
    identifier = arguments.video_id(video_id)
    return Call(lambda: videos.delete_video.get_kwargs(identifier), _parse_success, when_gone=lambda: None)


def _body(
    make: Callable[[Mapping[str, object]], M], operation: str, always: Mapping[str, object], **others: object
) -> M:
    """The body of a request, of the arguments that were given."""
    fields = {**always, **{name: value for name, value in others.items() if not isinstance(value, Unset | None)}}
    for name, convert in _LISTS.items():
        if name in fields and name not in always:
            fields[name] = convert(name, fields[name])
    return arguments.fill(make, arguments.check(arguments.request_schema(operation, "body"), fields))


def _filter(metadata: operations.Metadata | None) -> Mapping[str, object]:
    """In the form that it was given in; the service takes both."""
    if metadata is None:
        return {}
    sent = arguments.pairs("metadata", metadata)
    return {"metadata": {one["key"]: one["value"] for one in sent} if isinstance(metadata, Mapping) else sent}


def _video_in(answer: models.VideoResponse) -> models.Video:
    _check_success(answer.status)
    return _check_video(answer.data)


def _check_success(status: object) -> None:
    """A status of 200 proves nothing: the sign-in page of a network portal has it, too."""
    if status not in SUCCESS_TYPE_0_VALUES:
        raise ValueError("it does not say that it is a success")


def _check_video(video: models.Video) -> models.Video:
    if not video.id:
        raise ValueError("id is empty")
    return video


def _parse_page(response: httpx.Response) -> operations.Page:
    answer = videos.list_videos.parse_success(response)
    _check_success(answer.status)
    return operations.Page([_check_video(video) for video in answer.data.videos or ()], answer.data.total)


def _parse_cost(response: httpx.Response) -> encoding.Cost:
    answer = videos.get_transcode_cost.parse_success(response)
    _check_success(answer.status)
    return encoding.read_cost(answer.data.price, answer.data.is_enough, answer.data.additional_properties)


def _parse_completed(response: httpx.Response) -> bool:
    _parse_success(response)
    return True


def _parse_success(response: httpx.Response) -> None:
    """Checks the field `status` only; `message` beside it is a sentence for people."""
    body = response.json()
    _check_success(cast("dict[str, object]", body).get("status") if isinstance(body, dict) else None)
