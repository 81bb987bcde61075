"""For each encoding rule a ladder that breaks it and no other, and the ladder mended.

The page of the rules shows them, and the tests hold each to its rule.
"""

from __future__ import annotations

from typing import Any

from attrs import frozen

from aioz_stream.encoding import Source
from aioz_stream.encoding.resolutions import highest_bitrates

HIGHEST = highest_bitrates()["720p"]


@frozen
class Example:
    breaks: Any
    mended: Any
    source: Source | None = None
    """What must be known of the file for the example to break the rule."""


def hls(**changes: Any) -> dict[str, Any]:
    quality: dict[str, Any] = {
        "resolution": "720p",
        "type": "hls",
        "container_type": "mpegts",
        "video_config": {"codec": "h264", "bitrate": 3_000_000},
        "audio_config": {"codec": "aac", "bitrate": 128_000},
    }
    quality |= changes
    return {name: value for name, value in quality.items() if value is not ...}


def picture(**changes: Any) -> list[dict[str, Any]]:
    return [hls(video_config={"codec": "h264", **changes})]


def sound(**changes: Any) -> list[dict[str, Any]]:
    return [hls(resolution="audio", video_config=..., audio_config={"codec": "aac", **changes})]


EXAMPLES = {
    "not-a-list": Example({"720p": hls()}, [hls()]),
    "empty-list": Example([], [hls()]),
    "not-an-object": Example([hls(audio_config=None)], [hls()]),
    "missing-field": Example([hls(container_type=...)], [hls()]),
    "unknown-field": Example([hls() | {"bitrate": 3_000_000}], [hls()]),
    "wrong-type": Example(sound(channels=2), sound(channels="2")),
    "unsendable-text": Example([hls(resolution="\ud800", video_config=...)], sound()),
    "unknown-type": Example([hls(type="cmaf")], [hls()]),
    "unknown-container": Example([hls(container_type="ts")], [hls()]),
    "container-mismatch": Example([hls(type="dash")], [hls(type="dash", container_type="fmp4")]),
    "missing-resolution": Example([hls(resolution=...)], [hls()]),
    "unknown-resolution": Example([hls(resolution="HD")], [hls()]),
    "empty-label": Example([hls(resolution="", video_config=...)], sound()),
    "unknown-codec": Example(picture(codec="hevc"), [hls(container_type="mp4", video_config={"codec": "h265"})]),
    "bitrate-not-positive": Example(picture(bitrate=0), picture(bitrate=3_000_000)),
    "bitrate-too-high": Example(picture(bitrate=HIGHEST + 1), picture(bitrate=HIGHEST)),
    "negative-index": Example(picture(index=-1), picture(index=0)),
    "unknown-sample-rate": Example(sound(sample_rate=44_000), sound(sample_rate=44_100)),
    "unknown-channels": Example(sound(channels="stereo"), sound(channels="2")),
    "malformed-language": Example(sound(language="pt_BR"), sound(language="pt-BR")),
    "nothing-left": Example(
        [hls()], [hls(resolution="480p", video_config={"codec": "h264", "bitrate": 1_500_000})], Source(height=480)
    ),
    "no-such-track": Example(picture(index=1), picture(index=0), Source(video_tracks=1, audio_tracks=1)),
    "above-source": Example(
        [hls(resolution="240p", video_config={"codec": "h264"}), hls()],
        [hls(resolution="240p", video_config={"codec": "h264"})],
        Source(height=480),
    ),
    "service-chooses": Example(
        [hls(resolution=..., video_config=..., audio_config=...)], [hls(video_config=..., audio_config=...)]
    ),
    "no-documented-maximum": Example(
        [hls(resolution="144p", video_config={"codec": "h264"})],
        [hls(resolution="240p", video_config={"codec": "h264"})],
    ),
    "unlisted-resolution": Example(
        [hls(resolution="4320p", video_config={"codec": "h264"})],
        [hls(resolution="2160p", video_config={"codec": "h264"})],
    ),
    "h265-in-mpegts": Example(picture(codec="h265"), [hls(container_type="mp4", video_config={"codec": "h265"})]),
    "unusual-audio-bitrate": Example(sound(bitrate=64_000), sound(bitrate=128_000)),
    "unknown-language": Example(sound(language="jp"), sound(language="ja")),
    "duplicate-output": Example(
        [hls(), hls(video_config={"codec": "h264", "bitrate": 2_000_000})],
        [hls(), hls(resolution="480p", video_config={"codec": "h264", "bitrate": 2_000_000})],
    ),
    "silent-video": Example([hls(audio_config=...)], [hls(audio_config=...), *sound()]),
}
