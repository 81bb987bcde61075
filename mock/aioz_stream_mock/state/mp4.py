"""The length of an MP4, read from its `moov/mvhd` box without decoding anything."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

ReadAt = Callable[[int, int], bytes]
"""Reads so many bytes at an offset; fewer at the end."""

# A crafted file may hold millions of tiny boxes; a real one has a handful on each level.
MAX_BOXES = 2000


@dataclass(frozen=True)
class _Box:
    kind: bytes
    start: int
    end: int


def duration(read_at: ReadAt, size: int) -> float:
    """Seconds, or 0 when this is no MP4, or one that does not say. Never raises, whatever the bytes are."""
    boxes = _boxes(read_at, 0, size)
    first = next(boxes, None)
    # Every MP4 begins with its type; without it, whatever follows is not worth walking through.
    if first is None or first.kind != b"ftyp":
        return 0.0
    moov = next((box for box in boxes if box.kind == b"moov"), None)
    if moov is None:
        return 0.0
    header = next((box for box in _boxes(read_at, moov.start, moov.end) if box.kind == b"mvhd"), None)
    return _seconds(read_at(header.start, min(32, header.end - header.start))) if header else 0.0


def is_mp4(head: bytes) -> bool:
    """Whether a file that begins so is an MP4."""
    return head[4:8] == b"ftyp"


def _boxes(read_at: ReadAt, start: int, end: int) -> Iterator[_Box]:
    position = start
    for _ in range(MAX_BOXES):
        head = read_at(position, min(16, end - position)) if end - position >= 8 else b""
        if len(head) < 8:
            return
        length, body = int.from_bytes(head[:4]), position + 8
        if length == 1 and len(head) == 16:
            length, body = int.from_bytes(head[8:16]), position + 16
        elif length == 0:
            length = end - position
        if position + length > end or position + length < body:
            return
        yield _Box(head[4:8], body, position + length)
        position += length


def _seconds(mvhd: bytes) -> float:
    wide = mvhd[:1] == b"\x01"
    if len(mvhd) < (32 if wide else 20):
        return 0.0
    timescale = int.from_bytes(mvhd[20:24] if wide else mvhd[12:16])
    ticks = int.from_bytes(mvhd[24:32] if wide else mvhd[16:20])
    unknown = 0xFFFFFFFFFFFFFFFF if wide else 0xFFFFFFFF
    return ticks / timescale if timescale and ticks != unknown else 0.0
