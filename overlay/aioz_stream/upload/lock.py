"""A lock between processes, on a file beside the one that it protects. The system releases it when its process dies."""

from __future__ import annotations

import os
import sys
import weakref
from contextlib import ExitStack, suppress
from pathlib import Path

from aioz_stream.errors import UploadInProgressError
from aioz_stream.files import open_own

if sys.platform == "win32":
    import msvcrt

    def _lock(descriptor: int) -> None:
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
else:
    import fcntl

    def _lock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


_HELD = (BlockingIOError, PermissionError)
"""What the systems raise for a lock that is held elsewhere: the first on POSIX, the second on Windows."""


def lock_path(protected: Path) -> Path:
    """The path of the lock file."""
    return protected.with_name(f"{protected.name}.lock")


class Lock:
    """Acquired when it is made, until it is released. Raises UploadInProgressError when it is held elsewhere.

    Raises OSError where it can't be known, as on network file systems without locks.
    """

    def __init__(self, protected: Path) -> None:
        self._path = lock_path(protected)
        self._descriptor = -1
        while self._descriptor < 0:
            self._descriptor = self._acquire(protected)
        _held.add(self)

    def _acquire(self, protected: Path) -> int:
        """Locks the file. Returns its descriptor, or -1 if the file was removed between opening and locking."""
        with ExitStack() as stack:
            descriptor = open_own(self._path, os.O_RDWR | os.O_CREAT)
            stack.callback(os.close, descriptor)
            try:
                _lock(descriptor)
            except _HELD:
                raise UploadInProgressError(
                    f"the same upload is being done by another process or thread (its journal {protected} is locked). "
                    "Wait for it, or pass journal=False to upload the file a second time."
                ) from None
            if self._is_current(descriptor):
                stack.pop_all()
                return descriptor
        return -1

    def _is_current(self, descriptor: int) -> bool:
        try:
            return os.path.samestat(self._path.stat(), os.fstat(descriptor))
        except FileNotFoundError:
            return False

    def release(self) -> None:
        if self._descriptor < 0:
            return
        # Windows removes no file that is open: there the empty file stays, and is used again.
        with suppress(OSError):
            if self._is_current(self._descriptor):
                self._path.unlink(missing_ok=True)
        self.close()

    def close(self) -> None:
        """Closes the descriptor in this process alone: after a fork, the other process still holds the lock."""
        descriptor, self._descriptor = self._descriptor, -1
        if descriptor >= 0:
            os.close(descriptor)


_held: weakref.WeakSet[Lock] = weakref.WeakSet()


def _close_all() -> None:
    for lock in list(_held):
        lock.close()


if hasattr(os, "register_at_fork"):
    # Otherwise a forked worker would hold the lock as long as it lives, even after the upload has ended.
    os.register_at_fork(after_in_child=_close_all)
