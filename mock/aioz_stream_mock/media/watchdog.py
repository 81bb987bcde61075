"""The limits of a run of ffmpeg, and the end of a run that exceeds them."""

from __future__ import annotations

import shutil
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    import subprocess
    from pathlib import Path

INTERVAL = 1.0
"""Seconds between two looks at the disk: no encoder fills a gibibyte in that time."""


@dataclass(frozen=True)
class Limits:
    """How long a run may take, and how many bytes of the disk it has to leave free."""

    seconds: float
    free_bytes: int


class Watchdog:
    """Watches a process inside a `with` block, from a thread, so that a short process is not waited for longer."""

    def __init__(self, process: subprocess.Popen[bytes], folder: Path, limits: Limits) -> None:
        self.reason = ""
        """Why the process was ended; empty when it ended by itself."""

        self._process, self._folder, self._limits = process, folder, limits
        self._deadline = time.monotonic() + limits.seconds
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="watch", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._ended.is_set():
            left = self._deadline - time.monotonic()
            if reason := self._find_reason(left):
                self.reason = reason
                self._process.kill()
                return
            self._ended.wait(min(INTERVAL, left))

    def _find_reason(self, left: float) -> str:
        if left <= 0:
            return f"it took longer than {self._limits.seconds:g} s"
        try:
            free = shutil.disk_usage(self._folder).free
        except FileNotFoundError:
            return "its folder is gone"
        return (
            f"less than {self._limits.free_bytes:,} bytes of the disk are free"
            if free < self._limits.free_bytes
            else ""
        )
