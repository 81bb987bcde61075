"""Plays changes of the API: each is made to a copy of the project, generated from, type-checked and tested.

`tests/changes/drill.yaml` says of each change whether it breaks programs, which files must be touched besides the
contract and the changelog, and which tests to run. The drill fails when the type checker, the mock server's start and
the tests name other files. CONTRIBUTING.md shows the same list, and a test compares the two.
"""

from __future__ import annotations

import logging
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import venv
from dataclasses import dataclass, field
from logging.handlers import BufferingHandler
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonpatch
import yaml
from contract_changes.changes import Weight
from contract_changes.documents import Document
from contract_changes.operations import compare
from generate import generate

from aioz_stream_mock import Settings, app

if TYPE_CHECKING:
    from collections.abc import Sequence

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ("overlay", "tests")
STEPS = ROOT / "tests" / "changes" / "drill.yaml"
FOLLOWED = "tests/changes/followed.py::test_client_and_mock_server_follow"
CACHE = ".mypy_cache"
PACKAGES = ("generated", "overlay", "cli", "mock")
HANDLERS = "mock/aioz_stream_mock/api/handlers.py"
LEFT_BEHIND = shutil.ignore_patterns(
    ".git", ".venv", ".*_cache", ".hypothesis", "__pycache__", "build", "dist", "node_modules"
)


@dataclass(frozen=True)
class Step:
    """One change as `drill.yaml` has it, and what it asks for."""

    name: str
    edit: list[dict[str, Any]]
    expected: str
    """`breaking` or `safe`."""
    touch: list[str]
    """The files to edit besides the contract and the changelog."""
    named: list[str] = field(default_factory=list[str])
    """The files that are named, where they are others: where a test holds the values of another file."""
    names: list[str] = field(default_factory=list[str])
    """Pieces of one error of the type checker; empty where it must pass."""
    serves: str = ""
    """A piece of what the mock server warns of at its start; empty where it has nothing to say."""
    tests: list[str] = field(default_factory=list[str])
    """The tests to run on the copy; a test that fails names its own file."""
    accepted: dict[str, Any] | None = None
    """A video that client and mock server take after the change; `refused` is one that they don't."""
    refused: dict[str, Any] | None = None
    says: str = ""
    """A piece of the client's error about what it refuses."""

    @property
    def is_breaking(self) -> bool:
        return self.expected == "breaking"

    @property
    def all_tests(self) -> list[str]:
        return [*self.tests, *([f"{FOLLOWED}[{self.name}]"] if self.accepted else [])]

    def is_named_in(self, errors: Sequence[str]) -> bool:
        return any(all(piece in error for piece in self.names) for error in errors)


def steps() -> list[Step]:
    return [Step(**entry) for entry in yaml.safe_load(STEPS.read_text(encoding="utf-8"))]


class Copy:
    """The project in another folder, with a contract of its own and what is generated from it."""

    def __init__(self, folder: Path, known: Path = ROOT / CACHE) -> None:
        """What is in the folder `known` need not be type-checked again."""
        self.folder = folder
        self._contract = folder / "openapi.yaml"
        self.cache = folder / CACHE
        shutil.copytree(ROOT, folder, ignore=LEFT_BEHIND, dirs_exist_ok=True)
        if known.is_dir():
            shutil.copytree(known, self.cache)
        self._python = _python_without_us(folder / "python")

    def regenerate(self, document: Document) -> None:
        self._contract.write_text(yaml.safe_dump(document.tree, sort_keys=False), encoding="utf-8")
        generate(self.folder / "generated" / "aioz_stream_api", self._contract)

    def type_errors(self, rooms: Sequence[str]) -> list[str]:
        options = ("--no-error-summary", "--cache-dir", str(self.cache), "--python-executable", str(self._python))
        command = [sys.executable, "-m", "mypy", *options, *rooms]
        done = subprocess.run(command, cwd=self.folder, capture_output=True, text=True, check=False)
        if done.returncode not in {0, 1}:
            raise RuntimeError(done.stdout + done.stderr)
        return done.stdout.splitlines()

    def start_warnings(self) -> str:
        """What the mock server warns of when it starts with the contract: operations that it has no code for."""
        handler = BufferingHandler(1000)
        logger = logging.getLogger(app.__name__)
        logger.addHandler(handler)
        try:
            app.create_app(Settings(contract=self._contract)).state.mock.close()
        finally:
            logger.removeHandler(handler)
        return "\n".join(record.getMessage() for record in handler.buffer)

    def write_pages(self) -> None:
        """The last step of `make generate`, for a client that can still be imported."""
        command = [sys.executable, str(self.folder / "tools" / "rules_page.py")]
        subprocess.run(command, cwd=self.folder, env=self._environment(), capture_output=True, check=True)

    def _environment(self) -> dict[str, str]:
        path = os.pathsep.join(str(self.folder / package) for package in PACKAGES)
        rest = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
        return {**rest, "PYTHONPATH": path}

    def failed_tests(self, tests: Sequence[str], processes: int = 2) -> list[str]:
        """The tests that fail here: names as pytest prints them. The copy's modules come before the installed ones."""
        if not tests:
            return []
        options = ["-q", "-p", "no:cacheprovider", "--dist", "loadgroup", "-m", "not slow", "--tb=no"]
        options += ["-n", str(processes)]
        command = [sys.executable, "-m", "pytest", *options, *tests]
        done = subprocess.run(
            command, cwd=self.folder, env=self._environment(), capture_output=True, text=True, check=False
        )
        if done.returncode not in {0, 1}:
            raise RuntimeError(done.stdout + done.stderr)
        return re.findall(r"^(?:FAILED|ERROR) (\S+)", done.stdout, re.MULTILINE)


def _python_without_us(folder: Path) -> Path:
    """An environment with all that is installed but ourselves: our modules are looked for in the copy only."""
    venv.create(folder, symlinks=True)
    inside = Path("lib") / f"python{sys.version_info.major}.{sys.version_info.minor}" / "site-packages"
    (folder / inside / "all.pth").write_text(sysconfig.get_path("purelib"), encoding="utf-8")
    return folder / "bin" / "python"


def applied(contract: Document, chosen: Sequence[Step]) -> Document:
    return Document(jsonpatch.apply_patch(contract.tree, [edit for step in chosen for edit in step.edit]))


def breaks(before: Document, after: Document) -> bool:
    return any(change.weight is Weight.BREAKING for subject in compare(before, after) for change in subject.changes)


@dataclass(frozen=True)
class Outcome:
    """What was said of a change."""

    is_breaking: bool
    type_errors: Sequence[str]
    start_warnings: str
    failed_tests: Sequence[str]

    @property
    def named(self) -> set[str]:
        """The files that need an edit, or whose values in another file do."""
        found = {error.partition(":")[0] for error in self.type_errors}
        found |= {test.partition("::")[0] for test in self.failed_tests}
        return found | ({HANDLERS} if self.start_warnings else set())


def play(step: Step, contract: Document, copy: Copy) -> Outcome:
    after = applied(contract, [step])
    copy.regenerate(after)
    if not step.names:
        copy.write_pages()
    return Outcome(
        breaks(contract, after), copy.type_errors(ROOMS), copy.start_warnings(), copy.failed_tests(step.all_tests)
    )


def complaints(step: Step, outcome: Outcome) -> list[str]:
    """What did not go as it should have."""
    found = [] if outcome.is_breaking == step.is_breaking else ["breaking-change detection is wrong"]
    if step.names and not step.is_named_in(outcome.type_errors):
        found.append(f"no type error says {' and '.join(step.names)}")
    if step.serves not in outcome.start_warnings:
        found.append(f"the mock server says: {outcome.start_warnings or 'nothing'}")
    if outcome.named != set(step.named or step.touch):
        found.append(f"named: {sorted(outcome.named)}, not {sorted(step.named or step.touch)}")
        found += [*outcome.type_errors, *outcome.failed_tests]
    return found


def main() -> int:
    contract = Document.parse((ROOT / "openapi.yaml").read_text(encoding="utf-8"))
    failed = 0
    with tempfile.TemporaryDirectory() as folder:
        as_it_is = Copy(Path(folder) / "0")
        as_it_is.regenerate(contract)
        if errors := as_it_is.type_errors(ROOMS):
            print("\n".join(errors))
            return 1
        for number, step in enumerate(steps(), 1):
            # Each begins anew: the type checker does not notice that a module is back again.
            copy = Copy(Path(folder) / str(number), as_it_is.cache)
            found = complaints(step, play(step, contract, copy))
            failed += bool(found)
            weight = "breaking" if step.is_breaking else "safe"
            touched = ", ".join(step.touch) or "nothing to touch"
            print(f"{step.name}: {weight}, {len(step.all_tests)} test files: {touched}", *found, sep="\n  ", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
