"""Files that are this user's own: opened without following links, and written so that a power cut leaves them whole."""

from __future__ import annotations

import errno
import os
import stat
from contextlib import suppress
from pathlib import Path

_CANT_SYNC = {errno.EINVAL, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EACCES, errno.EPERM}
_SAFELY = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)


def open_own(path: Path, flags: int, mode: int = 0o600) -> int:
    """Opens a file of this user's. Returns its descriptor. By default no other user may open one that is made.

    Raises OSError for a link, which another user may have planted where many write; for a pipe or device, which would
    block; and for a file of another user.
    """
    if path.is_symlink():
        raise OSError(errno.ELOOP, "it is a symbolic link, which is not followed")
    descriptor = os.open(path, flags | _SAFELY, mode)
    status = os.fstat(descriptor)
    is_file = stat.S_ISREG(status.st_mode)
    # A file system may give all its files one owner: then the folder has that owner as well.
    if is_file and (os.name == "nt" or status.st_uid in {os.geteuid(), path.parent.stat().st_uid}):
        return descriptor
    os.close(descriptor)
    raise OSError(errno.EPERM, "it belongs to another user" if is_file else "it is no regular file")


class Disk:
    """The steps that write a file, in their order. Tests replace it, to let each step fail."""

    def create(self, path: Path, content: bytes) -> os.stat_result:
        """Writes a new file. After a power cut there is all of it or nothing."""
        new = path.with_name(f"{path.name}.new")
        new.unlink(missing_ok=True)
        descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
        try:
            try:
                self.write(descriptor, content)
                self.sync(descriptor)
                created = os.fstat(descriptor)
            finally:
                os.close(descriptor)
            self.rename(new, path)
        except OSError:
            with suppress(OSError):
                new.unlink()
            raise
        self.sync_directory(path.parent)
        return created

    def append(self, path: Path, file: os.stat_result, size: int, content: bytes) -> None:
        """Writes after the first `size` bytes, and cuts off what followed them. Fails if it is another file by now."""
        descriptor = open_own(path, os.O_WRONLY)
        try:
            if not os.path.samestat(file, os.fstat(descriptor)):
                raise FileNotFoundError(errno.ENOENT, "another file is in its place")
            os.ftruncate(descriptor, size)
            os.lseek(descriptor, size, os.SEEK_SET)
            self.write(descriptor, content)
            self.sync(descriptor)
        finally:
            os.close(descriptor)

    def write(self, descriptor: int, content: bytes) -> None:
        while content:
            content = content[os.write(descriptor, content) :]

    def sync(self, descriptor: int) -> None:
        """A file system that can't sync still keeps a journal, which only a power cut may damage."""
        try:
            os.fsync(descriptor)
        except OSError as error:
            if error.errno not in _CANT_SYNC:
                raise

    def rename(self, old: Path, new: Path) -> None:
        old.replace(new)

    def sync_directory(self, path: Path) -> None:
        if os.name == "nt":
            return  # A directory can't be opened there, and its entries are journaled by NTFS.
        descriptor = os.open(path, os.O_RDONLY)
        try:
            Disk.sync(self, descriptor)
        finally:
            os.close(descriptor)
