"""Cancelling uploads, for callers; and sending calls that end when their upload is cancelled."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import TypeVar

from aioz_stream.errors import APIError
from aioz_stream.http.cancel_signal import CancelSignal
from aioz_stream.http.session import Call, Session

T = TypeVar("T")


class Cancellation:
    """Cancels uploads from any thread: pass it as `cancel` to one or more uploads, and call `cancel()` to end them.

    The uploads end within a second with UploadCancelledError, whatever they wait for. Two things take longer: a
    connection that is being made (up to the connect timeout), and an answer on a connection that other calls through
    your own `http_client` left open (up to the read timeout). The same calls resume the uploads.
    """

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._endings: set[Callable[[], object]] = set()
        self._is_cancelled = False

    def cancel(self) -> None:
        """Cancels the uploads that run with it, and each upload that begins with it later."""
        with self._lock:
            self._is_cancelled = True
            endings = list(self._endings)
        for end in endings:
            end()

    @property
    def is_cancelled(self) -> bool:
        return self._is_cancelled

    @contextmanager
    def calling(self, end: Callable[[], object]) -> Generator[None]:
        """Inside the block, cancelling calls `end`; at once if it was cancelled before."""
        with self._lock:
            self._endings.add(end)
        try:
            if self._is_cancelled:
                end()
            yield
        finally:
            with self._lock:
                self._endings.discard(end)


class CancellableSession:
    """Sends calls over the pool's connections. The signal of their upload cuts them short, and its reason is raised."""

    def __init__(self, session: Session, signal: CancelSignal) -> None:
        self._session, self._signal = session, signal

    def send(self, call: Call[T]) -> T:
        with self._connected() as session:
            return session.send(call, self._signal.pause)

    def send_once(self, call: Call[T]) -> T:
        """Sends a call without repeating it."""
        with self._connected() as session:
            return session.send_once(call)

    @contextmanager
    def _connected(self) -> Generator[Session]:
        with self._session.connections.connection() as connection, self._signal.cutting(connection):
            try:
                yield self._session.with_connection(connection)
            except APIError:
                self._signal.check()
                raise
