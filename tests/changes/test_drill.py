"""A share of `make drill`, and whether CONTRIBUTING.md shows what the drill plays."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import drill
import pytest
from conformance.mock_tests import boundary_values

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from contract_changes.documents import Document

# The type checker reads everything once where nobody has run it before.
pytestmark = pytest.mark.timeout(240)

STEPS = drill.steps()
ADDING = [step for step in STEPS if not step.is_breaking]
COMING = [step for step in ADDING if step.name.endswith("may come")]
[NEXT] = [step for step in STEPS if step.name.startswith("the next version")]
BREAKING = [step for step in STEPS if any(piece.startswith("overlay/") for piece in step.names) and step is not NEXT]
FOLLOWED = [step for step in STEPS if step.accepted]
FEW_TESTS = ("test_envelope.py", "test_video.py")
"""The rulings that look closest at what answers may hold."""


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> drill.Copy:
    return drill.Copy(tmp_path_factory.mktemp("copy"))


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.name)
def test_each_change_is_judged_rightly(step: drill.Step, contract: Document) -> None:
    assert drill.breaks(contract, drill.applied(contract, [step])) == step.is_breaking


@pytest.mark.slow
@pytest.mark.xdist_group("drill")
def test_additions_to_answers_need_no_edit(contract: Document, copy: drill.Copy) -> None:
    """The type checker has its say about these in `make slow`."""
    assert [step.touch for step in COMING] == [[], []]
    copy.regenerate(drill.applied(contract, COMING))
    assert copy.start_warnings() == ""
    tests = [f"tests/end_to_end/rulings/{name}" for name in FEW_TESTS]
    assert copy.failed_tests([*tests, "tests/mock/test_mock_videos.py"], processes=0) == []


@pytest.mark.xdist_group("drill")
def test_a_test_that_fails_on_the_copy_is_named(copy: drill.Copy, tmp_path: Path) -> None:
    """It reads the modules of the copy, not the installed ones."""
    test = tmp_path / "test_copy.py"
    test.write_text(
        f"import aioz_stream_api\ndef test_a():\n    assert {str(copy.folder)!r} not in aioz_stream_api.__file__\n"
    )
    [failed] = copy.failed_tests([str(test)], processes=0)
    assert failed.endswith("test_copy.py::test_a")


@pytest.mark.slow
@pytest.mark.xdist_group("drill")
def test_client_and_mock_server_follow(contract: Document, copy: drill.Copy) -> None:
    """All of these at once; `make drill` plays each alone, and finds the tests whose values are drawn by hand."""
    assert len(FOLLOWED) == 6
    copy.regenerate(drill.applied(contract, FOLLOWED))
    copy.write_pages()
    examples = "tests/contract/test_contract_examples.py"
    assert copy.failed_tests([*(step.all_tests[-1] for step in FOLLOWED), examples], processes=0) == []
    page = (copy.folder / "docs" / "encoding.md").read_text(encoding="utf-8")
    assert "900p takes up to 5,000,000 bits per second." in page
    assert "720p takes up to 3,000,000 bits per second." in page


def test_a_table_drawn_by_hand_names_its_line() -> None:
    lines = (drill.ROOT / "tools/conformance/mock_tests/boundary_values.py").read_text(encoding="utf-8").splitlines()
    [number] = [number for number, line in enumerate(lines, 1) if line.startswith("TITLE = ")]
    assert boundary_values.TITLE.line == f"boundary_values.py:{number}"


@pytest.mark.slow
@pytest.mark.xdist_group("drill")
def test_additions_have_no_type_error(contract: Document, copy: drill.Copy) -> None:
    assert len(ADDING) >= 5
    copy.regenerate(drill.applied(contract, ADDING))
    assert copy.type_errors(["overlay"]) == []
    assert "copyVideo" in copy.start_warnings()


@pytest.mark.slow
@pytest.mark.xdist_group("drill")
def test_breaking_changes_are_type_errors(contract: Document, copy: drill.Copy) -> None:
    assert len(BREAKING) >= 3
    copy.regenerate(drill.applied(contract, BREAKING))
    errors = copy.type_errors(["overlay"])
    assert [step.name for step in BREAKING if not step.is_named_in(errors)] == []
    assert all(any(step.is_named_in([error]) for step in BREAKING) for error in errors), errors


@pytest.mark.xdist_group("drill")
def test_the_next_version_of_the_api_generates_and_is_served(contract: Document, copy: drill.Copy) -> None:
    copy.regenerate(drill.applied(contract, [NEXT]))
    assert [NEXT.serves] == re.findall(r"the operation (\w+)", copy.start_warnings())


@pytest.mark.slow
@pytest.mark.xdist_group("drill")
def test_the_next_version_of_the_api_asks_for_few_edits(contract: Document, copy: drill.Copy) -> None:
    copy.regenerate(drill.applied(contract, [NEXT]))
    outcome = drill.Outcome(True, copy.type_errors(["overlay", "cli"]), copy.start_warnings(), [])
    assert drill.complaints(NEXT, outcome) == []


@pytest.mark.parametrize(
    ("outcome", "says"),
    [
        (drill.Outcome(True, [], "", []), "breaking-change detection is wrong"),
        (drill.Outcome(False, ["overlay/a.py:1: error"], "", []), "named: ['overlay/a.py']"),
        (drill.Outcome(False, [], "no handler", []), f"named: ['{drill.HANDLERS}']"),
        (drill.Outcome(False, [], "", ["tests/a.py::test_b[c]"]), "named: ['tests/a.py']"),
    ],
)
def test_a_file_that_is_not_listed_fails_the_drill(outcome: drill.Outcome, says: str) -> None:
    assert drill.complaints(COMING[0], drill.Outcome(False, [], "", [])) == []
    assert says in "\n".join(drill.complaints(COMING[0], outcome))


def shown_in_contributing() -> dict[str, Sequence[str]]:
    """The table of CONTRIBUTING.md: the files to touch for each change."""
    page = (drill.ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    table = page[page.index("| the change of the contract |") :].partition("\n\n")[0]
    rows = [line.strip("|").split("|") for line in table.splitlines()[2:]]
    return {name.strip(): re.findall(r"`([^`]+)`", touch) for name, touch, _ in rows}


def test_contributing_shows_what_the_drill_plays() -> None:
    assert shown_in_contributing() == {step.name: step.touch for step in STEPS}
