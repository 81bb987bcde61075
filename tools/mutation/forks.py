"""Work that is done in forked processes, some at a time: each starts with all that this process has imported."""

from __future__ import annotations

import multiprocessing
import os
import time
import traceback
from dataclasses import dataclass
from itertools import islice
from multiprocessing.connection import Connection, wait
from typing import TYPE_CHECKING, Any, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from multiprocessing.process import BaseProcess

J = TypeVar("J")
R = TypeVar("R")

FORK = multiprocessing.get_context("fork")


class ForkError(Exception):
    """A process ended without a result; the message says how."""


@dataclass
class Fork(Generic[J]):
    """A process that works on one job."""

    job: J
    process: BaseProcess
    deadline: float

    def end(self) -> None:
        self.process.kill()
        self.process.join()


def run_each(
    work: Callable[[J], R], jobs: Iterable[J], *, at_once: int, seconds: float
) -> Iterator[tuple[J, R | None]]:
    """The results in the order in which they come; None for a job that took longer than so many seconds."""
    waiting, forks = iter(jobs), dict[Connection, Fork[J]]()
    try:
        while True:
            for job in islice(waiting, at_once - len(forks)):
                answers, answer = FORK.Pipe(duplex=False)
                process = FORK.Process(target=_work, args=(work, job, answer))
                process.start()
                answer.close()
                forks[answers] = Fork(job, process, time.monotonic() + seconds)
            if not forks:
                return
            earliest = min(fork.deadline for fork in forks.values())
            ready = wait(forks, timeout=max(0.0, earliest - time.monotonic()))
            late = [one for one, fork in forks.items() if one not in ready and fork.deadline <= time.monotonic()]
            for answers in [one for one in forks if one in ready or one in late]:
                fork = forks[answers]
                yield fork.job, _result(fork, answers) if answers in ready else None
                del forks[answers]
                fork.end()
    finally:
        for fork in forks.values():
            fork.end()


def _work(work: Callable[[J], R], job: J, answer: Connection) -> None:
    """All that a forked process does. Nothing reads what it prints."""
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


def _result(fork: Fork[J], answers: Connection) -> Any:
    """What the work came to, which no pipe can say the type of."""
    try:
        result = answers.recv()
    except EOFError:
        fork.process.join()
        raise ForkError(f"{fork.job}: the process ended with {fork.process.exitcode}") from None
    if isinstance(result, ForkError):
        raise result
    return result
