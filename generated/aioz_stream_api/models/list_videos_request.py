# Generated from openapi.yaml (AIOZ Stream Videos 1.1.0) by `make generate`, with openapi-python-client 0.29.1.
# Do not edit: change the contract and generate again.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

from attrs import define as _attrs_define

from .. import serialization as _serialization
from ..models.list_videos_request_order_by import (
    ListVideosRequestOrderBy,
)
from ..models.list_videos_request_sort_by import (
    ListVideosRequestSortBy,
)
from ..models.list_videos_request_status import (
    ListVideosRequestStatus,
)
from ..types import UNSET, Unset


@_attrs_define(repr=False)
class ListVideosRequest:
    """Which videos, in which order, and which page of them. `{}` asks for the newest 25."""

    offset: int | Unset = 0
    """ How many matching videos to skip. """
    limit: int | Unset = 25
    """ How many videos to return at most. """
    sort_by: ListVideosRequestSortBy | Unset = "created_at"
    """ The field that decides the order. """
    order_by: ListVideosRequestOrderBy | Unset = "desc"
    """ The direction of the order. """
    tags: list[str] | str | Unset = UNSET
    """ Only videos that have all of these tags, given as a list or joined by commas. """
    metadata: list[MetadataPair] | MetadataFilter | Unset = UNSET
    """ Only videos that have all of these pairs, given as an object or as a list of pairs. """
    status: ListVideosRequestStatus | Unset = UNSET
    """ Only videos with this status. The empty string filters nothing. """
    search: str | Unset = UNSET
    """ Only videos whose title or description contains this text, without regard to case. """

    def __repr__(self) -> str:
        return _serialization.show(self)

    def to_dict(self) -> dict[str, Any]:
        return _serialization.write(self)

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        model: Self = _serialization.read(cls, src_dict)
        return model


# Here, since models may lead to each other.
from ..models.metadata_filter import MetadataFilter
from ..models.metadata_pair import MetadataPair
