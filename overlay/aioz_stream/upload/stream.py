"""A stream as a source: read once, from its beginning to its end, such as a pipe."""

from __future__ import annotations

import shutil
import tempfile
from typing import TYPE_CHECKING, BinaryIO

from aioz_stream import arguments
from aioz_stream.errors import ArgumentTypeError, SourceChangedError, SourceError
from aioz_stream.upload.handle import HandleSource, name_of
from aioz_stream.upload.reader import BLOCK_SIZE, PartReader

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from aioz_stream.upload.plan import Part


class StreamSource:
    """A stream of a known size. Each part is read into memory, so that it can be sent again."""

    is_buffered = True
    is_ordered = True
    is_lasting = False
    path = None

    def __init__(self, stream: BinaryIO, size: int) -> None:
        self.size = arguments.integer("size", size, smallest=1, largest=arguments.LARGEST_INTEGER)
        self._stream = stream
        self.name = name_of(stream)
        self.place = f"the stream {self.name}"
        self._position = 0

    def identity(self) -> Mapping[str, object]:
        return {"size": self.size}

    def verify(self) -> None:
        if self._position == self.size and self._read(1):
            raise SourceChangedError(f"{self.place} has more than the {self.size:,} bytes that size= says.")

    def reader(self, part: Part, check: Callable[[int], None] = lambda _: None) -> PartReader:
        assert part.start == self._position, "a stream's parts are read in their order"
        content = bytearray()
        while len(content) < part.size:
            check(0)
            block = self._read(min(BLOCK_SIZE, part.size - len(content)))
            if not block:
                raise SourceChangedError(
                    f"{self.place} ended after {self._position:,} bytes; size= says {self.size:,}."
                )
            content += block
            self._position += len(block)
        return buffered(part, content, check)

    def _read(self, size: int) -> bytes:
        try:
            block = self._stream.read(size)
        except (OSError, ValueError) as error:
            raise SourceError(f"{self.place} can't be read: {error}") from error
        if not isinstance(block, bytes):  # pyright: ignore[reportUnnecessaryIsInstance] - callers without a type checker
            raise ArgumentTypeError("source must be opened in binary mode, and blocking.", argument="source")
        return block

    def close(self) -> None:
        """It is the caller's to close."""


def buffered(part: Part, content: bytearray, check: Callable[[int], None]) -> PartReader:
    """A reader of a part that is in memory."""
    view = memoryview(content)

    def read_at(offset: int, size: int) -> bytes:
        begin = offset - part.start
        return bytes(view[begin : begin + size])

    return PartReader(part, read_at, check)


class _SpooledSource(HandleSource):
    def __init__(self, copy: BinaryIO, name: str) -> None:
        super().__init__(copy)
        self._copy = copy
        self.name, self.place = name, f"the stream {name}"

    def close(self) -> None:
        self._copy.close()


def spooled(stream: BinaryIO) -> HandleSource:
    """A stream that was copied to a temporary file, which goes when the source is closed."""
    copy = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the source
    try:
        shutil.copyfileobj(stream, copy, BLOCK_SIZE)
        copy.seek(0)
        return _SpooledSource(copy, name_of(stream))
    except (OSError, ValueError) as error:
        copy.close()
        raise SourceError(f"the stream {name_of(stream)} can't be copied: {error}") from error
    except BaseException:
        copy.close()
        raise
