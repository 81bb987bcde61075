# Generated from openapi.yaml (AIOZ Stream Videos 1.1.0) by `make generate`, with openapi-python-client 0.29.1.
# Do not edit: change the contract and generate again.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from .. import serialization as _serialization
from ..models.video_quality_type_type_0 import (
    VideoQualityTypeType0,
)
from ..models.video_status_type_0 import VideoStatusType0


@_attrs_define(repr=False)
class VideoQuality:
    """One output of a video."""

    name: str | None = None
    """ The output's name, such as `720p`. """
    status: str | VideoStatusType0 | None = None
    """ How far the video, or one of its qualities, is. `new`: its upload is not completed. `transcoding`: it is
    being transcoded. `done`: it can be watched. `fail`: its transcoding failed. `deleted`: it was deleted. A reader
    must expect other words. """
    type_: str | VideoQualityTypeType0 | None = _attrs_field(default=None, metadata={"key": "type"})
    """ The streaming format, `hls` or `dash`. A reader must expect other words. """
    additional_properties: dict[str, object] = _attrs_field(init=False, factory=_serialization.no_properties)

    def __repr__(self) -> str:
        return _serialization.show(self)

    def to_dict(self) -> dict[str, Any]:
        return _serialization.write(self)

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        model: Self = _serialization.read(cls, src_dict)
        return model

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
