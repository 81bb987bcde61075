"""How often to look at a video that one waits for, and when to give up. Decisions only."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from aioz_stream import arguments
from aioz_stream.errors import WaitTimeoutError

if TYPE_CHECKING:
    from collections.abc import Callable

    from aioz_stream_api.models import Video

SETTLED = frozenset({"done", "fail", "deleted"})

# Seconds between two looks: short videos are seen to finish soon, long ones don't cost a request a second.
_FIRST_PAUSE = 0.5
_GROWTH = 1.5
_LONGEST_PAUSE = 10.0


class Looks:
    """The looks at one video, until a deadline."""

    def __init__(self, timeout: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._timeout = arguments.seconds("timeout", timeout)
        self._clock = clock
        self._deadline = clock() + timeout
        self._pause = _FIRST_PAUSE

    def pause(self, video: Video) -> float:
        """Seconds until the next look. Raises WaitTimeoutError when there is no time left for one."""
        left = self._deadline - self._clock()
        if left <= 0:
            raise WaitTimeoutError(
                f"Video {video.id} is still {video.status!r} after {self._timeout:g} seconds.", video=video
            )
        pause, self._pause = self._pause, min(_LONGEST_PAUSE, self._pause * _GROWTH)
        return min(pause, left)
