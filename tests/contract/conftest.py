"""Counts what the contract tests ask, requires successes of every operation, and reports the run at its end."""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from conformance.mock_tests import seeded_faults
from conformance.mock_tests.fuzzing import Fuzzer
from conformance.mock_tests.results import Exchanges, RunResult, Summary, TestResult
from conformance.mock_tests.run_options import RunOptions, forget_own_source
from conformance.mock_tests.test_server import TestServer

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

EXCHANGES, CURL = "contract exchanges", "contract replay"
STARTED = pytest.StashKey[float]()

# Before any test module makes its application.
seeded_faults.apply_from_environment()
forget_own_source()


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers",
        "floor(count, operations): each of these operations must succeed that often",
    )
    config.stash[STARTED] = time.time()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    """Require the floor in the process that ran the test, so that neither order nor distribution of tests matters."""
    server = server_of(item)
    if server is None:
        return (yield)
    if fuzzer_of(item):
        server.reset()
    server.exchanges = Exchanges()
    try:
        result = yield
    finally:
        item.user_properties.append((EXCHANGES, server.exchanges.as_json()))
    floor = item.get_closest_marker("floor")
    # With a seed, chance decides about a single test. `tools/contract.py` requires it of all tests together then
    if floor is not None and RunOptions.from_environment().seed is None:
        server.exchanges.require(*floor.args, **floor.kwargs)
    return result


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Add to a failure how to see it again."""
    report = yield
    server = server_of(item)
    if report.failed and report.when == "call" and server is not None:
        script = server.replay.text()
        report.user_properties.append((CURL, script))
        report.sections.append(("replay with pytest", RunOptions.replay_command(item.nodeid)))
        report.sections.append(("replay with curl, against a mock server of its own", script))
    return report


def fuzzer_of(item: pytest.Item) -> Fuzzer | None:
    arguments = getattr(item, "funcargs", {}).values()
    return next((one for one in arguments if isinstance(one, Fuzzer)), None)


def server_of(item: pytest.Item) -> TestServer | None:
    """The server that a test asks."""
    fuzzer = fuzzer_of(item)
    arguments = getattr(item, "funcargs", {}).values()
    return fuzzer.server if fuzzer else next((one for one in arguments if isinstance(one, TestServer)), None)


def collect_results(terminal: pytest.TerminalReporter) -> Iterator[TestResult]:
    for outcome, reports in sorted(terminal.stats.items()):
        for report in reports:
            is_whole = getattr(report, "when", "") == "call" or outcome in {"error", "skipped"}
            if isinstance(report, pytest.TestReport) and is_whole and "tests/contract/" in report.nodeid:
                properties: dict[str, Any] = dict(report.user_properties)
                yield TestResult(
                    report.nodeid,
                    outcome,
                    report.duration,
                    report.longreprtext,
                    properties.get(CURL, ""),
                    RunOptions.replay_command(report.nodeid) if report.failed else "",
                    properties.get(EXCHANGES, {}),
                )


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Report how often each operation got each status, and write the results of the run."""
    options, started = RunOptions.from_environment(), terminalreporter.config.stash[STARTED]
    result = RunResult(
        options.seed,
        options.is_full,
        os.environ.get(seeded_faults.VARIABLE, ""),
        datetime.fromtimestamp(started, UTC).isoformat(timespec="seconds"),
        time.time() - started,
        list(collect_results(terminalreporter)),
    )
    summary = Summary([result])
    if summary.requests:
        terminalreporter.section("contract")
        terminalreporter.write_line("\n".join(summary.lines()))
    if options.result_file:
        result.write(Path(options.result_file))
