"""What people see of an upload while it runs."""

from __future__ import annotations

import threading
from collections.abc import Callable

from attrs import frozen


@frozen
class Progress:
    """How far an upload is, in bytes. `sent` never decreases: a part that is sent again counts once."""

    sent: int
    total: int

    @property
    def fraction(self) -> float:
        """From 0 to 1."""
        return self.sent / self.total


OnProgress = Callable[[Progress], object]


class Meter:
    """Adds up what the workers have handed to the connection. Safe for all of them."""

    def __init__(self, total: int) -> None:
        self._total = total
        self._lock = threading.Lock()
        self._sent_of_part: dict[int, int] = {}
        self._sent = 0
        self._highest = 0

    def update(self, index: int, sent: int) -> None:
        with self._lock:
            self._sent += sent - self._sent_of_part.get(index, 0)
            self._sent_of_part[index] = sent
            self._highest = max(self._highest, self._sent)

    def reading(self) -> Progress:
        with self._lock:
            return Progress(self._highest, self._total)
