"""Slots for the parts that are sent at the same time: a fixed number, or one that follows from what is measured."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Literal

from attrs import define

from aioz_stream.http.cancel_signal import CancelSignal
from aioz_stream.http.connections import Connection
from aioz_stream.upload.concurrency import Level, Step, Way, Window, after_refusal, after_window, before_window

Concurrency = int | Literal["auto"]

AUTO_BUFFERED = 4
"""Parts that are in memory at the same time, of sources that have to be read into it, where the number is not fixed."""

_CHECK_INTERVAL = 0.2  # seconds between two checks of the cancel signal
_LONGEST_SILENCE = 30.0
"""Seconds until a paused connection sends a block. Services often give up one that is silent for 60 s. Seven paused
ones that send every 15 s take 40 % of an uplink of 10 Mbit/s, and all their parts stay unfinished."""
_PROMPT = 0.2
"""Seconds in which nothing more of a part is acknowledged until it counts as waiting for its answer. An answer that
comes sooner leaves its connection to the next part: it is up to speed, and one that was idle would have to come up."""
_CALM = 1.0  # seconds after a halving in which more failures change nothing: all parts under way get the same answer


@define(eq=False)
class Sender:
    """A part that is under way."""

    is_buffered: bool
    connection: Connection | None = None
    """What it is sent through at the moment."""
    is_waiting: bool = False
    """Whether it has nothing to send now: the answer is awaited, or the next attempt."""
    is_handed_over: bool = False
    """Whether its last byte is on the way."""
    _counted: int = 0
    _grew_at: float | None = None

    def use(self, connection: Connection) -> None:
        self._counted = connection.acknowledged()
        self.connection = connection  # from now on `measure` may look at both

    def take_acknowledged(self) -> int:
        """Bytes that the other side has acknowledged since the last call."""
        if self.connection is None:
            return 0
        before, self._counted = self._counted, self.connection.acknowledged()
        return max(0, self._counted - before)  # it counts from its beginning, and may be connected anew

    def look(self, now: float) -> int:
        """Takes them, and notes whether a part that is handed over waits for its answer by now."""
        grown = self.take_acknowledged()
        if grown or not self.is_handed_over or self._grew_at is None:
            self._grew_at = now
        elif now - self._grew_at >= _PROMPT:
            self.is_waiting = True
        return grown


class Slots:
    """Holds parts back until fewer are under way than may be, over all files of a call."""

    def __init__(self, concurrency: Concurrency, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._is_fixed = concurrency != "auto"
        self._level = Level() if concurrency == "auto" else Level(concurrency, Step.HELD)
        self._condition = threading.Condition(threading.RLock())
        self._senders: list[Sender] = []
        self._window = Window()
        self._acknowledged = 0
        """Bytes of connections that are measured no more, since the last call of `measure`."""
        self._failures = 0
        self._calm_until = 0.0

    @property
    def allowed(self) -> int:
        """How many parts may be under way now."""
        return self._level.allowed

    @property
    def in_memory(self) -> int:
        """How many parts may be in memory at the same time."""
        return self.allowed if self._is_fixed else AUTO_BUFFERED

    @property
    def spare(self) -> int:
        """How many threads more than slots are of use: to take the next MD5, and to await an answer meanwhile."""
        return 1 if self._is_fixed else 2

    @contextmanager
    def slot(self, signal: CancelSignal, *, is_buffered: bool = False) -> Generator[Sender]:
        """A slot, held inside the block. Other uploads may have all of them for long, so the signal ends the wait."""
        sender = Sender(is_buffered)
        with self._condition:
            while len(self._sending()) >= self.allowed or len(self._senders) >= self.allowed + self.spare:
                self._condition.wait(_CHECK_INTERVAL)
                signal.check()
            self._senders.append(sender)
        try:
            yield sender
        finally:
            with self._condition:
                self._senders.remove(sender)
                self._condition.notify_all()

    @contextmanager
    def measuring(self, sender: Sender, connection: Connection) -> Generator[None]:
        """Inside the block, what the connection's other side acknowledges counts."""
        sender.use(connection)
        try:
            yield
        finally:
            with self._condition:
                # Parts may end between two calls of `measure`, and nothing of them must be missing.
                self._acknowledged += sender.take_acknowledged()
                sender.connection = None  # another part may have it now

    def wait_turn(self, sender: Sender, signal: CancelSignal) -> None:
        """Pauses a part while more are under way than may be: those that began first go on."""
        sender.is_waiting = sender.is_handed_over = False
        if self._is_fixed:
            return
        end = self._clock() + _LONGEST_SILENCE
        with self._condition:
            while sender not in self._sending()[: self.allowed] and (left := end - self._clock()) > 0:
                self._condition.wait(min(left, _CHECK_INTERVAL))
                signal.check()

    def let_next_begin(self, sender: Sender) -> None:
        """Another part may begin while this one waits for an attempt, so that the link is never idle."""
        if not self._is_fixed:
            with self._condition:
                sender.is_waiting = True
                self._condition.notify_all()

    def add_failure(self, *, is_limit: bool) -> None:
        """Counts an attempt that failed. A limit of the service, and rising errors, halve the number."""
        if self._is_fixed:
            return
        with self._condition:
            now = self._clock()
            if now < self._calm_until:
                return
            self._failures += 1
            if is_limit or self._failures > self.allowed // 2:
                self._failures, self._calm_until = 0, now + _CALM
                self._change(after_refusal(self._level, now))

    def measure(self) -> None:
        """Looks at how fast all parts together are. To be called several times a second, by any number of uploads."""
        if self._is_fixed:
            return
        with self._condition:
            now = self._clock()
            acknowledged = self._acknowledged + sum(sender.look(now) for sender in self._senders)
            self._acknowledged = 0
            connections = [sender.connection for sender in self._senders if sender.connection]
            round_trip = max((one.round_trip() for one in connections), default=0.0)
            # Of a connection that began in a full queue, the least is that of the queue.
            least = min(filter(None, (one.round_trip(is_least=True) for one in connections)), default=0.0)
            way = Way(round_trip, least)
            self._change(before_window(self._level, way))
            rate = self._window.add(now, acknowledged, self._is_full(), round_trip, self._level.step)
            if rate is not None:
                self._failures = 0
                self._change(after_window(self._level, rate, now, way))

    def _sending(self) -> list[Sender]:
        return [sender for sender in self._senders if not sender.is_waiting]

    def _is_full(self) -> bool:
        """Whether as many parts are sent as can be: of parts in memory there may be fewer than are allowed."""
        sending = [sender for sender in self._sending() if sender.connection]
        is_in_memory = all(sender.is_buffered for sender in self._senders)
        return len(sending) >= (min(self.allowed, self.in_memory) if is_in_memory else self.allowed)

    def _change(self, level: Level) -> None:
        if level.allowed != self._level.allowed:
            self._window.restart()
        self._level = level
        self._condition.notify_all()
