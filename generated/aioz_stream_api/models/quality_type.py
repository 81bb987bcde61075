# Generated from openapi.yaml (AIOZ Stream Videos 1.1.0) by `make generate`, with openapi-python-client 0.29.1.
# Do not edit: change the contract and generate again.
from typing import Literal

QualityType = Literal["dash", "hls"]

QUALITY_TYPE_VALUES: set[QualityType] = {
    "dash",
    "hls",
}


def check_quality_type(value: str) -> QualityType:
    if value in QUALITY_TYPE_VALUES:
        return value
    raise TypeError(f"Unexpected value {value!r}. Expected one of {QUALITY_TYPE_VALUES!r}")
