"""The seeded faults themselves: each can be switched on and off."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING

import pytest
from conformance.mock_tests import seeded_faults
from contract_document import load

from aioz_stream_mock.contract import Contract

if TYPE_CHECKING:
    from types import FunctionType

    from conformance.mock_tests.seeded_faults import SeededFault


def test_every_fault_has_a_name_of_its_own() -> None:
    names = Counter(fault.name for fault in seeded_faults.all_faults())
    assert max(names.values()) == 1, names.most_common(3)
    assert len(names) >= 200
    assert all(fault.breaks for fault in seeded_faults.all_faults())


@pytest.fixture(scope="module")
def untouched() -> str:
    return served()


@pytest.mark.parametrize("fault", seeded_faults.all_faults(), ids=lambda fault: fault.name)
def test_a_fault_changes_the_server(fault: SeededFault, untouched: str) -> None:
    """That a piece of source differs is checked by `apply` itself, which else raises."""
    undo = fault.apply()
    try:
        assert not fault.is_in_contract or served() != untouched
    finally:
        undo()


def test_faults_are_undone(untouched: str) -> None:
    code = [function.__code__ for function in functions()]
    for fault in seeded_faults.all_faults():
        fault.apply()()
    assert [function.__code__ for function in functions()] == code
    assert served() == untouched


def functions() -> list[FunctionType]:
    """All functions that faults are in."""
    return [fault.function() for fault in seeded_faults.all_faults() if not fault.is_in_contract]


def served() -> str:
    """All that the server's contract has to say."""
    return json.dumps(Contract(load())._document)


def test_a_missing_text_is_an_error() -> None:
    stale = seeded_faults.SeededFault("stale", "", "", "state.ranges:missing", "no such text", "")
    with pytest.raises(seeded_faults.FaultError, match=r"stands 0 times in state\.ranges:missing"):
        stale.apply()


def test_a_fault_without_effect_is_an_error() -> None:
    idle = seeded_faults.SeededFault("idle", "", "", "state.ranges:missing", "position = 0", "position  =  0")
    with pytest.raises(seeded_faults.FaultError, match="idle changes nothing"):
        idle.apply()


def test_the_environment_names_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(seeded_faults.VARIABLE, "no-such-fault")
    with pytest.raises(seeded_faults.FaultError, match="there is no fault no-such-fault"):
        seeded_faults.apply_from_environment()
