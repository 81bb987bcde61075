"""What callers pass to the operations, and the page that they get."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from attrs import frozen

from aioz_stream_api import models
from aioz_stream_api.models import Video

SortBy = models.ListVideosRequestSortBy
OrderBy = models.ListVideosRequestOrderBy
Status = models.ListVideosRequestStatus

Metadata = Mapping[str, str] | Sequence[models.MetadataPair | models.VideoMetadataPair | Mapping[str, str]]
"""Pairs of metadata: a mapping, or a list of pairs with `key` and `value`."""

Qualities = Sequence[models.Quality | Mapping[str, object]]
"""Outputs to transcode into, as objects or as the JSON that the service takes."""


@frozen
class Page:
    """Some of the videos that match, and how many match in all."""

    videos: list[Video]
    total: int
