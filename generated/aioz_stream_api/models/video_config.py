# Generated from openapi.yaml (AIOZ Stream Videos 1.1.0) by `make generate`, with openapi-python-client 0.29.1.
# Do not edit: change the contract and generate again.
from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

from attrs import define as _attrs_define

from .. import serialization as _serialization
from ..models.video_config_codec import VideoConfigCodec
from ..types import UNSET, Unset


@_attrs_define(repr=False)
class VideoConfig:
    """How to encode the picture."""

    codec: VideoConfigCodec
    """ The video codec. Apple's players take `h265` in HLS only from the container `mp4`. """
    bitrate: int | Unset = UNSET
    """ Target in bits per second, up to a maximum that depends on the resolution. """
    index: int | Unset = 0
    """ Which of the source's video tracks, counted from 0. """

    def __repr__(self) -> str:
        return _serialization.show(self)

    def to_dict(self) -> dict[str, Any]:
        return _serialization.write(self)

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        model: Self = _serialization.read(cls, src_dict)
        return model
