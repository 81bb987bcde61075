"""What can be uploaded, and which kind of source a caller's argument is."""

from __future__ import annotations

import io
import os
import pathlib
import stat
from collections.abc import AsyncIterator
from contextlib import ExitStack
from typing import Any, BinaryIO, cast

from aioz_stream.errors import ArgumentError, ArgumentTypeError, SourceError
from aioz_stream.http.cancel_signal import CancelSignal
from aioz_stream.http.session import Session
from aioz_stream.upload.sources import remote
from aioz_stream.upload.sources.awaited import AsyncReader, is_awaited
from aioz_stream.upload.sources.file import FileSource
from aioz_stream.upload.sources.file_object import HandleSource, StreamSource, file_name, spool
from aioz_stream.upload.sources.part_source import PartSource

Path = str | os.PathLike[str]
Source = str | os.PathLike[str] | BinaryIO | remote.OpenFile
"""What can be uploaded: a path, the URL of a file, a binary file object, or a file that fsspec knows."""
AsyncSource = Source | AsyncReader | AsyncIterator[bytes]
"""What the asynchronous client can upload: also an object whose `read` is a coroutine, and an iterator of bytes."""

_UNKNOWN_SIZE = (
    "is a stream, and the service must know a file's size before its first part. Pass size= if you know it, or "
    "spool=True to copy the stream to a temporary file first."
)


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
        opened: PartSource = remote.open_url(source, session, signal, trust_times=trust_times, to_spool=to_spool)
    elif isinstance(source, str | os.PathLike):
        path = cast("Path", source)
        if is_stream(path):
            return _open_stream_path(path, signal, size, to_spool)
        opened = FileSource(path, trust_times=trust_times)
        if to_spool:
            raise ArgumentError("spool is for streams; this source can be read where it is.", argument="spool")
    elif remote.is_open_file(source):
        opened = remote.from_open_file(source, signal, trust_times=trust_times, to_spool=to_spool)
    else:
        _check_binary_file(source)
        if not _is_seekable(source):
            return _open_stream(source, signal, size, to_spool)
        opened = HandleSource(source, trust_times=trust_times)
    return _check_size(opened, size)


def is_stream(path: Path) -> bool:
    """Whether a path is that of a pipe or a terminal, such as /dev/stdin, or what a shell's <(…) gives."""
    try:
        mode = pathlib.Path(os.fsdecode(path)).stat().st_mode
    except (OSError, ValueError):
        return False
    return stat.S_ISFIFO(mode) or stat.S_ISCHR(mode)


def _open_stream_path(path: Path, signal: CancelSignal, size: int | None, to_spool: bool) -> PartSource:
    if size is None and not to_spool:
        raise SourceError(f"{os.fsdecode(path)} {_UNKNOWN_SIZE}")
    # Opened so that a pipe into which nothing writes yet keeps no thread; it is read only when it has something.
    flags = getattr(os, "O_NONBLOCK", 0)
    try:
        stream = open(path, "rb", buffering=0, opener=lambda name, mode: os.open(name, mode | flags))  # noqa: SIM115 - closed below, or with the source
        if flags:
            os.set_blocking(stream.fileno(), True)
    except OSError as error:
        raise SourceError(f"{os.fsdecode(path)} can't be read: {error.strerror}") from error
    with ExitStack() as stack:
        source = _open_stream(cast("BinaryIO", stack.enter_context(stream)), signal, size, to_spool)
        if not to_spool:
            source.opened = stack.pop_all()
        return source


def _open_stream(stream: BinaryIO, signal: CancelSignal, size: int | None, to_spool: bool) -> PartSource:
    if to_spool:
        name = file_name(stream)
        return _check_size(spool(stream, signal, name, f"the stream {name}"), size)
    if size is None:
        raise ArgumentError(f"source {_UNKNOWN_SIZE}", argument="source")
    return StreamSource(stream, size, signal)


def _check_binary_file(source: Any) -> None:
    """Raises ArgumentTypeError, with what to write instead, for what is no binary file that this thread can read."""
    kind = type(source).__name__
    if is_awaited(source):
        wrong = "source is read with await, which AsyncAiozStream does, for a whole upload with size= or spool=True"
    elif isinstance(source, io.TextIOBase):
        wrong = "source is a text file; open it in binary mode ('rb'), or pass its .buffer"
    elif callable(getattr(source, "read", None)):
        return
    else:
        wrong = f"source must be a path, a URL or a binary file, not {kind}"
        if isinstance(source, bytes | bytearray | memoryview):
            wrong += "; pass os.fsdecode(…) of a path that is bytes, and io.BytesIO(…) of a file's content"
        elif callable(getattr(source, "makefile", None)):
            wrong += "; pass its makefile('rb') with size= or spool=True"
    raise ArgumentTypeError(f"{wrong}.", argument="source")


def _check_size(source: PartSource, size: int | None) -> PartSource:
    if size is not None and size != source.size:
        source.close()
        raise ArgumentError(f"size is {size!r}, but {source.place} has {source.size:,} bytes.", argument="size")
    return source


def _is_seekable(source: Any) -> bool:
    seekable = getattr(source, "seekable", None)
    try:
        return bool(callable(seekable) and seekable())
    except Exception as error:  # it is closed, or of a kind that has errors of its own
        raise SourceError(f"source can't be read: {error}") from error
