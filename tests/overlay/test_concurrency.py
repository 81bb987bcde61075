"""How many parts are sent at the same time, over simulated links."""

from __future__ import annotations

import random
from collections.abc import Callable
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aioz_stream.upload.concurrency import FIRST, LARGEST, Level, after_refusal, after_window

WINDOW = 5.0
Link = Callable[[int], float]


def link(capacity: float, of_one: float) -> Link:
    """A link that carries `capacity`, of which one connection gets at most `of_one`."""
    return lambda count: min(capacity, count * of_one)


def run(rates: Link, seconds: float, noise: float = 0.0, seed: int = 0, level: Level | None = None) -> list[Level]:
    """The levels of an upload that is measured window by window."""
    draw = random.Random(seed)
    levels = [level or Level()]
    for number in range(1, int(seconds / WINDOW) + 1):
        rate = rates(levels[-1].allowed) * draw.uniform(1 - noise, 1 + noise)
        levels.append(after_window(levels[-1], rate, number * WINDOW))
    return levels


def best(rates: Link) -> float:
    return max(rates(count) for count in (1, 2, 4, 8, 16))


def share_of_best(rates: Link, levels: list[Level]) -> float:
    return sum(rates(level.allowed) for level in levels) / len(levels) / best(rates)


LINKS = st.builds(link, st.floats(1e5, 1e9), st.floats(1e4, 1e9))


@settings(max_examples=300)
@given(LINKS)
def test_it_finds_a_number_that_is_nearly_the_best(rates: Link) -> None:
    assert rates(run(rates, 60)[-1].allowed) >= 0.9 * best(rates)


@settings(max_examples=200)
@given(LINKS, st.integers(0, 1000))
def test_an_hour_is_nearly_as_fast_as_with_the_best_fixed_number(rates: Link, seed: int) -> None:
    assert share_of_best(rates, run(rates, 3600, 0.03, seed)) >= 0.9


def test_one_connection_that_fills_the_link_stays_alone() -> None:
    levels = run(link(1e6, 1e9), 60)
    assert levels[-1].allowed == 1
    assert [level.allowed for level in levels[:6]] == [4, 8, 2, 1, 1, 1]


def test_a_lossy_link_gets_as_many_as_there_may_be() -> None:
    assert [level.allowed for level in run(link(1e9, 1e5), 30)] == [4, 8, 16, 16, 16, 16, 16]


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


@given(st.lists(st.floats(0, 1e12), max_size=200))
def test_any_rates_leave_the_number_within_its_bounds(rates: list[float]) -> None:
    level = Level()
    for number, rate in enumerate(rates):
        level = after_window(level, rate, number * WINDOW)
        assert 1 <= level.allowed <= LARGEST
        assert level.base <= LARGEST


def test_a_refusal_halves_the_number_and_holds_it() -> None:
    level = after_refusal(Level(), 100.0)
    assert level.allowed == FIRST // 2
    assert after_window(level, 1e6, 110.0).allowed == FIRST // 2
    assert after_window(level, 1e6, 131.0).allowed == FIRST
    for _ in range(10):
        level = after_refusal(level, 100.0)
    assert level.allowed == 1
