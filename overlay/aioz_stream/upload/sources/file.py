"""A regular file as a source, which must stay as it is while it is read."""

from __future__ import annotations

import io
import os
import pathlib
import stat
from collections.abc import Callable, Mapping

from aioz_stream.errors import EmptySourceError, Part, SourceChangedError, SourceError, SourceNotFoundError
from aioz_stream.upload.sources.part_source import PartReader, PartSource, last_segment


def file_identity(status: os.stat_result) -> dict[str, int]:
    """What changes when a file is edited, truncated or replaced; but for the size, also when it is only touched."""
    return {
        "device": status.st_dev,
        "inode": status.st_ino,
        "size": status.st_size,
        "modified": status.st_mtime_ns,
        "changed": status.st_ctime_ns,  # of the inode: it shows a rewrite whose modification time was set back
    }


def file_place(path: str | os.PathLike[str]) -> str:
    """Where a file is, for errors and for the journal."""
    return str(pathlib.Path(os.fsdecode(path)).absolute()).encode("utf-8", "backslashreplace").decode()


class FileSource(PartSource):
    """A regular file, read by range through a handle of each reader's own.

    Raises SourceNotFoundError, EmptySourceError or SourceError when it can't be uploaded.
    """

    is_lasting = True

    def __init__(self, path: str | os.PathLike[str], *, trust_times: bool = True) -> None:
        """Without `trust_times` its bytes are always read again: for file systems with unreliable times."""
        self._path = pathlib.Path(os.fsdecode(path))
        self.path: pathlib.Path | None = self._path
        self.name: str = last_segment(os.fsdecode(path))
        self._trust_times = trust_times
        self._identity = file_identity(self._status())
        self.size: int = self._identity["size"]
        if not self.size:
            raise EmptySourceError(f"{self._path} is empty; there is nothing to upload.")
        with self._open():
            pass
        self.place: str = file_place(self._path)

    def identity(self) -> Mapping[str, object]:
        # Without the device, whose number may change when the machine restarts.
        fields = {name: value for name, value in self._identity.items() if name != "device"}
        return fields if self._trust_times else {"size": self.size}

    def may_be(self, recorded: Mapping[str, object]) -> bool:
        # Times change without the bytes, and a file that was brought back has others: so the bytes decide.
        return recorded.get("size") == self.size

    def verify(self) -> bool:
        try:
            status = self._status()
        except SourceError as error:
            raise SourceChangedError(f"{self._path} is not there any more.") from error
        check_size(self.place, self.size, status.st_size)
        return self._trust_times and file_identity(status) == self._identity

    def reader(self, part: Part, check: Callable[[int], None] = lambda _: None) -> PartReader:
        handle = self._open()
        try:
            check_size(self.place, self.size, os.fstat(handle.fileno()).st_size)
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
                check_size(self.place, self.size, os.fstat(handle.fileno()).st_size)
                raise SourceChangedError(f"{self._path} changed while it was uploaded.")
            position += len(block)
            return block

        return PartReader(part, read_at, check, handle.close)

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


def check_size(place: str, before: int, now: int) -> None:
    """Raises SourceChangedError when a file's size is not what it was."""
    if now > before:
        raise SourceChangedError(
            f"{place} grows while it is uploaded: it had {before:,} bytes and has {now:,} now. Upload it once it is "
            "written to its end, such as when its recording is over."
        )
    if now < before:
        raise SourceChangedError(
            f"{place} became shorter while it was uploaded: it had {before:,} bytes and has {now:,} now."
        )
