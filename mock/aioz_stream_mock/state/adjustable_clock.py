"""A clock that can be advanced and frozen, on top of the clock in the settings."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from aioz_stream_mock.state.clock import Clock

# Far enough for any test, and far enough from the year 10000, after which there are no dates.
LATEST = datetime(9000, 1, 1, tzinfo=UTC)


class AdjustableClock:
    """Shows the time of the clock beneath until it is adjusted."""

    def __init__(self, beneath: Clock) -> None:
        self._beneath = beneath
        self._offset = timedelta(0)
        self._held: datetime | None = None
        self._lock = threading.RLock()

    def now(self) -> datetime:
        with self._lock:
            return self._held or self._beneath.now() + self._offset

    @property
    def is_frozen(self) -> bool:
        return self._held is not None

    @property
    def offset(self) -> timedelta:
        """How far this clock is ahead of the one beneath."""
        with self._lock:
            return self.now() - self._beneath.now()

    def advance(self, seconds: float) -> None:
        """Let time pass; a frozen clock stays frozen, later."""
        with self._lock:
            if not 0 <= seconds <= (LATEST - self.now()).total_seconds():
                raise ValueError(f"the clock moves forward only, and not beyond the year {LATEST.year}")
            self.set(self.now() + timedelta(seconds=seconds))

    def set(self, moment: datetime) -> None:
        """Make it that moment, and go on, or stand still, from there."""
        with self._lock:
            self._offset = moment - self._beneath.now()
            self._held = moment if self.is_frozen else None

    def freeze(self) -> None:
        with self._lock:
            self._held = self.now()

    def unfreeze(self) -> None:
        """Go on from where the clock was held."""
        with self._lock:
            self.set(self.now())
            self._held = None

    def reset(self) -> None:
        """Show the time of the clock beneath again."""
        with self._lock:
            self._offset, self._held = timedelta(0), None
