"""Any operations in any order: the server has to answer as the oracle does."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from conformance.mock_tests.run_options import RunOptions
from conformance.mock_tests.state_machine import SETTINGS, VideoStateMachine
from conformance.mock_tests.test_server import TestServer
from conformance.shared.documented import operation_ids
from hypothesis.stateful import run_state_machine_as_test

if TYPE_CHECKING:
    from collections.abc import Iterator

RUN = RunOptions.from_environment()


@pytest.fixture(scope="module")
def server() -> Iterator[TestServer]:
    with TestServer(**SETTINGS) as running:
        yield running


@pytest.mark.floor(5, operations=set(operation_ids()) - {"getTranscodeCost"})
def test_operations_in_any_order(server: TestServer) -> None:
    class Scenario(VideoStateMachine):
        def __init__(self) -> None:
            super().__init__(server)

    run_state_machine_as_test(RUN.seeded(Scenario), settings=RUN.settings(RUN.amount(15, 60), steps=40))
