# Generated from openapi.yaml (AIOZ Stream Videos 1.0.0) by `make generate`, with openapi-python-client 0.29.1.
# Do not edit: change the contract and generate again.
from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

from attrs import define as _attrs_define

from ..models.list_videos_request_order_by import (
    ListVideosRequestOrderBy,
    check_list_videos_request_order_by,
)
from ..models.list_videos_request_sort_by import (
    ListVideosRequestSortBy,
    check_list_videos_request_sort_by,
)
from ..models.list_videos_request_status import (
    ListVideosRequestStatus,
    check_list_videos_request_status,
)
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.metadata_filter import MetadataFilter
    from ..models.metadata_pair import MetadataPair


T = TypeVar("T", bound="ListVideosRequest")


@_attrs_define
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

    def to_dict(self) -> dict[str, Any]:
        from ..models.metadata_filter import MetadataFilter

        offset = self.offset

        limit = self.limit

        sort_by: str | Unset = UNSET
        if not isinstance(self.sort_by, Unset):
            sort_by = self.sort_by

        order_by: str | Unset = UNSET
        if not isinstance(self.order_by, Unset):
            order_by = self.order_by

        tags: list[str] | str | Unset
        if isinstance(self.tags, Unset):
            tags = UNSET
        elif isinstance(self.tags, list):
            tags = self.tags

        else:
            tags = self.tags

        metadata: dict[str, Any] | list[dict[str, Any]] | Unset
        if isinstance(self.metadata, Unset):
            metadata = UNSET
        elif isinstance(self.metadata, MetadataFilter):
            metadata = self.metadata.to_dict()
        else:
            metadata = []
            for metadata_type_1_item_data in self.metadata:
                metadata_type_1_item = metadata_type_1_item_data.to_dict()
                metadata.append(metadata_type_1_item)

        status: str | Unset = UNSET
        if not isinstance(self.status, Unset):
            status = self.status

        search = self.search

        field_dict: dict[str, Any] = {}

        field_dict.update({})
        if offset is not UNSET:
            field_dict["offset"] = offset
        if limit is not UNSET:
            field_dict["limit"] = limit
        if sort_by is not UNSET:
            field_dict["sort_by"] = sort_by
        if order_by is not UNSET:
            field_dict["order_by"] = order_by
        if tags is not UNSET:
            field_dict["tags"] = tags
        if metadata is not UNSET:
            field_dict["metadata"] = metadata
        if status is not UNSET:
            field_dict["status"] = status
        if search is not UNSET:
            field_dict["search"] = search

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.metadata_filter import MetadataFilter
        from ..models.metadata_pair import MetadataPair

        d = dict(src_dict)
        offset = d.pop("offset", UNSET)

        limit = d.pop("limit", UNSET)

        _sort_by = d.pop("sort_by", UNSET)
        sort_by: ListVideosRequestSortBy | Unset
        if isinstance(_sort_by, Unset):
            sort_by = UNSET
        else:
            sort_by = check_list_videos_request_sort_by(_sort_by)

        _order_by = d.pop("order_by", UNSET)
        order_by: ListVideosRequestOrderBy | Unset
        if isinstance(_order_by, Unset):
            order_by = UNSET
        else:
            order_by = check_list_videos_request_order_by(_order_by)

        def _parse_tags(data: object) -> list[str] | str | Unset:
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, list):
                    raise TypeError()
                tags_type_0 = cast(list[str], data)

                return tags_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(list[str] | str | Unset, data)

        tags = _parse_tags(d.pop("tags", UNSET))

        def _parse_metadata(
            data: object,
        ) -> list[MetadataPair] | MetadataFilter | Unset:
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                metadata_type_0 = MetadataFilter.from_dict(cast(dict[str, Any], data))

                return metadata_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            if not isinstance(data, list):
                raise TypeError()
            metadata_type_1: list[MetadataPair] = []
            _metadata_type_1 = cast(list[dict[str, Any]], data)
            for metadata_type_1_item_data in _metadata_type_1:
                metadata_type_1_item = MetadataPair.from_dict(metadata_type_1_item_data)

                metadata_type_1.append(metadata_type_1_item)

            return metadata_type_1

        metadata = _parse_metadata(d.pop("metadata", UNSET))

        _status = d.pop("status", UNSET)
        status: ListVideosRequestStatus | Unset
        if isinstance(_status, Unset):
            status = UNSET
        else:
            status = check_list_videos_request_status(_status)

        search = d.pop("search", UNSET)

        list_videos_request = cls(
            offset=offset,
            limit=limit,
            sort_by=sort_by,
            order_by=order_by,
            tags=tags,
            metadata=metadata,
            status=status,
            search=search,
        )

        return list_videos_request
