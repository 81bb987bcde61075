"""Where an upload's bytes come from: a file, which must stay as it is while it is read."""

from __future__ import annotations

import hashlib
import io
import os
import pathlib
import stat
from typing import TYPE_CHECKING, Any

from attrs import frozen

from aioz_stream.errors import (
    ArgumentTypeError,
    EmptySourceError,
    SourceChangedError,
    SourceError,
    SourceNotFoundError,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from aioz_stream.upload.plan import Part

Path = str | os.PathLike[str]

# Large enough to cost little, small enough that a thread of each worker needs no more.
BLOCK_SIZE = 1024 * 1024


@frozen
class _Identity:
    """What changes when a file is edited, truncated or replaced."""

    device: int
    inode: int
    size: int
    modified: int
    changed: int
    """Of the file or what is known of it: tells a rewrite whose time of modification was set back."""

    @classmethod
    def of(cls, status: os.stat_result) -> _Identity:
        return cls(status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns)


class FileSource:
    """A regular file, read by range through a handle of each reader's own.

    Raises SourceNotFoundError, EmptySourceError or SourceError when it can't be uploaded.
    """

    def __init__(self, path: Path) -> None:
        if not isinstance(path, str | os.PathLike):  # pyright: ignore[reportUnnecessaryIsInstance] - callers without a type checker
            raise ArgumentTypeError(f"source must be a path, not {type(path).__name__}.", argument="source")
        self.path = pathlib.Path(os.fsdecode(path))
        self._identity = _Identity.of(self._status())
        if not self.size:
            raise EmptySourceError(f"{self.path} is empty; there is nothing to upload.")
        with self._open():
            pass

    @property
    def size(self) -> int:
        return self._identity.size

    @property
    def name(self) -> str:
        """The file's name as it can be sent, whatever bytes the file system has."""
        return self.path.name.encode("utf-8", "replace").decode()

    def verify(self) -> None:
        """Raises SourceChangedError unless the file is what it was when the upload began."""
        try:
            status = self._status()
        except SourceError as error:
            raise SourceChangedError(f"{self.path} is not there any more.") from error
        self._compare(status)

    def reader(self, part: Part, check: Callable[[], None] = lambda: None) -> PartReader:
        """A reader of one part. `check` is called before each block and may raise to stop."""
        handle = self._open()
        try:
            self._compare(os.fstat(handle.fileno()))
            return PartReader(handle, part, check, str(self.path))
        except BaseException:
            handle.close()
            raise

    def _compare(self, status: os.stat_result) -> None:
        if _Identity.of(status) != self._identity:
            raise SourceChangedError(
                f"{self.path} changed while it was uploaded. Upload it again once it stays as it is."
            )

    def _status(self) -> os.stat_result:
        try:
            status = self.path.stat()
        except (FileNotFoundError, NotADirectoryError):
            raise SourceNotFoundError(f"There is no file {self.path}.") from None
        except (OSError, ValueError) as error:
            raise SourceError(f"{self.path} can't be used: {error}") from error
        if not stat.S_ISREG(status.st_mode):
            kind = "a directory" if stat.S_ISDIR(status.st_mode) else "not a regular file"
            raise SourceError(f"{self.path} is {kind}; only a regular file can be uploaded.")
        return status

    def _open(self) -> io.FileIO:
        try:
            return io.FileIO(self.path)
        except FileNotFoundError:
            raise SourceChangedError(f"{self.path} is not there any more.") from None
        except OSError as error:
            raise SourceError(f"{self.path} can't be read: {error.strerror}") from error


class PartReader(io.RawIOBase):
    """One part of a file as a binary file of its own: what httpx reads as a form's file.

    It has no file number on purpose: httpx would take the whole file's size for the part's.
    """

    def __init__(self, handle: io.FileIO, part: Part, check: Callable[[], None], name: str) -> None:
        super().__init__()
        self._handle = handle
        self._part = part
        self._check = check
        self._name = name
        self._position = 0

    @property
    def position(self) -> int:
        """How many of the part's bytes were read since the last restart."""
        return self._position

    def md5(self) -> str:
        """The hexadecimal MD5 of the part; reading starts anew afterwards."""
        digest = hashlib.md5(usedforsecurity=False)
        self.seek(0)
        while block := self.read(BLOCK_SIZE):
            digest.update(block)
        self.seek(0)
        return digest.hexdigest()

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._position, os.SEEK_END: self._part.size}[whence]
        self._position = max(0, base + offset)
        return self._position

    def read(self, size: int = -1) -> bytes:
        self._check()
        left = max(0, self._part.size - self._position)
        wanted = left if size < 0 else min(size, left)
        if not wanted:
            return b""
        try:
            self._handle.seek(self._part.start + self._position)
            block = self._handle.read(wanted)
        except OSError as error:
            raise SourceError(f"{self._name} can't be read: {error.strerror}") from error
        if not block:
            raise SourceChangedError(
                f"{self._name} became shorter while it was uploaded. Upload it again once it stays as it is."
            )
        self._position += len(block)
        return block

    def readinto(self, buffer: Any) -> int:
        block = self.read(len(buffer))
        buffer[: len(block)] = block
        return len(block)

    def close(self) -> None:
        self._handle.close()
        super().close()
