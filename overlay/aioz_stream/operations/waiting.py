"""How often to look at a video that one waits for, and when to give up. Decisions only."""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import httpx

from aioz_stream import arguments
from aioz_stream.errors import APIError, WaitTimeoutError
from aioz_stream.http.session import TIMEOUT
from aioz_stream.request_schemas import settled

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from aioz_stream.http.options import Options
    from aioz_stream_api.models import Video

# Seconds between two looks: short videos are seen to finish soon, long ones don't cost a request a second.
_FIRST_PAUSE = 0.5
_GROWTH = 1.5
_LONGEST_PAUSE = 10.0
_SHORTEST_LOOK = 0.1


def is_settled(video: Video) -> bool:
    """Whether nothing more happens to the video by itself: its status is one of those that the contract marks."""
    return video.status in settled()


class Looks:
    """The looks at one video, until a deadline. A look may fail, and be repeated; that is within the deadline, too."""

    def __init__(self, video_id: str, timeout: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._timeout = arguments.seconds("timeout", timeout)
        self._clock = clock
        self._deadline = clock() + timeout
        self._pause = _FIRST_PAUSE
        self._video_id = video_id
        self._video: Video | None = None

    @property
    def _left(self) -> float:
        return self._deadline - self._clock()

    def pause(self, video: Video) -> float:
        """Seconds until the next look. Raises WaitTimeoutError when there is no time left for one."""
        self._video, left = video, self._left
        if left <= 0:
            raise self._late()
        pause, self._pause = self._pause, min(_LONGEST_PAUSE, self._pause * _GROWTH)
        return min(pause, left)

    def retry(self, seconds: float) -> float:
        """The seconds until a look that failed is repeated. Raises WaitTimeoutError when that would be too late."""
        if seconds >= self._left:
            raise self._late()
        return seconds

    def within(self, options: Options) -> Options:
        """Options with which one look takes no longer than what is left."""
        left, usual = max(self._left, _SHORTEST_LOOK), options.timeout or TIMEOUT
        capped = {name: left if limit is None else min(left, limit) for name, limit in usual.as_dict().items()}
        return options.changed(httpx.Timeout(**capped), None)

    @contextmanager
    def deadline(self) -> Generator[None]:
        """A look whose failure is that there was no more time for it."""
        try:
            yield
        except APIError as error:
            if self._left <= 0:
                raise self._late() from error
            raise

    def _late(self) -> WaitTimeoutError:
        seen = f"is still {self._video.status!r}" if self._video else "was not seen"
        return WaitTimeoutError(f"Video {self._video_id} {seen} after {self._timeout:g} seconds.", video=self._video)
