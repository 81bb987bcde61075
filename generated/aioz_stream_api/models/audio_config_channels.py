# Generated from openapi.yaml (AIOZ Stream Videos 1.1.0) by `make generate`, with openapi-python-client 0.29.1.
# Do not edit: change the contract and generate again.
from typing import Literal

AudioConfigChannels = Literal["1", "2"]

AUDIO_CONFIG_CHANNELS_VALUES: set[AudioConfigChannels] = {
    "1",
    "2",
}


def check_audio_config_channels(value: str) -> AudioConfigChannels:
    if value in AUDIO_CONFIG_CHANNELS_VALUES:
        return value
    raise TypeError(f"Unexpected value {value!r}. Expected one of {AUDIO_CONFIG_CHANNELS_VALUES!r}")
