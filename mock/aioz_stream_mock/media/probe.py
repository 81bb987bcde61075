"""The tracks of a source, as the program `inspection` reports them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from fractions import Fraction
from math import inf
from typing import Any

from aioz_stream_mock.media.languages import tag

FORMATS = (
    "aac,ac3,aiff,amr,asf,av1,avi,caf,dv,eac3,flac,flv,gif,h264,hevc,ivf,m4v,matroska,mov,mp3,mp4,mpeg,mpegts,mpegvideo,"
    "mxf,nut,obu,ogg,rm,wav,webm"
)
"""The formats that a source may have: media alone. Playlists and scripts, which other bytes would be read through, and
texts, which ffmpeg can draw as pictures, are not among them."""

MAX_PIXELS = 8192 * 4352
"""The most pixels of a picture: what the highest level of H.264 and H.265 allows, and 8K needs."""

MIN_RATE, MAX_RATE = Fraction(1, 10), Fraction(120)
"""Pictures a second that are made, whatever a source has."""
STILL_RATE = Fraction(10)
"""Pictures a second that are made of a single one."""
_USUAL_RATES = (
    *(Fraction(rate * 1000, 1001) for rate in (24, 30, 60, 120)),
    *(Fraction(rate) for rate in (5, 8, 10, 12, 15, 20, 24, 25, 30, 48, 50, 60, 90, 100, 120)),
)
_NEAR, _SAME = Fraction(1, 50), Fraction(1, 10)

# Numbers of ITU-T H.273.
_TRANSFERS = {16: "smpte2084", 18: "arib-std-b67"}


@dataclass(frozen=True)
class VideoTrack:
    """A moving picture as it is seen: upright, its pixels square; width and height are exact, or 0 if not known."""

    width: Fraction
    height: Fraction
    stream: int = 0
    """Its number among all tracks of the source."""
    rate: Fraction = Fraction(25)
    start: Fraction = Fraction(0)
    """Seconds from the beginning of the source to the first picture."""
    begin: float = 0.0
    """How much later ffmpeg takes the beginning of the source to be, where it reads this track alone."""
    is_still: bool = False
    """Whether it is one picture and no more."""
    seconds: float = inf
    """How long its pictures are shown, as far as was looked."""
    has_decoder: bool = True
    pixels: int = 0
    """Those that are stored of each picture."""
    transfer: str = ""
    """The transfer function of an HDR picture; empty for any other."""
    is_rgb: bool = False

    @property
    def shorter_side(self) -> Fraction:
        return min(self.width, self.height)


@dataclass(frozen=True)
class AudioTrack:
    """A sound, and the language that the source says it is in."""

    sample_rate: int
    language: str = ""
    stream: int = 0
    begin: float = 0.0
    """As with a picture."""


@dataclass(frozen=True)
class SourceFacts:
    """All tracks of a source, each kind counted by itself, as an index counts them."""

    duration: float = 0.0
    """Seconds, as the source says; that may be wrong, or 0 where it says nothing."""
    video: tuple[VideoTrack, ...] = ()
    audio: tuple[AudioTrack, ...] = ()
    problem: str = ""
    """Why nothing is known of the source."""


def read_report(report: str) -> SourceFacts:
    """The facts in a report."""
    found: dict[str, Any] = json.loads(report)
    if "problem" in found:
        return SourceFacts(problem=f"the source can't be read as media: {found['problem']}")
    # ffmpeg looks at the tracks that it reads, and no others, where times may jump.
    counts = float(found["discontinuous"])
    return SourceFacts(
        float(found["duration"]),
        tuple(_video_track(track, counts * track["begin"]) for track in found["video"]),
        tuple(_audio_track(track, counts * track["begin"]) for track in found["audio"]),
    )


def _audio_track(found: dict[str, Any], begin: float) -> AudioTrack:
    return AudioTrack(found["sample_rate"], tag(found["language"]), found["index"], begin)


def _video_track(found: dict[str, Any], begin: float) -> VideoTrack:
    sides = (found.get("width", 0) * Fraction(found.get("aspect") or 1), Fraction(found.get("height", 0)))
    width, height = reversed(sides) if found.get("is_turned") else sides
    is_still = found["pictures"] == 1
    step = Fraction(found["step"] or 0)
    rate = STILL_RATE if is_still else choose_rate(Fraction(found.get("rate") or 0), step)
    return VideoTrack(
        width=width,
        height=height,
        stream=found["index"],
        rate=rate,
        start=Fraction(found["start"] or 0),
        begin=begin,
        is_still=is_still,
        seconds=float(1 / rate) if is_still else found["seconds"] or inf,
        has_decoder="width" in found,
        pixels=found.get("width", 0) * found.get("height", 0),
        transfer=_TRANSFERS.get(found.get("transfer", 0), ""),
        is_rgb=found.get("is_rgb", False),
    )


def choose_rate(declared: Fraction, step: Fraction) -> Fraction:
    """The frame rate of a track, from what its header says and from the usual time between two of its pictures.

    A header may say nothing, or name the ticks of its clock (a browser's recording: 1000). It counts where the
    pictures bear it out: one of them each, or one for its two fields.
    """
    measured = 1 / step if step else declared
    if not measured:
        return Fraction(25)
    if declared and any(abs(measured - times * declared) <= _SAME * measured for times in (1, 2)):
        chosen = declared
    else:
        nearest = min(_USUAL_RATES, key=lambda rate: abs(rate - measured))
        chosen = nearest if abs(nearest - measured) <= _NEAR * measured else measured.limit_denominator(1001)
    return min(max(chosen, MIN_RATE), MAX_RATE)
