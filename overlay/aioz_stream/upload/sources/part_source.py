"""What all sources have in common, and one part of a source as a binary file, for httpx to read."""

from __future__ import annotations

import hashlib
import io
import os
from abc import ABC, abstractmethod
from collections.abc import Callable, Generator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

from aioz_stream.errors import AiozStreamError, Part, SourceError, SourceNotFoundError

BLOCK_SIZE = 1024 * 1024
"""Bytes that are read, hashed and sent at a time. With blocks of 256 KiB, uploads over plain HTTP take 3 to 5 % longer
(measured)."""
FIRST_BLOCK = 128 * 1024
_SMALLEST_BLOCK = 32 * 1024
_SHORT, _LONG = 0.1, 0.4  # seconds


def next_block_size(size: int, seconds: float) -> int:
    """The size of the block that follows one that took so long to send.

    Over a slow link blocks are small: a part pauses, a signal is noticed and progress is shown only between two blocks.
    """
    if seconds > _LONG:
        return max(_SMALLEST_BLOCK, size // 2)
    return min(BLOCK_SIZE, size * 2) if seconds < _SHORT else size


class PartReader(io.RawIOBase):
    """Reads one part, block by block, any number of times.

    It has no file number on purpose: with one, httpx would take the size of the whole file for that of the part.
    """

    def __init__(
        self,
        part: Part,
        read_at: Callable[[int, int], bytes],
        check: Callable[[int], None],
        close: Callable[[], None] = lambda: None,
    ) -> None:
        """`read_at` takes an offset in the source and a size, and returns at most so many bytes, and at least one.

        `check` is called before each block with the number of the part's bytes that were read so far. It may raise, to
        end the reading.
        """
        self._part = part
        self._read_at = read_at
        self._check = check
        self._close = close
        self._position = 0
        self.block_size = BLOCK_SIZE
        """Bytes that are read at a time, at most."""

    def md5(self) -> str:
        """The hexadecimal MD5 of the part, which it reads to its end; the position is then at its start again."""
        digest = hashlib.md5(usedforsecurity=False)
        self.seek(0)
        while block := self.read():
            digest.update(block)
        self.seek(0)
        return digest.hexdigest()

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._position, os.SEEK_END: self._part.size}[whence]
        self._position = max(0, base + offset)
        return self._position

    def read(self, size: int = -1) -> bytes:  # noqa: ARG002 - httpx gives it, and takes more
        """The next block; empty at the part's end.

        `size` is ignored. httpx asks for 64 KiB at a time, which takes more than twice the processor time of larger
        blocks (see benchmarks), and it accepts more than it asked for.
        """
        self._check(self._position)
        wanted = min(self.block_size, self._part.size - self._position)
        if wanted <= 0:
            return b""
        block = self._read_at(self._part.start + self._position, wanted)
        self._position += len(block)
        return block

    def close(self) -> None:
        if not self.closed:
            self._close()
            # A kept request keeps its reader alive. It must not keep a part in memory as well.
            self._read_at = _refuse_to_read
        super().close()


def _refuse_to_read(_offset: int, _size: int) -> bytes:
    raise ValueError("the reader of the part is closed")


def buffered_reader(part: Part, content: bytearray, check: Callable[[int], None]) -> PartReader:
    """A reader of a part that is in memory."""
    view = memoryview(content)

    def read_at(offset: int, size: int) -> bytes:
        begin = offset - part.start
        return bytes(view[begin : begin + size])

    return PartReader(part, read_at, check)


class PartSource(ABC):
    """Bytes of a known size that can be read part by part, by several threads."""

    size: int
    name: str
    """The file name that the service is told."""
    place: str
    """Where it is, for errors and for the journal."""
    path: Path | None = None
    """Where it is on this machine, if it is a file there."""
    is_lasting: bool = False
    """Whether it can be found again by its place, in another run of the program."""
    is_buffered: bool = False
    """Whether a reader holds its whole part in memory."""
    is_ordered: bool = False
    """Whether readers must be asked for one after the other, in the order of their parts."""
    opened: ExitStack | None = None
    """What it has opened itself. Most kinds hold nothing open: each reader does, or the caller."""

    def identity(self) -> Mapping[str, object]:
        """Values that change when the bytes change. Of a source that has none, the size alone."""
        return {"size": self.size}

    def may_be(self, recorded: Mapping[str, object]) -> bool:
        """Whether it may be the source of an earlier upload, which had this identity."""
        identity = self.identity()
        return all(recorded[name] == value for name, value in identity.items() if name in recorded)

    @abstractmethod
    def reader(self, part: Part, check: Callable[[int], None] = lambda _: None) -> PartReader:
        """A reader of one part, to be closed by the caller. See `PartReader` for `check`."""

    @abstractmethod
    def verify(self) -> bool:
        """Whether the bytes are what they were when the upload began; False where only reading them again can tell.

        Raises SourceChangedError if they surely are not.
        """

    def close(self) -> None:
        if self.opened is not None:
            self.opened.close()


@contextmanager
def source_errors(place: str, secret: str | None = None) -> Generator[None]:
    """Raises a SourceError for what file objects and file systems raise: each kind has errors of its own.

    `secret` is the place as no message and no traceback may show it.
    """
    try:
        yield
    except AiozStreamError:
        raise
    except FileNotFoundError as error:
        raise SourceNotFoundError(f"There is no file {place}.") from (None if secret else error)
    except Exception as error:  # noqa: BLE001 - each kind raises its own
        said = f"{type(error).__name__}: {error}".removesuffix(": ").replace(secret or place, place)
        raise SourceError(f"{place} can't be read: {said}") from (None if secret else error)


def last_segment(path: str) -> str:
    """The name at the end of a path, as UTF-8; "upload" where there is none."""
    return Path(path).name.encode("utf-8", "replace").decode() or "upload"
