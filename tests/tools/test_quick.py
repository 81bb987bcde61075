"""`make quick`: which tests belong to a module, and what is run for a change."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import quick

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).parents[2]
ROWS = quick.read_table((ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8"))
PROGRAMS = ("overlay", "cli", "mock", "tools", "benchmarks", "generated")
MODULES = sorted(
    path.relative_to(ROOT).as_posix()
    for folder in PROGRAMS
    for path in (ROOT / folder).rglob("*.py")
    if "node_modules" not in path.parts
)
TEST_FILES = sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / "tests").rglob("test_*.py"))

CASES_OF_THE_TABLE = """
| module | its tests | only in `make test` or `make slow` |
|---|---|---|
| `src/` | `tools/` | |
| `src/deep/`, `other.py` | `mock/test_mock_s*.py` | `soak/test_dask.py` |

| not | this | table |
"""


def test_every_module_has_a_row() -> None:
    assert len(MODULES) > 100
    assert [path for path in MODULES if quick.row_of(path, ROWS) is None] == []


def test_every_test_file_is_in_the_table() -> None:
    patterns = {pattern for row in ROWS for pattern in (*row.tests, *row.later)}
    named = set[str]().union(*(quick.files_of(pattern, ROOT) for pattern in patterns))
    assert [path for path in TEST_FILES if path not in named] == []


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.module)
def test_what_a_row_names_exists(row: quick.Row) -> None:
    assert (ROOT / row.module).is_dir() == row.module.endswith("/")
    assert (ROOT / row.module).exists()
    assert row.tests
    for pattern in (*row.tests, *row.later):
        assert quick.files_of(pattern, ROOT), pattern


def test_every_path_in_contributing_exists() -> None:
    """Links are tested with those of the other pages; these are the files that a table says to edit."""
    page = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    paths = set(re.findall(r"`((?:overlay|cli|mock|tests|tools|docs|generated)/[\w./-]+)`", page))
    tables = {f"tests/{pattern}" for row in ROWS for pattern in (*row.tests, *row.later)}
    named = {path for path in paths if not (ROOT / path).exists() and not (ROOT / "tests" / path).exists()}
    assert len(paths) > 40
    assert named - tables == set()


def test_no_module_has_two_rows() -> None:
    assert len({row.module for row in ROWS}) == len(ROWS)


def test_the_table_ends_where_its_lines_end() -> None:
    assert quick.read_table(CASES_OF_THE_TABLE) == [
        quick.Row("src/", ("tools/",)),
        quick.Row("src/deep/", ("mock/test_mock_s*.py",), ("soak/test_dask.py",)),
        quick.Row("other.py", ("mock/test_mock_s*.py",), ("soak/test_dask.py",)),
    ]


class TestPlan:
    rows = tuple(quick.read_table(CASES_OF_THE_TABLE))

    def test_the_nearest_row_counts(self) -> None:
        near = quick.plan(["src/deep/a.py"], self.rows, ROOT)
        assert near.tests == ("tests/mock/test_mock_sample.py", "tests/mock/test_mock_server.py")
        assert "tests/soak/test_dask.py" in near.left_out
        assert "tests/tools/test_quick.py" in quick.plan(["src/deeper.py"], self.rows, ROOT).tests
        assert quick.plan(["other.pyc"], self.rows, ROOT).tests == ()

    def test_a_changed_test_is_run_itself(self) -> None:
        chosen = quick.plan(["tests/mock/test_mock_load.py", "tests/mock/test_gone.py"], self.rows, ROOT)
        assert chosen.tests == ("tests/mock/test_mock_load.py",)

    def test_what_has_no_tests_is_said(self) -> None:
        chosen = quick.plan(["tests/mock/conftest.py", "LICENSE"], self.rows, ROOT)
        assert chosen.tests == ()
        assert any("make test ARGS=tests/mock" in line for line in chosen.left_out)
        assert any("LICENSE" in line for line in chosen.left_out)

    def test_static_checks_are_of_what_changed(self) -> None:
        changed = ["tools/quick.py", "tools/gone.py", "README.md"]
        commands = quick.plan(changed, self.rows, ROOT).commands
        assert commands == (
            ("ruff", "check", "tools/quick.py"),
            ("ruff", "format", "--check", "tools/quick.py"),
            ("mypy", "tools/quick.py"),
        )

    @pytest.mark.parametrize(
        ("path", "program"),
        [
            ("overlay/aioz_stream/clients/client.py", "lint-imports"),
            ("mock/aioz_stream_mock/gone.py", "lint-imports"),
            ("openapi.yaml", "python"),
            ("generated/aioz_stream_api/types.py", "python"),
        ],
    )
    def test_some_changes_ask_for_more(self, path: str, program: str) -> None:
        commands = quick.plan([path], self.rows, ROOT).commands
        assert program in {command[0] for command in commands}
        assert not any(command[0] == "ruff" and "generated/" in command[-1] for command in commands)


@pytest.fixture
def git(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """A repository with one commit. A hook's variables, which name another one, are not passed on."""
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)

    def call(*words: str) -> None:
        subprocess.run(["git", *words], cwd=tmp_path, check=True, capture_output=True)

    call("init", "--quiet")
    call("config", "user.email", "a@example.com")
    call("config", "user.name", "a")
    (tmp_path / ".gitignore").write_text("ignored\n")
    (tmp_path / "kept.py").touch()
    (tmp_path / "gone.py").touch()
    call("add", ".")
    call("commit", "--quiet", "--message", "one")
    return call


def test_changed_files_are_edited_new_or_gone(git: Callable[..., None], tmp_path: Path) -> None:
    assert quick.changed_files("HEAD", tmp_path) == []
    for name in ("new é.py", "ignored", "staged.py"):
        (tmp_path / name).touch()
    git("add", "staged.py")
    (tmp_path / "gone.py").unlink()
    assert quick.changed_files("HEAD", tmp_path) == ["gone.py", "new é.py", "staged.py"]
    git("add", ".")
    git("commit", "--quiet", "--message", "two")
    assert quick.changed_files("HEAD", tmp_path) == []
    assert quick.changed_files("HEAD~1", tmp_path) == ["gone.py", "new é.py", "staged.py"]
    with pytest.raises(SystemExit, match="nowhere"):
        quick.changed_files("nowhere", tmp_path)


def test_nothing_changed_is_said(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], git: Callable[..., None], tmp_path: Path
) -> None:
    git("status")
    monkeypatch.setattr(quick, "ROOT", tmp_path)
    monkeypatch.setattr("sys.argv", ["quick.py"])
    assert quick.main() == 0
    assert capsys.readouterr().out == "Nothing changed against HEAD.\n"


def test_a_check_that_fails_fails_the_run(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], git: Callable[..., None], tmp_path: Path
) -> None:
    git("status")
    (tmp_path / "CONTRIBUTING.md").write_text(CASES_OF_THE_TABLE)
    (tmp_path / "kept.py").write_text("import os\n")
    monkeypatch.setattr(quick, "ROOT", tmp_path)
    monkeypatch.setattr("sys.argv", ["quick.py", "--static"])
    assert quick.main() == 1
    printed = capfd.readouterr().out
    assert "$ ruff check kept.py" in printed
    assert "FAILED in" in printed
    assert "Left out: pyright" in printed
