# Generated from openapi.yaml (AIOZ Stream Videos 1.1.0) by `make generate`, with openapi-python-client 0.29.1.
# Do not edit: change the contract and generate again.
from typing import Literal

AudioConfigCodec = Literal["aac"]

AUDIO_CONFIG_CODEC_VALUES: set[AudioConfigCodec] = {
    "aac",
}


def check_audio_config_codec(value: str) -> AudioConfigCodec:
    if value in AUDIO_CONFIG_CODEC_VALUES:
        return value
    raise TypeError(f"Unexpected value {value!r}. Expected one of {AUDIO_CONFIG_CODEC_VALUES!r}")
