# Generated from openapi.yaml (AIOZ Stream Videos 1.1.0) by `make generate`, with openapi-python-client 0.29.1.
# Do not edit: change the contract and generate again.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

from attrs import define as _attrs_define

from .. import serialization as _serialization
from ..models.audio_config_channels import (
    AudioConfigChannels,
)
from ..models.audio_config_codec import AudioConfigCodec
from ..models.audio_config_sample_rate import (
    AudioConfigSampleRate,
)
from ..types import UNSET, Unset


@_attrs_define(repr=False)
class AudioConfig:
    """How to encode the sound."""

    codec: AudioConfigCodec
    """ The audio codec. """
    bitrate: int | Unset = UNSET
    """ Target in bits per second. 128,000 to 192,000 is standard for stereo, up to 256,000 high quality. """
    channels: AudioConfigChannels | Unset = UNSET
    """ How many channels, as a string. `1` is mono, `2` stereo. """
    sample_rate: AudioConfigSampleRate | Unset = UNSET
    """ Samples per second. """
    language: str | Unset = UNSET
    """ The track's language as an ISO 639 code, with subtags if need be. """
    index: int | Unset = 0
    """ Which of the source's audio tracks, counted from 0. """

    def __repr__(self) -> str:
        return _serialization.show(self)

    def to_dict(self) -> dict[str, Any]:
        return _serialization.write(self)

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        model: Self = _serialization.read(cls, src_dict)
        return model
