"""A file that is stored in parts, and read from them: completing an upload copies nothing."""

from __future__ import annotations

import bisect
import hashlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from aioz_stream_mock.state.ranges import StoredPart

BLOCK = 1024 * 1024


class StoredFile:
    """The bytes `[0, size)` of a completed upload."""

    def __init__(self, folder: Path, parts: Sequence[StoredPart]) -> None:
        self._folder, self._parts = folder, parts
        self._starts = [part.start for part in parts]
        self.size: int = parts[-1].end + 1 if parts else 0

    @property
    def etag(self) -> str:
        """The same bytes in the same parts have the same tag."""
        text = ",".join(f"{part.start}:{part.hash}" for part in self._parts)
        return f'"{hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()}"'

    def read_at(self, offset: int, length: int) -> bytes:
        """So many bytes at an offset; fewer at the end of the source."""
        return b"".join(self.blocks(offset, min(self.size, offset + length)))

    def blocks(self, start: int, stop: int) -> Iterator[bytes]:
        """The bytes `[start, stop)` in blocks of bounded size."""
        first = bisect.bisect_right(self._starts, start) - 1
        for part in self._parts[max(0, first) :]:
            if part.start >= stop:
                return
            yield from self._part_blocks(part, max(start, part.start), min(stop, part.end + 1))

    def _part_blocks(self, part: StoredPart, start: int, stop: int) -> Iterator[bytes]:
        with (self._folder / part.file).open("rb", buffering=0) as file:
            file.seek(start - part.start)
            while start < stop:
                block = file.read(min(BLOCK, stop - start))
                if not block:
                    raise OSError(f"part {part.index} is shorter than it was when it was stored")
                start += len(block)
                yield block
