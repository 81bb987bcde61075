"""Soaks: tests of many rounds that are drawn from a seed, and a summary of where their kills fell.

`make test` runs the first few rounds of one seed, `make soak` many of a new one. A soak is a test that takes
`soak_round`, and says by `struck` what its kill has hit.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

FEW, SEED = 4, 2
STRUCK = "struck"


@dataclass(frozen=True)
class Round:
    """One round. The same seed and number draw the same plan; how a race ends, nobody can repeat."""

    seed: int
    number: int

    @property
    def dice(self) -> random.Random:
        return random.Random(f"{self.seed}/{self.number}")

    @property
    def again(self) -> str:
        return f"make soak SEED={self.seed} ARGS='--only {self.number}'"


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("soak")
    group.addoption("--rounds", type=int, default=FEW, help="how many rounds each soak has")
    group.addoption("--seed", type=int, default=SEED, help="what the rounds are drawn from")
    group.addoption("--only", type=int, default=-1, help="no round but the one of this number")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "soak_round" not in metafunc.fixturenames:
        return
    # The options are there only when this folder is named on the command line; without it, the few rounds are run.
    option = metafunc.config.getoption
    only: int = option("--only", -1)
    numbers = range(option("--rounds", FEW)) if only < 0 else [only]
    rounds = [Round(option("--seed", SEED), number) for number in numbers]
    metafunc.parametrize("soak_round", rounds, ids=[f"round-{one.number}" for one in rounds])


@pytest.fixture(autouse=True)
def _again(soak_round: Round) -> None:
    """What pytest shows beside a failure."""
    print(f"to run this round again: {soak_round.again}")


@pytest.fixture
def struck(record_property: Callable[[str, object], None]) -> Callable[[str, str], None]:
    """Tells the summary of a round: at what its kill was aimed, for one, and what became of that."""

    def tell(what: str, came_of_it: str) -> None:
        record_property(STRUCK, [what, came_of_it])

    return tell


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    seed: int = config.getoption("--seed", SEED)
    hits: Counter[tuple[str, str]] = Counter()
    rounds: list[str] = []
    failed: list[str] = []
    for report in [*terminalreporter.getreports("passed"), *terminalreporter.getreports("failed")]:
        number = re.search(r"\[round-(\d+)\]", report.nodeid)
        if number is None:
            continue
        if report.when == "call":
            rounds.append(report.nodeid)
            hits.update((str(hit[0]), str(hit[1])) for name, hit in report.user_properties if name == STRUCK)
        if report.failed:
            failed.append(f"{report.nodeid} failed; again: {Round(seed, int(number[1])).again}")
    terminalreporter.section("where the kills fell")
    for (what, came_of_it), count in sorted(hits.items()):
        terminalreporter.line(f"{count:5}  {what}: {came_of_it}")
    terminalreporter.line(f"{len(rounds):5}  rounds of seed {seed}")
    for line in failed:
        terminalreporter.line(line)
