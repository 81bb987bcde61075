# Generated from openapi.yaml (AIOZ Stream Videos 1.1.0) by `make generate`, with openapi-python-client 0.29.1.
# Do not edit: change the contract and generate again.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

from attrs import define as _attrs_define

from .. import serialization as _serialization
from ..types import UNSET, Unset


@_attrs_define(repr=False)
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
