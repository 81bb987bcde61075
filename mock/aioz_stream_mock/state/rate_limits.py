"""Rate limits: a number of requests in a window of time, which starts with the first."""

from __future__ import annotations

import math
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import MutableMapping

    from aioz_stream_mock.state.accounts import Account

SECOND = 1_000_000
_HEADERS = "aioz_stream_mock.headers"


@dataclass(frozen=True)
class Allowance:
    """What is left to an account after a request was counted."""

    limit: int
    remaining: int
    retry_after: int | None = None
    """Whole seconds until the next window, for a request that is one too many."""

    @property
    def headers(self) -> dict[str, str]:
        shown = {"X-RateLimit-Limit": str(self.limit), "X-RateLimit-Remaining": str(self.remaining)}
        if self.retry_after is not None:
            shown |= {"Retry-After": str(self.retry_after), "X-RateLimit-Retry-After": str(self.retry_after)}
        return shown


def allow(limit: int, window: int, start: int, used: int, now: int) -> Allowance:
    """Decide on one more request after `used` of them in the window that began at `start`."""
    if used < limit:
        return Allowance(limit, limit - used - 1)
    return Allowance(limit, 0, math.ceil((start + window - now) / SECOND))


class RateLimits:
    """Counts the requests of each account. Refused ones are not counted: they don't make the wait any longer."""

    def __init__(self, limit: int | None, window_seconds: float) -> None:
        self._limit, self._window = limit, round(window_seconds * SECOND)
        self._used: dict[str, tuple[int, int]] = {}
        self._lock = threading.Lock()

    def take(self, account: Account, now: int) -> Allowance | None:
        """Count a request; None for an account that may call as often as it likes."""
        limit = self._limit if account.rate_limit is None else account.rate_limit
        if limit is None:
            return None
        with self._lock:
            start, used = self._used.get(account.id, (now, 0))
            # A clock that was put back begins a window too, or it would refuse for as long as it was put back.
            if not start <= now < start + self._window:
                start, used = now, 0
            allowance = allow(limit, self._window, start, used, now)
            if allowance.retry_after is None:
                self._used[account.id] = (start, used + 1)
        return allowance

    def reset(self) -> None:
        with self._lock:
            self._used.clear()


def remember_headers(scope: MutableMapping[str, Any], allowance: Allowance) -> None:
    """Keep the headers of an allowance in the scope, for the answer of the request."""
    scope[_HEADERS] = allowance.headers


def remembered_headers(scope: MutableMapping[str, Any]) -> dict[str, str]:
    headers: dict[str, str] = scope.get(_HEADERS, {})
    return headers
