"""Telling an upload to stop."""

from __future__ import annotations

import threading

from aioz_stream.errors import UploadCancelledError

CANCELLED = "The upload was cancelled; complete was not called."


class Stop:
    """Set once, from any thread; whoever works on the upload asks between any two steps."""

    def __init__(self) -> None:
        self._event = threading.Event()

    def set(self) -> None:
        self._event.set()

    def is_set(self) -> bool:
        return self._event.is_set()

    def check(self) -> None:
        """Raises UploadCancelledError if the upload is to stop."""
        if self.is_set():
            raise UploadCancelledError(CANCELLED)

    def pause(self, seconds: float) -> None:
        """Waits, but not beyond the order to stop."""
        self._event.wait(seconds)
        self.check()
