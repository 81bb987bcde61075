"""A folder takes another's place at once: a process that is killed in between leaves one or the other, whole."""

from __future__ import annotations

import ctypes
import fcntl
import os
import shutil
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

_EXCHANGE = 2  # RENAME_EXCHANGE of renameat2, Linux
_HERE = -100  # AT_FDCWD


@contextmanager
def replacing(folder: Path) -> Generator[Path]:
    """A new folder beside one, which takes its place when the block has succeeded."""
    # Not always the same name: a formatter may outlive the run that was killed, and still be writing.
    new, old = (folder.with_name(f".{folder.name}.{word}") for word in (f"new-{os.getpid()}", "old"))
    folder.parent.mkdir(parents=True, exist_ok=True)
    lock = os.open(folder.parent, os.O_RDONLY)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        _recover(folder, old)
        try:
            yield new
            _put(new, folder, old)
        finally:
            shutil.rmtree(new, ignore_errors=True)
            shutil.rmtree(old, ignore_errors=True)
    finally:
        os.close(lock)


def _recover(folder: Path, old: Path) -> None:
    """After a run that was killed: between two renames only the old folder is whole."""
    if old.exists() and not folder.exists():
        old.rename(folder)
    for left in (old, *folder.parent.glob(f".{folder.name}.new-*")):
        shutil.rmtree(left, ignore_errors=True)


def _put(new: Path, folder: Path, old: Path) -> None:
    if not folder.exists():
        new.rename(folder)
    elif not _exchange(new, folder):
        folder.rename(old)
        new.rename(folder)


def _exchange(one: Path, other: Path) -> bool:
    """Exchanges two folders in one step, where the system can."""
    rename = getattr(ctypes.CDLL(None), "renameat2", None)
    return rename is not None and rename(_HERE, os.fsencode(one), _HERE, os.fsencode(other), _EXCHANGE) == 0
