# Generated from openapi.yaml (AIOZ Stream Videos 1.1.0) by `make generate`, with openapi-python-client 0.29.1.
# Do not edit: change the contract and generate again.
from typing import Literal

QualityContainerType = Literal["fmp4", "mp4", "mpegts"]

QUALITY_CONTAINER_TYPE_VALUES: set[QualityContainerType] = {
    "fmp4",
    "mp4",
    "mpegts",
}


def check_quality_container_type(value: str) -> QualityContainerType:
    if value in QUALITY_CONTAINER_TYPE_VALUES:
        return value
    raise TypeError(f"Unexpected value {value!r}. Expected one of {QUALITY_CONTAINER_TYPE_VALUES!r}")
