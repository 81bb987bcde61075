"""A file while its bytes arrive: hashed, written, and then made safe on disk or removed."""

from __future__ import annotations

import hashlib
import os
import uuid
from typing import TYPE_CHECKING

from aioz_stream_mock.errors import too_large

if TYPE_CHECKING:
    from pathlib import Path

HEAD_SIZE = 64


class IncomingFile:
    """A file of a form that is being received: hashed and written as it arrives, removed unless it is kept."""

    def __init__(self, folder: Path, what: str, limit: int) -> None:
        self._path = folder / uuid.uuid4().hex
        self._what, self._limit = what, limit
        self._hash = hashlib.md5(usedforsecurity=False)
        # Unbuffered: the chunks are large, and a second copy of them would only cost memory.
        self._file = self._path.open("xb", buffering=0)
        self.head: bytes = b""
        self.size: int = 0

    @property
    def md5(self) -> str:
        return self._hash.hexdigest()

    def write(self, data: bytes) -> None:
        self.size += len(data)
        if self.size > self._limit:
            raise too_large(self._what, self._limit)
        if len(self.head) < HEAD_SIZE:
            self.head = (self.head + data[:HEAD_SIZE])[:HEAD_SIZE]
        self._hash.update(data)
        view = memoryview(data)
        while view:
            view = view[self._file.write(view) :]

    def keep(self, folder: Path) -> str:
        """Make the bytes safe on disk and move them to their place; gives the name there. Blocks."""
        os.fsync(self._file.fileno())
        self._file.close()
        self._path.rename(folder / self._path.name)
        _sync_folder(folder)
        return self._path.name

    def discard(self) -> None:
        """Forget the bytes; harmless after they were kept."""
        self._file.close()
        self._path.unlink(missing_ok=True)


def _sync_folder(folder: Path) -> None:
    """Make a rename durable: the new name is in the folder, not in the file."""
    if os.name != "posix":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
