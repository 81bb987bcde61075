"""Cancelling uploads, for callers; and sending calls that end when their upload is cancelled."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from functools import partial
from typing import TypeVar

from aioz_stream.errors import AiozStreamError, APIError
from aioz_stream.http.cancel_signal import CancelSignal
from aioz_stream.http.session import Call, Session

T = TypeVar("T")


class Cancellation:
    """Cancels uploads from any thread: pass it as `cancel` to one or more uploads, and call `cancel()` to end them.

    The uploads end within a second with UploadCancelledError, whatever they wait for. Two things take longer: a
    connection that is being made (up to the connect timeout), and an answer on a connection that other calls through
    your own `http_client` left open (up to the read timeout). The same calls resume the uploads. Downloads are
    cancelled in the same way, with DownloadCancelledError.
    """

    def __init__(self) -> None:
        self._signal = CancelSignal()

    def cancel(self) -> None:
        """Cancels the uploads and downloads that run with it, and each that begins with it later."""
        self._signal.set()

    @property
    def is_cancelled(self) -> bool:
        return self._signal.is_set()

    def calling(self, end: Callable[[], object]) -> AbstractContextManager[None]:
        """Inside the block, cancelling calls `end`; at once if it was cancelled before."""
        return self._signal.calling(end)


@contextmanager
def ended_by(
    signal: CancelSignal,
    cancel: Cancellation | None,
    deadline: float | None,
    what: str,
    cancelled: type[AiozStreamError],
    late: type[AiozStreamError],
) -> Generator[None]:
    """Inside the block, cancelling sets the signal; so does the deadline, seconds after which it was not over."""
    with ExitStack() as stack:
        if cancel is not None:
            reason = cancelled(f"The {what} was cancelled.")
            stack.enter_context(cancel.calling(partial(signal.set, reason)))
        if deadline is not None:
            timer = threading.Timer(deadline, signal.set, (late(f"The {what} was not over after {deadline:g} s."),))
            timer.daemon = True
            try:
                timer.start()
            except RuntimeError as error:
                raise AiozStreamError(f"deadline= needs a thread, and the system gives none: {error}.") from error
            stack.callback(timer.cancel)
        yield


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
