"""A binary file object as a source: from where it stands to its end."""

from __future__ import annotations

import os
import threading
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from aioz_stream.errors import ArgumentTypeError, EmptySourceError, SourceChangedError, SourceError
from aioz_stream.upload.sources.reader import PartReader

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from aioz_stream.errors import Part


class HandleSource:
    """A file object that can seek. All readers share it, one block at a time; it is never closed here.

    Nothing else may use it meanwhile. Afterwards its position is at its end.
    """

    is_buffered = False
    is_ordered = False
    is_lasting = False
    path = None

    def __init__(self, handle: BinaryIO) -> None:
        self._handle = handle
        self._lock = threading.Lock()
        self.name = file_name(handle)
        self.place = f"the file object {self.name}"
        try:
            self._begin = handle.tell()
            self.size = handle.seek(0, os.SEEK_END) - self._begin
            handle.seek(self._begin)
        except (OSError, ValueError) as error:
            raise SourceError(f"{self.place} can't be used: {error}") from error
        if self.size <= 0:
            raise EmptySourceError(f"{self.place} has nothing after its present position; there is nothing to upload.")
        if not isinstance(self._read_at(0, 1), bytes):  # pyright: ignore[reportUnnecessaryIsInstance] - a text file's are not
            raise ArgumentTypeError("source must be opened in binary mode ('rb').", argument="source")

    def identity(self) -> Mapping[str, object]:
        return {"size": self.size}

    def verify(self) -> None:
        try:
            with self._lock:
                end = self._handle.seek(0, os.SEEK_END)
        except (OSError, ValueError) as error:
            raise SourceError(f"{self.place} can't be read: {error}") from error
        if end - self._begin != self.size:
            raise SourceChangedError(f"{self.place} changed its size while it was uploaded.")

    def reader(self, part: Part, check: Callable[[int], None] = lambda _: None) -> PartReader:
        return PartReader(part, self._read_at, check)

    def _read_at(self, offset: int, size: int) -> bytes:
        try:
            with self._lock:
                self._handle.seek(self._begin + offset)
                block = self._handle.read(size)
        except Exception as error:
            raise SourceError(f"{self.place} can't be read: {error}") from error
        if not block:
            raise SourceChangedError(f"{self.place} became shorter while it was uploaded.")
        return block

    def close(self) -> None:
        """The caller closes it."""


def file_name(handle: object) -> str:
    """The name of a file object's file, or "upload" where it has none that can be sent."""
    name = getattr(handle, "name", None)
    return last_segment(os.fsdecode(name)) if isinstance(name, str | bytes) else "upload"


def last_segment(path: str) -> str:
    """The name at the end of a path, or "upload" where there is none."""
    return Path(path).name.encode("utf-8", "replace").decode() or "upload"
