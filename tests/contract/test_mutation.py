"""The tool that tests the tests: what survives is said, and what is said of survivors has to be true."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import yaml
from conformance.stage import contract
from mutation import children, explained, kinds, loosened
from mutation.affected import Reach
from mutation.edits import Edit, edits
from mutation.mutants import Kill, Mutant, Verdict, share
from mutation.report import Tally, judged

from aioz_stream_mock.contract import load_contract

ROOT = Path(__file__).parents[2]
# From Python 3.12 on, since the workers of pytest have threads; what is forked here does not touch them.
pytestmark = pytest.mark.filterwarnings("ignore:.*multi-threaded:DeprecationWarning")
SCRIPT = """
import os, sys
sys.path.insert(0, "tools")
import mutants
from mutation.kinds import Kind
from mutation.mutants import Layer, Mutant

layers = [Layer(name, (f"{sys.argv[1]}::test_{name}",)) for name in ("first", "second")]

def made():
    for name in ("A", "B", "NOTHING"):
        yield Mutant(name, "letters", "sets " + name, lambda name=name: os.environ.update({name: "1"}), tuple(layers))

sys.exit(mutants.main(sys.argv[2:], [Kind("faults", "letters", made, layers, 1.0)]))
"""
TESTS = """
import os

def test_first():
    assert "A" not in os.environ, "there is an A"

def test_second():
    assert "B" not in os.environ
    assert "BROKEN" not in os.environ
"""


def run(folder: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    tests = folder / "test_letters.py"
    tests.write_text(TESTS, encoding="utf-8")
    command = [sys.executable, "-c", SCRIPT, str(tests), "--verbose", *arguments]
    variables = {**os.environ, **environment}
    return subprocess.run(command, cwd=ROOT, env=variables, capture_output=True, text=True, check=False)


def test_a_survivor_is_said(tmp_path: Path) -> None:
    done = run(tmp_path)
    assert done.returncode == 1, done.stderr
    assert "A: first, test_first: AssertionError: there is an A" in done.stdout
    assert "B: second, test_second: " in done.stdout
    assert "NOTHING: SURVIVES (sets NOTHING)" in done.stdout
    assert done.stdout.splitlines()[-1] == "NOTHING survives, and nobody says why"
    assert "letters 2 of 3 66.7% 1 1 in all 2 of 3 66.7% 1 1" in " ".join(done.stdout.split())


def test_tests_that_fail_anyway_say_nothing(tmp_path: Path) -> None:
    done = run(tmp_path, BROKEN="1")
    assert done.returncode == 1
    assert "test_second fails with everything in place" in done.stdout
    assert "1 of 1" not in done.stdout


KILLED, SURVIVED = Verdict("k", (Kill("layer", "test", "why"),), 1.0), Verdict("s", (), 1.0)


def mutant(name: str) -> Mutant:
    return Mutant(name, "area", "about", list, ())


def test_a_rate_that_is_too_low_is_said() -> None:
    tally = Tally(())
    for number in range(9):
        tally.add(mutant(str(number)), KILLED)
    tally.add(mutant("s"), SURVIVED)
    assert judged(tally, 0.9, {"s": "a reason"}) == []
    assert judged(tally, 0.95, {"s": "a reason"}) == ["90.0% are noticed, and 95% have to be"]
    assert judged(tally, 0.9, {}) == ["s survives, and nobody says why"]


def test_a_stale_explanation_is_said(tmp_path: Path) -> None:
    file = tmp_path / "survivors.yaml"
    file.write_text("contract: [{mutant: k, reason: x}, {mutant: gone, reason: x}, {mutant: s, reason: x}]\n")
    found = explained.stale(explained.explanations("contract", file), known={"k", "s"}, killed={"k"})
    assert found == [
        "k is explained as a survivor, and a test notices it",
        "gone is explained as a survivor, and is no mutant",
    ]


def test_explanations_are_of_mutants_that_there_are() -> None:
    for kind in kinds.KINDS:
        names = [one.name for one in kind.mutants()]
        assert len(names) == len(set(names))
        reasons = explained.explanations(kind.name)
        assert explained.stale(reasons, known=names, killed=()) == []
        assert all(len(reason.split()) > 5 for reason in reasons.values())


def test_all_shares_together_are_all() -> None:
    mutants = [mutant(str(number)) for number in range(25)]
    shares = [one for number in range(10) for one in share(mutants, number, 10)]
    assert sorted(one.name for one in shares) == sorted(one.name for one in mutants)
    assert share(mutants, 13, 10) == share(mutants, 3, 10)


def test_results_come_from_other_processes() -> None:
    found = dict(children.each(lambda job: (job * 2, os.getpid()), [1, 2, 3], at_once=2, seconds=60))
    assert {job: result and result[0] for job, result in found.items()} == {1: 2, 2: 4, 3: 6}
    assert os.getpid() not in {result and result[1] for result in found.values()}


def test_what_takes_too_long_is_ended() -> None:
    assert list(children.each(time.sleep, [600], at_once=1, seconds=0.2)) == [(600, None)]


def test_a_process_that_fails_is_said() -> None:
    with pytest.raises(children.ChildError, match="division by zero"):
        list(children.each(lambda job: job / 0, [1], at_once=1, seconds=60))
    with pytest.raises(children.ChildError, match="the process ended with 7"):
        list(children.each(os._exit, [7], at_once=1, seconds=60))


def test_everybody_reads_the_mutant() -> None:
    edit = Edit("/components/schemas/Title/maxLength", "bounds", "is 256", 256)
    [(_, found)] = children.each(read_by_all, [edit], at_once=1, seconds=60)
    assert found == [256, 256, 256]
    assert title_limit(contract()) == 255


def read_by_all(edit: Edit) -> list[int]:
    """The server, a module that is imported anew, and whoever opens the file."""
    loosened.make(edit)
    document = yaml.safe_load((ROOT / "openapi.yaml").read_text(encoding="utf-8"))
    stage: Any = import_module("conformance.stage")
    return [title_limit(one) for one in (load_contract().document, stage.contract(), document)]


def title_limit(document: Any) -> int:
    limit: int = document["components"]["schemas"]["Title"]["maxLength"]
    return limit


def test_every_edit_changes_its_place_only() -> None:
    document = contract()
    found = list(edits(document))
    assert len(found) > 300
    for edit in found:
        assert edit.applied(document) != document, edit
    for wanted in (
        Edit("/components/schemas/Title/maxLength", "bounds", "is 256", 256),
        Edit("/components/schemas/Video/required/1", "required", "title may be missing"),
        Edit("/components/schemas/VideoStatus/anyOf/0/enum/2", "words", "'done' is taken out"),
        Edit("/components/schemas/Quality/allOf/4", "conditions", "is taken out"),
        Edit("/components/schemas/Timestamp/anyOf/2", "nulls", "null is taken out"),
        Edit("/components/schemas/Timestamp/anyOf/0/format", "formats", "date-time is taken out"),
        Edit("/paths/~1videos~1cost/get/parameters/1/schema/exclusiveMinimum", "bounds", "is -1", -1),
    ):
        assert wanted in found


def test_operations_are_found_by_what_they_refer_to() -> None:
    reach = Reach(contract())
    assert reach.affected("/components/schemas/Title/maxLength") == ("createVideo", "updateVideo")
    assert reach.affected("/components/schemas/AudioConfig/required/0") == ("createVideo",)
    with_an_id = set(reach.operations) - {"createVideo", "listVideos", "getTranscodeCost"}
    assert set(reach.affected("/components/parameters/VideoId/schema/minLength")) == with_an_id
    assert reach.affected("/components/schemas/Tags") == ("createVideo", "updateVideo")
    assert reach.affected("/info/version") == ()
