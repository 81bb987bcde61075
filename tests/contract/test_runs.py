"""The contract tests as a command: the same requests each time, and failures that can be seen again."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import contract as command
import pytest
from conformance.mock_tests import seeded_faults
from conformance.mock_tests.results import FLOOR, Exchanges, RunResult, Summary, TestResult
from conformance.shared.documented import documented, why_never
from conformance.shared.requests import part_request, request_to
from contract_document import ROOT

from aioz_stream_mock import MockServer, Settings

if TYPE_CHECKING:
    from pathlib import Path

TEST = "tests/contract/test_contract_fuzzing.py::test_updateVideo"
FAULT = "update-open"
CHOSEN = {"CONTRACT_SEED": "5", "FAULT": FAULT}

# Two of them start pytest anew, which may be slow on a busy machine; two share the failure of one such run.
pytestmark = [pytest.mark.timeout(300), pytest.mark.xdist_group("runs")]


def run_pytest(line: list[str], folder: Path, **chosen: str) -> tuple[str, RunResult]:
    """What pytest said in a process of its own, and what it wrote down."""
    path = folder / "record.json"
    mine = {name: value for name, value in os.environ.items() if not name.startswith(("CONTRACT_", "PYTEST_", "FAULT"))}
    environment = mine | chosen | {"CONTRACT_RECORD": str(path), "CONTRACT_SHRINK": "no"}
    done = subprocess.run(line, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    return done.stdout, RunResult.read(path)


@pytest.fixture(scope="module")
def failing(tmp_path_factory: pytest.TempPathFactory) -> RunResult:
    line = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", TEST]
    return run_pytest(line, tmp_path_factory.mktemp("failing"), **CHOSEN)[1]


@pytest.mark.slow
def test_the_command_of_a_failure_shows_it_again(failing: RunResult, tmp_path: Path) -> None:
    """By the same requests, one after the other, until the one that fails."""
    [failure] = failing.failures
    assert failure.pytest == f"CONTRACT_SEED=5 FAULT={FAULT} .venv/bin/pytest '{TEST}'"
    line = failure.pytest.replace(".venv/bin/pytest", f"{sys.executable} -m pytest -p no:cacheprovider")
    said, again = run_pytest(["sh", "-c", line], tmp_path)
    assert "replay with curl" in said
    assert failure.pytest in said
    assert Summary([again]).requests == Summary([failing]).requests > 50
    assert Summary([again]).digest == Summary([failing]).digest
    [repeated] = again.failures
    assert "Schema-violating request accepted" in failure.gist
    assert "Schema-violating request accepted" in repeated.gist


def test_a_digest_is_of_the_requests_alone() -> None:
    """Whatever else a process has at other addresses."""
    one, other = Exchanges(), Exchanges()
    one.note("getVideo", 200, request_to("getVideo", "0bd53eea-6bff-40d9-a365-4b238c53eea6"))
    other.note("getVideo", 200, request_to("getVideo", "12345678-6bff-40d9-a365-4b238c53eea6"))
    assert one.as_json() == other.as_json()
    assert "0x" not in repr(part_request("a"))
    other.note("getVideo", 200, request_to("getVideo", "a"))
    assert one.as_json()["sent"] != other.as_json()["sent"]


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("curl") is None, reason="the script's commands are those of curl")
def test_the_script_of_a_failure_shows_it_again(failing: RunResult) -> None:
    [failure] = failing.failures
    said = [int(status) for status in re.findall(r"  # (\d+)$", failure.curl, re.MULTILINE)]
    assert said[-1] == 200
    assert replayed(failure.curl) == [*said[:-1], 400]
    undo = seeded_faults.named(FAULT).apply()
    try:
        assert replayed(failure.curl) == said
    finally:
        undo()


def replayed(script: str) -> list[int | None]:
    with MockServer(Settings(control=True)) as server:
        environment = {**os.environ, "BASE_URL": server.url}
        subprocess.run(["bash", "-u"], input=script.encode(), env=environment, check=False, capture_output=True)
        return [entry.status for entry in server.control.requests()]


def record(answers: dict[tuple[str, int], int], *, failed: bool = False) -> RunResult:
    exchanges = {"answers": [[*pair, count] for pair, count in answers.items()], "sent": "x"}
    test = TestResult("test", "failed" if failed else "passed", 1, "<b>why</b>", "curl …", "pytest …", exchanges)
    return RunResult(3, is_full=True, fault="", started="2026-01-01T00:00:00+00:00", seconds=2, tests=[test])


ENOUGH = {pair: FLOOR for pair in documented() if not why_never(*pair)}


def test_shortcomings_are_reported() -> None:
    assert Summary([record(ENOUGH)]).shortcomings() == []
    short = {**ENOUGH, ("getVideo", 200): FLOOR - 1}
    assert Summary([record(short)]).shortcomings() == ["getVideo succeeded 19 times, and 20 are needed"]
    blind = {pair: count for pair, count in ENOUGH.items() if pair != ("updateVideo", 415)}
    assert Summary([record(blind)]).shortcomings() == ["updateVideo never answered 415"]


@pytest.mark.parametrize(
    ("records", "status"),
    [([record(ENOUGH)], 0), ([record({})], 1), ([record(ENOUGH), record(ENOUGH, failed=True)], 1)],
)
def test_the_command_fails_if_a_test_does_or_too_little_was_seen(
    records: list[RunResult], status: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    coming = iter(records)
    monkeypatch.setattr(command, "run_tests", lambda *_: next(coming))
    line = ["contract", "--report", str(tmp_path), "--seed", "random", "--seeds", str(len(records))]
    monkeypatch.setattr(sys, "argv", line)
    assert command.main() == status
    assert (tmp_path / "index.html").exists()


def test_the_page_is_one_file_that_shows_the_results(tmp_path: Path) -> None:
    path = command.write_runs_page([record(ENOUGH, failed=True)], ["something"], tmp_path / "index.html")
    text = path.read_text(encoding="utf-8")
    assert "&lt;b&gt;why&lt;/b&gt;" in text
    assert not re.search(r"""(src|href)=["'](?!#)|@import|url\(|<script""", text)
    for operation, _ in documented():
        assert operation in text
