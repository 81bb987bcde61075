"""Work in the background, on as many threads as the system gives: at a limit or at the interpreter's end, on none."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from contextvars import copy_context
from typing import TypeVar

T = TypeVar("T")


class Threads:
    """Threads of one purpose, each for one piece of work.

    Not a pool of `concurrent.futures`: once the main thread has ended, those take no work, and other threads that
    still upload would fail half-way.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._started: list[threading.Thread] = []

    def start(self, work: Callable[[], T]) -> Future[T] | None:
        """Starts work on a thread. Returns None where the system gives no thread."""
        future = Future[T]()
        future.set_running_or_notify_cancel()
        thread = threading.Thread(target=copy_context().run, args=(run_here, work, future), name=self._name)
        # Noted first: Ctrl-C may come as soon as it runs.
        self._started = [*(one for one in self._started if one.is_alive()), thread]
        try:
            thread.start()
        except RuntimeError:
            return None
        return future

    def join(self) -> None:
        """Waits until all threads have ended."""
        for thread in self._started:
            if thread.is_alive():
                thread.join()


def run_here(work: Callable[[], T], future: Future[T] | None = None) -> Future[T]:
    """Runs work on this thread."""
    done = future or Future[T]()
    try:
        done.set_result(work())
    except BaseException as error:  # noqa: BLE001 - it is raised where the result is asked for
        done.set_exception(error)
    return done
