"""A program that looks into a source with PyAV and prints what it found as JSON.

It runs in a process of its own, within the limits of any other work on a source: what is read here was sent by
callers, and may be made to take all memory or never to end. It imports nothing of the mock server.
"""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import islice, pairwise
from statistics import median
from typing import TYPE_CHECKING, Any

import av
from av.error import FFmpegError
from av.stream import Disposition

if TYPE_CHECKING:
    from collections.abc import Iterable

    from av.audio.stream import AudioStream
    from av.container import InputContainer
    from av.packet import Packet
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
            report = describe(container, int(max_pixels))
    except (FFmpegError, ValueError) as error:
        report = {"problem": str(error)}
    sys.stdout.write(json.dumps(report))


def describe(container: InputContainer, max_pixels: int) -> dict[str, Any]:
    pictures = [stream for stream in container.streams.video if not stream.disposition & _STILL]
    looks, start = look_at(container, pictures, max_pixels), container.start_time or 0
    return {
        "discontinuous": bool(int(container.format.flags) & TIMES_JUMP),
        "duration": container.duration / av.time_base if container.duration else 0,
        "video": [describe_picture(stream, looks[stream.index], start) for stream in pictures],
        "audio": [describe_sound(stream, start) for stream in container.streams.audio],
    }


@dataclass
class Look:
    """The moments of the first pictures of a track, in its own time base, and how far a camera was turned."""

    moments: list[int] = field(default_factory=list[int])
    degrees: int | None = None


def look_at(container: InputContainer, pictures: list[VideoStream], max_pixels: int) -> dict[int, Look]:
    looks = {stream.index: Look() for stream in pictures}
    waiting = set(looks)
    for stream in pictures:
        if stream.codec_context:
            # A first picture comes sooner then, and the decoder of H.265 in FFmpeg 7.1 can wait for itself forever.
            stream.codec_context.thread_count = 1
    try:
        for packet in islice(container.demux(pictures) if pictures else (), MAX_ALL_PACKETS):
            found = looks[packet.stream.index]
            if packet.pts is not None:
                found.moments.append(packet.pts)
            if found.degrees is None:
                found.degrees = turned(packet, max_pixels)
            if len(found.moments) >= MAX_PACKETS:
                waiting.discard(packet.stream.index)
            if not waiting:
                break
    except FFmpegError:
        # A damaged end: what was found before it counts.
        pass
    return looks


def turned(packet: Packet[Any], max_pixels: int) -> int | None:
    """How far the picture in a packet has to be turned to stand upright; None if there is none yet."""
    codec: Any = packet.stream.codec_context
    if codec is None or not 0 < codec.width * codec.height <= max_pixels:
        return 0
    try:
        return next((int(frame.rotation) for frame in packet.decode()), None)
    except FFmpegError:
        return None


def describe_picture(stream: VideoStream, look: Look, start: int) -> dict[str, Any]:
    # PyAV knows nothing of a track that has no decoder.
    codec: Any = stream.codec_context
    base = stream.time_base or Fraction(0)
    moments, step = sorted(set(look.moments)) or [0], typical_step(look.moments, base)
    known = {
        "index": stream.index,
        "pictures": len(set(look.moments)),
        "step": text(step),
        "seconds": float((moments[-1] - moments[0]) * base + (step or 0)),
        "begin": begin(stream, start),
        "start": text(moments[0] * base - Fraction(start, av.time_base)),
    }
    if codec is None:
        return known
    return known | {
        "width": codec.width,
        "height": codec.height,
        "aspect": text(stream.sample_aspect_ratio or codec.sample_aspect_ratio),
        "rate": text(stream.guessed_rate),
        "is_turned": (look.degrees or 0) % 180 == 90,
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
