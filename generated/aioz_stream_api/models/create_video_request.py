# Generated from openapi.yaml (AIOZ Stream Videos 1.0.0) by `make generate`, with openapi-python-client 0.29.1.
# Do not edit: change the contract and generate again.
from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

from attrs import define as _attrs_define

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.metadata_pair import MetadataPair
    from ..models.quality import Quality


T = TypeVar("T", bound="CreateVideoRequest")


@_attrs_define
class CreateVideoRequest:
    """A new video. Only the title is required."""

    title: str
    """ The video's title. """
    description: str | Unset = UNSET
    """ What the video is about. The empty string says nothing. """
    is_public: bool | Unset = True
    """ Whether everybody may watch the video. """
    metadata: list[MetadataPair] | Unset = UNSET
    """ Pairs of key and value, for the caller's own use. """
    tags: list[str] | Unset = UNSET
    """ Words to find the video by. """
    qualities: list[Quality] | Unset = UNSET
    """ What to transcode the video into. Absent, the service chooses; an empty list is refused. A quality whose
    resolution is higher than the source's is left out by the service.
     """

    def to_dict(self) -> dict[str, Any]:
        title = self.title

        description = self.description

        is_public = self.is_public

        metadata: list[dict[str, Any]] | Unset = UNSET
        if not isinstance(self.metadata, Unset):
            metadata = []
            for componentsschemas_metadata_pairs_item_data in self.metadata:
                componentsschemas_metadata_pairs_item = (
                    componentsschemas_metadata_pairs_item_data.to_dict()
                )
                metadata.append(componentsschemas_metadata_pairs_item)

        tags: list[str] | Unset = UNSET
        if not isinstance(self.tags, Unset):
            tags = self.tags

        qualities: list[dict[str, Any]] | Unset = UNSET
        if not isinstance(self.qualities, Unset):
            qualities = []
            for qualities_item_data in self.qualities:
                qualities_item = qualities_item_data.to_dict()
                qualities.append(qualities_item)

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "title": title,
            }
        )
        if description is not UNSET:
            field_dict["description"] = description
        if is_public is not UNSET:
            field_dict["is_public"] = is_public
        if metadata is not UNSET:
            field_dict["metadata"] = metadata
        if tags is not UNSET:
            field_dict["tags"] = tags
        if qualities is not UNSET:
            field_dict["qualities"] = qualities

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.metadata_pair import MetadataPair
        from ..models.quality import Quality

        d = dict(src_dict)
        title = d.pop("title")

        description = d.pop("description", UNSET)

        is_public = d.pop("is_public", UNSET)

        _metadata = d.pop("metadata", UNSET)
        metadata: list[MetadataPair] | Unset = UNSET
        if _metadata is not UNSET:
            metadata = []
            for componentsschemas_metadata_pairs_item_data in _metadata:
                componentsschemas_metadata_pairs_item = MetadataPair.from_dict(
                    componentsschemas_metadata_pairs_item_data
                )

                metadata.append(componentsschemas_metadata_pairs_item)

        tags = cast(list[str], d.pop("tags", UNSET))

        _qualities = d.pop("qualities", UNSET)
        qualities: list[Quality] | Unset = UNSET
        if _qualities is not UNSET:
            qualities = []
            for qualities_item_data in _qualities:
                qualities_item = Quality.from_dict(qualities_item_data)

                qualities.append(qualities_item)

        create_video_request = cls(
            title=title,
            description=description,
            is_public=is_public,
            metadata=metadata,
            tags=tags,
            qualities=qualities,
        )

        return create_video_request
