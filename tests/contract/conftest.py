"""What a run of the contract tests counts, holds to, and says at its end."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest
from conformance import faults
from conformance.book import Book
from conformance.desk import Desk
from conformance.run import forget_own_source
from conformance.stage import Stage

if TYPE_CHECKING:
    from collections.abc import Generator

PROPERTY = "contract answers"

# Before any test module makes its application.
faults.apply_from_environment()
forget_own_source()


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers",
        "floor(count, operations): each operation that is called, or each of these, must succeed that often",
    )


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    """Judge the floor where the cases ran, so that neither order nor distribution of tests matters."""
    asking = [one for one in getattr(item, "funcargs", {}).values() if isinstance(one, Desk | Stage)]
    if not asking:
        return (yield)
    [somebody] = asking
    somebody.book = Book()
    try:
        result = yield
    finally:
        item.user_properties.append((PROPERTY, somebody.book.as_json()))
    floor = item.get_closest_marker("floor")
    if floor is not None:
        somebody.book.judge(*floor.args, **floor.kwargs)
    return result


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Which documented statuses were seen. What was never seen is no failure here."""
    runs: dict[str, dict[str, Counter[int]]] = {}
    for report in (report for reports in terminalreporter.stats.values() for report in reports):
        if getattr(report, "when", "") != "call":
            continue
        for book in (value for key, value in report.user_properties if key == PROPERTY):
            run = runs.setdefault(report.nodeid.partition("::")[0], {})
            for operation, status, count in book["answers"]:
                run.setdefault(operation, Counter())[status] += count
    for name, run in sorted(runs.items()):
        terminalreporter.section(f"answers in {name}")
        for operation, statuses in sorted(run.items()):
            seen = "  ".join(f"{status} × {count}" for status, count in sorted(statuses.items()))
            terminalreporter.write_line(f"{operation:<22}{seen}")
