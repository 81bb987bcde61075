"""A stream as a source: read once, from its beginning to its end, such as a pipe."""

from __future__ import annotations

import io
import select
import sys
import tempfile
from typing import TYPE_CHECKING, Any, BinaryIO, cast

from aioz_stream import arguments
from aioz_stream.errors import ArgumentTypeError, EmptySourceError, SourceChangedError, SourceError
from aioz_stream.upload.sources.handle import HandleSource, file_name
from aioz_stream.upload.sources.reader import BLOCK_SIZE, PartReader

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from aioz_stream.errors import Part
    from aioz_stream.http.cancel_signal import CancelSignal

_POLL_INTERVAL = 200  # milliseconds between two checks of the cancel signal while a pipe is empty


class BlockReader:
    """Reads a stream block by block, until the upload is cancelled.

    A thread that waits inside a read can't be woken. So a pipe is read only when it has something, or has ended. Other
    kinds of streams can't tell when they have something, and are read at once.
    """

    def __init__(self, stream: BinaryIO, place: str, signal: CancelSignal) -> None:
        self._place, self._signal = place, signal
        self._poll = _poll(stream)
        # `read` of a buffered stream waits until it has all bytes that it was asked for; `read1` does not.
        self._read = stream.read1 if self._poll and isinstance(stream, io.BufferedReader) else stream.read

    def read(self, size: int) -> bytes:
        """At most `size` bytes; none at the end of the stream."""
        self._signal.check()
        while self._poll and not self._poll.poll(_POLL_INTERVAL):
            self._signal.check()
        try:
            block = self._read(size)
        except Exception as error:
            raise SourceError(f"{self._place} can't be read: {error}") from error
        if not isinstance(block, bytes):  # pyright: ignore[reportUnnecessaryIsInstance] - callers without a type checker
            raise ArgumentTypeError("source must be opened in binary mode, and blocking.", argument="source")
        return block


def _poll(stream: BinaryIO) -> select.poll | None:
    """Polls whether a pipe can be read; None where the stream, or the system, can't be polled."""
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

    def __init__(self, stream: BinaryIO, size: int, signal: CancelSignal) -> None:
        self.size = arguments.integer("size", size, smallest=1, largest=arguments.LARGEST_INTEGER)
        self.name = file_name(stream)
        self.place = f"the stream {self.name}"
        self._blocks = BlockReader(stream, self.place, signal)
        self._position = 0

    def identity(self) -> Mapping[str, object]:
        return {"size": self.size}

    def verify(self) -> None:
        if self._position == self.size and self._blocks.read(1):
            raise SourceChangedError(f"{self.place} has more than the {self.size:,} bytes that size= says.")

    def reader(self, part: Part, check: Callable[[int], None] = lambda _: None) -> PartReader:
        assert part.start == self._position, "a stream's parts are read in their order"
        content = bytearray()
        while len(content) < part.size:
            check(0)
            block = self._blocks.read(min(BLOCK_SIZE, part.size - len(content)))
            if not block:
                raise SourceChangedError(
                    f"{self.place} ended after {self._position:,} bytes; size= says {self.size:,}."
                )
            content += block
            self._position += len(block)
        return buffered_reader(part, content, check)

    def close(self) -> None:
        """The caller closes it."""


def buffered_reader(part: Part, content: bytearray, check: Callable[[int], None]) -> PartReader:
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


def spool(stream: BinaryIO, signal: CancelSignal) -> HandleSource:
    """Copies a stream to a temporary file, which is removed when the source is closed."""
    name = file_name(stream)
    blocks = BlockReader(stream, f"the stream {name}", signal)
    copy = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the source
    try:
        while block := blocks.read(BLOCK_SIZE):
            _write(copy, block, name)
        if not copy.tell():
            raise EmptySourceError(f"the stream {name} is empty; there is nothing to upload.")  # noqa: TRY301 - the copy must be closed then, too
        copy.seek(0)
        return _SpooledSource(copy, name)
    except BaseException:
        copy.close()
        raise


def _write(copy: BinaryIO, block: bytes, name: str) -> None:
    try:
        copy.write(block)
    except OSError as error:
        raise SourceError(f"the stream {name} can't be copied to a temporary file: {error}") from error
