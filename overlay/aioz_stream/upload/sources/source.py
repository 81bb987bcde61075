"""What can be uploaded, and which kind of source a caller's argument is."""

from __future__ import annotations

import os
from typing import Any, BinaryIO, cast

from aioz_stream.errors import ArgumentError, ArgumentTypeError, SourceError
from aioz_stream.http.cancel_signal import CancelSignal
from aioz_stream.http.session import Session
from aioz_stream.upload.sources import remote
from aioz_stream.upload.sources.file import FileSource
from aioz_stream.upload.sources.file_object import HandleSource, StreamSource, spool
from aioz_stream.upload.sources.part_source import PartSource

Path = str | os.PathLike[str]
Source = Path | BinaryIO | remote.OpenFile
"""What can be uploaded: a path, the URL of a file, a binary file object, or a file that fsspec knows."""


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
    if isinstance(source, str) and remote.is_url(source):
        opened: PartSource = remote.open_url(source, session, signal)
    elif isinstance(source, str | os.PathLike):
        opened = FileSource(cast("Path", source), trust_times=trust_times)
    elif remote.is_open_file(source):
        opened = remote.from_open_file(source)
    else:
        return _open_binary_file(source, signal, size, to_spool, trust_times)
    _check_size(opened, size)
    if to_spool:
        opened.close()
        raise ArgumentError("spool is for streams; this source can be read where it is.", argument="spool")
    return opened


def _open_binary_file(
    source: Any, signal: CancelSignal, size: int | None, to_spool: bool, trust_times: bool
) -> PartSource:
    if not callable(getattr(source, "read", None)):
        kind = type(source).__name__
        hint = "; wrap it in io.BytesIO" if isinstance(source, bytes | bytearray | memoryview) else ""
        raise ArgumentTypeError(f"source must be a path, a URL or a binary file, not {kind}{hint}.", argument="source")
    if _is_seekable(source):
        return _check_size(HandleSource(source, trust_times=trust_times), size)
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
