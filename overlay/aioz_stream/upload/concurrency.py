"""How many parts to send at the same time, found by measuring. Pure: rates and times in, numbers out.

A connection that loses packets is slow whatever the link could carry, and more of them are faster. On a link without
losses two connections fill it, and more of them only leave more parts unfinished when the upload is interrupted. So the
number is doubled while that pays, then halved while nothing is lost, and looked at again ever more rarely.
"""

from __future__ import annotations

from enum import Enum

from attrs import define, evolve, frozen

FIRST = 4
LARGEST = 16
SMALLEST = 2
"""What halving ends at: one sends while the other awaits an answer or recovers from a loss."""

GAIN = 1.1
"""Doubling pays when the rate grows by this factor: less is noise, and costs more unfinished parts than it saves."""
KEPT = 0.97
"""Halving loses nothing while this share of the best rate is left."""
LONG_WAY = 0.12
"""A round trip, in seconds, from which on connections need minutes to take the place of others. So there are twice as
many from the beginning, and nothing is taken back. Once doubling does not pay there, it is rarely tried again."""
QUEUED = 1.2
"""Over a long way, packets that take so many times the least round trip wait in a queue: the link is full, and doubling
is not tried."""
FALLEN = 0.7
"""A share of the best rate below which a halving ends, and doubling is tried, at once: the link changed, or new
connections, which are fast until they lose their first packet, made the number look better than it is."""
FIRST_HOLD = 60.0
"""Seconds until the next look, which may take half the rate for two of them; each hold is twice as long as the one
before."""
_LONGEST_HOLD = 600.0
# What is left out after a change, and what is measured then: seconds, and round trips where those take longer.
_SETTLING, _SETTLING_ROUND_TRIPS = 0.5, 10
_LENGTH, _LENGTH_ROUND_TRIPS = 1.0, 20
_AFTER_ERROR = 30.0


class Step(Enum):
    """What the number that is in use now is tried for."""

    BEGUN = "begun"
    """All connections are new, and faster than they stay, until each has lost a packet."""
    DOUBLED = "doubled"
    CHECKED = "checked"
    """The number before, once more, after doubling did not pay: its first measure may have been too good."""
    HALVED = "halved"
    """What clearly loses ends soon."""
    COMPARED = "compared"
    """The same number once more, for longer: whether it loses a little."""
    HELD = "held"


@frozen
class Way:
    """The way to the other side, in seconds there and back."""

    round_trip: float = 0.0
    least: float = 0.0
    """That of a packet which waits in no queue."""

    @property
    def is_long(self) -> bool:
        return self.least >= LONG_WAY

    @property
    def is_full(self) -> bool:
        """Whether it is a long way on which packets wait."""
        return self.is_long and self.round_trip >= QUEUED * self.least


@frozen
class Level:
    """How many parts are sent at the same time, and why."""

    allowed: int = FIRST
    step: Step = Step.BEGUN
    base: int = 0
    """The number to go back to when this one does not pay; 0 before anything was measured."""
    base_rate: float = 0.0
    """Bytes per second with `base`."""
    has_gained: bool = False
    """Whether doubling paid since the last hold. Then half as many are known to be too few."""
    until: float = 0.0
    """When the hold ends."""
    hold: float = FIRST_HOLD


def before_window(level: Level, way: Way) -> Level:
    """The level to begin with, once the way is known."""
    return evolve(level, allowed=2 * FIRST) if level == Level() and way.is_long else level


def after_window(level: Level, rate: float, now: float, way: Way) -> Level:
    """The level that follows from the rate, in bytes per second, that was measured with this one."""
    has_fallen = rate < level.base_rate * FALLEN
    if level.step is Step.HELD:
        is_over = now >= level.until or has_fallen
        return _look_again(level, rate, now, way) if is_over else level
    if level.step in (Step.BEGUN, Step.DOUBLED):
        return _after_doubling(level, rate, now, way)
    if level.step is Step.CHECKED:
        known = evolve(level, base_rate=rate)
        return _look_again(level, rate, now, way) if has_fallen else _halved(known, now, way)
    if level.step is Step.HALVED:
        return _held(level, now) if has_fallen else evolve(level, step=Step.COMPARED)
    if rate >= level.base_rate * KEPT:
        # The best rate stays the measure, so that several small losses don't add up.
        found = evolve(level, base=level.allowed, base_rate=max(rate, level.base_rate))
        return _halved(found, now, way)
    return _held(level, now)


def after_refusal(level: Level, now: float) -> Level:
    """The level after the service asked for fewer requests, or failed: half as many, and no more for a while."""
    fewer = max(1, level.allowed // 2)
    return Level(fewer, Step.HELD, fewer, until=now + _AFTER_ERROR, hold=level.hold)


def _after_doubling(level: Level, rate: float, now: float, way: Way) -> Level:
    known = evolve(level, base=level.allowed, base_rate=rate)
    if rate >= level.base_rate * GAIN:
        found = evolve(known, has_gained=bool(level.base) or level.has_gained)
        if level.allowed == LARGEST or way.is_full:
            return _held(found, now)
        return evolve(found, step=Step.DOUBLED, allowed=level.allowed * 2)
    if way.is_long:
        return _held(evolve(known, hold=_LONGEST_HOLD), now)
    return _held(level, now) if level.has_gained else evolve(level, step=Step.CHECKED, allowed=level.base)


def _look_again(level: Level, rate: float, now: float, way: Way) -> Level:
    known = evolve(level, base=level.allowed, base_rate=rate, has_gained=False)
    if level.allowed == LARGEST or way.is_full:
        return _halved(known, now, way)
    return evolve(known, step=Step.DOUBLED, allowed=level.allowed * 2)


def _halved(level: Level, now: float, way: Way) -> Level:
    if level.base <= SMALLEST or way.is_long:
        return _held(level, now)
    return evolve(level, step=Step.HALVED, allowed=level.base // 2)


def _held(level: Level, now: float) -> Level:
    hold = min(level.hold, _LONGEST_HOLD)
    return evolve(level, step=Step.HELD, allowed=level.base, until=now + hold, hold=hold * 2)


@define
class Window:
    """A stretch of time in which as many parts were under way as might be, and the bytes acknowledged in it."""

    _seconds: float = 0.0
    _size: int = 0
    _settling: float | None = None
    """Seconds that are still left out, so that new connections come up to their speed."""
    _last: float | None = None
    _was_full: bool = False

    def restart(self) -> None:
        """Begins anew, for another number."""
        self._seconds, self._size, self._settling = 0.0, 0, None

    def add(self, now: float, size: int, is_full: bool, round_trip: float, step: Step) -> float | None:
        """Adds what was acknowledged since the last call. Returns the rate in bytes per second once it is known."""
        last, was_full = self._last, self._was_full
        self._last, self._was_full = now, is_full
        if last is None or not (is_full and was_full):
            return None
        if self._settling is None:
            self._settling = max(_SETTLING, _SETTLING_ROUND_TRIPS * round_trip) * (2 if step is Step.BEGUN else 1)
        self._settling -= now - last
        if self._settling > 0:
            return None
        self._seconds += now - last
        self._size += size
        # Doubling shows soon. Whether halving lost something is a small difference.
        length = max(_LENGTH, _LENGTH_ROUND_TRIPS * round_trip) * (2 if step is Step.COMPARED else 1)
        if self._seconds < length:
            return None
        rate = self._size / self._seconds
        self.restart()
        self._settling = 0.0
        return rate
