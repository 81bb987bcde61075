"""The files of finished outputs: those that, one after the other, are one track."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from aioz_stream_mock.media import dash
from aioz_stream_mock.media.plan import HLS, INDEX, MANIFEST, MASTER
from aioz_stream_mock.state.videos import DONE

if TYPE_CHECKING:
    from pathlib import Path

    from aioz_stream_mock.state.outcome import Outcome, Output

Numbered = tuple[int, "Output"]

PACKET, FEWEST_PACKETS = 188, 12
"""Bytes of a packet of a transport stream, and how many of them FFmpeg needs to see that it is one."""
_NULL_PACKET = b"\x47\x1f\xff\x10" + bytes(PACKET - 4)

_SEGMENT_LENGTH = re.compile(r"^#EXTINF:([0-9.]+),", re.ASCII | re.MULTILINE)


def made_seconds(folder: Path, kind: str) -> float:
    """How long an output plays; 0 where there is none."""
    try:
        if kind != HLS:
            return dash.made_seconds(folder / MANIFEST)
        playlist = (folder / INDEX).read_text(encoding="utf-8")
    except FileNotFoundError:
        return 0.0
    return round(sum(float(seconds) for seconds in _SEGMENT_LENGTH.findall(playlist)), 6)


def find_problem(folder: Path, kind: str) -> str:
    """Why an output that ffmpeg was content with does not play; empty for one that does."""
    if not made_seconds(folder, kind):
        return "nothing of it can be decoded"
    if kind == HLS and "#EXT-X-STREAM-INF:" not in (folder / MASTER).read_text(encoding="utf-8"):
        return "it is so short that its playlist has no rate"
    return ""


def fill_segments(folder: Path) -> None:
    """Let no segment of a transport stream be too short to be known for one: null packets, which players skip."""
    for segment in folder.glob("*.ts"):
        missing = FEWEST_PACKETS - segment.stat().st_size // PACKET
        with segment.open("ab") as file:
            file.write(missing * _NULL_PACKET)


def track_lists(outcome: Outcome, folder: Path) -> list[list[str]]:
    """The files of the best video track, then those of its audio track if that is in another output."""
    done = outcome.finished(DONE)
    pictures = [one for one in done if one[1].has_picture]
    picture = max(pictures, key=_worth, default=None)
    sound = picture if picture and picture[1].has_sound else _sound_for(picture, done)
    lists = [_files(folder, *picture, is_sound=False)] if picture else []
    if sound is not None:
        found = _files(folder, *sound, is_sound=True)
        lists += [] if found in lists else [found]
    return lists


def _worth(one: Numbered) -> tuple[bool, bool, int]:
    return one[1].codec == "h264", one[1].has_sound, one[1].height


def _sound_for(picture: Numbered | None, done: list[Numbered]) -> Numbered | None:
    """An audio-only output, if possible of the same type as the video."""
    kind = picture[1].type if picture else None
    alone = [one for one in done if one[1].has_sound and not one[1].has_picture]
    return max(alone, key=lambda one: one[1].type == kind, default=None)


def _files(folder: Path, number: int, output: Output, *, is_sound: bool) -> list[str]:
    # DASH keeps each track apart, numbered in the order in which they were asked for: the picture first.
    stream = f"-{int(is_sound and output.has_picture)}" if output.type != HLS else ""
    here = folder / str(number)
    files = [*here.glob(f"init{stream}.mp4"), *sorted(here.glob(f"segment{stream}-*"))]
    return [f"{number}/{file.name}" for file in files]
