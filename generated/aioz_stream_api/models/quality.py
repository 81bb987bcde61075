# Generated from openapi.yaml (AIOZ Stream Videos 1.1.0) by `make generate`, with openapi-python-client 0.29.1.
# Do not edit: change the contract and generate again.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from .. import serialization as _serialization
from ..models.quality_container_type import (
    QualityContainerType,
)
from ..models.quality_type import QualityType
from ..types import UNSET, Unset


@_attrs_define(repr=False)
class Quality:
    """One output of the transcoding. `video_config` alone makes a picture without sound, `audio_config` alone a
    sound track, both make both; with neither, the service chooses how to encode both."""

    type_: QualityType = _attrs_field(metadata={"key": "type"})
    """ The streaming format. """
    container_type: QualityContainerType
    """ The container of the segments. HLS takes `mpegts` or `mp4`, DASH takes `fmp4`. """
    resolution: str | Unset = UNSET
    """ The height that the picture's shorter side gets, by name; required with `video_config`. A quality that has
    only sound may carry any label here.
     """
    video_config: VideoConfig | Unset = UNSET
    """ How to encode the picture. """
    audio_config: AudioConfig | Unset = UNSET
    """ How to encode the sound. """

    def __repr__(self) -> str:
        return _serialization.show(self)

    def to_dict(self) -> dict[str, Any]:
        return _serialization.write(self)

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        model: Self = _serialization.read(cls, src_dict)
        return model


# Here, since models may lead to each other.
from ..models.audio_config import AudioConfig
from ..models.video_config import VideoConfig
