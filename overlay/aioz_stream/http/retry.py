"""When to try a call again, and how long to wait first. Decisions only: nothing here waits."""

from __future__ import annotations

import random
import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from attrs import frozen

from aioz_stream.errors import APIConnectionError, APIStatusError, ConfigurationError, UnexpectedResponseError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from aioz_stream.errors import AiozStreamError

RETRY_AFTER_HEADER = "Retry-After"
RATE_LIMIT_HEADER = "X-RateLimit-Retry-After"

_NUMBER = re.compile(r"[0-9]{1,9}(\.[0-9]{1,9})?")

_RETRIED_STATUSES = frozenset({408, 429})


@frozen
class RetryPolicy:
    """How often, and after how long, a call that may be repeated is tried again.

    The wait before retry n (counted from 0) is drawn evenly from 0 to `first_delay` × 2ⁿ, at most `longest_delay`
    ("full jitter", so that many clients don't come back together). A wait that the service asks for replaces it; one
    longer than `longest_retry_after` ends the call with the error instead. All in seconds.
    """

    max_retries: int = 4
    first_delay: float = 0.5
    longest_delay: float = 30.0
    longest_retry_after: float = 120.0

    def __attrs_post_init__(self) -> None:
        if type(self.max_retries) is not int or self.max_retries < 0:
            raise ConfigurationError(f"max_retries must be an integer from 0 on, not {self.max_retries!r}.")
        for name in ("first_delay", "longest_delay", "longest_retry_after"):
            if not getattr(self, name) >= 0:
                raise ConfigurationError(f"{name} must be seconds from 0 on, not {getattr(self, name)!r}.")

    def delay(
        self, error: AiozStreamError, retry: int, draw: Callable[[float, float], float] = random.uniform
    ) -> float | None:
        """Seconds to wait before the given retry, counted from 0; None when the error is final."""
        if retry >= self.max_retries or not is_passing(error):
            return None
        asked = None
        if isinstance(error, APIStatusError) and error.response is not None:
            asked = retry_after(error.response.headers)
        if asked is not None:
            return asked if asked <= self.longest_retry_after else None
        return draw(0.0, min(self.longest_delay, self.first_delay * 2.0 ** min(retry, 60)))


def is_passing(error: AiozStreamError) -> bool:
    """Whether the same call may well succeed later."""
    if isinstance(error, APIStatusError):
        return error.status in _RETRIED_STATUSES or error.status >= 500
    if isinstance(error, UnexpectedResponseError):
        return error.damaged
    return isinstance(error, APIConnectionError)


def retry_after(headers: Mapping[str, str], now: Callable[[], datetime] | None = None) -> float | None:
    """Seconds that the service asks to wait: `Retry-After`, then `X-RateLimit-Retry-After`; None without a sane one."""
    for name in (RETRY_AFTER_HEADER, RATE_LIMIT_HEADER):
        text = headers.get(name)
        if text is not None and (seconds := _seconds(text.strip(), now or _utc_now)) is not None:
            return seconds
    return None


def _utc_now() -> datetime:
    return datetime.now(UTC)


def _seconds(text: str, now: Callable[[], datetime]) -> float | None:
    if _NUMBER.fullmatch(text):
        return float(text)
    try:
        moment = parsedate_to_datetime(text)
        return max(0.0, (moment.replace(tzinfo=moment.tzinfo or UTC) - now()).total_seconds())
    except (ValueError, OverflowError):
        return None
