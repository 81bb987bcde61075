# Generated from openapi.yaml (AIOZ Stream Videos 1.1.0) by `make generate`, with openapi-python-client 0.29.1.
# Do not edit: change the contract and generate again.
from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, Self

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from .. import serialization as _serialization
from ..models.video_status_type_0 import VideoStatusType0


@_attrs_define(repr=False)
class Video:
    """A video, and what the service knows of it."""

    id: str
    """ The video's id, opaque. """
    title: str
    """ The title. """
    status: str | VideoStatusType0
    """ How far the video, or one of its qualities, is. `new`: its upload is not completed. `transcoding`: it is
    being transcoded. `done`: it can be watched. `fail`: its transcoding failed. `deleted`: it was deleted. A reader
    must expect other words. """
    user_id: str | None = None
    """ The id of the account that owns the video. """
    description: str | None = None
    """ What the video is about. """
    metadata: list[VideoMetadataPair] | None = None
    """ Pairs of key and value, for the caller's own use. """
    tags: list[str] | None = None
    """ Words to find the video by. """
    qualities: list[VideoQuality] | None = None
    """ The outputs, each with its own status. """
    subtitles: object | None = None
    """ Subtitles. The service documents no shape. """
    chapters: object | None = None
    """ Chapters. The service documents no shape. """
    player_theme: object | None = None
    """ The player theme. The service documents no shape. """
    duration: float | None = None
    """ Length in seconds; 0 until it is known. """
    size: int | None = None
    """ Size of the source in bytes; 0 until it is known. """
    is_mp4: bool | None = None
    """ Whether the MP4 address of the assets answers. """
    is_public: bool | None = None
    """ Whether everybody may watch the video. """
    is_panoramic: bool | None = None
    """ Whether the picture is a panorama. """
    created_at: datetime.datetime | None = None
    """ A moment as RFC 3339 has it, with up to nine digits of a second. A reader must expect text that is not one.
    """
    updated_at: datetime.datetime | None = None
    """ A moment as RFC 3339 has it, with up to nine digits of a second. A reader must expect text that is not one.
    """
    assets: VideoAssets | None = None
    """ Where the video's files and players are. """
    player_theme_id: str | None = None
    """ The id of the player theme; empty without one. """
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
from ..models.video_assets import VideoAssets
from ..models.video_metadata_pair import VideoMetadataPair
from ..models.video_quality import VideoQuality
