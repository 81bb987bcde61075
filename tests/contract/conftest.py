"""What a run of the contract tests counts, holds to, and says at its end."""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from conformance import faults
from conformance.book import Book
from conformance.desk import Desk
from conformance.records import Outcome, Record, Tally
from conformance.run import Run, forget_own_source
from conformance.stage import Stage

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

BOOK, CURL = "contract answers", "contract replay"
STARTED = pytest.StashKey[float]()

# Before any test module makes its application.
faults.apply_from_environment()
forget_own_source()


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers",
        "floor(count, operations): each operation that is called, or each of these, must succeed that often",
    )
    config.stash[STARTED] = time.time()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    """Judge the floor where the cases ran, so that neither order nor distribution of tests matters."""
    somebody = asking(item)
    if somebody is None:
        return (yield)
    if isinstance(somebody, Desk):
        somebody.begin()
    somebody.book = Book()
    try:
        result = yield
    finally:
        item.user_properties.append((BOOK, somebody.book.as_json()))
    floor = item.get_closest_marker("floor")
    # With a seed, chance decides what comes of a single test. `tools/contract.py` judges all of them together then.
    if floor is not None and Run.from_environment().seed is None:
        somebody.book.judge(*floor.args, **floor.kwargs)
    return result


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A failure says how to see it again."""
    report = yield
    somebody = asking(item)
    if report.failed and report.when == "call" and somebody is not None:
        script = somebody.done.text()
        report.user_properties.append((CURL, script))
        report.sections.append(("replay with pytest", again(item.nodeid)))
        report.sections.append(("replay with curl, against a mock server of its own", script))
    return report


def asking(item: pytest.Item) -> Desk | Stage | None:
    """Whoever asks a server for a test."""
    found = [one for one in getattr(item, "funcargs", {}).values() if isinstance(one, Desk | Stage)]
    return found[0] if found else None


def again(test: str) -> str:
    return f"{Run.from_environment().command()} {test!r}"


def outcomes(terminal: pytest.TerminalReporter) -> Iterator[Outcome]:
    for name, reports in sorted(terminal.stats.items()):
        for report in reports:
            is_whole = getattr(report, "when", "") == "call" or name in {"error", "skipped"}
            if isinstance(report, pytest.TestReport) and is_whole:
                properties: dict[str, Any] = dict(report.user_properties)
                yield Outcome(
                    report.nodeid,
                    name,
                    report.duration,
                    report.longreprtext,
                    properties.get(CURL, ""),
                    again(report.nodeid) if report.failed else "",
                    properties.get(BOOK, {}),
                )


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """What was answered how often, and whether the run was the same as another. What was never seen is no failure."""
    run, started = Run.from_environment(), terminalreporter.config.stash[STARTED]
    record = Record(
        run.seed,
        run.is_full,
        os.environ.get(faults.VARIABLE, ""),
        datetime.fromtimestamp(started, UTC).isoformat(timespec="seconds"),
        time.time() - started,
        [one for one in outcomes(terminalreporter) if "tests/contract/" in one.test],
    )
    tally = Tally([record])
    if tally.requests:
        terminalreporter.section("contract")
        terminalreporter.write_line("\n".join(tally.lines()))
    if run.record:
        record.write(Path(run.record))
