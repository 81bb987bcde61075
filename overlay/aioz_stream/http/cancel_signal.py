"""Ending one upload from another thread: it was cancelled, its deadline passed, or one of its parts failed for good."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

from aioz_stream.errors import UploadCancelledError

if TYPE_CHECKING:
    from collections.abc import Generator

CANCELLED = "The upload was cancelled."


class Cuttable(Protocol):
    """A connection that another thread can cut, whatever it is being used for."""

    def cut(self) -> None: ...


class CancelSignal:
    """Tells all threads of one upload to end. It is set once, from any thread.

    The threads check it between any two steps. A thread that waits for the network can't check anything, so the signal
    knows the connections in use and cuts them.
    """

    def __init__(self) -> None:
        self._event = threading.Event()
        # Reentrant: Ctrl-C may come while the thread that it interrupts holds it.
        self._lock = threading.RLock()
        self._in_use: set[Cuttable] = set()
        self._reason: BaseException | None = None

    def set(self, reason: BaseException | None = None) -> None:
        """Ends the upload. The first reason given is the one that is raised; without one, it was cancelled."""
        with self._lock:
            if not self._event.is_set():
                self._reason = reason
                self._event.set()
            # Under the lock, so that no connection is given back meanwhile and cut under its next user.
            for connection in self._in_use:
                connection.cut()

    def is_set(self) -> bool:
        return self._event.is_set()

    @property
    def reason(self) -> BaseException:
        """What ended the upload."""
        return self._reason or UploadCancelledError(CANCELLED)

    def check(self) -> None:
        """Raises the reason, such as UploadCancelledError, if the upload is to end."""
        if self.is_set():
            raise self.reason

    def pause(self, seconds: float) -> None:
        """Waits. The signal ends the waiting, and its reason is raised."""
        self._event.wait(seconds)
        self.check()

    @contextmanager
    def cutting(self, connection: Cuttable) -> Generator[None]:
        """Inside the block, the signal cuts the connection."""
        with self._lock:
            self.check()
            self._in_use.add(connection)
        try:
            yield
        finally:
            with self._lock:
                self._in_use.discard(connection)
