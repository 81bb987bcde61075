"""Trying again: which failures pass, how long to wait first, and the one loop that repeats a request."""

from __future__ import annotations

import random
import re
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TypeVar

from attrs import frozen

from aioz_stream.errors import (
    APIConnectionError,
    APIError,
    APIStatusError,
    ConfigurationError,
    RequestTimeoutError,
    UnexpectedResponseError,
)
from aioz_stream.http.log import logger, one_line

OnRetry = Callable[[APIError, float], object]

RETRY_AFTER_HEADER = "Retry-After"
RATE_LIMIT_HEADER = "X-RateLimit-Retry-After"

_NUMBER = re.compile(r"[0-9]+(\.[0-9]+)?")

_RETRIED_STATUSES = frozenset({408, 425, 429})
"""The statuses below 500 that are tried again, for calls and for the URLs of sources; of 500 and above, all are."""

T = TypeVar("T")


@frozen
class RetryPolicy:
    """How often, and after how long, a request that may be repeated is tried again.

    The wait before retry n (counted from 0) is drawn evenly from 0 to `first_delay` × 2ⁿ, at most `longest_delay`
    ("full jitter", so that many clients don't come back together). A longer wait that the service asks for replaces it.
    Raises ConfigurationError for a value below 0.
    """

    max_retries: int = 4
    """Attempts after the first one; 0 for none."""
    first_delay: float = 0.5
    """Seconds; the first wait is at most as long."""
    longest_delay: float = 30.0
    """Seconds; no wait that is drawn is longer."""
    longest_retry_after: float = 120.0
    """Seconds; when the service asks to wait longer, the call fails at once with the service's error."""

    def __attrs_post_init__(self) -> None:
        if type(self.max_retries) is not int or self.max_retries < 0:
            raise ConfigurationError(f"max_retries must be an integer from 0 on, not {self.max_retries!r}.")
        for name in ("first_delay", "longest_delay", "longest_retry_after"):
            if not getattr(self, name) >= 0:
                raise ConfigurationError(f"{name} must be seconds from 0 on, not {getattr(self, name)!r}.")

    def delay(
        self, error: APIError, retry: int, draw: Callable[[float, float], float] = random.uniform
    ) -> float | None:
        """Seconds to wait before the given retry, counted from 0; None when the error is final."""
        if retry >= self.max_retries or not is_transient(error):
            return None
        asked = None
        if isinstance(error, APIStatusError) and error.response is not None:
            asked = retry_after(error.response.headers)
        if asked is not None and asked > self.longest_retry_after:
            return None
        return max(asked or 0.0, draw(0.0, min(self.longest_delay, self.first_delay * 2.0 ** min(retry, 60))))


class Attempts:
    """The attempts at one request. After each failure it decides whether there is another attempt, and when."""

    def __init__(self, policy: RetryPolicy, *, repeatable: bool = True, on_retry: OnRetry | None = None) -> None:
        """A request that is not `repeatable` is tried again only after a failure that can't have had an effect.

        `on_retry` is called before each wait with the error and the seconds to wait.
        """
        self._policy, self._repeatable, self._on_retry = policy, repeatable, on_retry
        self._failures = 0
        self.may_have_taken_effect: bool = False
        """Whether a failed attempt may have done what it was to do."""

    def add_failure(self, error: APIError) -> None:
        self._failures += 1
        error.attempt = self._failures
        self.may_have_taken_effect |= may_have_taken_effect(error)

    def delay(self, error: APIError) -> float:
        """Seconds to wait before the next attempt. Raises the error when there is none."""
        is_final = may_have_taken_effect(error) and not self._repeatable
        delay = None if is_final else self._policy.delay(error, self._failures - 1)
        if delay is None:
            raise error
        fields = {"status": getattr(error, "status", None), "reason": one_line(error.message), "retry_in": delay}
        logger.info("%s; trying again in %.2f s", one_line(str(error)), delay, extra=fields)
        if self._on_retry:
            self._on_retry(error, delay)
        return delay


def repeat(
    send: Callable[[], T],
    attempts: Attempts,
    pause: Callable[[float], object],
    recover: Callable[[APIError], T | None] | None = None,
) -> T:
    """Sends until it succeeds or fails for good; then the last error is raised.

    `recover` is asked after each failure once an attempt may have taken effect. What it finds is the result.
    """
    while True:
        try:
            return send()
        except APIError as error:
            attempts.add_failure(error)
            if recover and attempts.may_have_taken_effect and (found := recover(error)) is not None:
                return found
            pause(attempts.delay(error))


async def repeat_async(
    send: Callable[[], Awaitable[T]],
    attempts: Attempts,
    pause: Callable[[float], Awaitable[object]],
    recover: Callable[[APIError], Awaitable[T | None]] | None = None,
) -> T:
    """`repeat` for asyncio."""
    while True:
        try:
            return await send()
        except APIError as error:
            attempts.add_failure(error)
            if recover and attempts.may_have_taken_effect and (found := await recover(error)) is not None:
                return found
            await pause(attempts.delay(error))


def is_transient(error: APIError) -> bool:
    """Whether the same request may well succeed later."""
    if isinstance(error, APIStatusError):
        return error.status in _RETRIED_STATUSES or error.status >= 500
    if isinstance(error, UnexpectedResponseError):
        return error.damaged
    return isinstance(error, APIConnectionError)


def may_have_taken_effect(error: APIError) -> bool:
    """Whether the request may have had its effect, although it failed: not when it was never sent, or was refused."""
    if isinstance(error, APIConnectionError):
        return error.sent
    if isinstance(error, UnexpectedResponseError):
        return error.damaged
    return isinstance(error, APIStatusError) and (error.status >= 500 or isinstance(error, RequestTimeoutError))


def retry_after(headers: Mapping[str, str], now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> float | None:
    """Seconds that the service asks to wait: `Retry-After`, then `X-RateLimit-Retry-After`; None without a sane one.

    A date is compared with the answer's own, since the service's clock need not be right; without one, with `now`.
    """
    for name in (RETRY_AFTER_HEADER, RATE_LIMIT_HEADER):
        text = headers.get(name, "").strip()
        if _NUMBER.fullmatch(text):
            return float(text)
        if (moment := _moment(text)) is not None:
            return max(0.0, (moment - (_moment(headers.get("Date", "")) or now())).total_seconds())
    return None


def _moment(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    return moment.replace(tzinfo=moment.tzinfo or UTC)
