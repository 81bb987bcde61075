# Generated from openapi.yaml (AIOZ Stream Videos 1.1.0) by `make generate`, with openapi-python-client 0.29.1.
# Do not edit: change the contract and generate again.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

from attrs import define as _attrs_define

from .. import serialization as _serialization
from ..types import UNSET, Unset


@_attrs_define(repr=False)
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

    def __repr__(self) -> str:
        return _serialization.show(self)

    def to_dict(self) -> dict[str, Any]:
        return _serialization.write(self)

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        model: Self = _serialization.read(cls, src_dict)
        return model


# Here, since models may lead to each other.
from ..models.metadata_pair import MetadataPair
from ..models.quality import Quality
