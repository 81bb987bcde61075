# Generated from openapi.yaml (AIOZ Stream Videos 1.0.0) by `make generate`, with openapi-python-client 0.29.1.
# Do not edit: change the contract and generate again.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.video_quality_type_type_0 import (
    VideoQualityTypeType0,
    check_video_quality_type_type_0,
)
from ..models.video_status_type_0 import VideoStatusType0, check_video_status_type_0
from ..types import UNSET, Unset

T = TypeVar("T", bound="VideoQuality")


@_attrs_define
class VideoQuality:
    """One output of a video."""

    name: None | str | Unset = UNSET
    """ The output's name, such as `720p`. """
    status: str | Unset | VideoStatusType0 = UNSET
    """ How far the video, or one of its qualities, is. A reader must expect words that are not in this list. """
    type_: None | str | Unset | VideoQualityTypeType0 = UNSET
    """ The streaming format. A reader must expect words that are not in this list. """
    additional_properties: dict[str, object] = _attrs_field(
        init=False, factory=dict[str, object]
    )

    def to_dict(self) -> dict[str, Any]:
        name: None | str | Unset
        if isinstance(self.name, Unset):
            name = UNSET
        else:
            name = self.name

        status: str | Unset
        if isinstance(self.status, Unset):
            status = UNSET
        else:
            status = self.status

        type_: None | str | Unset
        if isinstance(self.type_, Unset):
            type_ = UNSET
        else:
            type_ = self.type_

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if name is not UNSET:
            field_dict["name"] = name
        if status is not UNSET:
            field_dict["status"] = status
        if type_ is not UNSET:
            field_dict["type"] = type_

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)

        def _parse_name(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        name = _parse_name(d.pop("name", UNSET))

        def _parse_status(data: object) -> str | Unset | VideoStatusType0:
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                componentsschemas_video_status_type_0 = check_video_status_type_0(data)

                return componentsschemas_video_status_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(str | Unset | VideoStatusType0, data)

        status = _parse_status(d.pop("status", UNSET))

        def _parse_type_(data: object) -> None | str | Unset | VideoQualityTypeType0:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                type_type_0 = check_video_quality_type_type_0(data)

                return type_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | str | Unset | VideoQualityTypeType0, data)

        type_ = _parse_type_(d.pop("type", UNSET))

        video_quality = cls(
            name=name,
            status=status,
            type_=type_,
        )

        video_quality.additional_properties = d
        return video_quality

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
