"""The time of the server, which a test can freeze or advance."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from typing import Protocol

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class Clock(Protocol):
    """A source of the present time."""

    def now(self) -> datetime:
        """The present moment, with a time zone."""
        ...


class SystemClock:
    """The clock of the machine."""

    def now(self) -> datetime:
        return datetime.now(UTC)


class ManualClock:
    """A clock that moves only when it is told to."""

    def __init__(self, start: datetime | None = None) -> None:
        self._now = start or datetime(2026, 1, 1, tzinfo=UTC)
        self._lock = threading.Lock()

    def now(self) -> datetime:
        return self._now

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        with self._lock:
            self._now += timedelta(seconds=seconds)


def microseconds(moment: datetime) -> int:
    """Microseconds since 1970: exact, sortable, and what the database keeps."""
    return (moment - _EPOCH) // _MICROSECOND


def from_microseconds(value: int) -> datetime:
    """The moment that so many microseconds since 1970 are."""
    return _EPOCH + timedelta(microseconds=value)


def rfc3339(value: int) -> str:
    """Microseconds since 1970 as the date-time that a video shows."""
    return from_microseconds(value).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
