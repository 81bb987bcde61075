# Generated from openapi.yaml (AIOZ Stream Videos 1.1.0) by `make generate`, with openapi-python-client 0.29.1.
# Do not edit: change the contract and generate again.
from typing import Literal

VideoStatusType0 = Literal["deleted", "done", "fail", "new", "transcoding"]

VIDEO_STATUS_TYPE_0_VALUES: set[VideoStatusType0] = {
    "deleted",
    "done",
    "fail",
    "new",
    "transcoding",
}


def check_video_status_type_0(value: str) -> VideoStatusType0:
    if value in VIDEO_STATUS_TYPE_0_VALUES:
        return value
    raise TypeError(f"Unexpected value {value!r}. Expected one of {VIDEO_STATUS_TYPE_0_VALUES!r}")
