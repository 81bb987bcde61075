"""One mutant in a process of its own: the mistake is made, and the layers are asked until one notices."""

from __future__ import annotations

import os
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from mutation.mutants import Kill, Verdict

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mutation.mutants import Layer, Mutant

OPTIONS = (
    *("-q", "--no-header", "--no-summary", "--tb=short", "-p", "no:cacheprovider", "-p", "no:xdist"),
    # Plugins that were imported before; only their own assertions would read better.
    *("-W", "ignore::pytest.PytestAssertRewriteWarning"),
)
PASSED = (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED)
LONGEST = 200
"""Characters of a reason that are kept."""


class LayerError(Exception):
    """A layer could not be asked at all, which says nothing about any mutant."""


class FailureRecorder:
    """A plugin of pytest that remembers failures: the test, and the line that says what is wrong."""

    def __init__(self) -> None:
        self.failures: dict[str, str] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self._note(report)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        self._note(report)

    def _note(self, report: pytest.TestReport | pytest.CollectReport) -> None:
        if report.failed:
            lines = report.longreprtext.strip().splitlines()
            errors = [line[1:].strip() for line in lines if line.startswith("E  ")]
            self.failures.setdefault(report.nodeid, (errors or lines or [""])[0][:LONGEST])


def failures(layer: Layer, *options: str) -> dict[str, str]:
    """The tests of a layer that fail in this process, each with the reason."""
    os.environ.update(layer.environment)
    recorder = FailureRecorder()
    status = pytest.main([*OPTIONS, *options, *layer.tests], plugins=[recorder])
    if status not in PASSED and not recorder.failures:
        raise LayerError(f"the layer {layer.name} ends with {status!r} and no failure")
    return recorder.failures


def examine(mutant: Mutant, *, in_all_layers: bool = False) -> Verdict:
    """Make the mistake in this process, which is of no use for anything else afterwards."""
    # A folder that no other process looks through.
    tempfile.tempdir = tempfile.mkdtemp()
    mutant.make()
    kills: list[Kill] = []
    for layer in mutant.layers:
        kills += [Kill(layer.name, *failure) for failure in [*failures(layer, "-x").items()][:1]]
        if kills and not in_all_layers:
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


def forget_modules(*folders: Path) -> None:
    """Let this process import anew what is in these folders."""
    for name, module in list(sys.modules.items()):
        file = getattr(module, "__file__", None)
        if file is not None and any(Path(file).is_relative_to(folder) for folder in folders):
            del sys.modules[name]
