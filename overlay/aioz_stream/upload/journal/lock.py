"""A lock between processes, on a file beside the one that it protects. The system lets go of it when a process dies."""

from __future__ import annotations

import os
import sys
import weakref
from contextlib import suppress
from typing import TYPE_CHECKING

from aioz_stream.errors import JournalError, UploadInProgressError

if TYPE_CHECKING:
    from pathlib import Path

if sys.platform == "win32":
    import msvcrt

    def _lock(descriptor: int) -> None:
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
else:
    import fcntl

    def _lock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


_HELD = (BlockingIOError, PermissionError)
"""How the systems say that somebody else has it: the first on POSIX, the second on Windows."""


def lock_of(protected: Path) -> Path:
    """The file that a lock is on."""
    return protected.with_name(f"{protected.name}.lock")


class Lock:
    """Held from its making to its release. Raises UploadInProgressError when somebody else has it."""

    def __init__(self, protected: Path) -> None:
        self._path = lock_of(protected)
        self._descriptor = -1
        while self._descriptor < 0:
            self._descriptor = self._taken(protected)
        _held.add(self)

    def _taken(self, protected: Path) -> int:
        """The locked file, or -1 when it was removed between opening and locking: then there is another one."""
        try:
            descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise _unlockable(protected, error) from error
        try:
            _lock(descriptor)
            if self._is_there(descriptor):
                return descriptor
        except _HELD:
            os.close(descriptor)
            raise UploadInProgressError(
                f"the same upload is being done by another process or thread (its journal {protected} is locked). Wait "
                "for it, or pass journal=False to upload the file a second time."
            ) from None
        except OSError as error:  # as on network file systems without locks
            os.close(descriptor)
            raise _unlockable(protected, error) from error
        os.close(descriptor)
        return -1

    def _is_there(self, descriptor: int) -> bool:
        try:
            return os.path.samestat(self._path.stat(), os.fstat(descriptor))
        except FileNotFoundError:
            return False

    def release(self) -> None:
        if self._descriptor < 0:
            return
        # Windows removes no file that is open: it stays there, empty, and is used again.
        with suppress(OSError):
            self._path.unlink(missing_ok=True)
        self.close()

    def close(self) -> None:
        """Only here: who was forked, or has forked this, holds it still."""
        descriptor, self._descriptor = self._descriptor, -1
        if descriptor >= 0:
            os.close(descriptor)


_held: weakref.WeakSet[Lock] = weakref.WeakSet()


def _close_all() -> None:
    for lock in list(_held):
        lock.close()


if hasattr(os, "register_at_fork"):
    # A worker that was forked would hold the lock as long as it lives, also when whoever uploads is long gone.
    os.register_at_fork(after_in_child=_close_all)


def _unlockable(protected: Path, error: OSError) -> JournalError:
    return JournalError(
        f"the journal {protected} can't be locked: {error.strerror or error}. Name a place on another file system with "
        "journal=, or upload with journal=False, which can't be resumed."
    )
