"""Ranges of bytes: which part of a file a request means, and what is missing. Pure decisions, no effects."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from aioz_stream_mock.errors import ApiError, bad_request

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

MAX_OFFSET = 2**63 - 1
_CONTENT_RANGE = re.compile(r"bytes ([0-9]+)-([0-9]+)/([0-9]+)", re.ASCII)
_RANGE = re.compile(r"bytes=([0-9]{0,19})-([0-9]{0,19})", re.ASCII)


@dataclass(frozen=True)
class ContentRange:
    """Where a part's bytes belong; `end` is inclusive, as on the wire."""

    start: int
    end: int
    size: int

    @property
    def length(self) -> int:
        return self.end - self.start + 1

    @property
    def is_last(self) -> bool:
        return self.end == self.size - 1


@dataclass(frozen=True)
class StoredPart:
    """A part that was acknowledged, and the file that holds it."""

    start: int
    end: int
    index: str
    hash: str
    file: str

    @property
    def length(self) -> int:
        return self.end - self.start + 1


class Placement(Enum):
    """What to do with a part that has arrived whole."""

    STORE = "store"
    REPEAT = "repeat"
    REPLACE = "replace"


def parse_content_range(text: str) -> ContentRange:
    match = _CONTENT_RANGE.fullmatch(text)
    if match is None:
        raise bad_request("/Content-Range: must read bytes START-END/SIZE")
    start, end, size = (int(digits) for digits in match.groups())
    if size > MAX_OFFSET:
        raise bad_request("/Content-Range: the size does not fit into 64 bits")
    if start > end:
        raise bad_request(f"/Content-Range: the start {start} lies behind the end {end}")
    if end >= size:
        raise bad_request(f"/Content-Range: the end {end} lies outside a file of {size} bytes")
    return ContentRange(start, end, size)


def place(stored: Iterable[StoredPart], wanted: ContentRange, index: str, md5: str) -> Placement:
    """Decide over a new part, given what is stored (what "a part sent again" means, ruling U6).

    The same index at the same range is the same part: equal bytes are stored once, other bytes replace it.
    Everything else that shares a byte with what is stored is refused. The index alone decides nothing: two ranges
    may carry the same one (ruling U2).
    """
    for part in stored:
        same_range = (part.start, part.end) == (wanted.start, wanted.end)
        if same_range and part.index == index:
            return Placement.REPEAT if part.hash == md5 else Placement.REPLACE
        if part.start <= wanted.end and wanted.start <= part.end:
            raise bad_request(
                f"The range {wanted.start}-{wanted.end} overlaps part {part.index}, "
                f"which holds {part.start}-{part.end}."
            )
    return Placement.STORE


def missing(stored: Sequence[StoredPart], size: int) -> list[tuple[int, int]]:
    """The gaps in a file, as inclusive ranges; the parts must be in order and must not overlap."""
    gaps: list[tuple[int, int]] = []
    position = 0
    for part in stored:
        if part.start > position:
            gaps.append((position, part.start - 1))
        position = part.end + 1
    if position < size:
        gaps.append((position, size - 1))
    return gaps


def describe_missing(gaps: Sequence[tuple[int, int]], size: int) -> str:
    shown = ", ".join(f"{start}-{end}" for start, end in gaps[:10])
    more = f" and {len(gaps) - 10} more ranges" if len(gaps) > 10 else ""
    return f"Missing bytes: {shown}{more} of {size}."


def parse_range(header: str | None, size: int) -> tuple[int, int] | None:
    """What a `Range` header asks for, as an inclusive range; None for the whole.

    A header that is not understood, several ranges among them, is ignored, as HTTP has it; one that lies
    outside is refused with 416.
    """
    match = _RANGE.fullmatch(header or "")
    if match is None or match.groups() == ("", ""):
        return None
    first, last = match.groups()
    if not first:
        start, end = max(0, size - int(last)), size - 1
        satisfiable = int(last) > 0
    else:
        start, end = int(first), min(int(last), size - 1) if last else size - 1
        if last and int(last) < start:
            return None
        satisfiable = start < size
    if not satisfiable:
        headers = {"Content-Range": f"bytes */{size}"}
        raise ApiError(416, f"The range lies outside a file of {size} bytes.", headers)
    return start, end
