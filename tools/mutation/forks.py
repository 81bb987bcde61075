"""Work that is done in forked processes, some at a time: each starts with all that this process has imported."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
import traceback
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from multiprocessing.connection import Connection

J = TypeVar("J")
R = TypeVar("R")

FORK = multiprocessing.get_context("fork")
START = threading.Lock()
"""One fork at a time, or it would inherit the pipe of another one, whose end then never comes."""


class ForkError(Exception):
    """The work failed; the message has the traceback."""


def run_each(
    work: Callable[[J], R], jobs: Iterable[J], *, at_once: int, seconds: float
) -> Iterator[tuple[J, R | None]]:
    """Each job with its result; None for a job that took longer than so many seconds, or ended its process."""
    waiting = list(jobs)
    with ThreadPoolExecutor(at_once) as pool:
        yield from zip(waiting, pool.map(partial(_run, work, seconds), waiting), strict=True)


def _run(work: Callable[[J], R], seconds: float, job: J) -> R | None:
    with START:
        answers, answer = FORK.Pipe(duplex=False)
        process = FORK.Process(target=_work, args=(work, job, answer))
        process.start()
        answer.close()
    try:
        if not answers.poll(seconds):
            return None
        # No pipe can say the type of what comes.
        result: Any = answers.recv()
    except EOFError:
        return None
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid or 0, signal.SIGKILL)
        process.kill()
        process.join()
    if isinstance(result, ForkError):
        raise result
    value: R = result
    return value


def _work(work: Callable[[J], R], job: J, answer: Connection) -> None:
    """All that a forked process does. Nothing reads what it prints, and what it starts ends with it."""
    os.setsid()
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    try:
        answer.send(work(job))
    except BaseException:  # noqa: BLE001 - whatever it is, the parent tells it
        answer.send(ForkError(traceback.format_exc()))
    answer.close()
    # Not by the ordinary way out: threads of a server with a fault may never end.
    os._exit(0)
