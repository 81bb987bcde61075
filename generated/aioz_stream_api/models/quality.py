# Generated from openapi.yaml (AIOZ Stream Videos 1.0.0) by `make generate`, with openapi-python-client 0.29.1.
# Do not edit: change the contract and generate again.
from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar

from attrs import define as _attrs_define

from ..models.quality_container_type import (
    QualityContainerType,
    check_quality_container_type,
)
from ..models.quality_type import QualityType, check_quality_type
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.audio_config import AudioConfig
    from ..models.video_config import VideoConfig


T = TypeVar("T", bound="Quality")


@_attrs_define
class Quality:
    """One output of the transcoding. `video_config` alone makes a picture without sound, `audio_config` alone a
    sound track, both make both; with neither, the service chooses how to encode both.

    """

    type_: QualityType
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

    def to_dict(self) -> dict[str, Any]:
        type_: str = self.type_

        container_type: str = self.container_type

        resolution = self.resolution

        video_config: dict[str, Any] | Unset = UNSET
        if not isinstance(self.video_config, Unset):
            video_config = self.video_config.to_dict()

        audio_config: dict[str, Any] | Unset = UNSET
        if not isinstance(self.audio_config, Unset):
            audio_config = self.audio_config.to_dict()

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "type": type_,
                "container_type": container_type,
            }
        )
        if resolution is not UNSET:
            field_dict["resolution"] = resolution
        if video_config is not UNSET:
            field_dict["video_config"] = video_config
        if audio_config is not UNSET:
            field_dict["audio_config"] = audio_config

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.audio_config import AudioConfig
        from ..models.video_config import VideoConfig

        d = dict(src_dict)
        type_ = check_quality_type(d.pop("type"))

        container_type = check_quality_container_type(d.pop("container_type"))

        resolution = d.pop("resolution", UNSET)

        _video_config = d.pop("video_config", UNSET)
        video_config: VideoConfig | Unset
        if isinstance(_video_config, Unset):
            video_config = UNSET
        else:
            video_config = VideoConfig.from_dict(_video_config)

        _audio_config = d.pop("audio_config", UNSET)
        audio_config: AudioConfig | Unset
        if isinstance(_audio_config, Unset):
            audio_config = UNSET
        else:
            audio_config = AudioConfig.from_dict(_audio_config)

        quality = cls(
            type_=type_,
            container_type=container_type,
            resolution=resolution,
            video_config=video_config,
            audio_config=audio_config,
        )

        return quality
