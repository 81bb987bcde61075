# Generated from openapi.yaml (AIOZ Stream Videos 1.0.0) by `make generate`, with openapi-python-client 0.29.1.
# Do not edit: change the contract and generate again.
from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.video_status_type_0 import VideoStatusType0, check_video_status_type_0
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.video_assets import VideoAssets
    from ..models.video_metadata_pair import VideoMetadataPair
    from ..models.video_quality import VideoQuality


T = TypeVar("T", bound="Video")


@_attrs_define
class Video:
    """A video, and what the service knows of it."""

    id: str
    """ The video's id, opaque. """
    title: str
    """ The title. """
    status: str | VideoStatusType0
    """ How far the video, or one of its qualities, is. A reader must expect words that are not in this list. """
    user_id: None | str | Unset = UNSET
    """ The id of the account that owns the video. """
    description: None | str | Unset = UNSET
    """ What the video is about. """
    metadata: list[VideoMetadataPair] | None | Unset = UNSET
    """ Pairs of key and value, for the caller's own use. """
    tags: list[str] | None | Unset = UNSET
    """ Words to find the video by. """
    qualities: list[VideoQuality] | None | Unset = UNSET
    """ The outputs, each with its own status. """
    subtitles: object = UNSET
    """ Subtitles. The service documents no shape. """
    chapters: object = UNSET
    """ Chapters. The service documents no shape. """
    player_theme: object = UNSET
    """ The player theme. The service documents no shape. """
    duration: float | None | Unset = UNSET
    """ Length in seconds; 0 until it is known. """
    size: int | None | Unset = UNSET
    """ Size of the source in bytes; 0 until it is known. """
    is_mp4: bool | None | Unset = UNSET
    """ Whether the MP4 address of the assets answers. """
    is_public: bool | None | Unset = UNSET
    """ Whether everybody may watch the video. """
    is_panoramic: bool | None | Unset = UNSET
    """ Whether the picture is a panorama. """
    created_at: datetime.datetime | None | str | Unset = UNSET
    """ A moment as RFC 3339 has it, with up to nine digits of a second. A reader must expect text that is not one.
    """
    updated_at: datetime.datetime | None | str | Unset = UNSET
    """ A moment as RFC 3339 has it, with up to nine digits of a second. A reader must expect text that is not one.
    """
    assets: None | Unset | VideoAssets = UNSET
    """ Where the video's files and players are. """
    player_theme_id: None | str | Unset = UNSET
    """ The id of the player theme; empty without one. """
    additional_properties: dict[str, object] = _attrs_field(
        init=False, factory=dict[str, object]
    )

    def to_dict(self) -> dict[str, Any]:
        from ..models.video_assets import VideoAssets

        id = self.id

        title = self.title

        status: str
        status = self.status

        user_id: None | str | Unset
        if isinstance(self.user_id, Unset):
            user_id = UNSET
        else:
            user_id = self.user_id

        description: None | str | Unset
        if isinstance(self.description, Unset):
            description = UNSET
        else:
            description = self.description

        metadata: list[dict[str, Any]] | None | Unset
        if isinstance(self.metadata, Unset):
            metadata = UNSET
        elif isinstance(self.metadata, list):
            metadata = []
            for metadata_type_0_item_data in self.metadata:
                metadata_type_0_item = metadata_type_0_item_data.to_dict()
                metadata.append(metadata_type_0_item)

        else:
            metadata = self.metadata

        tags: list[str] | None | Unset
        if isinstance(self.tags, Unset):
            tags = UNSET
        elif isinstance(self.tags, list):
            tags = self.tags

        else:
            tags = self.tags

        qualities: list[dict[str, Any]] | None | Unset
        if isinstance(self.qualities, Unset):
            qualities = UNSET
        elif isinstance(self.qualities, list):
            qualities = []
            for qualities_type_0_item_data in self.qualities:
                qualities_type_0_item = qualities_type_0_item_data.to_dict()
                qualities.append(qualities_type_0_item)

        else:
            qualities = self.qualities

        subtitles = self.subtitles

        chapters = self.chapters

        player_theme = self.player_theme

        duration: float | None | Unset
        if isinstance(self.duration, Unset):
            duration = UNSET
        else:
            duration = self.duration

        size: int | None | Unset
        if isinstance(self.size, Unset):
            size = UNSET
        else:
            size = self.size

        is_mp4: bool | None | Unset
        if isinstance(self.is_mp4, Unset):
            is_mp4 = UNSET
        else:
            is_mp4 = self.is_mp4

        is_public: bool | None | Unset
        if isinstance(self.is_public, Unset):
            is_public = UNSET
        else:
            is_public = self.is_public

        is_panoramic: bool | None | Unset
        if isinstance(self.is_panoramic, Unset):
            is_panoramic = UNSET
        else:
            is_panoramic = self.is_panoramic

        created_at: None | str | Unset
        if isinstance(self.created_at, Unset):
            created_at = UNSET
        elif isinstance(self.created_at, datetime.datetime):
            created_at = self.created_at.isoformat()
        else:
            created_at = self.created_at

        updated_at: None | str | Unset
        if isinstance(self.updated_at, Unset):
            updated_at = UNSET
        elif isinstance(self.updated_at, datetime.datetime):
            updated_at = self.updated_at.isoformat()
        else:
            updated_at = self.updated_at

        assets: dict[str, Any] | None | Unset
        if isinstance(self.assets, Unset):
            assets = UNSET
        elif isinstance(self.assets, VideoAssets):
            assets = self.assets.to_dict()
        else:
            assets = self.assets

        player_theme_id: None | str | Unset
        if isinstance(self.player_theme_id, Unset):
            player_theme_id = UNSET
        else:
            player_theme_id = self.player_theme_id

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "id": id,
                "title": title,
                "status": status,
            }
        )
        if user_id is not UNSET:
            field_dict["user_id"] = user_id
        if description is not UNSET:
            field_dict["description"] = description
        if metadata is not UNSET:
            field_dict["metadata"] = metadata
        if tags is not UNSET:
            field_dict["tags"] = tags
        if qualities is not UNSET:
            field_dict["qualities"] = qualities
        if subtitles is not UNSET:
            field_dict["subtitles"] = subtitles
        if chapters is not UNSET:
            field_dict["chapters"] = chapters
        if player_theme is not UNSET:
            field_dict["player_theme"] = player_theme
        if duration is not UNSET:
            field_dict["duration"] = duration
        if size is not UNSET:
            field_dict["size"] = size
        if is_mp4 is not UNSET:
            field_dict["is_mp4"] = is_mp4
        if is_public is not UNSET:
            field_dict["is_public"] = is_public
        if is_panoramic is not UNSET:
            field_dict["is_panoramic"] = is_panoramic
        if created_at is not UNSET:
            field_dict["created_at"] = created_at
        if updated_at is not UNSET:
            field_dict["updated_at"] = updated_at
        if assets is not UNSET:
            field_dict["assets"] = assets
        if player_theme_id is not UNSET:
            field_dict["player_theme_id"] = player_theme_id

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.video_assets import VideoAssets
        from ..models.video_metadata_pair import VideoMetadataPair
        from ..models.video_quality import VideoQuality

        d = dict(src_dict)
        id = d.pop("id")

        title = d.pop("title")

        def _parse_status(data: object) -> str | VideoStatusType0:
            try:
                if not isinstance(data, str):
                    raise TypeError()
                componentsschemas_video_status_type_0 = check_video_status_type_0(data)

                return componentsschemas_video_status_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(str | VideoStatusType0, data)

        status = _parse_status(d.pop("status"))

        def _parse_user_id(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        user_id = _parse_user_id(d.pop("user_id", UNSET))

        def _parse_description(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        description = _parse_description(d.pop("description", UNSET))

        def _parse_metadata(data: object) -> list[VideoMetadataPair] | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, list):
                    raise TypeError()
                metadata_type_0: list[VideoMetadataPair] = []
                _metadata_type_0 = cast(list[dict[str, Any]], data)
                for metadata_type_0_item_data in _metadata_type_0:
                    metadata_type_0_item = VideoMetadataPair.from_dict(
                        metadata_type_0_item_data
                    )

                    metadata_type_0.append(metadata_type_0_item)

                return metadata_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(list[VideoMetadataPair] | None | Unset, data)

        metadata = _parse_metadata(d.pop("metadata", UNSET))

        def _parse_tags(data: object) -> list[str] | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, list):
                    raise TypeError()
                tags_type_0 = cast(list[str], data)

                return tags_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(list[str] | None | Unset, data)

        tags = _parse_tags(d.pop("tags", UNSET))

        def _parse_qualities(data: object) -> list[VideoQuality] | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, list):
                    raise TypeError()
                qualities_type_0: list[VideoQuality] = []
                _qualities_type_0 = cast(list[dict[str, Any]], data)
                for qualities_type_0_item_data in _qualities_type_0:
                    qualities_type_0_item = VideoQuality.from_dict(
                        qualities_type_0_item_data
                    )

                    qualities_type_0.append(qualities_type_0_item)

                return qualities_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(list[VideoQuality] | None | Unset, data)

        qualities = _parse_qualities(d.pop("qualities", UNSET))

        subtitles = d.pop("subtitles", UNSET)

        chapters = d.pop("chapters", UNSET)

        player_theme = d.pop("player_theme", UNSET)

        def _parse_duration(data: object) -> float | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(float | None | Unset, data)

        duration = _parse_duration(d.pop("duration", UNSET))

        def _parse_size(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        size = _parse_size(d.pop("size", UNSET))

        def _parse_is_mp4(data: object) -> bool | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(bool | None | Unset, data)

        is_mp4 = _parse_is_mp4(d.pop("is_mp4", UNSET))

        def _parse_is_public(data: object) -> bool | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(bool | None | Unset, data)

        is_public = _parse_is_public(d.pop("is_public", UNSET))

        def _parse_is_panoramic(data: object) -> bool | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(bool | None | Unset, data)

        is_panoramic = _parse_is_panoramic(d.pop("is_panoramic", UNSET))

        def _parse_created_at(data: object) -> datetime.datetime | None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                componentsschemas_timestamp_type_0 = datetime.datetime.fromisoformat(
                    data
                )

                return componentsschemas_timestamp_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None | str | Unset, data)

        created_at = _parse_created_at(d.pop("created_at", UNSET))

        def _parse_updated_at(data: object) -> datetime.datetime | None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                componentsschemas_timestamp_type_0 = datetime.datetime.fromisoformat(
                    data
                )

                return componentsschemas_timestamp_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None | str | Unset, data)

        updated_at = _parse_updated_at(d.pop("updated_at", UNSET))

        def _parse_assets(data: object) -> None | Unset | VideoAssets:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                assets_type_0 = VideoAssets.from_dict(cast(dict[str, Any], data))

                return assets_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | Unset | VideoAssets, data)

        assets = _parse_assets(d.pop("assets", UNSET))

        def _parse_player_theme_id(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        player_theme_id = _parse_player_theme_id(d.pop("player_theme_id", UNSET))

        video = cls(
            id=id,
            title=title,
            status=status,
            user_id=user_id,
            description=description,
            metadata=metadata,
            tags=tags,
            qualities=qualities,
            subtitles=subtitles,
            chapters=chapters,
            player_theme=player_theme,
            duration=duration,
            size=size,
            is_mp4=is_mp4,
            is_public=is_public,
            is_panoramic=is_panoramic,
            created_at=created_at,
            updated_at=updated_at,
            assets=assets,
            player_theme_id=player_theme_id,
        )

        video.additional_properties = d
        return video

    @property
    def additional_keys(self) -> list[str]:
        return list(self.additional_properties.keys())

    def __getitem__(self, key: str) -> object:
        return self.additional_properties[key]

    def __setitem__(self, key: str, value: object) -> None:
        self.additional_properties[key] = value

    def __delitem__(self, key: str) -> None:
        del self.additional_properties[key]

    def __contains__(self, key: str) -> bool:
        return key in self.additional_properties
