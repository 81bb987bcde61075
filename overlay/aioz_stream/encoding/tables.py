"""The numbers and names of the reference's encoding guide, as the overlay reads them. The contract has its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

HEIGHTS: Mapping[str, int] = {
    "144p": 144,
    "240p": 240,
    "360p": 360,
    "480p": 480,
    "720p": 720,
    "1080p": 1080,
    "1440p": 1440,
    "2160p": 2160,
    "4320p": 4320,
}
"""What a resolution's name says: the length of the picture's shorter side in pixels."""

HIGHEST_BITRATES: Mapping[str, int] = {
    "240p": 700_000,
    "360p": 1_200_000,
    "480p": 2_000_000,
    "720p": 4_000_000,
    "1080p": 6_000_000,
    "1440p": 12_000_000,
    "2160p": 30_000_000,
    "4320p": 60_000_000,
}
"""Bits per second of the picture. The guide has no row for 144p."""

CONTAINERS: Mapping[str, tuple[str, ...]] = {"hls": ("mpegts", "mp4"), "dash": ("fmp4",)}
"""The containers of each streaming format, the usual one first."""

ALL_CONTAINERS = ("mpegts", "mp4", "fmp4")
VIDEO_CODECS = ("h264", "h265")
AUDIO_CODECS = ("aac",)
CHANNELS = ("1", "2")
SAMPLE_RATES = (8_000, 11_025, 16_000, 22_050, 32_000, 44_100, 48_000, 88_200, 96_000)

RECOMMENDED_AUDIO_BITRATES = (128_000, 256_000)
"""Bits per second of stereo sound, from standard to high quality."""

UNPRICED = frozenset({"4320p"})
"""Resolutions that the price list leaves out."""
