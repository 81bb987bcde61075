"""Slots for parts: who may send, who pauses, and what is measured. Time passes here only when it is told to."""

from __future__ import annotations

import threading
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any, cast

import pytest
from attrs import define

from aioz_stream import UploadCancelledError
from aioz_stream.http.cancel_signal import CancelSignal
from aioz_stream.upload.concurrency import FIRST, LARGEST, SMALLEST
from aioz_stream.upload.slots import AUTO_BUFFERED, Sender, Slots

if TYPE_CHECKING:
    from aioz_stream.http.connections import Connection

RATE = 1e6
SOON = 8.0  # seconds: far longer than a step of a test, and far shorter than the longest pause


@pytest.fixture(autouse=True)
def _quick_checks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever asks whether a part may begin waits so long for the answer."""
    monkeypatch.setattr("aioz_stream.upload.slots._CHECK_INTERVAL", 0.01)


@define(eq=False)
class Wire:
    """A connection whose other side acknowledges what it is told to."""

    total: int = 0
    seconds: float = 0.0
    least: float = 0.0

    def acknowledged(self) -> int:
        return self.total

    def round_trip(self, *, is_least: bool = False) -> float:
        return self.least if is_least else self.seconds


class Bench:
    """Slots, and parts that hold them."""

    def __init__(self, concurrency: Any = "auto") -> None:
        self.now = 1000.0
        self.slots = Slots(concurrency, lambda: self.now)
        self.signal, self._over = CancelSignal(), CancelSignal()
        self._over.set()
        self._stack = ExitStack()
        self.wires: dict[Sender, Wire] = {}

    def begin(self, *, is_buffered: bool = False, total: int = 0) -> Sender:
        """A part begins that is measured from now on. Raises UploadCancelledError where it would have to wait."""
        sender = self._stack.enter_context(self.slots.slot(self._over, is_buffered=is_buffered))
        wire = self.wires[sender] = Wire(total)
        self._stack.enter_context(self.slots.measuring(sender, cast("Connection", wire)))
        return sender

    def begin_all(self, **how: Any) -> list[Sender]:
        """As many as may."""
        begun: list[Sender] = []
        while self.may_begin():
            begun.append(self.begin(**how))
        return begun

    def may_begin(self) -> bool:
        try:
            with self.slots.slot(self._over):
                return True
        except UploadCancelledError:
            return False

    def pauses(self, sender: Sender) -> bool:
        try:
            self.slots.wait_turn(sender, self._over)
        except UploadCancelledError:
            return True
        return False

    def pass_time(self, seconds: float, rate: float = RATE, step: float = 0.1) -> None:
        """All parts together send at this rate, and are measured meanwhile."""
        for _ in range(round(seconds / step)):
            self.now += step
            for wire in self.wires.values():
                wire.total += int(rate * step / len(self.wires))
            self.slots.measure()

    def run(self, seconds: float, capacity: float, of_one: float) -> None:
        """Over a link that carries `capacity`, of which one connection gets at most `of_one`."""
        for _ in range(round(seconds)):
            self.begin_all()
            sending = min(self.slots.allowed, len(self.wires))
            self.pass_time(1.0, min(capacity, sending * of_one))


class TestWhoMaySend:
    def test_as_many_as_are_allowed(self) -> None:
        assert len(Bench().begin_all()) == FIRST
        assert len(Bench(7).begin_all()) == 7

    def test_the_next_begins_while_an_attempt_is_awaited(self) -> None:
        bench = Bench()
        first = bench.begin_all()[0]
        bench.slots.let_next_begin(first)
        assert len(bench.begin_all()) == 1

    def test_the_next_begins_while_an_answer_is_late(self) -> None:
        bench = Bench()
        first = bench.begin_all()[0]
        first.is_handed_over = True
        bench.pass_time(1.0)
        assert not bench.may_begin(), "its last bytes are still on the way"
        bench.pass_time(0.1, rate=0)
        assert not bench.may_begin(), "a prompt answer leaves its connection to the next, which is up to speed"
        bench.pass_time(0.1, rate=0)
        assert len(bench.begin_all()) == 1

    def test_one_that_is_handed_over_at_once_may_still_be_answered_promptly(self) -> None:
        bench = Bench()
        bench.begin_all()[0].is_handed_over = True
        bench.pass_time(0.1, rate=0)
        assert not bench.may_begin()

    def test_a_part_that_stands_still_waits_for_no_answer(self) -> None:
        bench = Bench()
        bench.begin_all()
        bench.pass_time(0.5, rate=0)
        assert not bench.may_begin()

    def test_one_that_is_sent_once_more_is_not_handed_over_any_more(self) -> None:
        bench = Bench()
        first = bench.begin_all()[0]
        first.is_handed_over = True
        assert not bench.pauses(first)
        bench.pass_time(0.5, rate=0)
        assert not bench.may_begin()

    def test_those_that_wait_are_bounded(self) -> None:
        """A service that answers late gets no more and more of them."""
        bench = Bench()
        for _ in range(bench.slots.spare):
            for sender in bench.begin_all():
                bench.slots.let_next_begin(sender)
        assert len(bench.wires) == FIRST + bench.slots.spare

    def test_a_fixed_number_is_kept(self) -> None:
        bench = Bench(2)
        first, second = bench.begin_all()
        bench.slots.let_next_begin(first)
        bench.slots.add_failure(is_limit=True)
        assert not bench.may_begin()
        assert (bench.slots.allowed, bench.slots.in_memory) == (2, 2)
        assert not bench.pauses(second)

    def test_the_surplus_pauses_and_those_that_began_first_go_on(self) -> None:
        bench = Bench()
        senders = bench.begin_all()
        bench.slots.add_failure(is_limit=True)
        assert [bench.pauses(sender) for sender in senders] == [False, False, True, True]
        bench.slots.let_next_begin(senders[0])
        assert [bench.pauses(sender) for sender in senders[1:]] == [False, False, True]

    @pytest.mark.timeout(30)
    def test_one_that_pauses_goes_on_as_soon_as_it_may(self) -> None:
        bench = Bench()
        first, *_, last = bench.begin_all()
        bench.slots.add_failure(is_limit=True)
        waiting = threading.Thread(target=bench.slots.wait_turn, args=(last, bench.signal))
        waiting.start()
        for sender in [first, *bench.wires]:
            if sender is not last:
                bench.slots.let_next_begin(sender)
        waiting.join(SOON)
        assert not waiting.is_alive()

    def test_one_that_tries_again_counts_again(self) -> None:
        bench = Bench()
        senders = bench.begin_all()
        bench.slots.let_next_begin(senders[0])
        other = bench.begin()
        assert not bench.pauses(senders[0])
        assert bench.pauses(other)

    def test_a_pause_is_not_so_long_that_the_service_gives_up(self) -> None:
        bench = Bench()
        *_, last = bench.begin_all()
        bench.slots.add_failure(is_limit=True)

        def tick() -> float:
            bench.now += 5
            return bench.now

        bench.slots._clock = tick
        bench.slots.wait_turn(last, bench.signal)  # returns
        assert 20 <= bench.now - 1000 < 60


class TestMeasuring:
    def test_a_lossy_link_gets_as_many_as_there_may_be(self) -> None:
        bench = Bench()
        bench.run(20, 1e9, 1e5)
        assert bench.slots.allowed == LARGEST

    def test_a_link_that_one_connection_fills_gets_the_fewest(self) -> None:
        bench = Bench()
        bench.run(20, 1e6, 1e6)
        assert bench.slots.allowed == SMALLEST

    @pytest.mark.parametrize(
        ("first", "others", "numbers"),
        [(0.15, 0.15, {8}), (0.2, 0.2, {8, 16}), (0.05, 0.05, {2, 4, 8}), (0.05, 0.2, {2, 4, 8}), (0.0, 0.15, {8})],
        ids=["full", "long", "short", "others-began-in-a-queue", "first-does-not-know"],
    )
    def test_the_way_decides(self, first: float, others: float, numbers: set[int]) -> None:
        """Queues make no way long, and fill on any link."""
        bench, allowed = Bench(), set[int]()
        for _ in range(40):
            bench.begin_all()
            for number, wire in enumerate(bench.wires.values()):
                wire.least, wire.seconds = others if number else first, 0.2
            bench.pass_time(1.0)
            allowed.add(bench.slots.allowed)
        assert allowed == numbers

    def test_nothing_is_known_while_fewer_send_than_may(self) -> None:
        bench = Bench()
        for _ in range(FIRST - 1):
            bench.begin()
        bench.pass_time(20)
        assert bench.slots.allowed == FIRST
        bench.begin()
        bench.pass_time(2)
        assert bench.slots.allowed == 2 * FIRST
        bench.pass_time(20)
        assert bench.slots.allowed == 2 * FIRST

    def test_another_number_is_measured_only_when_it_is_up_to_speed(self) -> None:
        bench = Bench()
        bench.begin_all()
        while bench.slots.allowed == FIRST:
            bench.pass_time(0.1)
        bench.begin_all()
        bench.pass_time(1.2, 2 * RATE)
        assert bench.slots.allowed == 2 * FIRST
        bench.pass_time(0.6, 2 * RATE)
        assert bench.slots.allowed == 4 * FIRST

    def test_one_that_waits_sends_nothing(self) -> None:
        bench = Bench()
        bench.slots.let_next_begin(bench.begin_all()[0])
        bench.pass_time(20)
        assert bench.slots.allowed == FIRST

    def test_one_without_a_connection_yet_sends_nothing(self) -> None:
        bench = Bench()
        with bench.slots.slot(bench.signal):
            bench.begin_all()
            bench.pass_time(20)
            assert bench.slots.allowed == FIRST

    def test_of_parts_in_memory_there_are_not_more(self) -> None:
        """Then more slots bring nothing, which is measured, too."""
        bench = Bench()
        for _ in range(AUTO_BUFFERED):
            bench.begin(is_buffered=True)
        bench.pass_time(20)
        assert bench.slots.in_memory == AUTO_BUFFERED
        assert bench.slots.allowed == SMALLEST

    @pytest.mark.parametrize("allowed", ["auto", 3])
    def test_what_a_connection_carried_before_does_not_count(self, allowed: Any) -> None:
        bench = Bench(allowed)
        sender = bench.begin(total=10**9)
        assert sender.take_acknowledged() == 0
        bench.wires[sender].total += 7
        assert sender.take_acknowledged() == 7

    def test_a_connection_that_is_made_anew_counts_from_its_beginning(self) -> None:
        bench = Bench()
        sender = bench.begin(total=10**9)
        bench.wires[sender].total = 5
        assert sender.take_acknowledged() == 0
        bench.wires[sender].total = 12
        assert sender.take_acknowledged() == 7

    def test_nothing_is_missing_of_a_part_that_ends(self, monkeypatch: pytest.MonkeyPatch) -> None:
        bench, added = Bench(), list[int]()
        monkeypatch.setattr("aioz_stream.upload.slots.Window.add", lambda _self, _now, size, *_: added.append(size))
        wire = Wire()
        with bench.slots.slot(bench.signal) as sender:
            with bench.slots.measuring(sender, cast("Connection", wire)):
                wire.total = 1000
            wire.total = 5000  # of the next part
            bench.slots.measure()
        bench.slots.measure()
        assert added == [1000, 0]

    def test_a_long_way_takes_longer_to_measure(self) -> None:
        bench = Bench()
        for sender in bench.begin_all():
            bench.wires[sender].seconds = 1.0
        bench.pass_time(2 * 10 + 20 - 1)
        assert bench.slots.allowed == FIRST
        bench.pass_time(2)
        assert bench.slots.allowed == 2 * FIRST


class TestFailures:
    def test_a_limit_of_the_service_halves_the_number(self) -> None:
        bench = Bench()
        bench.slots.add_failure(is_limit=True)
        assert bench.slots.allowed == FIRST // 2

    def test_all_parts_under_way_get_the_same_answer(self) -> None:
        bench = Bench()
        for _ in range(FIRST):
            bench.slots.add_failure(is_limit=True)
        assert bench.slots.allowed == FIRST // 2
        bench.now += 1.5
        bench.slots.add_failure(is_limit=True)
        assert bench.slots.allowed == FIRST // 4

    def test_so_do_errors_of_most_parts(self) -> None:
        bench = Bench()
        for _ in range(FIRST // 2):
            bench.slots.add_failure(is_limit=False)
        assert bench.slots.allowed == FIRST
        bench.slots.add_failure(is_limit=False)
        assert bench.slots.allowed == FIRST // 2
        bench.now += 1.5
        bench.slots.add_failure(is_limit=False)
        assert bench.slots.allowed == FIRST // 2, "they are counted anew"

    def test_errors_now_and_then_do_not(self) -> None:
        bench = Bench()
        bench.begin_all()
        for _ in range(FIRST // 2):
            bench.slots.add_failure(is_limit=False)
        bench.pass_time(2)
        allowed = bench.slots.allowed
        assert allowed == 2 * FIRST
        for _ in range(allowed // 2):
            bench.slots.add_failure(is_limit=False)
        assert bench.slots.allowed == allowed
