# Generated from openapi.yaml (AIOZ Stream Videos 1.0.0) by `make generate`, with openapi-python-client 0.29.1.
# Do not edit: change the contract and generate again.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar

from attrs import define as _attrs_define

from ..models.audio_config_channels import (
    AudioConfigChannels,
    check_audio_config_channels,
)
from ..models.audio_config_codec import AudioConfigCodec, check_audio_config_codec
from ..models.audio_config_sample_rate import (
    AudioConfigSampleRate,
    check_audio_config_sample_rate,
)
from ..types import UNSET, Unset

T = TypeVar("T", bound="AudioConfig")


@_attrs_define
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

    def to_dict(self) -> dict[str, Any]:
        codec: str = self.codec

        bitrate = self.bitrate

        channels: str | Unset = UNSET
        if not isinstance(self.channels, Unset):
            channels = self.channels

        sample_rate: int | Unset = UNSET
        if not isinstance(self.sample_rate, Unset):
            sample_rate = self.sample_rate

        language = self.language

        index = self.index

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "codec": codec,
            }
        )
        if bitrate is not UNSET:
            field_dict["bitrate"] = bitrate
        if channels is not UNSET:
            field_dict["channels"] = channels
        if sample_rate is not UNSET:
            field_dict["sample_rate"] = sample_rate
        if language is not UNSET:
            field_dict["language"] = language
        if index is not UNSET:
            field_dict["index"] = index

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        codec = check_audio_config_codec(d.pop("codec"))

        bitrate = d.pop("bitrate", UNSET)

        _channels = d.pop("channels", UNSET)
        channels: AudioConfigChannels | Unset
        if isinstance(_channels, Unset):
            channels = UNSET
        else:
            channels = check_audio_config_channels(_channels)

        _sample_rate = d.pop("sample_rate", UNSET)
        sample_rate: AudioConfigSampleRate | Unset
        if isinstance(_sample_rate, Unset):
            sample_rate = UNSET
        else:
            sample_rate = check_audio_config_sample_rate(_sample_rate)

        language = d.pop("language", UNSET)

        index = d.pop("index", UNSET)

        audio_config = cls(
            codec=codec,
            bitrate=bitrate,
            channels=channels,
            sample_rate=sample_rate,
            language=language,
            index=index,
        )

        return audio_config
