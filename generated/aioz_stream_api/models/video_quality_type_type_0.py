# Generated from openapi.yaml (AIOZ Stream Videos 1.1.0) by `make generate`, with openapi-python-client 0.29.1.
# Do not edit: change the contract and generate again.
from typing import Literal

VideoQualityTypeType0 = Literal["dash", "hls"]

VIDEO_QUALITY_TYPE_TYPE_0_VALUES: set[VideoQualityTypeType0] = {
    "dash",
    "hls",
}


def check_video_quality_type_type_0(value: str) -> VideoQualityTypeType0:
    if value in VIDEO_QUALITY_TYPE_TYPE_0_VALUES:
        return value
    raise TypeError(f"Unexpected value {value!r}. Expected one of {VIDEO_QUALITY_TYPE_TYPE_0_VALUES!r}")
