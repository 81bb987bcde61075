"""A regular file as a source, which must stay as it is while it is read."""

from __future__ import annotations

import io
import os
import pathlib
import stat
from typing import TYPE_CHECKING

from attrs import asdict, frozen

from aioz_stream.errors import (
    EmptySourceError,
    SourceChangedError,
    SourceError,
    SourceNotFoundError,
)
from aioz_stream.upload.sources.reader import PartReader

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from aioz_stream.errors import Part

_ADVICE = "Upload it again once it stays as it is."


@frozen
class _Identity:
    """What changes when a file is edited, truncated or replaced."""

    device: int
    inode: int
    size: int
    modified: int
    changed: int
    """The change time of the inode: it shows a rewrite whose modification time was set back."""

    @classmethod
    def from_status(cls, status: os.stat_result) -> _Identity:
        return cls(status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns)


class FileSource:
    """A regular file, read by range through a handle of each reader's own.

    Raises SourceNotFoundError, EmptySourceError or SourceError when it can't be uploaded.
    """

    is_buffered = False
    is_ordered = False
    is_lasting = True

    def __init__(self, path: str | os.PathLike[str], *, trust_times: bool = True) -> None:
        """Without `trust_times` only its size shows that the file changed: for file systems with unreliable times."""
        self.path: pathlib.Path | None = pathlib.Path(os.fsdecode(path))
        self._path = self.path
        self._trust_times = trust_times
        self._identity = _Identity.from_status(self._status())
        if not self.size:
            raise EmptySourceError(f"{self._path} is empty; there is nothing to upload.")
        with self._open():
            pass

    @property
    def size(self) -> int:
        return self._identity.size

    @property
    def name(self) -> str:
        """The file's name; bytes that are no UTF-8 are replaced, so that it can be sent."""
        return self._path.name.encode("utf-8", "replace").decode()

    @property
    def place(self) -> str:
        return os.fsdecode(self._path.absolute()).encode("utf-8", "backslashreplace").decode()

    def identity(self) -> Mapping[str, object]:
        # Without the device, whose number may change when the machine restarts.
        fields = {name: value for name, value in asdict(self._identity).items() if name != "device"}
        return fields if self._trust_times else {"size": self.size}

    def verify(self) -> None:
        try:
            status = self._status()
        except SourceError as error:
            raise SourceChangedError(f"{self._path} is not there any more.") from error
        self._compare(status)

    def reader(self, part: Part, check: Callable[[int], None] = lambda _: None) -> PartReader:
        handle = self._open()
        try:
            self._compare(os.fstat(handle.fileno()))
        except BaseException:
            handle.close()
            raise

        position = 0

        def read_at(offset: int, size: int) -> bytes:
            nonlocal position
            try:
                # Not before each block: that takes 4 % of an upload's processor time (measured).
                if offset != position:
                    position = handle.seek(offset)
                block = handle.read(size)
            except OSError as error:
                raise SourceError(f"{self._path} can't be read: {error.strerror}") from error
            if not block:
                raise SourceChangedError(f"{self._path} became shorter while it was uploaded. {_ADVICE}")
            position += len(block)
            return block

        return PartReader(part, read_at, check, handle.close)

    def close(self) -> None:
        """Each reader closes its own handle."""

    def _compare(self, status: os.stat_result) -> None:
        now = _Identity.from_status(status)
        if now.size != self.size or (self._trust_times and now != self._identity):
            raise SourceChangedError(f"{self._path} changed while it was uploaded. {_ADVICE}")

    def _status(self) -> os.stat_result:
        try:
            status = self._path.stat()
        except (FileNotFoundError, NotADirectoryError):
            raise SourceNotFoundError(f"There is no file {self._path}.") from None
        except (OSError, ValueError) as error:
            raise SourceError(f"{self._path} can't be used: {error}") from error
        if not stat.S_ISREG(status.st_mode):
            kind = "a directory" if stat.S_ISDIR(status.st_mode) else "not a regular file"
            raise SourceError(f"{self._path} is {kind}; only a regular file can be uploaded by its path.")
        return status

    def _open(self) -> io.FileIO:
        try:
            return io.FileIO(self._path)
        except FileNotFoundError:
            raise SourceChangedError(f"{self._path} is not there any more.") from None
        except OSError as error:
            raise SourceError(f"{self._path} can't be read: {error.strerror}") from error
