"""Uploads on threads, for asyncio: callbacks come on the event loop, and a cancelled task ends its upload."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Callable
from functools import partial
from typing import TypeVar

from aioz_stream.errors import AiozStreamError
from aioz_stream.http.cancel_signal import CancelSignal
from aioz_stream.http.loops import running_loop
from aioz_stream.http.session import Session
from aioz_stream.upload.background import Threads
from aioz_stream.upload.options import Sending, check_options
from aioz_stream.upload.sources.awaited import call_on_loop

T = TypeVar("T")
S = TypeVar("S")

_ENDING = 0.8  # seconds that a cancelled task waits for its thread, so that it ends within one second


async def run_upload(session: Session, work: Callable[[Session, Sending, CancelSignal], T], how: Sending) -> T:
    """Runs an upload on a thread, calls back on the loop, and ends the upload when this task is cancelled."""
    options = check_options(how).copy()
    signal, loop = CancelSignal(), running_loop()

    if (on_progress := options.get("on_progress")) is not None:
        options["on_progress"] = partial(_call_on_loop, loop, signal, on_progress)
    if (on_created := options.get("on_created")) is not None:
        options["on_created"] = partial(_call_on_loop, loop, signal, on_created)
    return await run_cancellable(partial(work, session, options, signal), signal.set)


async def run_cancellable(work: Callable[[], T], cancel: Callable[[], object]) -> T:
    """Runs work on a thread. When this task is cancelled, tells the work to end, and waits a moment for that.

    So its journal is free for the next call, and the cancellation gets the note that says which video there is.
    """
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
    loop = running_loop()
    if (started := Threads("aioz-stream-async").start(work)) is None:
        raise AiozStreamError("Nothing was begun: the system starts no more threads, or the interpreter is ending.")
    return asyncio.wrap_future(started, loop=loop)


def _call_on_loop(
    loop: asyncio.AbstractEventLoop, signal: CancelSignal, callback: Callable[[S], object], argument: S
) -> None:
    """Calls back on the loop and waits for the end. What the callback raises is raised here, and ends the upload."""

    async def call() -> None:
        answer = callback(argument)
        if inspect.isawaitable(answer):
            await answer

    call_on_loop(call, loop, signal.check)
