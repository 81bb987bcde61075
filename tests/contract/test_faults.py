"""The seeded faults themselves: each takes hold of the mock server, and lets go of it again."""

from __future__ import annotations

import json
from collections import Counter
from importlib import import_module
from types import FunctionType
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from conformance import faults

from aioz_stream_mock.contract import Contract

if TYPE_CHECKING:
    from conformance.faults import Fault

CONTRACT: Any = json.loads(json.dumps(yaml.safe_load(faults.CONTRACT.read_text(encoding="utf-8"))))


def test_there_are_many_and_each_has_a_name() -> None:
    names = Counter(fault.name for fault in faults.all_faults())
    assert max(names.values()) == 1, names.most_common(3)
    assert len(list(faults.listed())) >= 60
    assert all(fault.breaks for fault in faults.all_faults())


def test_every_rule_about_qualities_has_one() -> None:
    wanted = {f"/components/schemas/Quality/allOf/{place}" for place in range(len(conditions()))}
    wanted |= {f"{one}/then/properties/video_config/properties/bitrate/maximum" for one in wanted if has_maximum(one)}
    wanted |= {
        f"/components/schemas/{config}/properties/{field}/minimum"
        for config in ("VideoConfig", "AudioConfig")
        for field in ("bitrate", "index")
    }
    assert len(wanted) == 12 + 8 + 4
    assert wanted <= {fault.place for fault in faults.all_faults()}


def conditions() -> list[Any]:
    found: list[Any] = CONTRACT["components"]["schemas"]["Quality"]["allOf"]
    return found


def has_maximum(pointer: str) -> bool:
    return "video_config" in conditions()[int(pointer.rpartition("/")[2])]["then"]["properties"]


@pytest.fixture(scope="module")
def untouched() -> str:
    return served()


@pytest.mark.parametrize("fault", faults.all_faults(), ids=lambda fault: fault.name)
def test_it_takes_hold_and_lets_go(fault: Fault, untouched: str) -> None:
    """That a piece of source differs is checked by `apply` itself, which else raises."""
    undo = fault.apply()
    try:
        assert not fault.is_in_contract or served() != untouched
    finally:
        undo()


def test_all_have_let_go(untouched: str) -> None:
    code = [function.__code__ for function in functions()]
    for fault in faults.all_faults():
        fault.apply()()
    assert [function.__code__ for function in functions()] == code
    assert served() == untouched


def functions() -> list[FunctionType]:
    """All functions that faults are in."""
    found = []
    for fault in faults.all_faults():
        module, _, path = fault.place.partition(":")
        if not fault.is_in_contract:
            target = faults._find(fault, import_module(f"aioz_stream_mock.{module}"), path)
            found += [target] if isinstance(target, FunctionType) else []
    return found


def served() -> str:
    """All that the server's contract has to say."""
    return json.dumps(Contract(CONTRACT)._document)


def test_a_text_that_is_not_there_is_said() -> None:
    stale = faults.Fault("stale", "", "", "state.ranges:missing", "no such text", "")
    with pytest.raises(faults.FaultError, match=r"stands 0 times in state\.ranges:missing"):
        stale.apply()


def test_a_change_that_changes_nothing_is_said() -> None:
    idle = faults.Fault("idle", "", "", "state.ranges:missing", "position = 0", "position  =  0")
    with pytest.raises(faults.FaultError, match="idle changes nothing"):
        idle.apply()


def test_the_environment_chooses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(faults.VARIABLE, "no-such-fault")
    with pytest.raises(faults.FaultError, match="there is no fault no-such-fault"):
        faults.apply_from_environment()
