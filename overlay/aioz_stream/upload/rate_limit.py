"""How fast uploads may go: all workers of one, and all uploads that share a pace."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

from aioz_stream.upload.sources.reader import BLOCK_SIZE

if TYPE_CHECKING:
    from aioz_stream.upload.cancellation import Stop

_A_SECOND = 8  # blocks
_SMALLEST = 1024


class Pace:
    """Holds everybody back when the service asks one of them to slow down, and keeps to a rate if there is one."""

    def __init__(self, rate: float | None) -> None:
        self._rate = rate
        self._lock = threading.Lock()
        self._resume_at = 0.0
        self._free_at = 0.0
        self.block_size = BLOCK_SIZE if rate is None else min(BLOCK_SIZE, max(_SMALLEST, int(rate / _A_SECOND)))
        """Bytes to send at a time: fewer at a low rate, so that no connection is silent for long."""

    def hold(self, seconds: float) -> None:
        """Nobody begins to send for so long."""
        with self._lock:
            self._resume_at = max(self._resume_at, time.monotonic() + seconds)

    def wait(self, stop: Stop) -> None:
        """Returns when sending may begin."""
        while (left := self._resume_at - time.monotonic()) > 0:
            stop.pause(left)

    def take(self, size: int, stop: Stop) -> None:
        """Returns when so many bytes more may be sent."""
        if self._rate is None:
            return
        with self._lock:
            begin = max(time.monotonic(), self._free_at)
            self._free_at = begin + size / self._rate
        if (left := begin - time.monotonic()) > 0:
            stop.pause(left)
