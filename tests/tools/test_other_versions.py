"""Which Pythons and versions the core of the suite is run with."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

import other_versions

if TYPE_CHECKING:
    import pytest

ROOT = Path(__file__).parents[2]


def program(folder: Path, name: str, version: str | None) -> Path:
    """A Python of that version, or one that a version manager knows and does not run."""
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_text(f"#!/bin/sh\n{f'echo {version}' if version else 'exit 127'}\n", encoding="utf-8")
    path.chmod(0o755)
    return path


def test_each_python_from_the_oldest_on_is_found_once(tmp_path: Path) -> None:
    shims, one, other = tmp_path / "shims", tmp_path / "one", tmp_path / "other"
    program(shims, "python3.12", None)
    program(one, "python3.10", "3 10 13")
    program(one, "python3.13", "3 13 0")
    program(one, "python3.13-config", "3 13 9")
    newest = program(other, "python3.13", "3 13 4")
    oldest = program(other, "python3.11", "3 11 7")
    found = other_versions.pythons([shims, one, other, tmp_path / "absent"])
    assert list(found) == [((3, 11), oldest), ((3, 13), newest)]


def test_version_managers_are_looked_into(tmp_path: Path) -> None:
    managed = tmp_path / ".pyenv/versions/3.12.1/bin"
    managed.mkdir(parents=True)
    assert managed in other_versions.folders_of_pythons("/usr/bin", tmp_path)
    assert Path("/usr/bin") in other_versions.folders_of_pythons("/usr/bin", tmp_path)


def test_the_chosen_tests_exist() -> None:
    for path in (*other_versions.CORE, *other_versions.SMALL):
        assert (ROOT / path).exists(), path
    for option in other_versions.LEFT_OUT:
        assert (ROOT / option.removeprefix("--ignore=")).exists(), option


def test_no_environment_is_no_success(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def fails(*arguments: str) -> None:
        raise subprocess.CalledProcessError(2, arguments)

    monkeypatch.setattr(other_versions, "uv", fails)
    assert other_versions.main(["--lowest"]) == 2
    assert "no environment can be made" in capsys.readouterr().out


def test_one_python_that_fails_fails_all(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    ran: list[tuple[str, str]] = []

    def run(name: str, _: Path, resolution: str, __: object) -> int:
        ran.append((name, resolution))
        return int(name == "Python 3.12")

    everything = [((3, minor), Path(f"python3.{minor}")) for minor in (11, 12, 13)]
    monkeypatch.setattr(other_versions, "run", run)
    monkeypatch.setattr(other_versions, "pythons", lambda _: iter(everything))
    assert other_versions.main(["--pythons"]) == 1
    assert ran == [(f"Python 3.{minor}", "highest") for minor in (11, 12, 13)]
    assert capsys.readouterr().out.splitlines() == ["Python 3.11: passed", "Python 3.12: failed", "Python 3.13: passed"]
    ran.clear()
    other_versions.main(["--pythons", "--skip-own"])
    assert f"Python {sys.version_info[0]}.{sys.version_info[1]}" not in dict(ran)


def test_every_dependency_has_a_lower_bound() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"].values()
    for requirement in (*project["dependencies"], *(one for extra in extras for one in extra)):
        assert ">=" in requirement, requirement
