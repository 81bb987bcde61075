"""Slots for the parts that are sent at the same time: a fixed number, or one that follows from what is measured."""

from __future__ import annotations

import threading
import time
from collections.abc import Generator
from contextlib import contextmanager
from typing import Literal

from attrs import define

from aioz_stream.http.cancel_signal import CancelSignal
from aioz_stream.http.connections import Connection
from aioz_stream.upload.concurrency import LARGEST, Level, Step, Window, after_refusal, after_window

Concurrency = int | Literal["auto"]

AUTO_BUFFERED = 4
"""Parts that are in memory at the same time, of sources that have to be read into it, where the number is not fixed."""

_CHECK_INTERVAL = 0.2  # seconds between two checks of the cancel signal
_LONGEST_SILENCE = 15.0  # seconds until a paused connection sends a block, so that the service does not give it up


@define(eq=False)
class Sender:
    """A part that is under way."""

    connection: Connection | None = None
    is_handed_over: bool = False
    """Whether all of it was given to the connection, and only the answer is awaited."""
    _counted: int | None = None

    def take_acknowledged(self) -> int:
        """Bytes that the other side has acknowledged since the last call."""
        total = self.connection.acknowledged() if self.connection else 0
        before, self._counted = self._counted, total
        # A connection counts from its beginning, and a new one may have taken its place.
        return max(0, total - before) if before is not None else 0


class Slots:
    """Holds parts back until fewer are under way than may be, over all files of a call."""

    def __init__(self, concurrency: Concurrency) -> None:
        self._is_fixed = concurrency != "auto"
        self._level = Level() if concurrency == "auto" else Level(concurrency, Step.HELD)
        self._condition = threading.Condition(threading.RLock())
        self._senders: list[Sender] = []
        self._window = Window()
        self._failures = 0

    @property
    def allowed(self) -> int:
        """How many parts may be under way now."""
        return self._level.allowed

    @property
    def largest(self) -> int:
        """How many parts may ever be under way at the same time."""
        return self.allowed if self._is_fixed else LARGEST

    @property
    def in_memory(self) -> int:
        """How many parts may be in memory at the same time."""
        return self.allowed if self._is_fixed else AUTO_BUFFERED

    @property
    def spare(self) -> int:
        """How many threads more than slots are of use: to take the next MD5, and to await an answer meanwhile."""
        return 1 if self._is_fixed else 2

    @contextmanager
    def slot(self, signal: CancelSignal) -> Generator[Sender]:
        """A slot, held inside the block. Other uploads may have all of them for long, so the signal ends the wait."""
        sender = Sender()
        with self._condition:
            while len(self._counted()) >= self.allowed:
                self._condition.wait(_CHECK_INTERVAL)
                signal.check()
            self._senders.append(sender)
        try:
            yield sender
        finally:
            with self._condition:
                self._senders.remove(sender)
                self._condition.notify_all()

    def wait_turn(self, sender: Sender, signal: CancelSignal) -> None:
        """Pauses a part while more are under way than may be: those that began first go on."""
        if self._is_fixed or len(self._senders) <= self.allowed:
            return
        end = time.monotonic() + _LONGEST_SILENCE
        with self._condition:
            while sender not in self._counted()[: self.allowed] and (left := end - time.monotonic()) > 0:
                self._condition.wait(min(left, _CHECK_INTERVAL))
                signal.check()

    def hand_over(self, sender: Sender) -> None:
        """The next part may begin while the answer to this one is awaited, so that the link is never idle."""
        if not self._is_fixed:
            with self._condition:
                sender.is_handed_over = True
                self._condition.notify_all()

    def add_failure(self, *, is_limit: bool) -> None:
        """Counts an attempt that failed. A limit of the service, and rising errors, halve the number."""
        if self._is_fixed:
            return
        with self._condition:
            self._failures += 1
            if is_limit or self._failures > self.allowed // 2:
                self._change(after_refusal(self._level, time.monotonic()))

    def measure(self) -> None:
        """Looks at how fast all parts together are. To be called several times a second, by any number of uploads."""
        if self._is_fixed:
            return
        with self._condition:
            now = time.monotonic()
            acknowledged = sum(sender.take_acknowledged() for sender in self._senders)
            round_trips = [sender.connection.round_trip() for sender in self._senders if sender.connection]
            is_full = len(self._counted()) >= self.allowed
            rate = self._window.add(now, acknowledged, is_full, max(round_trips, default=0.0), self._level.step)
            if rate is not None:
                self._failures = 0
                self._change(after_window(self._level, rate, now))

    def _counted(self) -> list[Sender]:
        return [sender for sender in self._senders if not sender.is_handed_over]

    def _change(self, level: Level) -> None:
        if level.allowed != self._level.allowed:
            self._window.restart()
            self._failures = 0
        self._level = level
        self._condition.notify_all()
