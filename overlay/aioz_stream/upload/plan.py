"""Divides a file into parts. Pure: it takes sizes and returns parts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import overload

from attrs import frozen

from aioz_stream.arguments import LARGEST_INTEGER, integer
from aioz_stream.errors import Part

DEFAULT_PART_SIZE = 50 * 1024 * 1024


@frozen
class PartLimits:
    """The smallest and the largest size of a part in bytes. The last part may be smaller."""

    smallest: int = 50_000_000
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

    Raises ArgumentError when the part size is outside the limits, or the file is empty.
    """
    integer("file_size", file_size, smallest=1, largest=LARGEST_INTEGER)
    integer("part_size", part_size, smallest=max(1, limits.smallest), largest=limits.largest)
    return _Parts(file_size, part_size)
