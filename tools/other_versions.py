"""Runs the core of the test suite with other versions than the pinned ones, each in an environment of its own.

`--lowest` takes the lowest version that pyproject.toml allows of each package it names, which shows that the bounds are
true. `--newest` takes whatever is newest today. `--pythons` takes the newest on every Python from 3.11 on that the
machine has. Exits with 1 when a run fails, and with 2 when an environment can't be made.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

from uv import find_uv_bin

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

ROOT = Path(__file__).resolve().parent.parent
OLDEST = (3, 11)
CORE = (
    "tests/overlay",
    "tests/encoding",
    "tests/mock",
    "tests/end_to_end/rulings",
    "tests/command",
)
"""What a user's program meets."""
SMALL = (
    *("tests/overlay/test_videos.py", "tests/overlay/test_journal.py", "tests/overlay/test_remote.py"),
    *("tests/encoding/test_rules.py", "tests/encoding/test_media_info.py"),
    *("tests/mock/test_mock_access.py", "tests/mock/test_mock_media_playback.py"),
    "tests/command/test_command.py",
)
"""A minute of it, which every library that the project stands on has a part in."""
LEFT_OUT = (
    *("--ignore=tests/mock/test_mock_pages.py", "--ignore=tests/mock/test_mock_sample.py"),  # they are about a browser
    *("--ignore=tests/mock/matrix", "--ignore=tests/mock/test_mock_media_sources.py"),  # their judge is a newer PyAV
)


def pythons(folders: Iterable[Path]) -> Iterator[tuple[tuple[int, int], Path]]:
    """The Pythons in these folders that run, the newest patch of each minor version, oldest first."""
    found: dict[tuple[int, int], tuple[int, Path]] = {}
    for program in (path for folder in folders for path in folder.glob("python3.*")):
        if not re.fullmatch(r"python3\.\d+", program.name):
            continue
        say = [str(program), "-c", "import sys; print(*sys.version_info[:3])"]
        said = subprocess.run(say, capture_output=True, text=True, check=False)
        # A version manager has a program for each version that it knows, also for those that are not chosen.
        if said.returncode:
            continue
        major, minor, patch = map(int, said.stdout.split())
        if (major, minor) >= OLDEST and patch >= found.get((major, minor), (-1,))[0]:
            found[major, minor] = (patch, program)
    for version, (_, program) in sorted(found.items()):
        yield version, program


def folders_of_pythons(path: str, home: Path) -> list[Path]:
    """Where Pythons are: on the path, and where version managers keep those that are not chosen."""
    managed = (home / ".pyenv/versions", home / ".local/share/uv/python", home / ".asdf/installs/python")
    return [
        *map(Path, path.split(os.pathsep)),
        *(folder for place in managed for folder in sorted(place.glob("*/bin"))),
    ]


def uv(*arguments: str) -> None:
    subprocess.run([find_uv_bin(), "--quiet", "--no-python-downloads", *arguments], cwd=ROOT, check=True)


def read_extras() -> list[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return list(project["optional-dependencies"])


def make_environment(folder: Path, python: Path, resolution: str) -> Path:
    """An environment with all extras in versions of that kind, and what the tests need beside them."""
    chosen = folder / "versions.txt"
    extras = [
        f"--extra={extra}" for extra in read_extras() if extra != "docs"
    ]  # a site is built with the pinned versions
    uv(
        "pip",
        "compile",
        "pyproject.toml",
        *extras,
        "--python",
        str(python),
        "--resolution",
        resolution,
        "--output-file",
        str(chosen),
    )
    uv("venv", "--clear", "--python", str(python), str(folder / "venv"))
    into = ("pip", "install", "--python", str(folder / "venv"))
    uv(*into, "--requirements", str(chosen))
    # The tests' own tools take what is there: they must not lift a version that is on trial.
    uv(*into, "--constraints", str(chosen), "--editable", ".", "--group", "test")
    return next(path for path in (folder / "venv/bin/python", folder / "venv/Scripts/python.exe") if path.exists())


def run(name: str, python: Path, resolution: str, tests: Sequence[str]) -> int:
    print(f"== {name}: {python}", flush=True)
    with tempfile.TemporaryDirectory(prefix="aioz-stream-") as made:
        try:
            environment = make_environment(Path(made), python, resolution)
        except subprocess.CalledProcessError as error:
            print(f"== {name}: no environment can be made: {error}", flush=True)
            return 2
        command = [str(environment), "-m", "pytest", "-q", "-p", "no:cacheprovider", "-n", "2", "--dist", "loadgroup"]
        return min(1, subprocess.run([*command, "-m", "not slow", *tests], cwd=ROOT, check=False).returncode)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    kind = parser.add_mutually_exclusive_group(required=True)
    kind.add_argument("--lowest", action="store_true", help="the lowest versions that pyproject.toml allows")
    kind.add_argument("--newest", action="store_true", help="the newest versions")
    kind.add_argument("--pythons", action="store_true", help="the newest versions, on every Python of the machine")
    parser.add_argument("--small", action="store_true", help="a minute of tests for each")
    parser.add_argument("--skip-own", action="store_true", help="leave out the Python that runs this")
    parser.add_argument("tests", nargs="*", help="these tests instead")
    chosen = parser.parse_args(arguments)
    tests = chosen.tests or [*(SMALL if chosen.small else CORE), *LEFT_OUT]
    own = Path(sys.executable)
    if chosen.lowest or chosen.newest:
        name = "lowest versions" if chosen.lowest else "newest versions"
        return run(name, own, "lowest-direct" if chosen.lowest else "highest", tests)
    results: dict[str, int] = {}
    for version, python in pythons(folders_of_pythons(os.environ.get("PATH", os.defpath), Path.home())):
        if not (chosen.skip_own and version == sys.version_info[:2]):
            name = f"Python {version[0]}.{version[1]}"
            results[name] = run(name, python, "highest", tests)
    said = [f"{name}: {'failed' if result else 'passed'}" for name, result in results.items()]
    print("\n".join(said) or "There is no other Python from 3.11 on here.")
    return max(results.values(), default=0)


if __name__ == "__main__":
    sys.exit(main())
