"""What a contender is asked to do. Imports nothing of the client: its memory is not the others'."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

AUTO_WORKERS = 0
"""The client finds the number itself."""


@dataclass(frozen=True)
class Slice:
    """A part of the file."""

    index: int
    """Counted from 1."""
    start: int
    size: int


@dataclass(frozen=True)
class Job:
    """Upload a file, through so many connections at once."""

    contender: str
    url: str
    """Of the server that swallows bytes."""
    certificate: str | None
    """Of the authority that signed the server's, where it speaks TLS."""
    file: str
    size: int
    workers: int
    """Or AUTO_WORKERS."""
    part_size: int
    block_size: int
    """That the client reads in."""
    first_file: str | None = None
    """A tiny file that the same program uploads before, so that what a first upload loads is counted apart."""

    @property
    def path(self) -> Path:
        return Path(self.file)

    @property
    def slices(self) -> list[Slice]:
        starts = range(0, self.size, self.part_size)
        return [
            Slice(index, start, min(self.part_size, self.size - start)) for index, start in enumerate(starts, start=1)
        ]

    def content_range(self, part: Slice) -> str:
        return f"bytes {part.start}-{part.start + part.size - 1}/{self.size}"
