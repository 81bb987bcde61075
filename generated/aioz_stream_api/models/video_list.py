# Generated from openapi.yaml (AIOZ Stream Videos 1.0.0) by `make generate`, with openapi-python-client 0.29.1.
# Do not edit: change the contract and generate again.
from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.video import Video


T = TypeVar("T", bound="VideoList")


@_attrs_define
class VideoList:
    """A page of videos."""

    videos: list[Video] | None
    """ The page, in the order that was asked for. """
    total: int
    """ How many videos match in all, whatever the page. """
    additional_properties: dict[str, object] = _attrs_field(
        init=False, factory=dict[str, object]
    )

    def to_dict(self) -> dict[str, Any]:
        videos: list[dict[str, Any]] | None
        if isinstance(self.videos, list):
            videos = []
            for videos_type_0_item_data in self.videos:
                videos_type_0_item = videos_type_0_item_data.to_dict()
                videos.append(videos_type_0_item)

        else:
            videos = self.videos

        total = self.total

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "videos": videos,
                "total": total,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.video import Video

        d = dict(src_dict)

        def _parse_videos(data: object) -> list[Video] | None:
            if data is None:
                return data
            try:
                if not isinstance(data, list):
                    raise TypeError()
                videos_type_0: list[Video] = []
                _videos_type_0 = cast(list[dict[str, Any]], data)
                for videos_type_0_item_data in _videos_type_0:
                    videos_type_0_item = Video.from_dict(videos_type_0_item_data)

                    videos_type_0.append(videos_type_0_item)

                return videos_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(list[Video] | None, data)

        videos = _parse_videos(d.pop("videos"))

        total = d.pop("total")

        video_list = cls(
            videos=videos,
            total=total,
        )

        video_list.additional_properties = d
        return video_list

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
