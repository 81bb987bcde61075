"""A mutant: one mistake, and the tests that might notice it. A verdict: which of them did."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence


@dataclass(frozen=True)
class Layer:
    """Some tests of the same kind."""

    name: str
    tests: tuple[str, ...]
    """As pytest takes them on its command line."""
    environment: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True)
class Mutant:
    """One mistake."""

    name: str
    area: str
    about: str
    make: Callable[[], object]
    """Makes the mistake in the process that calls it, for good."""
    layers: tuple[Layer, ...]
    """Those that are asked, the cheapest first."""


@dataclass(frozen=True)
class Kind:
    """Mutants of one kind, and the share of them that tests have to notice."""

    name: str
    title: str
    mutants: Callable[[], Iterable[Mutant]]
    layers: Sequence[Layer]
    wanted: float
    """Of all, whatever is explained."""


@dataclass(frozen=True)
class Kill:
    """A test that noticed."""

    layer: str
    test: str
    reason: str


@dataclass(frozen=True)
class Verdict:
    """What came of one mutant."""

    kills: tuple[Kill, ...]
    seconds: float
    """Of processor time."""

    @property
    def survived(self) -> bool:
        return not self.kills


def share(mutants: Sequence[Mutant], number: int, of: int) -> list[Mutant]:
    """Every so many-th mutant, so that all shares together are all mutants, and each has some of every area."""
    return list(mutants)[number % of :: of]
