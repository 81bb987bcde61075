"""Checks what changed: the changed files by static checks, and their modules by the tests beside them.

The table "A module and its tests" in CONTRIBUTING.md says which tests belong to a module. What is left out is printed,
so that a green run is not taken for `make check test slow`.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

ROOT = Path(__file__).resolve().parent.parent
TABLE = "| module | its tests | only in `make test` or `make slow` |"
TESTS = "tests/"
NOTHING_COLLECTED = 5
"""What pytest returns where all tests of the chosen files are slow ones."""
PACKAGES = ("generated/", "overlay/", "cli/", "mock/")
TYPED = (*PACKAGES, "tools/", "tests/", "benchmarks/")
MAKES_CODE = ("openapi.yaml", "generator-config.yaml", "generated/", "tools/generate.py", "tools/generation/")
"""What the generated code depends on."""


@dataclass(frozen=True)
class Row:
    """A file or a folder of the project, and the tests beside it."""

    module: str
    tests: tuple[str, ...]
    """Files, folders or patterns inside `tests/`."""
    later: tuple[str, ...] = ()
    """The same, too long for an edit: left to `make test` and `make slow`."""

    def holds(self, path: str) -> bool:
        return path == self.module or (self.module.endswith("/") and path.startswith(self.module))


@dataclass(frozen=True)
class Plan:
    """What to run for some changed files."""

    commands: tuple[tuple[str, ...], ...]
    """The static checks."""
    tests: tuple[str, ...]
    left_out: tuple[str, ...]
    """What is not run, in words."""


def read_table(page: str | None = None) -> list[Row]:
    """The rows of the table in CONTRIBUTING.md: several modules in one row become several rows."""
    page = page or (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    lines = page[page.index(TABLE) :].splitlines()[2:]
    rows: list[Row] = []
    for line in lines:
        if not line.startswith("|"):
            break
        modules, tests, later = (tuple(re.findall(r"`([^`]+)`", cell)) for cell in line.strip("|").split("|"))
        rows += [Row(module, tests, later) for module in modules]
    return rows


def row_of(path: str, rows: Sequence[Row]) -> Row | None:
    """The row that names a file, or else the nearest folder above it."""
    return max((row for row in rows if row.holds(path)), key=lambda row: len(row.module), default=None)


def files_of(pattern: str, root: Path) -> set[str]:
    """The test files that an entry of the table means."""
    found = (root / TESTS).glob(f"{pattern}**/test_*.py" if pattern.endswith("/") else pattern)
    return {path.relative_to(root).as_posix() for path in found}


def plan(changed: Sequence[str], rows: Sequence[Row], root: Path) -> Plan:
    """What to run for changed files; those that are gone have tests, but nothing to check."""
    tests: set[str] = set()
    later: set[str] = set()
    left_out = ["pyright", "slow tests"]
    for path in changed:
        row = row_of(path, rows)
        if path.startswith(TESTS) and Path(path).match("test_*.py"):
            tests |= {path} & files_of(path.removeprefix(TESTS), root)
        elif row is not None:
            tests.update(*(files_of(pattern, root) for pattern in row.tests))
            later.update(*(files_of(pattern, root) for pattern in row.later))
        elif path.startswith(TESTS):
            left_out.append(f"the tests that share {path}: make test ARGS={Path(path).parent.as_posix()}")
        else:
            left_out.append(f"tests of {path}, which the table has no row for")
    return Plan(tuple(_static(changed, root)), tuple(sorted(tests)), (*left_out, *sorted(later - tests)))


def _static(changed: Sequence[str], root: Path) -> list[tuple[str, ...]]:
    modules = [path for path in changed if path.endswith(".py") and (root / path).exists()]
    linted = [path for path in modules if not path.startswith("generated/")]
    typed = [path for path in modules if path.startswith(TYPED)]
    commands: list[tuple[str, ...]] = []
    if linted:
        commands += [("ruff", "check", *linted), ("ruff", "format", "--check", *linted)]
    if any(path.startswith(PACKAGES) for path in changed):
        commands.append(("lint-imports", "--no-cache"))
    if typed:
        commands.append(("mypy", *typed))
    if any(path.startswith(MAKES_CODE) for path in changed):
        commands.append(("python", "tools/generate.py", "--check"))
    return commands


def changed_files(against: str, root: Path) -> list[str]:
    """Files that differ from a commit, and new ones that git does not ignore."""

    def git(*words: str) -> list[str]:
        command = ["git", *words, "-z"]
        done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
        if done.returncode:
            sys.exit(done.stderr.strip())
        return done.stdout.split("\0")[:-1]

    differing = git("diff", "--name-only", "--no-renames", "--relative", against)
    return sorted({*differing, *git("ls-files", "--others", "--exclude-standard")})


def run(command: Sequence[str], root: Path) -> bool:
    """Run a command of the environment that this one runs in; says whether it passed."""
    begun = time.monotonic()
    program = Path(sys.executable).with_name(command[0])
    status = subprocess.run([str(program), *command[1:]], cwd=root, check=False).returncode
    passed = status == 0 or (command[0] == "pytest" and status == NOTHING_COLLECTED)
    print(f"{'passed' if passed else 'FAILED'} in {time.monotonic() - begun:.0f} s\n", flush=True)
    return passed


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--against", default="HEAD", help="the commit to compare with, HEAD by default")
    parser.add_argument("--static", action="store_true", help="the static checks only")
    options = parser.parse_args()
    changed = changed_files(options.against, ROOT)
    if not changed:
        print(f"Nothing changed against {options.against}.")
        return 0
    chosen = plan(changed, read_table(), ROOT)
    commands = list(chosen.commands)
    if chosen.tests and not options.static:
        # Two processes, as in `make test`; the first failure is enough to go back to the editor.
        commands.append(("pytest", "-q", "-x", "-n", "2", "--dist", "loadgroup", "-m", "not slow", *chosen.tests))
    passed = True
    for command in commands:
        print("$", *command, flush=True)
        passed &= run(command, ROOT)
    left_out = [*chosen.left_out, "tests"] if options.static else [*chosen.left_out, "all other tests"]
    print(f"Changed files: {len(changed)}. Left out: {'; '.join(left_out)}.")
    return 0 if passed else 1


if __name__ == "__main__":
    sys.exit(main())
