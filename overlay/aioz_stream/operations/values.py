"""What callers pass to the operations, and the page that they get."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from attrs import frozen

from aioz_stream_api import models
from aioz_stream_api.models import Video

SortBy = models.ListVideosRequestSortBy
"""What orders a list: "created_at" or "updated_at", the times when a video was made and last changed; "title", whatever
its case; or "size", the bytes of its source."""

OrderBy = models.ListVideosRequestOrderBy
"""The direction of a list: "asc", the oldest, the smallest or A first, or "desc", the other way round."""

Status = models.ListVideosRequestStatus
"""Which videos a list has: those that are "new" (the upload is not completed), "transcoding", "done" (can be watched),
"fail" (transcoding failed) or "deleted"; or "", as without a status: all that are not deleted."""

Metadata = Mapping[str, str] | Sequence[models.MetadataPair | models.VideoMetadataPair | Mapping[str, str]]
"""Pairs of metadata: a mapping, or a list of pairs with `key` and `value`."""

Qualities = Sequence[models.Quality | Mapping[str, object]]
"""Outputs to transcode into, as objects or as the JSON that the service takes."""


@frozen
class Page:
    """Some of the videos that match, and how many match in all."""

    videos: list[Video]
    total: int
