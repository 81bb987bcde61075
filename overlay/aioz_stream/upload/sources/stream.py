"""A stream as a source: read once, from its beginning to its end, such as a pipe."""

from __future__ import annotations

import io
import select
import sys
import tempfile
from typing import TYPE_CHECKING, Any, BinaryIO, cast

from aioz_stream import arguments
from aioz_stream.errors import ArgumentTypeError, EmptySourceError, SourceChangedError, SourceError
from aioz_stream.upload.sources.handle import HandleSource, name_of
from aioz_stream.upload.sources.reader import BLOCK_SIZE, PartReader

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from aioz_stream.upload.cancellation import Stop
    from aioz_stream.upload.plan import Part

_LOOK = 200  # milliseconds between two looks at whether the upload was stopped, while a pipe has nothing to give


class Flow:
    """What is read of a stream, block by block, until the upload is stopped.

    Nobody can wake a thread that waits inside a read. So a pipe is read only once it has something, or has ended. Other
    kinds of streams are read as they are: whether they have something is known to nobody but them.
    """

    def __init__(self, stream: BinaryIO, place: str, stop: Stop) -> None:
        self._place, self._stop = place, stop
        self._poll = _poll(stream)
        # A buffered one's `read` waits until it has all that it was asked for.
        self._read = stream.read1 if self._poll and isinstance(stream, io.BufferedReader) else stream.read

    def read(self, size: int) -> bytes:
        """Up to so many bytes; none at the end of the stream."""
        self._stop.check()
        while self._poll and not self._poll.poll(_LOOK):
            self._stop.check()
        try:
            block = self._read(size)
        except Exception as error:
            raise SourceError(f"{self._place} can't be read: {error}") from error
        if not isinstance(block, bytes):  # pyright: ignore[reportUnnecessaryIsInstance] - callers without a type checker
            raise ArgumentTypeError("source must be opened in binary mode, and blocking.", argument="source")
        return block


def _poll(stream: BinaryIO) -> select.poll | None:
    """What tells when a pipe can be read; None where the stream, or the system, can't tell."""
    raw: object = cast("Any", stream).raw if isinstance(stream, io.BufferedReader) else stream
    if not isinstance(raw, io.FileIO) or sys.platform == "win32":
        return None
    poll = select.poll()
    poll.register(raw.fileno(), select.POLLIN)
    return poll


class StreamSource:
    """A stream of a known size. Each part is read into memory, so that it can be sent again."""

    is_buffered = True
    is_ordered = True
    is_lasting = False
    path = None

    def __init__(self, stream: BinaryIO, size: int, stop: Stop) -> None:
        self.size = arguments.integer("size", size, smallest=1, largest=arguments.LARGEST_INTEGER)
        self.name = name_of(stream)
        self.place = f"the stream {self.name}"
        self._flow = Flow(stream, self.place, stop)
        self._position = 0

    def identity(self) -> Mapping[str, object]:
        return {"size": self.size}

    def verify(self) -> None:
        if self._position == self.size and self._flow.read(1):
            raise SourceChangedError(f"{self.place} has more than the {self.size:,} bytes that size= says.")

    def reader(self, part: Part, check: Callable[[int], None] = lambda _: None) -> PartReader:
        assert part.start == self._position, "a stream's parts are read in their order"
        content = bytearray()
        while len(content) < part.size:
            check(0)
            block = self._flow.read(min(BLOCK_SIZE, part.size - len(content)))
            if not block:
                raise SourceChangedError(
                    f"{self.place} ended after {self._position:,} bytes; size= says {self.size:,}."
                )
            content += block
            self._position += len(block)
        return buffered(part, content, check)

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


def spooled(stream: BinaryIO, stop: Stop) -> HandleSource:
    """A stream that was copied to a temporary file, which goes when the source is closed."""
    name = name_of(stream)
    flow = Flow(stream, f"the stream {name}", stop)
    copy = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the source
    try:
        while block := flow.read(BLOCK_SIZE):
            _write(copy, block, name)
        _check_some(copy, name)
        copy.seek(0)
        return _SpooledSource(copy, name)
    except BaseException:
        copy.close()
        raise


def _check_some(copy: BinaryIO, name: str) -> None:
    if not copy.tell():
        raise EmptySourceError(f"the stream {name} is empty; there is nothing to upload.")


def _write(copy: BinaryIO, block: bytes, name: str) -> None:
    try:
        copy.write(block)
    except OSError as error:
        raise SourceError(f"the stream {name} can't be copied to a temporary file: {error}") from error
