"""`make breaking`, `check-contract` and `release-contract` in a repository of their own."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
# As small as a contract can be, since each test compares it several times.
CONTRACT = """\
openapi: 3.1.0
info: { title: Things, version: 1.0.0 }
paths:
  /things:
    post:
      operationId: makeThing
      summary: Make a thing
      requestBody:
        content:
          application/json:
            schema:
              type: object
              additionalProperties: false
              properties:
                name: { type: string, maxLength: 255 }
                size: { type: integer, maximum: 9 }
      responses:
        '200': { description: It was made. }
"""
SHORTER = ("maxLength: 255", "maxLength: 100")
SMALLER = ("maximum: 9 ", "maximum: 8 ")
FIELD = ("                size:", "                folder: { type: string }\n                size:")
WORDS = ("Make a thing", "Make one thing")


class Clone:
    """A repository with the contract in it, and the tool."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.contract = folder / "openapi.yaml"
        self.released = folder / "contract-released.yaml"
        (folder / "tools").mkdir()
        for module in ("breaking.py", "contract_document.py"):
            shutil.copy(ROOT / "tools" / module, folder / "tools")
        shutil.copytree(ROOT / "tools" / "contract_changes", folder / "tools" / "contract_changes")
        self.contract.write_text(CONTRACT)
        self.released.write_text(CONTRACT)
        self.git("init", "--quiet")
        self.commit()

    def git(self, *arguments: str) -> None:
        identity = ("-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false")
        subprocess.run(["git", *identity, *arguments], cwd=self._folder, check=True, capture_output=True)

    def commit(self) -> None:
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", "as it is")

    def edit(self, *replacements: tuple[str, str]) -> None:
        text = self.contract.read_text()
        for before, after in replacements:
            assert text.count(before) == 1
            text = text.replace(before, after)
        self.contract.write_text(text)

    def run(self, *arguments: str) -> tuple[int, str]:
        command = [sys.executable, "tools/breaking.py", *arguments]
        done = subprocess.run(command, cwd=self._folder, capture_output=True, text=True, check=False)
        return done.returncode, done.stdout + done.stderr


@pytest.fixture
def clone(tmp_path: Path) -> Clone:
    return Clone(tmp_path)


def to(version: str) -> tuple[str, str]:
    return "version: 1.0.0", f"version: {version}"


def test_the_projects_own_release_can_be_compared() -> None:
    command = [sys.executable, "tools/breaking.py", "--released"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "which will do." in done.stdout or "at the next release." in done.stdout


def test_nothing_changed(clone: Clone) -> None:
    status, said = clone.run()
    assert status == 0
    assert said.startswith("Nothing changed since HEAD.")


def test_an_edited_file_against_the_last_commit(clone: Clone) -> None:
    clone.edit(SHORTER)
    status, said = clone.run()
    assert status == 1
    assert "makeThing (POST /things): breaking" in said
    assert "asks for 2.0.0, but info.version is 1.0.0. Set it to 2.0.0" in said
    assert clone.run("--released")[0] == 1
    clone.edit(to("2.0.0"))
    assert clone.run()[0] == clone.run("--released")[0] == 0


def test_another_commit(clone: Clone) -> None:
    clone.git("tag", "v1.0.0")
    clone.edit(FIELD)
    clone.commit()
    assert clone.run()[1].startswith("Nothing changed since HEAD.")
    status, said = clone.run("--against", "v1.0.0")
    assert status == 1
    assert "safe, which asks for 1.1.0, but info.version is 1.0.0" in said


def test_a_second_breaking_change_before_the_release_asks_for_no_more(clone: Clone) -> None:
    clone.edit(SHORTER, to("2.0.0"))
    clone.commit()
    clone.edit(SMALLER)
    status, said = clone.run()
    assert status == 0, said
    assert "Since 1.0.0 (contract-released.yaml) the changes are breaking, which asks for 2.0.0" in said


def test_no_history_is_needed_for_the_check(clone: Clone, tmp_path: Path) -> None:
    shutil.rmtree(tmp_path / ".git")
    assert clone.run("--released")[0] == 0
    status, said = clone.run()
    assert status == 2
    assert "The contract can't be compared:" in said


def test_a_release(clone: Clone) -> None:
    clone.edit(FIELD)
    status, said = clone.run("--release")
    assert status == 1
    assert "asks for 1.1.0" in said
    assert clone.released.read_text() == CONTRACT
    clone.edit(to("1.1.0"))
    assert clone.run("--release")[0] == 0
    assert clone.released.read_bytes() == clone.contract.read_bytes()
    assert clone.run("--released")[0] == 0


def test_words_may_wait_but_not_at_a_release(clone: Clone) -> None:
    clone.edit(WORDS)
    status, said = clone.run("--released")
    assert status == 0
    assert "asks for 1.0.1 at the next release." in said
    assert clone.run("--release")[0] == 1


def test_what_can_not_be_read(clone: Clone) -> None:
    clone.contract.write_text("a: [")
    status, said = clone.run()
    assert status == 2
    assert "openapi.yaml: it can't be read" in said
    assert "Traceback" not in said
    assert clone.run("--against", "no-such-commit")[0] == 2
