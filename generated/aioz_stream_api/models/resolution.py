# Generated from openapi.yaml (AIOZ Stream Videos 1.1.0) by `make generate`, with openapi-python-client 0.29.1.
# Do not edit: change the contract and generate again.
from typing import Literal

Resolution = Literal["1080p", "1440p", "144p", "2160p", "240p", "360p", "4320p", "480p", "720p"]

RESOLUTION_VALUES: set[Resolution] = {
    "1080p",
    "1440p",
    "144p",
    "2160p",
    "240p",
    "360p",
    "4320p",
    "480p",
    "720p",
}


def check_resolution(value: str) -> Resolution:
    if value in RESOLUTION_VALUES:
        return value
    raise TypeError(f"Unexpected value {value!r}. Expected one of {RESOLUTION_VALUES!r}")
