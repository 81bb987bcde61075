"""One mutant in a process of its own: the mistake is made, and the layers are asked until one notices."""

from __future__ import annotations

import os
import tempfile
import time
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from mutation.mutants import Kill, Verdict

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mutation.mutants import Layer, Mutant

OPTIONS = (
    *("-x", "-q", "--no-header", "--no-summary", "--tb=short", "-p", "no:cacheprovider", "-p", "no:xdist"),
    # Plugins that were imported before; only their own assertions would read better.
    *("-W", "ignore::pytest.PytestAssertRewriteWarning"),
)
LONGEST = 200
"""Characters of a reason that are kept."""


class LayerError(Exception):
    """A layer could not be asked at all, which says nothing about any mutant."""


class FailureRecorder:
    """A plugin of pytest that remembers the first failure: the test, and the line that says what is wrong."""

    def __init__(self) -> None:
        self.failure: tuple[str, str] | None = None

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self._note(report)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        self._note(report)

    def _note(self, report: pytest.TestReport | pytest.CollectReport) -> None:
        if report.failed and self.failure is None:
            lines = report.longreprtext.strip().splitlines()
            errors = [line[1:].strip() for line in lines if line.startswith("E  ")]
            self.failure = (report.nodeid, (errors or lines or [""])[0][:LONGEST])


def ask(layer: Layer) -> Kill | None:
    """The first test of a layer that fails, in this process."""
    os.environ.update(layer.environment)
    recorder = FailureRecorder()
    status = pytest.main([*OPTIONS, *layer.tests], plugins=[recorder])
    if recorder.failure is not None:
        return Kill(layer.name, *recorder.failure)
    if status != pytest.ExitCode.OK:
        raise LayerError(f"the layer {layer.name} ends with {status!r} and no failure")
    return None


def examine(mutant: Mutant, *, in_all_layers: bool = False) -> Verdict:
    """Make the mistake in this process, which is of no use for anything else afterwards."""
    # A folder that no other process looks through.
    tempfile.tempdir = tempfile.mkdtemp()
    mutant.make()
    kills: list[Kill] = []
    for layer in mutant.layers:
        if (kill := ask(layer)) is not None:
            kills.append(kill)
            if not in_all_layers:
                break
    return Verdict(tuple(kills), time.process_time())


def warm_up(tests: Sequence[str]) -> None:
    """Import all that the tests import, so that the processes that are forked from this one need not."""
    # In C, eight times as fast: nearly every test module reads the contract.
    fast: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    yaml.SafeLoader = fast  # type: ignore[misc]  # a name of the module, which its `safe_load` looks up
    status = pytest.main([*OPTIONS, "--collect-only", *tests])
    if status != pytest.ExitCode.OK:
        raise LayerError(f"the tests can't be collected: {status!r}")
