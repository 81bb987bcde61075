"""The limits of a run of a program on a source, and the end of a run that exceeds them."""

from __future__ import annotations

import shutil
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    import subprocess

INTERVAL = 0.25
"""Seconds between two looks at disk and memory: no encoder fills a gibibyte in that time."""
HARD = 2
"""The system itself refuses memory beyond so many times the limit: some is taken faster than it is looked at."""

_STATUS = Path("/proc")


@dataclass(frozen=True)
class Limits:
    """How long a run may take, how many bytes of the disk it has to leave free, and how many of memory it may take."""

    seconds: float
    free_bytes: int
    memory: int = 4 * 1024**3


class Watchdog:
    """Watches a process inside a `with` block, from a thread, so that a short process is not waited for longer."""

    def __init__(self, process: subprocess.Popen[bytes], folder: Path, limits: Limits) -> None:
        self.reason: str = ""
        """Why the process was ended; empty when it ended by itself."""

        self._process, self._folder, self._limits = process, folder, limits
        self._deadline = time.monotonic() + limits.seconds
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="watch", daemon=True)

    def __enter__(self) -> Self:
        refuse_memory(self._process.pid, HARD * self._limits.memory)
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
        limits = self._limits
        if left <= 0:
            return f"it took longer than {limits.seconds:g} s"
        if resident_memory(self._process.pid) > limits.memory:
            return f"it took more than {limits.memory:,} bytes of memory"
        try:
            free = shutil.disk_usage(self._folder).free
        except FileNotFoundError:
            return "its folder is gone"
        return f"less than {limits.free_bytes:,} bytes of the disk are free" if free < limits.free_bytes else ""


def resident_memory(process: int) -> int:
    """The bytes of memory that a process takes; 0 where the system does not say (it has no /proc)."""
    try:
        lines = (_STATUS / str(process) / "status").read_text(encoding="ascii", errors="replace").splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmRSS:"))


def refuse_memory(process: int, most: int) -> None:
    """Let the system refuse a process more memory than that, where it can be told so (Linux)."""
    if sys.platform != "linux":
        return
    import resource  # noqa: PLC0415 - not on every system

    try:
        resource.prlimit(process, resource.RLIMIT_DATA, (most, most))
    except (OSError, ValueError):
        # It has ended already, or it may not be limited: then it is looked at, as everywhere else.
        return
