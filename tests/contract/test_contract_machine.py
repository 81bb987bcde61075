"""Any operations in any order: an oracle says what has to come of them, and a real server does the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from conformance.machine import SETTINGS, Machine
from conformance.run import Run
from conformance.stage import Stage
from hypothesis.stateful import run_state_machine_as_test

if TYPE_CHECKING:
    from collections.abc import Iterator

RUN = Run.from_environment()


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    with Stage(**SETTINGS) as running:
        yield running


@pytest.mark.floor(10)
def test_any_order(stage: Stage) -> None:
    class Scenario(Machine):
        def __init__(self) -> None:
            super().__init__(stage)

    run_state_machine_as_test(RUN.seeded(Scenario), settings=RUN.settings(RUN.amount(15, 60), steps=40))
