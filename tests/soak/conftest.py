"""Soaks: tests of many rounds that are drawn from a seed, and a summary of where their kills fell.

`make test` runs the first few rounds of one seed, `make soak` and `make soak-uploads` many of a new one. A soak is a
test that takes `soak_round`, and says by `struck` what its kill has hit.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

FEW, SEED = 2, 2
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
        return f"pytest tests/soak --seed {self.seed} --only {self.number}"


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("soak")
    group.addoption("--rounds", type=int, default=FEW, help="how many rounds each soak has")
    group.addoption("--seed", type=int, default=SEED, help="what the rounds are drawn from")
    group.addoption("--files", type=int, default=12, help="how many files are spread over a Dask cluster")
    group.addoption("--workers", type=int, default=2, help="how many workers that cluster has")
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
def _again(request: pytest.FixtureRequest) -> None:
    """What pytest shows beside a failure."""
    if "soak_round" in request.fixturenames:
        soak_round: Round = request.getfixturevalue("soak_round")
        print(f"to run this round again: {soak_round.again}")


@pytest.fixture
def struck(record_property: Callable[[str, object], None]) -> Callable[..., None]:
    """Tells the summary of a round: at what its kill was aimed, for one, what became of that, and how often."""

    def tell(what: str, came_of_it: str, count: int = 1) -> None:
        record_property(STRUCK, [what, came_of_it, count])

    return tell


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    seed: int = config.getoption("--seed", SEED)
    hits: Counter[tuple[str, str]] = Counter()
    rounds: list[str] = []
    failed: list[str] = []
    for report in [*terminalreporter.getreports("passed"), *terminalreporter.getreports("failed")]:
        for what, came_of_it, count in _hits(report):
            hits[what, came_of_it] += count
        number = re.search(r"\[round-(\d+)\]", report.nodeid)
        if number is None:
            continue
        if report.when == "call":
            rounds.append(report.nodeid)
        if report.failed:
            failed.append(f"{report.nodeid} failed; again: {Round(seed, int(number[1])).again}")
    terminalreporter.section("where kills and faults fell")
    for (what, came_of_it), count in sorted(hits.items()):
        terminalreporter.line(f"{count:7,}  {what}: {came_of_it}")
    terminalreporter.line(f"{len(rounds):7,}  rounds of seed {seed}")
    for line in failed:
        terminalreporter.line(line)


def _hits(report: pytest.TestReport) -> list[tuple[str, str, int]]:
    found = [hit for name, hit in report.user_properties if name == STRUCK and report.when == "call"]
    return cast("list[tuple[str, str, int]]", found)
