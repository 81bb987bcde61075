"""A share of `make drill`: all that adds something at once, then all that breaks something, against the overlay."""

from __future__ import annotations

from typing import TYPE_CHECKING

import drill
import pytest

if TYPE_CHECKING:
    from contract_changes.documents import Document

# The type checker reads everything once where nobody has run it before.
pytestmark = pytest.mark.timeout(240)

STEPS = drill.steps()
ADDING = [step for step in STEPS if not step.is_breaking]
BREAKING = [step for step in STEPS if any(piece.startswith("overlay/") for piece in step.names)]


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> drill.Copy:
    return drill.Copy(tmp_path_factory.mktemp("copy"))


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.name)
def test_each_is_judged_rightly(step: drill.Step, contract: Document) -> None:
    assert drill.breaks(contract, drill.applied(contract, [step])) == step.is_breaking


@pytest.mark.xdist_group("drill")
def test_what_adds_something_passes_with_nothing_touched(contract: Document, copy: drill.Copy) -> None:
    assert len(ADDING) >= 5
    copy.regenerate(drill.applied(contract, ADDING))
    assert copy.type_errors(["overlay"]) == []
    assert "copyVideo" in copy.start_error()
    copy.regenerate(drill.applied(contract, [step for step in ADDING if not step.serves]))
    assert copy.start_error() == ""


@pytest.mark.xdist_group("drill")
def test_what_breaks_something_is_named(contract: Document, copy: drill.Copy) -> None:
    assert len(BREAKING) >= 4
    copy.regenerate(drill.applied(contract, BREAKING))
    errors = copy.type_errors(["overlay"])
    assert [step.name for step in BREAKING if not step.is_named_in(errors)] == []
    assert all(any(step.is_named_in([error]) for step in BREAKING) for error in errors), errors
