"""Telling an upload to stop: by whoever uploads, by a deadline, or because a part failed for good."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

from aioz_stream.errors import UploadCancelledError

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

CANCELLED = "The upload was cancelled."


class Cuttable(Protocol):
    """A connection that another thread can cut, whatever it is being used for."""

    def cut(self) -> None: ...


class Stop:
    """Set once, from any thread; whoever works on the upload asks between any two steps.

    A thread that waits for the network asks nobody. So the connections in use are known here, and are cut.
    """

    def __init__(self) -> None:
        self._event = threading.Event()
        # Reentrant: Ctrl-C may come while the thread that it interrupts holds it.
        self._lock = threading.RLock()
        self._in_use: set[Cuttable] = set()
        self._reason: BaseException | None = None

    def set(self, reason: BaseException | None = None) -> None:
        """Stops the upload. The first reason given is the one that is raised; without one, it was cancelled."""
        with self._lock:
            if not self._event.is_set():
                self._reason = reason
                self._event.set()
            # Before anybody can give a connection back: cut later, it would be cut under somebody else.
            for connection in self._in_use:
                connection.cut()

    def is_set(self) -> bool:
        return self._event.is_set()

    @property
    def reason(self) -> BaseException:
        """What ended the upload."""
        return self._reason or UploadCancelledError(CANCELLED)

    def check(self) -> None:
        """Raises UploadCancelledError, or what the upload is stopped for, if it is to stop."""
        if self.is_set():
            raise self.reason

    def pause(self, seconds: float) -> None:
        """Waits, but not beyond the order to stop."""
        self._event.wait(seconds)
        self.check()

    @contextmanager
    def cutting(self, connection: Cuttable) -> Generator[None]:
        """Inside the block, the order to stop cuts the connection."""
        with self._lock:
            self.check()
            self._in_use.add(connection)
        try:
            yield
        finally:
            with self._lock:
                self._in_use.discard(connection)


class Cancellation:
    """Cancels uploads from outside, from any thread: pass it as `cancel`, and call `cancel()` when it is time.

    The uploads end within a second with UploadCancelledError, whatever they wait for, but for a connection that is
    still being made (up to the connect timeout), and for an answer on a connection that other calls through your own
    `http_client` left open (up to the read timeout). The same calls resume them.
    """

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._endings: set[Callable[[], object]] = set()
        self._is_cancelled = False

    def cancel(self) -> None:
        """Cancels what runs with it, and what is begun with it from now on."""
        with self._lock:
            self._is_cancelled = True
            endings = list(self._endings)
        for end in endings:
            end()

    @property
    def is_cancelled(self) -> bool:
        return self._is_cancelled

    @contextmanager
    def governing(self, end: Callable[[], object]) -> Generator[None]:
        """Inside the block, cancelling calls this; at once if it was cancelled before."""
        with self._lock:
            self._endings.add(end)
        try:
            if self._is_cancelled:
                end()
            yield
        finally:
            with self._lock:
                self._endings.discard(end)
