"""The tool that tests the tests: survivors are reported, and explanations of survivors have to be true."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from importlib import import_module
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from contract_document import CONTRACT, ROOT, find, load
from mutants import KINDS
from mutation import forks, report
from mutation.contract_edits import ContractEdit, edits
from mutation.contract_mutants import replace_contract
from mutation.mutants import Kill, Mutant, Verdict, share

from aioz_stream_mock.contract import load_contract

if TYPE_CHECKING:
    from pathlib import Path

# From Python 3.12 on, since the workers of pytest have threads; what is forked here does not touch them.
pytestmark = pytest.mark.filterwarnings("ignore:.*multi-threaded:DeprecationWarning")
SCRIPT = """
import os, sys
sys.path.insert(0, "tools")
import mutants
from mutation.mutants import Kind, Layer, Mutant

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


def test_a_survivor_is_reported(tmp_path: Path) -> None:
    done = run(tmp_path)
    assert done.returncode == 1, done.stderr
    assert "A: first, test_first: AssertionError: there is an A" in done.stdout
    assert "B: second, test_second: " in done.stdout
    assert "NOTHING: SURVIVES (sets NOTHING)" in done.stdout
    assert done.stdout.splitlines()[-1] == "NOTHING survives, and no reason is given"
    assert "letters 2 of 3 66.7% 1 1 in all 2 of 3 66.7% 1 1" in " ".join(done.stdout.split())


@pytest.mark.slow
def test_a_layer_that_fails_without_a_mutant_is_reported(tmp_path: Path) -> None:
    done = run(tmp_path, BROKEN="1")
    assert done.returncode == 1
    assert "test_second fails with everything in place" in done.stdout
    assert "1 of 1" not in done.stdout


KILLED, SURVIVED = Verdict((Kill("layer", "test", "why"),), 1.0), Verdict((), 1.0)


def mutant(name: str) -> Mutant:
    return Mutant(name, "area", "about", list, ())


def test_a_rate_that_is_too_low_is_reported() -> None:
    results = [*((mutant(str(number)), KILLED) for number in range(9)), (mutant("s"), SURVIVED)]
    assert report.findings(results, 0.9, {"s": "a reason"}) == []
    assert report.findings(results, 0.95, {"s": "a reason"}) == ["90.0% are noticed, and 95% have to be"]
    assert report.findings(results, 0.9, {}) == ["s survives, and no reason is given"]


def test_a_stale_explanation_is_reported(tmp_path: Path) -> None:
    file = tmp_path / "survivors.yaml"
    file.write_text("contract: [{mutant: k, reason: x}, {mutant: gone, reason: x}, {mutant: s, reason: x}]\n")
    explained = report.explanations("contract", file)
    results = [(mutant("k"), KILLED), (mutant("s"), SURVIVED)]
    assert report.findings(results, 0.0, explained) == ["k is explained as a survivor, and a test notices it"]
    assert report.unknown(explained, {"k", "s"}) == ["gone is explained as a survivor, and is no mutant"]


def test_explanations_are_of_existing_mutants() -> None:
    for kind in KINDS:
        names = [one.name for one in kind.mutants()]
        assert len(names) == len(set(names))
        reasons = report.explanations(kind.name)
        assert report.unknown(reasons, names) == []
        assert all(len(reason.split()) > 5 for reason in reasons.values())


def test_all_shares_together_are_all_mutants() -> None:
    mutants = [mutant(str(number)) for number in range(25)]
    shares = [one for number in range(10) for one in share(mutants, number, 10)]
    assert sorted(one.name for one in shares) == sorted(one.name for one in mutants)
    assert share(mutants, 13, 10) == share(mutants, 3, 10)


def test_results_come_from_other_processes() -> None:
    found = dict(forks.run_each(lambda job: (job * 2, os.getpid()), [1, 2, 3], at_once=2, seconds=60))
    assert {job: result and result[0] for job, result in found.items()} == {1: 2, 2: 4, 3: 6}
    assert os.getpid() not in {result and result[1] for result in found.values()}


def test_a_job_that_takes_too_long_is_ended() -> None:
    assert list(forks.run_each(time.sleep, [600], at_once=1, seconds=0.2)) == [(600, None)]


def test_a_process_that_fails_is_reported() -> None:
    with pytest.raises(forks.ForkError, match="division by zero"):
        list(forks.run_each(lambda job: job / 0, [1], at_once=1, seconds=60))
    assert list(forks.run_each(os._exit, [7], at_once=1, seconds=60)) == [(7, None)]


TITLE_LIMIT = "/components/schemas/Title/maxLength"


def test_every_reader_reads_the_mutant() -> None:
    edit = ContractEdit(TITLE_LIMIT, "bounds", "is 256", 256)
    [(_, found)] = forks.run_each(read_mutant, [edit], at_once=1, seconds=60)
    assert found == [256, 256, 256, 256]
    assert find(load(), TITLE_LIMIT) == 255


def read_mutant(edit: ContractEdit) -> list[int]:
    """The title's limit as the server, the tools, a module that is imported anew, and an opened file have it."""
    replace_contract(edit)
    document = yaml.safe_load(CONTRACT.read_text(encoding="utf-8"))
    module: Any = import_module("conformance.shared.requests")
    readings = (load_contract().document, load(), module.load(), document)
    return [find(one, TITLE_LIMIT) for one in readings]


def test_every_edit_changes_its_place_only() -> None:
    document = load()
    found = list(edits(document))
    assert len(found) > 300
    for edit in found:
        assert edit.apply(document) != document, edit
    for wanted in (
        ContractEdit(TITLE_LIMIT, "bounds", "is 256", 256),
        ContractEdit("/components/schemas/Video/required/1", "required", "title may be missing"),
        ContractEdit("/components/schemas/VideoStatus/anyOf/0/enum/2", "words", "'done' is taken out"),
        ContractEdit("/components/schemas/Quality/allOf/4", "conditions", "is taken out"),
        ContractEdit("/components/schemas/Timestamp/anyOf/2", "nulls", "null is taken out"),
        ContractEdit("/components/schemas/Timestamp/anyOf/0/format", "formats", "is taken out"),
        ContractEdit("/paths/~1videos~1cost/get/parameters/1/schema/exclusiveMinimum", "bounds", "is -1", -1),
    ):
        assert wanted in found
