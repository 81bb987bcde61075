"""A program that looks into a source with PyAV and prints what it found as JSON.

It runs in a process of its own, within the limits of any other work on a source: what is read here was sent by
callers, and may be made to take all memory or never to end. It imports nothing of the mock server.
"""

from __future__ import annotations

import json
import sys
from fractions import Fraction
from itertools import pairwise
from statistics import median
from typing import TYPE_CHECKING, Any

import av
from av.error import FFmpegError
from av.stream import Disposition

if TYPE_CHECKING:
    from collections.abc import Iterable

    from av.audio.stream import AudioStream
    from av.container import InputContainer
    from av.stream import Stream
    from av.video.stream import VideoStream

MAX_PACKETS = 600
"""How many packets of each picture are timed: some ten seconds say what the frame rate is."""
MAX_ALL_PACKETS = 20_000
LONGEST_STEP = Fraction(3, 2)
"""Steps that are longer than the usual one by this factor are pauses, and no part of the frame rate."""
TIMES_JUMP = 0x0200
"""FFmpeg's flag of the formats in which times may jump: AVFMT_TS_DISCONT."""

_STILL = Disposition.attached_pic | Disposition.timed_thumbnails


def main(listed: str, formats: str, max_pixels: str) -> None:
    options = {
        # Nothing but the bytes that were uploaded is opened, wherever they point to.
        "protocol_whitelist": "concatf,file",
        "format_whitelist": formats,
        "max_pixels": max_pixels,
    }
    try:
        with av.open(f"concatf:{listed}", options=options, metadata_errors="replace") as container:
            report = describe(container)
    except (FFmpegError, ValueError) as error:
        report = {"problem": str(error)}
    sys.stdout.write(json.dumps(report))


def describe(container: InputContainer) -> dict[str, Any]:
    pictures = [stream for stream in container.streams.video if not stream.disposition & _STILL]
    (moments, firsts), start = time_packets(container, pictures), container.start_time or 0
    return {
        "discontinuous": bool(int(container.format.flags) & TIMES_JUMP),
        "duration": container.duration / av.time_base if container.duration else 0,
        "video": [
            describe_picture(stream, moments[stream.index], firsts.get(stream.index), start) for stream in pictures
        ],
        "audio": [describe_sound(stream, start) for stream in container.streams.audio],
    }


def time_packets(container: InputContainer, pictures: list[VideoStream]) -> tuple[dict[int, list[int]], dict[int, int]]:
    """The moments of the first pictures of each track, in its own time base, and of the first that needs no other."""
    moments: dict[int, list[int]] = {stream.index: [] for stream in pictures}
    firsts: dict[int, int] = {}
    waiting, count = set(moments), 0
    try:
        for packet in container.demux(pictures) if pictures else ():
            found = moments[packet.stream.index]
            if packet.pts is not None:
                found.append(packet.pts)
                if packet.is_keyframe:
                    firsts.setdefault(packet.stream.index, packet.pts)
            if len(found) >= MAX_PACKETS:
                waiting.discard(packet.stream.index)
            count += 1
            if not waiting or count >= MAX_ALL_PACKETS:
                break
    except FFmpegError:
        # A damaged end: what was found before it counts.
        pass
    return moments, firsts


def describe_picture(stream: VideoStream, moments: list[int], first: int | None, start: int) -> dict[str, Any]:
    # PyAV knows nothing of a track that has no decoder.
    codec: Any = stream.codec_context
    base = stream.time_base or Fraction(0)
    known = {
        "index": stream.index,
        "pictures": len(set(moments)),
        "step": text(typical_step(moments, base)),
        "begin": begin(stream, start),
        "start": text((min(moments, default=0) if first is None else first) * base - Fraction(start, av.time_base)),
    }
    if codec is None:
        return known
    return known | {
        "width": codec.width,
        "height": codec.height,
        "aspect": text(stream.sample_aspect_ratio or codec.sample_aspect_ratio),
        "rate": text(stream.guessed_rate),
        "transfer": int(codec.color_trc),
        "is_rgb": codec.format is not None and codec.format.is_rgb | codec.format.has_palette,
    }


def describe_sound(stream: AudioStream, start: int) -> dict[str, Any]:
    codec: Any = stream.codec_context
    return {
        "index": stream.index,
        "sample_rate": codec.sample_rate if codec is not None else 0,
        "language": stream.metadata.get("language", ""),
        "begin": begin(stream, start),
    }


def begin(stream: Stream, start: int) -> float:
    """When a track begins as FFmpeg sees it, in seconds from the beginning of the source."""
    if stream.start_time is None or stream.time_base is None:
        return 0.0
    return float(stream.start_time * stream.time_base - Fraction(start, av.time_base))


def typical_step(moments: Iterable[int], time_base: Fraction) -> Fraction | None:
    """The usual time between two pictures, pauses left out: exact on the average where times are rounded."""
    steps = [later - earlier for earlier, later in pairwise(sorted(set(moments)))]
    if not steps:
        return None
    usual = [step for step in steps if step <= median(steps) * LONGEST_STEP]
    return Fraction(sum(usual), len(usual)) * time_base


def text(number: Fraction | None) -> str:
    return str(number) if number else ""


if __name__ == "__main__":
    main(*sys.argv[1:])
