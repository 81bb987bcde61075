"""What all sources have in common, and which kind of source a caller's argument is."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias, cast

from aioz_stream.errors import ArgumentError, ArgumentTypeError, SourceError
from aioz_stream.upload.sources import fsspec_file
from aioz_stream.upload.sources.file import FileSource
from aioz_stream.upload.sources.handle import HandleSource
from aioz_stream.upload.sources.http_file import HttpSource
from aioz_stream.upload.sources.stream import StreamSource, spool
from aioz_stream.upload.sources.url import is_url

if TYPE_CHECKING:
    import pathlib
    from collections.abc import Callable, Mapping
    from typing import BinaryIO

    from aioz_stream.errors import Part
    from aioz_stream.http.cancel_signal import CancelSignal
    from aioz_stream.http.session import Session
    from aioz_stream.upload.sources.reader import PartReader

Path = str | os.PathLike[str]
Source: TypeAlias = "Path | BinaryIO | fsspec_file.OpenFile"
"""What can be uploaded: a path, the URL of a file, a binary file object, or a file that fsspec knows."""


class PartSource(Protocol):
    """Bytes of a known size that can be read part by part, by several threads."""

    @property
    def size(self) -> int: ...

    @property
    def name(self) -> str:
        """The file name that the service is told."""
        ...

    @property
    def place(self) -> str:
        """Where it is, for errors and for the journal."""
        ...

    @property
    def path(self) -> pathlib.Path | None:
        """Where it is on this machine, if it is a file there."""
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
        """Values that change when the bytes change, as far as that can be known."""
        ...

    def reader(self, part: Part, check: Callable[[int], None]) -> PartReader:
        """A reader of one part, to be closed by the caller. See `PartReader` for `check`."""
        ...

    def verify(self) -> None:
        """Raises SourceChangedError if the bytes changed since the upload began."""
        ...

    def close(self) -> None: ...


def open_source(
    source: Any,
    session: Session,
    signal: CancelSignal,
    *,
    size: int | None = None,
    to_spool: bool = False,
    trust_times: bool = True,
) -> PartSource:
    """Opens the source that a caller means. Raises SourceError or ArgumentError when it can't be uploaded.

    The size of a stream is not known before its end: it needs `size`, or `to_spool` to be copied to a temporary file
    first. A source that can seek is read where it is, so that a program need not know whether standard input is a pipe.
    A URL is fetched with the session's options.
    """
    if isinstance(source, str) and is_url(source):
        opened = _open_url(source, session, signal)
    elif isinstance(source, str | os.PathLike):
        opened = FileSource(cast("Path", source), trust_times=trust_times)
    elif fsspec_file.is_open_file(source):
        opened = fsspec_file.from_open_file(source)
    else:
        return _open_binary_file(source, signal, size, to_spool)
    _check_size(opened, size)
    if to_spool:
        opened.close()
        raise ArgumentError("spool is for streams; this source can be read where it is.", argument="spool")
    return opened


def _open_url(url: str, session: Session, signal: CancelSignal) -> PartSource:
    is_http = url.partition("://")[0].lower() in ("http", "https")
    return HttpSource(url, session, signal) if is_http else fsspec_file.open_url(url)


def _open_binary_file(source: Any, signal: CancelSignal, size: int | None, to_spool: bool) -> PartSource:
    if not callable(getattr(source, "read", None)):
        kind = type(source).__name__
        hint = "; wrap it in io.BytesIO" if isinstance(source, bytes | bytearray | memoryview) else ""
        raise ArgumentTypeError(f"source must be a path, a URL or a binary file, not {kind}{hint}.", argument="source")
    if _is_seekable(source):
        return _check_size(HandleSource(source), size)
    if to_spool:
        return _check_size(spool(source, signal), size)
    if size is None:
        raise ArgumentError(
            "source is a stream, and the service must know a file's size before its first part. Pass size= if you know "
            "it, or spool=True to copy the stream to a temporary file first.",
            argument="source",
        )
    return StreamSource(source, size, signal)


def _check_size(source: PartSource, size: int | None) -> PartSource:
    if size is not None and size != source.size:
        source.close()
        raise ArgumentError(f"size is {size!r}, but {source.place} has {source.size:,} bytes.", argument="size")
    return source


def _is_seekable(source: Any) -> bool:
    seekable = getattr(source, "seekable", None)
    try:
        return bool(callable(seekable) and seekable())
    except ValueError as error:  # it is closed
        raise SourceError(f"source can't be read: {error}") from error
