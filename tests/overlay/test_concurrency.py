"""How many parts are sent at the same time, over simulated links."""

from __future__ import annotations

import random
from collections.abc import Callable
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aioz_stream.upload.concurrency import (
    FIRST,
    LARGEST,
    SMALLEST,
    Level,
    Step,
    Way,
    Window,
    after_refusal,
    after_window,
    before_window,
)

WINDOW = 5.0
SHORT, LONG, FULL = Way(0.05, 0.02), Way(0.16, 0.15), Way(0.19, 0.15)
Link = Callable[[int], float]


def link(capacity: float, of_one: float) -> Link:
    """A link that carries `capacity`, of which one connection gets at most `of_one`."""
    return lambda count: min(capacity, count * of_one)


def run(
    rates: Link, seconds: float, noise: float = 0.0, seed: int = 0, level: Level | None = None, way: Way = SHORT
) -> list[Level]:
    """The levels of an upload that is measured window by window."""
    draw = random.Random(seed)
    levels = [before_window(level or Level(), way)]
    for number in range(1, int(seconds / WINDOW) + 1):
        rate = rates(levels[-1].allowed) * draw.uniform(1 - noise, 1 + noise)
        levels.append(after_window(levels[-1], rate, number * WINDOW, way))
    return levels


def best(rates: Link) -> float:
    return max(rates(count) for count in (1, 2, 4, 8, 16))


def share_of_best(rates: Link, levels: list[Level]) -> float:
    return sum(rates(level.allowed) for level in levels) / len(levels) / best(rates)


LINKS = st.builds(link, st.floats(1e5, 1e9), st.floats(1e4, 1e9))


@settings(max_examples=300)
@given(LINKS)
def test_it_finds_a_number_that_is_nearly_the_best(rates: Link) -> None:
    assert rates(run(rates, 60)[-1].base) >= 0.9 * best(rates)


@settings(max_examples=200)
@given(LINKS, st.integers(0, 1000))
def test_an_hour_is_nearly_as_fast_as_with_the_best_fixed_number(rates: Link, seed: int) -> None:
    assert share_of_best(rates, run(rates, 3600, 0.03, seed)) >= 0.9


def test_a_link_that_one_connection_fills_gets_the_fewest() -> None:
    levels = run(link(1e6, 1e9), 60)
    assert levels[-1].base == SMALLEST
    assert [level.allowed for level in levels[:7]] == [4, 8, 4, 2, 2, 2, 2]
    assert [level.step for level in levels[3:6]] == [Step.HALVED, Step.COMPARED, Step.HELD]


def test_a_lossy_link_gets_as_many_as_there_may_be() -> None:
    assert [level.allowed for level in run(link(1e9, 1e5), 30)] == [4, 8, 16, 16, 16, 16, 16]


def test_it_looks_again_after_a_minute_and_then_ever_more_rarely() -> None:
    """A look at half as many costs half of this link."""
    allowed = [level.allowed for level in run(link(1e9, 1e5), 500)]
    looks = [number * WINDOW for number in range(2, len(allowed)) if allowed[number] == LARGEST // 2]
    assert looks == pytest.approx([75, 205, 455], abs=2 * WINDOW)


@pytest.mark.parametrize("of_one", [1e4, 1e5, 3e5, 1e6, 1e7])
@pytest.mark.parametrize("seed", range(5))
def test_it_comes_to_rest(of_one: float, seed: int) -> None:
    levels = run(link(1e6, of_one), 3600, 0.03, seed)
    changes = sum(before.allowed != after.allowed for before, after in pairwise(levels))
    assert changes <= 40, "each look is twice as far from the one before"
    settled = levels[-1].base
    assert sum(level.base == settled for level in levels[len(levels) // 2 :]) > len(levels) // 4


def test_a_link_that_changes_is_noticed() -> None:
    levels = run(link(1e6, 1e9), 60)
    later = run(link(1e7, 1e6), 1800, level=levels[-1])
    assert link(1e7, 1e6)(later[-1].allowed) >= 0.9 * 1e7


@pytest.mark.parametrize(
    ("rates", "numbers"),
    [
        ({4: 100, 8: 109, 2: 50}, [4, 8, 4, 2, 4]),  # doubling gains too little
        ({4: 100, 8: 111, 16: 121}, [4, 8, 16, 8]),  # it gained before, so half as many are known to be too few
        ({4: 100, 8: 100, 2: 69}, [4, 8, 4, 2, 4]),  # halving clearly loses, and ends soon
        ({4: 100, 8: 100, 2: 96}, [4, 8, 4, 2, 2, 4]),  # halving loses too much
        ({4: 100, 8: 100, 2: 98}, [4, 8, 4, 2, 2, 2]),  # halving loses nothing
    ],
)
def test_what_pays(rates: dict[int, float], numbers: list[int]) -> None:
    levels = run(rates.__getitem__, WINDOW * (len(numbers) - 1))
    assert [level.allowed for level in levels] == numbers
    assert levels[-1].step is Step.HELD


@pytest.mark.parametrize(
    ("rates", "numbers"),
    [
        ({8: 98, 4: 96}, [8, 8, 4, 4, 8]),  # small losses don't add up
        ({8: 101, 4: 97.5}, [8, 8, 4, 4, 8]),  # the best rate is the measure
        ({8: 98, 4: 98, 2: 96}, [8, 8, 4, 4, 2, 2, 4]),  # it goes on while nothing is lost
    ],
)
def test_halving_goes_on(rates: dict[int, float], numbers: list[int]) -> None:
    halved = Level(8, Step.HALVED, base=16, base_rate=100)
    levels = run(rates.__getitem__, WINDOW * (len(numbers) - 1), level=halved)
    assert [level.allowed for level in levels] == numbers
    assert levels[-1].step is Step.HELD


@pytest.mark.parametrize("allowed", [4, LARGEST])
@pytest.mark.parametrize("way", [LONG, FULL])
def test_over_a_long_way_nothing_is_taken_back(allowed: int, way: Way) -> None:
    level = Level(allowed, Step.HELD, base=allowed, base_rate=100)
    levels = [level.allowed for level in run(link(100, 100), 600, level=level, way=way)]
    assert levels == sorted(levels)


def test_over_a_long_way_doubling_that_does_not_pay_is_rarely_tried_again() -> None:
    levels = run(link(80, 20), 500, level=Level(4, Step.HELD, 4, 80), way=LONG)
    assert {level.allowed for level in levels[1:]} == {8}
    assert after_window(levels[-1], 55, 500.0, LONG).allowed == 16, "the link changed"


def test_a_long_way_begins_with_twice_as_many() -> None:
    assert [before_window(Level(), way).allowed for way in (SHORT, LONG, FULL)] == [FIRST, 2 * FIRST, 2 * FIRST]
    assert before_window(Level(), Way(1.0, 0.05)).allowed == FIRST, "a queue makes no way long"


@pytest.mark.parametrize("level", [Level(2, Step.HELD, 2), Level(FIRST, Step.CHECKED, FIRST, 100.0)])
def test_what_was_measured_or_refused_is_no_beginning(level: Level) -> None:
    assert before_window(level, LONG) == level


def test_a_long_way_that_is_full_gets_no_more() -> None:
    assert {level.allowed for level in run(link(100, 15), 3600, way=FULL)} == {8}


def test_a_long_way_that_loses_packets_gets_as_many_as_there_may_be() -> None:
    assert [level.allowed for level in run(link(1e9, 1e5), 30, way=LONG)] == [8, 16, 16, 16, 16, 16, 16]


@pytest.mark.parametrize(("again", "numbers"), [(71, [4, 8, 4, 2]), (69, [4, 8, 4, 8])])
def test_a_number_is_measured_once_more_when_doubling_it_did_not_pay(again: float, numbers: list[int]) -> None:
    """New connections are fast until they lose their first packet, and made it look better than it is."""
    levels = [Level()]
    for number, rate in enumerate((100, 105, again)):
        levels.append(after_window(levels[-1], rate, number * WINDOW, SHORT))
    assert [level.allowed for level in levels] == numbers
    assert levels[-1].base_rate == again


def test_a_rate_that_falls_ends_a_hold() -> None:
    held = Level(4, Step.HELD, base=4, base_rate=100, until=1000.0)
    assert after_window(held, 71, 10.0, SHORT) == held
    assert after_window(held, 69, 10.0, SHORT).allowed == 8
    assert after_window(held, 69, 10.0, SHORT).base_rate == 69


@given(st.lists(st.floats(0, 1e12), max_size=200))
def test_any_rates_leave_the_number_within_its_bounds(rates: list[float]) -> None:
    level = Level()
    for number, rate in enumerate(rates):
        level = after_window(level, rate, number * WINDOW, SHORT)
        assert 1 <= level.allowed <= LARGEST
        assert level.base <= LARGEST


def test_a_refusal_halves_the_number_and_holds_it() -> None:
    level = after_refusal(Level(), 100.0)
    assert level.allowed == FIRST // 2
    assert after_window(level, 1e6, 110.0, SHORT).allowed == FIRST // 2
    assert after_window(level, 1e6, 131.0, SHORT).allowed == FIRST
    for _ in range(10):
        level = after_refusal(level, 100.0)
    assert level.allowed == 1


class TestWindow:
    """What is measured of a number, and what is left out."""

    def rates(
        self,
        seconds: float,
        rate_at: Callable[[float], float] = lambda _: 1000.0,
        is_full: Callable[[float], bool] = lambda _: True,
        round_trip: float = 0.0,
        step: Step = Step.DOUBLED,
    ) -> list[tuple[float, float]]:
        """Time and rate of each window. Looked at ten times a second."""
        window, found = Window(), list[tuple[float, float]]()
        for number in range(int(seconds * 10) + 1):
            now = number / 10
            rate = window.add(now, int(rate_at(now) / 10), is_full(now), round_trip, step)
            if rate is not None:
                found.append((now, rate))
        return found

    def test_the_beginning_is_left_out(self) -> None:
        """New connections come up to their speed only then."""
        [(at, rate), *_] = self.rates(3, lambda now: 0.0 if now < 0.5 else 1000.0)
        assert at == pytest.approx(1.5, abs=0.2)
        assert rate == pytest.approx(1000)

    def test_at_first_more_is_left_out(self) -> None:
        """All connections are new then, and faster than they stay."""
        [(begun, rate), *_] = self.rates(4, lambda now: 9000.0 if now < 1 else 1000.0, step=Step.BEGUN)
        [(doubled, _), *_] = self.rates(4)
        assert begun - doubled == pytest.approx(0.5, abs=0.15)
        assert rate == pytest.approx(1000)
        assert Level().step is Step.BEGUN

    def test_the_next_window_follows_at_once(self) -> None:
        first, second, *_ = (at for at, _ in self.rates(5))
        assert second - first == pytest.approx(1.0, abs=0.15)

    def test_another_number_settles_again(self) -> None:
        window = Window()
        rates = [window.add(number / 10, 100, True, 0.0, Step.DOUBLED) for number in range(12)]
        assert set(rates) == {None}
        window.restart()
        later = [window.add(number / 10, 100, True, 0.0, Step.DOUBLED) for number in range(12, 24)]
        assert set(later) == {None}

    def test_a_small_difference_takes_longer(self) -> None:
        [(halved, _), *_] = self.rates(5, step=Step.HALVED)
        [(compared, _), *_] = self.rates(5, step=Step.COMPARED)
        assert compared - halved == pytest.approx(1.0, abs=0.15)

    def test_a_long_way_takes_round_trips(self) -> None:
        [(at, _), *_] = self.rates(40, round_trip=1.0)
        assert at == pytest.approx(30, abs=0.3)

    def test_time_in_which_fewer_were_sent_does_not_count(self) -> None:
        """Neither its seconds nor its bytes."""
        [(at, rate), *_] = self.rates(9, lambda now: 0.0 if 1 <= now <= 5.1 else 1000.0, lambda now: not 1 <= now <= 5)
        assert at == pytest.approx(5.6, abs=0.3)
        assert rate == pytest.approx(1000, rel=0.15)

    def test_a_look_counts_if_all_were_sending_since_the_one_before(self) -> None:
        assert self.rates(30, is_full=lambda now: int(now * 10) % 2 == 0) == []
