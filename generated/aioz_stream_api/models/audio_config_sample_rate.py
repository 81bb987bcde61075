# Generated from openapi.yaml (AIOZ Stream Videos 1.1.0) by `make generate`, with openapi-python-client 0.29.1.
# Do not edit: change the contract and generate again.
from typing import Literal

AudioConfigSampleRate = Literal[8000, 11025, 16000, 22050, 32000, 44100, 48000, 88200, 96000]

AUDIO_CONFIG_SAMPLE_RATE_VALUES: set[AudioConfigSampleRate] = {
    8000,
    11025,
    16000,
    22050,
    32000,
    44100,
    48000,
    88200,
    96000,
}


def check_audio_config_sample_rate(value: int) -> AudioConfigSampleRate:
    if value in AUDIO_CONFIG_SAMPLE_RATE_VALUES:
        return value
    raise TypeError(f"Unexpected value {value!r}. Expected one of {AUDIO_CONFIG_SAMPLE_RATE_VALUES!r}")
