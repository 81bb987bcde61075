"""Work that is done in forked processes, some at a time: each starts with all that this process has imported."""

from __future__ import annotations

import multiprocessing
import os
import time
import traceback
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from typing import TYPE_CHECKING, Any, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from multiprocessing.process import BaseProcess

J = TypeVar("J")
R = TypeVar("R")

FORK = multiprocessing.get_context("fork")


class ChildError(Exception):
    """A child ended without a result; the message says how."""


@dataclass
class Child(Generic[J]):
    """A process that works on one job."""

    job: J
    process: BaseProcess
    answers: Connection
    started: float

    def end(self) -> None:
        self.process.kill()
        self.process.join()
        self.answers.close()


def each(work: Callable[[J], R], jobs: Iterable[J], *, at_once: int, seconds: float) -> Iterator[tuple[J, R | None]]:
    """The results in the order in which they come; None for a job that took longer than so many seconds."""
    waiting, children = iter(jobs), list[Child[J]]()
    try:
        while True:
            while len(children) < at_once and (job := next(waiting, None)) is not None:
                children.append(_start(work, job))
            if not children:
                return
            oldest = min(child.started for child in children)
            ready = wait([child.answers for child in children], timeout=max(0.0, oldest + seconds - time.monotonic()))
            for child in [one for one in children if one.answers in ready or _is_late(one, seconds)]:
                children.remove(child)
                yield child.job, _result(child) if child.answers in ready else None
                child.end()
    finally:
        for child in children:
            child.end()


def _is_late(child: Child[J], seconds: float) -> bool:
    return time.monotonic() > child.started + seconds


def _start(work: Callable[[J], R], job: J) -> Child[J]:
    answers, answer = FORK.Pipe(duplex=False)
    process = FORK.Process(target=_live, args=(work, job, answer))
    process.start()
    answer.close()
    return Child(job, process, answers, time.monotonic())


def _live(work: Callable[[J], R], job: J, answer: Connection) -> None:
    """All that a child does. What it prints is for nobody."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    try:
        answer.send(work(job))
    except BaseException:  # noqa: BLE001 - whatever it is, the parent tells it
        answer.send(ChildError(traceback.format_exc()))
    answer.close()
    # Not by the ordinary way out: threads of a server with a fault may never end.
    os._exit(0)


def _result(child: Child[J]) -> Any:
    """What the work came to, which no pipe can say the type of."""
    try:
        result = child.answers.recv()
    except EOFError:
        child.process.join()
        raise ChildError(f"{child.job}: the process ended with {child.process.exitcode}") from None
    if isinstance(result, ChildError):
        raise result
    return result
