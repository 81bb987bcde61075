"""Divides a file into parts. Pure: it takes sizes and returns parts."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import overload

from attrs import frozen

from aioz_stream.arguments import LARGEST_INTEGER, integer
from aioz_stream.errors import ArgumentError, Part

DEFAULT_PART_SIZE = 50 * 1024 * 1024
MOST_PARTS = 1_000_000
"""Of one file: 52 TB in parts of the default size. Their MD5s take some 550 bytes of memory each."""

_RANGE = re.compile(r"(?<![\w-])([0-9]{1,19})-([0-9]{1,19})(?![\w-])")


@frozen
class PartLimits:
    """The smallest and the largest size of a part in bytes. The last part may be smaller.

    The reference says "50 MB to 200 MB", and not whether it counts in thousands: these satisfy both readings.
    """

    smallest: int = 52_428_800
    largest: int = 200_000_000


PART_LIMITS = PartLimits()
"""The limits of AIOZ Stream (reference, "Upload video part")."""


@frozen
class _Parts(Sequence[Part]):
    """Makes each part when it is read, so that a huge file takes no more memory than a small one."""

    file_size: int
    part_size: int

    def __len__(self) -> int:
        return len(self._starts)

    @overload
    def __getitem__(self, index: int) -> Part: ...

    @overload
    def __getitem__(self, index: slice) -> list[Part]: ...

    def __getitem__(self, index: int | slice) -> Part | list[Part]:
        if isinstance(index, slice):
            return [self._beginning_at(start) for start in self._starts[index]]
        return self._beginning_at(self._starts[index])

    @property
    def _starts(self) -> range:
        return range(0, self.file_size, self.part_size)

    def _beginning_at(self, start: int) -> Part:
        end = min(start + self.part_size, self.file_size) - 1
        return Part(start // self.part_size + 1, start, end, self.file_size)


def plan(file_size: int, part_size: int = DEFAULT_PART_SIZE, limits: PartLimits = PART_LIMITS) -> Sequence[Part]:
    """The parts of a file of `file_size` bytes, in order: each has `part_size` bytes, and the last one what is left.

    Raises ArgumentError when the part size is outside the limits, the file is empty, or it would have too many parts.
    """
    integer("file_size", file_size, smallest=1, largest=LARGEST_INTEGER)
    integer("part_size", part_size, smallest=max(1, limits.smallest), largest=limits.largest)
    parts = _Parts(file_size, part_size)
    if len(parts) > MOST_PARTS:
        raise ArgumentError(
            f"a file of {file_size:,} bytes has {len(parts):,} parts of {part_size:,} bytes; it may have "
            f"{MOST_PARTS:,}. Larger parts are fewer; a part has at most {limits.largest:,} bytes.",
            argument="part_size",
        )
    return parts


def parts_to_repeat(parts: Sequence[Part], message: str) -> Sequence[Part]:
    """The parts that are missing according to what complete says.

    Its sentence is for people. So where it names no ranges, or ranges that the file does not have, all parts are.
    """
    missing = [(int(start), int(end)) for start, end in _RANGE.findall(message)]
    if not missing or not all(start <= end < parts[0].file_size for start, end in missing):
        return parts
    return [part for part in parts if any(start <= part.end and end >= part.start for start, end in missing)]
