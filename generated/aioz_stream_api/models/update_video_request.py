# Generated from openapi.yaml (AIOZ Stream Videos 1.0.0) by `make generate`, with openapi-python-client 0.29.1.
# Do not edit: change the contract and generate again.
from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

from attrs import define as _attrs_define

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.metadata_pair import MetadataPair


T = TypeVar("T", bound="UpdateVideoRequest")


@_attrs_define
class UpdateVideoRequest:
    """The fields to change. One that is not given stays as it is."""

    title: str | Unset = UNSET
    """ The video's title. """
    description: str | Unset = UNSET
    """ What the video is about. The empty string says nothing. """
    is_public: bool | Unset = UNSET
    """ Whether everybody may watch the video. Not given, it stays as it is. """
    metadata: list[MetadataPair] | Unset = UNSET
    """ Pairs of key and value, for the caller's own use. """
    tags: list[str] | Unset = UNSET
    """ Words to find the video by. """
    player_id: str | Unset = UNSET
    """ The id of the player theme to show the video with; the empty string takes it away. The video shows it as
    `player_theme_id`. """

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

        player_id = self.player_id

        field_dict: dict[str, Any] = {}

        field_dict.update({})
        if title is not UNSET:
            field_dict["title"] = title
        if description is not UNSET:
            field_dict["description"] = description
        if is_public is not UNSET:
            field_dict["is_public"] = is_public
        if metadata is not UNSET:
            field_dict["metadata"] = metadata
        if tags is not UNSET:
            field_dict["tags"] = tags
        if player_id is not UNSET:
            field_dict["player_id"] = player_id

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.metadata_pair import MetadataPair

        d = dict(src_dict)
        title = d.pop("title", UNSET)

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

        player_id = d.pop("player_id", UNSET)

        update_video_request = cls(
            title=title,
            description=description,
            is_public=is_public,
            metadata=metadata,
            tags=tags,
            player_id=player_id,
        )

        return update_video_request
