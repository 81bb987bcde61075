"""Where an upload's bytes come from: what all sources have in common, and which kind a caller's argument is."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias, cast

from aioz_stream.errors import ArgumentError, ArgumentTypeError, SourceError
from aioz_stream.upload.sources import remote
from aioz_stream.upload.sources.file import FileSource
from aioz_stream.upload.sources.handle import HandleSource
from aioz_stream.upload.sources.stream import StreamSource, spooled

if TYPE_CHECKING:
    import pathlib
    from collections.abc import Callable, Mapping
    from typing import BinaryIO

    from aioz_stream.upload.cancellation import Stop
    from aioz_stream.upload.plan import Part
    from aioz_stream.upload.sources.reader import PartReader

Path = str | os.PathLike[str]
Source: TypeAlias = "Path | BinaryIO | remote.OpenFile"
"""What can be uploaded: a path, the URL of a file, a binary file object, or a file that fsspec knows."""


class PartSource(Protocol):
    """Bytes of a known size that can be read part by part, by several threads."""

    @property
    def size(self) -> int: ...

    @property
    def name(self) -> str:
        """As it is told to the service."""
        ...

    @property
    def place(self) -> str:
        """Where it is, for errors and for the journal."""
        ...

    @property
    def path(self) -> pathlib.Path | None:
        """Where it is on this machine, if it is there."""
        ...

    @property
    def is_lasting(self) -> bool:
        """Whether it can be found again by its place, in another run of the program."""
        ...

    @property
    def is_buffered(self) -> bool:
        """Whether a reader holds its whole part in memory."""
        ...

    @property
    def is_ordered(self) -> bool:
        """Whether readers must be asked for one after the other, in the order of their parts."""
        ...

    def identity(self) -> Mapping[str, object]:
        """What changes when the bytes change, as far as that can be known; empty when it can't."""
        ...

    def reader(self, part: Part, check: Callable[[int], None]) -> PartReader:
        """A reader of one part, to be closed. `check` is told before each block how far it is, and may raise."""
        ...

    def verify(self) -> None:
        """Raises SourceChangedError unless the bytes are still those that the upload began with."""
        ...

    def close(self) -> None: ...


def open_source(source: Any, stop: Stop, size: int | None, spool: bool, trust_times: bool) -> PartSource:
    """The source that a caller means. Raises SourceError or ArgumentError when it can't be uploaded.

    A stream, whose end nobody knows, needs `size`, or `spool` to be copied to a temporary file first. What can seek is
    read where it is: whether standard input is a pipe is not for a program to know.
    """
    if isinstance(source, str) and remote.is_url(source):
        return _without(size, spool, remote.opened(source, stop))
    if isinstance(source, str | os.PathLike):
        return _without(size, spool, FileSource(cast("Path", source), trust_times=trust_times))
    if remote.is_open_file(source):
        return _without(size, spool, remote.of_open_file(source))
    if not callable(getattr(source, "read", None)):
        hint = "; wrap it in io.BytesIO" if isinstance(source, bytes | bytearray | memoryview) else ""
        raise ArgumentTypeError(
            f"source must be a path, a URL or a binary file, not {_kind(source)}{hint}.", argument="source"
        )
    if _is_seekable(source):
        return _without(size, False, HandleSource(source))
    if spool:
        return _without(size, False, spooled(source, stop))
    if size is None:
        raise ArgumentError(
            "source is a stream, and the service must know a file's size before its first part. Pass size= if you know "
            "it, or spool=True to copy the stream to a temporary file first.",
            argument="source",
        )
    return StreamSource(source, size, stop)


def _kind(value: Any) -> str:
    return type(value).__name__


def _without(size: int | None, spool: bool, source: PartSource) -> PartSource:
    if size is not None and size != source.size:
        source.close()
        raise ArgumentError(f"size is {size!r}, but {source.place} has {source.size:,} bytes.", argument="size")
    if spool:
        source.close()
        raise ArgumentError("spool is for streams; this source can be read where it is.", argument="spool")
    return source


def _is_seekable(source: Any) -> bool:
    seekable = getattr(source, "seekable", None)
    try:
        return bool(callable(seekable) and seekable())
    except ValueError as error:  # it is closed
        raise SourceError(f"source can't be read: {error}") from error
