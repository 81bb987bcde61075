"""Work in the background, on as many threads as the system gives: at a limit or at the interpreter's end, on none."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from contextvars import copy_context
from typing import TYPE_CHECKING, TypeVar

from aioz_stream.errors import AiozStreamError
from aioz_stream.http.loop_clients import running_loop

if TYPE_CHECKING:
    import asyncio

T = TypeVar("T")

_ENDING = 0.8  # seconds that a cancelled task waits for its thread, so that it ends within one second


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


async def run_cancellable(work: Callable[[], T], cancel: Callable[[], object]) -> T:
    """Runs work on a thread. When this task is cancelled, tells the work to end, and waits a moment for that.

    So its journal is free for the next call, and the cancellation gets the note that says which video there is.
    """
    import asyncio  # noqa: PLC0415 - 8 ms, which programs without it save

    running = start_thread(work)
    try:
        return await asyncio.shield(running)
    except BaseException as error:
        cancel()
        # asyncio would report an outcome that is never retrieved.
        running.add_done_callback(lambda done: done.cancelled() or done.exception())
        if isinstance(error, GeneratorExit):
            raise  # no loop is there any more to wait on
        await asyncio.wait({running}, timeout=_ENDING)
        outcome = running.exception() if running.done() and not running.cancelled() else None
        if outcome is not error:
            for note in getattr(outcome, "__notes__", ()):
                error.add_note(note)
        raise


def start_thread(work: Callable[[], T]) -> asyncio.Future[T]:
    """Runs work on a thread of its own.

    The loop has few threads of its own, and a callback may need one, for example to look up a host. If uploads held
    all of them, they would wait for that callback for ever.
    """
    import asyncio  # noqa: PLC0415 - 8 ms, which programs without it save

    loop = running_loop()
    if (started := Threads("aioz-stream-async").start(work)) is None:
        raise AiozStreamError("Nothing was begun: the system starts no more threads, or the interpreter is ending.")
    return asyncio.wrap_future(started, loop=loop)
