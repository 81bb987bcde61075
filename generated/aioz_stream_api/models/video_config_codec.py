# Generated from openapi.yaml (AIOZ Stream Videos 1.1.0) by `make generate`, with openapi-python-client 0.29.1.
# Do not edit: change the contract and generate again.
from typing import Literal

VideoConfigCodec = Literal["h264", "h265"]

VIDEO_CONFIG_CODEC_VALUES: set[VideoConfigCodec] = {
    "h264",
    "h265",
}


def check_video_config_codec(value: str) -> VideoConfigCodec:
    if value in VIDEO_CONFIG_CODEC_VALUES:
        return value
    raise TypeError(f"Unexpected value {value!r}. Expected one of {VIDEO_CONFIG_CODEC_VALUES!r}")
