# Generated from openapi.yaml (AIOZ Stream Videos 1.1.0) by `make generate`, with openapi-python-client 0.29.1.
# Do not edit: change the contract and generate again.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from .. import serialization as _serialization


@_attrs_define(repr=False)
class VideoList:
    """A page of videos."""

    videos: list[Video] | None
    """ The page, in the order that was asked for. """
    total: int
    """ How many videos match in all, whatever the page. """
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


# Here, since models may lead to each other.
from ..models.video import Video
