"""Waiting for a video: how often its status is read, and when to give up. Pure, but for the clock."""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import httpx

from aioz_stream import arguments
from aioz_stream.errors import APIError, WaitTimeoutError
from aioz_stream.http.session import TIMEOUT

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from aioz_stream.http.options import Options
    from aioz_stream_api.models import Video

SETTLED = frozenset({"done", "fail", "deleted"})

# Seconds between two requests: short at first, for short videos; longer later, so that long ones don't cost many.
_FIRST_DELAY = 0.5
_GROWTH = 1.5
_LONGEST_DELAY = 10.0
_SHORTEST_TIMEOUT = 0.1


class Polling:
    """Reads one video's status again and again, until a deadline. Requests that fail are repeated within it."""

    def __init__(self, video_id: str, timeout: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._timeout = arguments.seconds("timeout", timeout)
        self._clock = clock
        self._deadline = clock() + timeout
        self._delay = _FIRST_DELAY
        self._video_id = video_id
        self._video: Video | None = None

    @property
    def _left(self) -> float:
        return self._deadline - self._clock()

    def delay_after(self, video: Video) -> float:
        """Seconds until the next request. Raises WaitTimeoutError when no time is left for one."""
        self._video, left = video, self._left
        if left <= 0:
            raise self._timed_out()
        delay, self._delay = self._delay, min(_LONGEST_DELAY, self._delay * _GROWTH)
        return min(delay, left)

    def retry_delay(self, seconds: float) -> float:
        """The seconds until a failed request is repeated. Raises WaitTimeoutError when that is after the deadline."""
        if seconds >= self._left:
            raise self._timed_out()
        return seconds

    def limit_timeouts(self, options: Options) -> Options:
        """Options with which one request takes no longer than the time that is left."""
        left, usual = max(self._left, _SHORTEST_TIMEOUT), options.timeout or TIMEOUT
        capped = {name: left if limit is None else min(left, limit) for name, limit in usual.as_dict().items()}
        return options.override(httpx.Timeout(**capped), None)

    @contextmanager
    def deadline(self) -> Generator[None]:
        """A request inside the block that fails after the deadline raises WaitTimeoutError."""
        try:
            yield
        except APIError as error:
            if self._left <= 0:
                raise self._timed_out() from error
            raise

    def _timed_out(self) -> WaitTimeoutError:
        seen = f"is still {self._video.status!r}" if self._video else "was not seen"
        return WaitTimeoutError(f"Video {self._video_id} {seen} after {self._timeout:g} seconds.", video=self._video)
