"""Ending one upload from another thread: it was cancelled, its deadline passed, or one of its parts failed for good."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager

from aioz_stream.errors import APIError, UploadCancelledError
from aioz_stream.http.connections import Connection

CANCELLED = "The upload was cancelled."


class CancelSignal:
    """Tells all threads of one upload to end. It is set once, from any thread.

    The threads check it between any two steps. A thread that waits for the network can't check anything, so the signal
    knows the connections in use and cuts them.
    """

    def __init__(self) -> None:
        self._event = threading.Event()
        # Reentrant: Ctrl-C may come while the thread that it interrupts holds it.
        self._lock = threading.RLock()
        self._endings = set[Callable[[], object]]()
        self._reason: BaseException | None = None

    def set(self, reason: BaseException | None = None) -> None:
        """Ends the upload. The first reason given is the upload's error; without one, it was cancelled."""
        with self._lock:
            if not self._event.is_set():
                self._reason = reason
                self._event.set()
            # Under the lock, so that no connection is given back meanwhile and cut under its next user.
            for end in self._endings:
                end()

    def is_set(self) -> bool:
        return self._event.is_set()

    def check(self) -> None:
        """Raises the reason, such as UploadTimeoutError, if the upload is to end.

        The service's error on one part is no error of the others: their threads get an UploadCancelledError.
        """
        if self.is_set() and isinstance(self._reason, APIError):
            raise UploadCancelledError(CANCELLED)
        self.raise_reason()

    def raise_reason(self) -> None:
        """Raises the reason, also the service's error on a part. For the thread that the upload's caller waits for."""
        if self.is_set():
            raise self._reason or UploadCancelledError(CANCELLED)

    def pause(self, seconds: float) -> None:
        """Waits. The signal ends the waiting as `check` does."""
        self._event.wait(seconds)
        self.check()

    @contextmanager
    def calling(self, end: Callable[[], object]) -> Generator[None]:
        """Inside the block, the signal calls `end`; at once if it was set before."""
        try:
            with self._lock:
                self._endings.add(end)
                if self.is_set():
                    end()
            yield
        finally:
            with self._lock:
                self._endings.discard(end)

    @contextmanager
    def cutting(self, connection: Connection) -> Generator[None]:
        """Inside the block, the signal cuts the connection."""
        self.check()
        with self.calling(connection.cut):
            yield
