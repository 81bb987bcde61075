"""Signals that end the command: what is underway is closed first, and then the command ends by the signal itself.

Only a program that was ended by the signal makes a shell end its loop.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from collections.abc import Generator
    from types import FrameType


class Terminated(KeyboardInterrupt):
    """A signal that ends the command as Ctrl-C does."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.number = number


class SignalExit(SystemExit):
    """The end of the command by a signal."""

    def __init__(self, interruption: KeyboardInterrupt) -> None:
        self.number: int = getattr(interruption, "number", signal.SIGINT)
        super().__init__(128 + self.number)


_NUMBERS = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]
_AGAIN = 1.0  # seconds in which a second signal is the same wish, while the first one is heeded


def unraised_interrupts() -> None:
    """Lets Ctrl-C end the process at once, unless it is ignored: nothing is underway that would have to be closed."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)


def raise_signals() -> None:
    """Lets signals be raised, unless they are ignored: `nohup` asks for that."""
    raised_at = -_AGAIN

    def raise_once(number: int, _: FrameType | None) -> None:
        nonlocal raised_at
        now = time.monotonic()
        if now - raised_at >= _AGAIN:
            raised_at = now
            raise Terminated(number)

    for number in _NUMBERS:
        if signal.getsignal(number) in (signal.SIG_DFL, signal.default_int_handler):
            signal.signal(number, raise_once)


@contextmanager
def ignored_signals() -> Generator[None]:
    """Inside the block, nothing ends the command in the middle of what it says."""
    before = [(number, signal.signal(number, signal.SIG_IGN)) for number in _NUMBERS]
    try:
        yield
    finally:
        for number, handler in before:
            signal.signal(number, handler)


def end_by_signal(number: int) -> NoReturn:
    """Ends this process by a signal."""
    for stream in (sys.stdout, sys.stderr):
        with suppress(AttributeError, OSError, ValueError):  # it was closed, or the terminal or the pipe is gone
            stream.flush()
    if os.name != "nt":  # there are no signals there, and a process would end with the number as its status
        signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)
    raise SystemExit(128 + number)
