"""What a piece of work costs this process: time, processor and memory."""

from __future__ import annotations

import gc
import resource
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

_STATUS = Path("/proc/self/status")


class Cost(NamedTuple):
    """In seconds and bytes."""

    wall: float
    cpu: float
    """Of the processor, programs that it started included."""
    idle: int
    """Memory before the work."""
    peak: int
    """The most during the work. Where other programs did it: of the largest of them, and `idle` is 0."""


def measured(work: Callable[[], object]) -> Cost:
    gc.collect()
    with suppress(OSError):
        # The most so far is what setting up took; forget it. Where that is forbidden, the peak is too large.
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    before, idle, cpu, began = _others(), resident("VmRSS"), _cpu(), time.perf_counter()
    work()
    wall, cpu, others = time.perf_counter() - began, _cpu() - cpu, _others()
    return Cost(wall, cpu, 0, others) if others > before else Cost(wall, cpu, idle, resident("VmHWM"))


def resident(name: str) -> int:
    """Memory in use: now (VmRSS), or the most (VmHWM)."""
    line = next(line for line in _STATUS.read_text(encoding="ascii").splitlines() if line.startswith(f"{name}:"))
    return int(line.split()[1]) * 1024


def _others() -> int:
    """The most memory that a program had which this one started, and which has ended."""
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024


def _cpu() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)
