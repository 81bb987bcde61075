"""The mistakes that `make mutants-client` makes: each is one change, each still a program, and all kinds are there."""

from __future__ import annotations

import ast
from collections import Counter
from functools import partial
from typing import TYPE_CHECKING

import mutants_client
import pytest
from contract_document import ROOT
from mutation.client_mutations import PACKAGE, mutations
from mutation.forks import run_each
from mutation.mutants import Layer, Mutant
from mutation.runner import examine

if TYPE_CHECKING:
    from pathlib import Path

MODULE = '''"""Text."""
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    LIMIT = 1


def act(number: int, others: list[int]) -> bool:
    """Text."""
    print(number)
    if number < 3 and not others:
        return True
    return number in others
'''


def test_each_kind() -> None:
    found = mutations("module.py", MODULE)
    changes = {line[1:].strip() for one in found for line in one.diff.splitlines() if line.startswith("+")}
    assert changes == {
        "None",
        "if number <= 3 and (not others):",
        "if number < 4 and (not others):",
        "if number < 3 or not others:",
        "if number < 3 and (not not others):",
        "if not (number < 3 and (not others)):",
        "return False",
        "return number not in others",
    }
    assert Counter(one.kind for one in found) == {
        "dropped call": 1,
        "comparison": 2,
        "number": 2,
        "and/or": 1,
        "condition": 2,
    }


def test_all_of_the_client_are_programs() -> None:
    chosen = mutants_client.drawn(mutants_client.parsed(["--count", "0"]))
    assert len(chosen) > 500
    for mutation in chosen[::25]:
        ast.parse(mutation.after)
        assert mutation.after != ast.unparse(ast.parse(mutation.before))


def test_a_seed_draws_the_same() -> None:
    drawn = [mutants_client.drawn(mutants_client.parsed(["--count", "9", "--seed", seed])) for seed in ("4", "4", "5")]
    assert drawn[0] == drawn[1] != drawn[2]


def test_each_module_has_tests_beside_it() -> None:
    for room in mutants_client.ROOMS:
        for path in (PACKAGE / room).rglob("*.py"):
            tests = mutants_client.beside(path.relative_to(PACKAGE).as_posix())
            assert tests
            assert all((ROOT / test).exists() for test in tests), tests


@pytest.mark.filterwarnings("ignore:.*multi-threaded:DeprecationWarning")
def test_a_mistake_is_noticed_and_no_mistake_is_not(tmp_path: Path) -> None:
    """The copy is what the tests import, and what they start."""
    path = PACKAGE / "http" / "retry.py"
    text = path.read_text(encoding="utf-8")
    test = tmp_path / "test_retry.py"
    test.write_text(
        "import subprocess, sys\n"
        "from aioz_stream import RetryPolicy\n"
        "SAID = 'import aioz_stream as a; print(a.RetryPolicy().max_retries)'\n"
        "def test(): assert RetryPolicy().max_retries == 4\n"
        "def test_outside(): assert subprocess.check_output([sys.executable, '-c', SAID]) == b'4\\n'\n"
    )
    found = mutations("http/retry.py", text)
    changed = next(one for one in found if "max_retries: int = 5" in one.after)
    [*_, other] = [one for one in found if one.kind == "condition"]
    for mutation, noticed in ((other, []), (changed, ["test", "test_outside"])):
        layers = [Layer(name, (f"{test}::{name}",)) for name in ("test", "test_outside")]
        mutant = Mutant(mutation.place, mutation.kind, mutation.diff, mutation.make, tuple(layers))
        [(_, verdict)] = run_each(partial(examine, in_all_layers=True), [mutant], at_once=1, seconds=100)
        assert verdict is not None
        assert [kill.layer for kill in verdict.kills] == noticed, verdict
