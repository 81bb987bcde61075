"""Binary file objects as sources: those that can seek, and streams, which are read once, such as a pipe."""

from __future__ import annotations

import http.client
import io
import os
import select
import sys
import tempfile
import threading
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from typing import Any, BinaryIO, cast

from aioz_stream import arguments
from aioz_stream.errors import (
    AiozStreamError,
    EmptySourceError,
    Part,
    SourceChangedError,
    SourceError,
)
from aioz_stream.http.cancel_signal import CancelSignal
from aioz_stream.upload.sources.awaited import LoopStream
from aioz_stream.upload.sources.file import check_size, file_identity
from aioz_stream.upload.sources.part_source import (
    BLOCK_SIZE,
    PartReader,
    PartSource,
    buffered_reader,
    last_segment,
    source_errors,
)

_POLL_INTERVAL = 200  # milliseconds between two checks of the cancel signal while a pipe is empty


class HandleSource(PartSource):
    """A file object that can seek. All readers share it, one block at a time; it is never closed here.

    Nothing else may use it meanwhile. Afterwards its position is at its end.
    """

    def __init__(self, handle: BinaryIO, *, trust_times: bool = True) -> None:
        self._handle, self._trust_times = handle, trust_times
        self._lock = threading.Lock()
        self.name: str = file_name(handle)
        self.place: str = f"the file object {self.name}"
        self._identity = _file_identity(handle)
        with source_errors(self.place):
            self._begin = handle.tell()
            self.size: int = self._end() - self._begin
            handle.seek(self._begin)
        if self.size <= 0:
            raise EmptySourceError(f"{self.place} has nothing after its present position; there is nothing to upload.")
        arguments.instance("source", self._read_at(0, 1), bytes, "opened in binary mode ('rb')")

    def verify(self) -> bool:
        with self._lock, source_errors(self.place):
            end = self._end()
        check_size(self.place, self.size, end - self._begin)
        return self._trust_times and _file_identity(self._handle) == self._identity

    def reader(self, part: Part, check: Callable[[int], None] = lambda _: None) -> PartReader:
        return PartReader(part, self._read_at, check)

    def _read_at(self, offset: int, size: int) -> bytes:
        with self._lock, source_errors(self.place):
            self._handle.seek(self._begin + offset)
            block = self._handle.read(size)
        if not block:
            raise SourceChangedError(f"{self.place} became shorter while it was uploaded.")
        if len(block) > size:
            raise SourceError(f"{self.place} gave {len(block):,} bytes when it was asked for {size:,}.")
        return block

    def _end(self) -> int:
        self._handle.seek(0, os.SEEK_END)
        return self._handle.tell()


def _file_identity(handle: BinaryIO) -> dict[str, int] | None:
    """The identity of the file behind a file object; None where there is none."""
    try:
        return file_identity(os.fstat(handle.fileno()))
    except (AttributeError, OSError, TypeError, ValueError):
        return None


def file_name(handle: object) -> str:
    """The name of a file object's file, or "upload" where it has none that can be sent."""
    name = getattr(handle, "name", None)
    return last_segment(os.fsdecode(name)) if isinstance(name, str | bytes) else "upload"


class BlockReader:
    """Reads a stream block by block, until the upload is cancelled.

    A thread that waits inside a read can't be woken. So a pipe is read only when it has something, or has ended. Other
    kinds of streams can't tell when they have something, and are read at once.
    """

    def __init__(self, stream: BinaryIO, place: str, signal: CancelSignal) -> None:
        self._stream, self._place, self._signal = stream, place, signal
        self._poll = _poll(stream)
        # `read` of a buffered stream waits until it has all bytes that it was asked for; `read1` does not.
        self._read = stream.read1 if self._poll and isinstance(stream, io.BufferedReader) else stream.read
        if isinstance(stream, LoopStream):
            self._read = partial(stream.read, check=signal.check)

    def read(self, size: int) -> bytes:
        """At most `size` bytes; none at the end of the stream."""
        self._signal.check()
        while self._poll and not self._poll.poll(_POLL_INTERVAL):
            self._signal.check()
        with source_errors(self._place):
            block = self._read(size)
        arguments.instance("source", block, bytes, "opened in binary mode, and blocking")
        if len(block) > size:
            raise SourceError(f"{self._place} gave {len(block):,} bytes when it was asked for {size:,}.")
        if not block and isinstance(self._stream, http.client.HTTPResponse) and self._stream.length:
            raise SourceError(f"{self._place} ended {self._stream.length:,} bytes too early.")
        return block


def _poll(stream: BinaryIO) -> select.poll | None:
    """Polls whether a pipe can be read; None where the stream, or the system, can't be polled."""
    raw: object = cast("Any", stream).raw if isinstance(stream, io.BufferedReader) else stream
    if not isinstance(raw, io.FileIO) or sys.platform == "win32":
        return None
    poll = select.poll()
    poll.register(raw.fileno(), select.POLLIN)
    return poll


class StreamSource(PartSource):
    """A stream of a known size. Each part is read into memory, so that it can be sent again."""

    is_buffered = True
    is_ordered = True

    def __init__(self, stream: BinaryIO, size: int, signal: CancelSignal) -> None:
        self.size: int = arguments.integer("size", size, smallest=1)
        self.name: str = file_name(stream)
        self.place: str = f"the stream {self.name}"
        self._blocks = BlockReader(stream, self.place, signal)
        self._position = 0

    def verify(self) -> bool:
        if self._position == self.size and self._blocks.read(1):
            raise SourceChangedError(f"{self.place} has more than the {self.size:,} bytes that size= says.")
        return True

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


def copy_to_file(name: str, place: str, fill: Callable[[BinaryIO], object]) -> HandleSource:
    """A source that is a temporary file, which `fill` writes and which is removed when the source is closed."""
    try:
        with ExitStack() as stack:
            copy = stack.enter_context(tempfile.TemporaryFile())
            fill(copy)
            if not copy.tell():
                raise EmptySourceError(f"{place} is empty; there is nothing to upload.")
            copy.seek(0)
            source = HandleSource(copy)
            source.name, source.place, source.opened = name, place, stack.pop_all()
            return source
    except AiozStreamError:
        raise
    except OSError as error:
        raise SourceError(f"{place} can't be copied to a temporary file: {error}") from error


def spool(stream: BinaryIO, signal: CancelSignal, name: str, place: str) -> HandleSource:
    """Copies a stream to a temporary file."""
    blocks = BlockReader(stream, place, signal)

    def fill(copy: BinaryIO) -> None:
        while block := blocks.read(BLOCK_SIZE):
            copy.write(block)

    return copy_to_file(name, place, fill)
