"""The mistakes that `make mutants-client` makes: each is one change, each still a program, and all kinds are there."""

from __future__ import annotations

import ast
from collections import Counter
from typing import TYPE_CHECKING

import mutants_client
from client_mutation.mutations import mutations
from client_mutation.neighbours import ROOT, beside
from client_mutation.trial import PACKAGE, noticed

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
        "pass",
        "if number <= 3 and not others:",
        "if number < 4 and not others:",
        "if number < 3 or not others:",
        "if number < 3 and others:",
        "if not (number < 3 and not others):",
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
        assert mutation.after != mutation.before


def test_a_seed_draws_the_same() -> None:
    drawn = [mutants_client.drawn(mutants_client.parsed(["--count", "9", "--seed", seed])) for seed in ("4", "4", "5")]
    assert drawn[0] == drawn[1] != drawn[2]


def test_each_module_has_tests_beside_it() -> None:
    for room in mutants_client.ROOMS:
        for path in (PACKAGE / room).rglob("*.py"):
            tests = beside(path.relative_to(PACKAGE).as_posix())
            assert tests
            assert all((ROOT / test).exists() for test in tests), tests


def test_a_mistake_is_noticed_and_no_mistake_is_not(tmp_path: Path) -> None:
    """The copy is what the tests import."""
    text = (PACKAGE / "http" / "retry.py").read_text(encoding="utf-8")
    [mutation, *_] = [one for one in mutations("http/retry.py", text) if one.kind == "comparison"]
    test = tmp_path / "test_retry.py"
    test.write_text("from aioz_stream import RetryPolicy\ndef test(): assert RetryPolicy().max_retries == 4\n")
    same = type(mutation)(mutation.module, 1, "none", text, text)
    other = type(mutation)(
        mutation.module, 1, "number", text, text.replace("max_retries: int = 4", "max_retries: int = 5")
    )
    assert noticed(same, [[str(test)]], (), 100) == ""
    assert "test_retry.py" in noticed(other, [[str(test)]], (), 100)
