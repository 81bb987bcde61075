# Generated from openapi.yaml (AIOZ Stream Videos 1.0.0) by `make generate`, with openapi-python-client 0.29.1.
# Do not edit: change the contract and generate again.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar

from attrs import define as _attrs_define

from ..models.video_config_codec import VideoConfigCodec, check_video_config_codec
from ..types import UNSET, Unset

T = TypeVar("T", bound="VideoConfig")


@_attrs_define
class VideoConfig:
    """How to encode the picture."""

    codec: VideoConfigCodec
    """ The video codec. Apple's players take `h265` in HLS only from the container `mp4`. """
    bitrate: int | Unset = UNSET
    """ Target in bits per second, up to a maximum that depends on the resolution. """
    index: int | Unset = 0
    """ Which of the source's video tracks, counted from 0. """

    def to_dict(self) -> dict[str, Any]:
        codec: str = self.codec

        bitrate = self.bitrate

        index = self.index

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "codec": codec,
            }
        )
        if bitrate is not UNSET:
            field_dict["bitrate"] = bitrate
        if index is not UNSET:
            field_dict["index"] = index

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        codec = check_video_config_codec(d.pop("codec"))

        bitrate = d.pop("bitrate", UNSET)

        index = d.pop("index", UNSET)

        video_config = cls(
            codec=codec,
            bitrate=bitrate,
            index=index,
        )

        return video_config
