"""How far an upload is: what its callbacks get, and the meter that adds it up."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable

from attrs import field, frozen

_WINDOW = 10.0  # seconds over which the speed is averaged: steady to look at, and soon right after a change


@frozen
class Progress:
    """How far an upload is, or a download: of that, `sent` is what has come, and no parts are counted."""

    sent: int
    """Bytes of the file that are with the service, or handed to the connection. Never decreases: a part that is sent
    again counts once, and parts that an earlier run had sent count from the start."""
    total: int
    """Bytes of the file; 0 for a download whose size the service does not say."""
    resumed: int = 0
    """Bytes of `sent` that an earlier run had sent."""
    resent: int = 0
    """Bytes of attempts that failed. Not in `sent`."""
    retries: int = 0
    """How many times a part had to be sent again."""
    parts_done: int = 0
    """Parts that the service has acknowledged, also those of an earlier run."""
    parts_total: int = 0
    safe: int = 0
    """Bytes of the parts that the service has acknowledged, also to an earlier run: they need not be sent again."""
    seconds: float = field(default=0.0, eq=False)
    """Since this run began to send parts."""
    speed: float = field(default=0.0, eq=False)
    """Bytes per second over the last ten seconds."""

    @property
    def fraction(self) -> float:
        """From 0 to 1; 0 where the total is not known."""
        return self.sent / self.total if self.total else 0.0

    @property
    def seconds_left(self) -> float | None:
        """Seconds until the end at the present speed; None while the speed is not known."""
        return (self.total - self.sent) / self.speed if self.total and self.speed > 0 else None


OnProgress = Callable[[Progress], object]


class Meter:
    """Adds up the bytes that all threads of an upload have handed to their connections."""

    def __init__(self, total: int, parts: int) -> None:
        self._total, self._parts = total, parts
        self._lock = threading.RLock()
        self._sent_of_part: dict[int, int] = {}
        self._sent = self._highest = self._resumed = self._resent = self._retries = self._done = self._safe = 0
        self._begin = time.monotonic()
        self._samples: deque[tuple[float, int]] = deque()

    def set_sent(self, index: int, sent: int) -> None:
        """Sets how many bytes the present attempt at a part has sent."""
        with self._lock:
            self._sent += sent - self._sent_of_part.get(index, 0)
            self._sent_of_part[index] = sent
            self._highest = max(self._highest, self._sent)

    def add_retry(self, index: int) -> None:
        """Counts an attempt at a part that failed and is followed by another."""
        with self._lock:
            self._retries += 1
            self._resent += self._sent_of_part.get(index, 0)
            self.set_sent(index, 0)

    def add_part(self, index: int, size: int, *, earlier: bool = False) -> None:
        """Counts a part that the service has acknowledged, now or to an earlier run."""
        with self._lock:
            self.set_sent(index, size)
            self._done += 1
            self._safe += size
            self._resumed += size if earlier else 0
            # Acknowledged parts need no entry any more; a file may have ten thousand.
            del self._sent_of_part[index]

    def take_back(self, size: int) -> None:
        """Counts a part that was acknowledged, and is missing all the same."""
        with self._lock:
            self._sent -= size
            self._resent += size
            self._retries += 1
            self._done -= 1
            self._safe -= size

    def reading(self) -> Progress:
        with self._lock:
            now = time.monotonic()
            speed = self._speed(now)
            return Progress(
                self._highest,
                self._total,
                self._resumed,
                self._resent,
                self._retries,
                self._done,
                self._parts,
                self._safe,
                now - self._begin,
                speed,
            )

    def _speed(self, now: float) -> float:
        sent = self._highest - self._resumed
        self._samples.append((now, sent))
        while len(self._samples) > 1 and self._samples[0][0] < now - _WINDOW:
            self._samples.popleft()
        since, before = self._samples[0]
        return (sent - before) / (now - since) if now > since else 0.0
