"""Where journals are kept, and how they are written so that a power cut leaves no half of one."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import platformdirs

if TYPE_CHECKING:
    from collections.abc import Mapping

DIRECTORY = "AIOZ_STREAM_JOURNALS"
"""The environment variable that names the directory of journals."""

SUFFIX = ".journal"


def default_directory() -> Path:
    """The directory of journals, unless the caller names another place."""
    chosen = os.environ.get(DIRECTORY)
    return Path(chosen) if chosen else platformdirs.user_state_path("aioz-stream") / "journals"


def default_path(call: Mapping[str, Any]) -> Path:
    """The path of a call's journal; the same call has the same path."""
    text = json.dumps(call, sort_keys=True)
    return default_directory() / (hashlib.sha256(text.encode()).hexdigest()[:32] + SUFFIX)


class Disk:
    """The steps that write a journal, in their order. Tests replace it, to let each step fail."""

    def create(self, path: Path, content: bytes) -> None:
        """Writes a new file. After a power cut there is all of it or nothing."""
        new = path.with_name(f"{path.name}.new")
        descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        try:
            self.write(descriptor, content)
            self.sync(descriptor)
        finally:
            os.close(descriptor)
        self.rename(new, path)
        self.sync_directory(path.parent)

    def append(self, path: Path, size: int, content: bytes) -> None:
        """Writes after the first `size` bytes, and cuts off what followed them."""
        descriptor = os.open(path, os.O_WRONLY)
        try:
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
        os.fsync(descriptor)

    def rename(self, old: Path, new: Path) -> None:
        old.replace(new)

    def sync_directory(self, path: Path) -> None:
        if os.name == "nt":
            return  # A directory can't be opened there, and its entries are journaled by NTFS.
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
