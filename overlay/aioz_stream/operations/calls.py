"""The nine operations as calls: each checks its arguments, fills in the generated operation, and unwraps the answer.

Both clients send these calls, so what an operation takes and returns is written once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, BinaryIO, cast

from attrs import evolve, frozen

from aioz_stream import arguments
from aioz_stream.encoding.checker import accepted
from aioz_stream.encoding.price import Cost
from aioz_stream.errors import ArgumentError
from aioz_stream.http.session import UPLOAD_TIMEOUT, Call
from aioz_stream.operations import thumbnails
from aioz_stream_api import Client
from aioz_stream_api.api.videos import (
    complete_video_upload,
    create_video,
    delete_video,
    get_transcode_cost,
    get_video,
    list_videos,
    update_video,
    upload_video_part,
    upload_video_thumbnail,
)
from aioz_stream_api.models import (
    CreateVideoRequest,
    ListVideosRequest,
    MetadataFilter,
    MetadataPair,
    Quality,
    TranscodeCostResponse,
    UpdateVideoRequest,
    UploadVideoPartRequest,
    UploadVideoThumbnailRequest,
    Video,
    VideoListResponse,
    VideoMetadataPair,
    VideoResponse,
)
from aioz_stream_api.models.list_videos_request_order_by import (
    LIST_VIDEOS_REQUEST_ORDER_BY_VALUES,
    ListVideosRequestOrderBy,
)
from aioz_stream_api.models.list_videos_request_sort_by import (
    LIST_VIDEOS_REQUEST_SORT_BY_VALUES,
    ListVideosRequestSortBy,
)
from aioz_stream_api.models.list_videos_request_status import LIST_VIDEOS_REQUEST_STATUS_VALUES, ListVideosRequestStatus
from aioz_stream_api.models.success_type_0 import SUCCESS_TYPE_0_VALUES
from aioz_stream_api.types import UNSET, File, Unset

if TYPE_CHECKING:
    import os
    from io import RawIOBase

    import httpx

    from aioz_stream.encoding.source import Source
    from aioz_stream.errors import Part

SortBy = ListVideosRequestSortBy
OrderBy = ListVideosRequestOrderBy
Status = ListVideosRequestStatus

Metadata = Mapping[str, str] | Sequence[MetadataPair | VideoMetadataPair | Mapping[str, str]]
"""Pairs of metadata: a mapping, or a list of pairs with `key` and `value`."""

Qualities = Sequence[Quality | Mapping[str, object]]
"""Outputs to transcode into, as objects or as the JSON that the service takes."""

_GENERATED = Client(base_url="")  # the generated parsers want one; it is never used to send


@frozen
class Page:
    """Some of the videos that match, and how many match in all."""

    videos: list[Video]
    total: int


NewVideo = CreateVideoRequest

NEW = "new"
"""The status of a video whose upload is not complete."""

MARKER = "aioz-stream-upload"
"""The name in a video's metadata by which an upload finds the video that it made."""


def new_video(
    title: str,
    description: str | None,
    is_public: bool,
    metadata: Metadata | None,
    tags: Sequence[str] | None,
    qualities: Qualities | None,
    source: Source | None = None,
    strict: bool = False,
) -> NewVideo:
    return CreateVideoRequest(
        title=_title(title),
        description=UNSET if description is None else _description(description),
        is_public=arguments.boolean("is_public", is_public),
        metadata=UNSET if metadata is None else _metadata(metadata),
        tags=UNSET if tags is None else arguments.tags("tags", tags),
        qualities=UNSET if qualities is None else accepted(qualities, source, strict),
    )


def with_marker(new: NewVideo, marker: str | None) -> NewVideo:
    """The video with this marker alone in its metadata. Raises ArgumentError when there is no room for it."""
    if marker is None:
        return new
    pairs = [*(pair for pair in new.metadata or () if pair.key != MARKER), MetadataPair(MARKER, marker)]
    if len(pairs) > arguments.MOST_PAIRS:
        raise ArgumentError(
            f"metadata has {len(pairs) - 1} pairs, which leaves no room for the marker of the upload. Leave one out, "
            "or pass marker=False.",
            argument="metadata",
        )
    return evolve(new, metadata=pairs)


def create(new: NewVideo) -> Call[Video]:
    return Call(lambda: create_video.get_kwargs(body=new), _parse_created, repeatable=False)


def list_by_marker(marker: str) -> Call[Page]:
    """The videos of one upload, the oldest first."""
    return page(0, arguments.LARGEST_PAGE, "created_at", "asc", None, {MARKER: marker}, None, None)


def get(video_id: str) -> Call[Video]:
    identifier = arguments.video_id(video_id)
    return Call(lambda: get_video.get_kwargs(identifier), _parse_video)


def page(
    offset: int,
    limit: int,
    sort_by: SortBy,
    order_by: OrderBy,
    tags: Sequence[str] | None,
    metadata: Metadata | None,
    status: Status | None,
    search: str | None,
) -> Call[Page]:
    body = ListVideosRequest(
        offset=arguments.integer("offset", offset, smallest=0),
        limit=arguments.integer("limit", limit, smallest=1, largest=arguments.LARGEST_PAGE),
        sort_by=arguments.choice("sort_by", sort_by, LIST_VIDEOS_REQUEST_SORT_BY_VALUES),
        order_by=arguments.choice("order_by", order_by, LIST_VIDEOS_REQUEST_ORDER_BY_VALUES),
        tags=UNSET if tags is None else arguments.strings("tags", tags),
        metadata=UNSET if metadata is None else _metadata_filter(metadata),
        status=UNSET if status is None else arguments.choice("status", status, LIST_VIDEOS_REQUEST_STATUS_VALUES),
        search=UNSET if search is None else arguments.text("search", search),
    )
    return Call(lambda: list_videos.get_kwargs(body=body), _parse_page)


def cost(qualities: Sequence[str], duration: float) -> Call[Cost]:
    names = ",".join(arguments.priced_qualities(qualities))
    seconds = arguments.seconds("duration", duration)
    return Call(lambda: get_transcode_cost.get_kwargs(qualities=names, duration=seconds), _parse_cost)


def update(
    video_id: str,
    title: str | Unset,
    description: str | Unset,
    is_public: bool | Unset,
    metadata: Metadata | Unset,
    tags: Sequence[str] | Unset,
    player_id: str | Unset,
) -> Call[None]:
    identifier = arguments.video_id(video_id)
    body = UpdateVideoRequest(
        title=UNSET if isinstance(title, Unset) else _title(title),
        description=UNSET if isinstance(description, Unset) else _description(description),
        is_public=UNSET if isinstance(is_public, Unset) else arguments.boolean("is_public", is_public),
        metadata=UNSET if isinstance(metadata, Unset) else _metadata(metadata),
        tags=UNSET if isinstance(tags, Unset) else arguments.tags("tags", tags),
        player_id=UNSET if isinstance(player_id, Unset) else arguments.text("player_id", player_id),
    )
    return Call(lambda: update_video.get_kwargs(identifier, body=body), _parse_success)


def upload_part(video_id: str, part: Part, md5: str, reader: RawIOBase, file_name: str) -> Call[None]:
    """`reader` must stay open until the call was sent; httpx reads it from its start at each attempt."""
    identifier = arguments.video_id(video_id)

    def body() -> UploadVideoPartRequest:
        file = File(cast("BinaryIO", reader), file_name, "application/octet-stream")
        return UploadVideoPartRequest(index=str(part.index), hash_=md5, file=file)

    return Call(
        lambda: upload_video_part.get_kwargs(identifier, body=body(), content_range=part.content_range),
        _parse_success,
        UPLOAD_TIMEOUT,
    )


def complete(video_id: str) -> Call[bool]:
    """When its answer is lost, the video's status is read before it is sent again."""
    identifier = arguments.video_id(video_id)
    is_complete = Call(lambda: get_video.get_kwargs(identifier), _parse_is_complete)
    return Call(
        lambda: complete_video_upload.get_kwargs(identifier), _parse_completed, UPLOAD_TIMEOUT, when_lost=is_complete
    )


def upload_thumbnail(video_id: str, picture: str | os.PathLike[str]) -> Call[None]:
    identifier = arguments.video_id(video_id)
    read = thumbnails.read(picture)

    def body() -> UploadVideoThumbnailRequest:
        return UploadVideoThumbnailRequest(file=File(read.open(), read.name, read.media_type))

    return Call(lambda: upload_video_thumbnail.get_kwargs(identifier, body=body()), _parse_success, UPLOAD_TIMEOUT)


def delete(video_id: str) -> Call[None]:
    identifier = arguments.video_id(video_id)
    return Call(lambda: delete_video.get_kwargs(identifier), _parse_success, when_gone=lambda: None)


def _title(value: str) -> str:
    return arguments.text("title", value, shortest=1, longest=arguments.LONGEST_TITLE)


def _description(value: str) -> str:
    return arguments.text("description", value, longest=arguments.LONGEST_DESCRIPTION)


def _metadata(value: Metadata) -> list[MetadataPair]:
    return arguments.pairs("metadata", value)


def _metadata_filter(value: Metadata) -> MetadataFilter | list[MetadataPair]:
    """In the form that it was given in; the service takes both."""
    pairs = arguments.pairs("metadata", value, most=None)
    if not isinstance(value, Mapping):
        return pairs
    body = MetadataFilter()
    body.additional_properties = {pair.key: pair.value for pair in pairs}
    return body


def _video_in(answer: object) -> Video:
    if not isinstance(answer, VideoResponse):
        raise TypeError("no video in it")
    _check_success(answer.status)
    return _check_video(answer.data)


def _check_success(status: object) -> None:
    """A status of 200 proves nothing: the sign-in page of a network portal has it, too."""
    if status not in SUCCESS_TYPE_0_VALUES:
        raise ValueError("it does not say that it is a success")


def _check_video(video: object) -> Video:
    """Checks the types that callers rely on. The generated parser checks none."""
    if not isinstance(video, Video):
        raise TypeError("not a video")
    if not isinstance(cast("object", video.id), str) or not video.id:
        raise TypeError("id is no string")
    if not isinstance(cast("object", video.title), str) or not isinstance(cast("object", video.status), str):
        raise TypeError("title or status is no string")
    video.to_dict()  # raises where a list or an object has a value of another type inside
    return video


def _parse_created(response: httpx.Response) -> Video:
    return _video_in(create_video.parse_response(client=_GENERATED, response=response))


def _parse_video(response: httpx.Response) -> Video:
    return _video_in(get_video.parse_response(client=_GENERATED, response=response))


def _parse_page(response: httpx.Response) -> Page:
    answer = list_videos.parse_response(client=_GENERATED, response=response)
    if not isinstance(answer, VideoListResponse):
        raise TypeError("no list of videos in it")
    _check_success(answer.status)
    total = cast("object", answer.data.total)
    if isinstance(total, bool) or not isinstance(total, int):
        raise TypeError("total is no integer")
    return Page([_check_video(video) for video in answer.data.videos or ()], total)


def _parse_cost(response: httpx.Response) -> Cost:
    answer = get_transcode_cost.parse_response(client=_GENERATED, response=response)
    if not isinstance(answer, TranscodeCostResponse):
        raise TypeError("no price in it")
    _check_success(answer.status)
    price, is_enough = cast("object", answer.data.price), cast("object", answer.data.is_enough)
    if isinstance(price, bool) or not isinstance(price, int | float | str) or not isinstance(is_enough, bool):
        raise TypeError("price is no number, or is_enough no boolean")
    exact = _decimal(str(price))
    if exact is None:
        raise ValueError("price is no number")
    return Cost(exact, is_enough, answer.data.additional_properties)


def _decimal(written: str) -> Decimal | None:
    try:
        value = Decimal(written)
    except InvalidOperation:
        return None
    return value if value.is_finite() else None


def _parse_is_complete(response: httpx.Response) -> bool | None:
    return _parse_video(response).status != NEW or None


def _parse_completed(response: httpx.Response) -> bool:
    _parse_success(response)
    return True


def _parse_success(response: httpx.Response) -> None:
    """Checks the field `status` only; `message` beside it is a sentence for people."""
    body = response.json()
    _check_success(cast("dict[str, object]", body).get("status") if isinstance(body, dict) else None)
