"""How fast uploads may send: all threads of one upload, and all uploads that share a limit."""

from __future__ import annotations

import threading
import time

from aioz_stream.http.cancel_signal import CancelSignal
from aioz_stream.upload.sources.part_source import BLOCK_SIZE

_BLOCKS_PER_SECOND = 8
_SMALLEST_BLOCK = 1024  # bytes


class RateLimit:
    """Keeps all threads to a speed, and holds all of them back when the service asks one of them to wait."""

    def __init__(self, speed: float | None = None) -> None:
        """`speed` is in bytes per second; None for unlimited."""
        self._speed = speed
        self._lock = threading.Lock()
        self._resume_at = 0.0
        self._free_at = 0.0
        self.block_size: int = (
            BLOCK_SIZE if speed is None else min(BLOCK_SIZE, max(_SMALLEST_BLOCK, int(speed / _BLOCKS_PER_SECOND)))
        )
        """Bytes to send at a time: fewer at a low speed, so that no connection is silent for long."""

    def hold(self, seconds: float) -> None:
        """Lets no thread begin to send for so long."""
        with self._lock:
            self._resume_at = max(self._resume_at, time.monotonic() + seconds)

    def wait(self, signal: CancelSignal) -> None:
        """Returns when sending may begin."""
        while (left := self._resume_at - time.monotonic()) > 0:
            signal.pause(left)

    def take(self, size: int, signal: CancelSignal) -> None:
        """Returns when so many more bytes may be sent."""
        if self._speed is None:
            return
        with self._lock:
            begin = max(time.monotonic(), self._free_at)
            self._free_at = begin + size / self._speed
        if (left := begin - time.monotonic()) > 0:
            signal.pause(left)
