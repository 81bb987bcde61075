"""Checks that the project is ready to be released as its version says, and then tags the commit.

All that is wrong is said at once. Without `--tag` nothing is changed. Nothing is ever sent anywhere: pushing
the tag and publishing the files in dist/ are steps of their own.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import tempfile
import zipfile
from email.parser import HeaderParser
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

ROOT = Path(__file__).resolve().parent.parent
VERSION = re.compile(r'^__version__ = "(.*)"$', re.MULTILINE)
HEADING = re.compile(r"^## (\S+) – (.*)$", re.MULTILINE)


def read_version(root: Path) -> str:
    found = VERSION.search((root / "overlay/aioz_stream/http/user_agent.py").read_text(encoding="utf-8"))
    assert found, "user_agent.py has no version"
    return found[1]


def find_problems(root: Path, version: str, wheel_metadata: str) -> Iterator[str]:
    """What the files say against a release of this version."""
    if not re.fullmatch(r"\d+\.\d+\.\d+((a|b|rc)\d+)?", version):
        yield f"The version {version} is not of the form 1.2.3 or 1.2.3rc1."
    heading = HEADING.search((root / "CHANGELOG.md").read_text(encoding="utf-8"))
    if not heading or heading[1] != version:
        yield f"CHANGELOG.md begins with {heading[1] if heading else 'no version'}, not with {version}."
    elif not re.fullmatch(r"\d{4}-\d{2}-\d{2}", heading[2]):
        yield f"CHANGELOG.md dates {version} {heading[2]!r}: write the day, as in 2026-11-30."
    if (root / "openapi.yaml").read_bytes() != (root / "contract-released.yaml").read_bytes():
        yield "openapi.yaml is not the released contract: run `make release-contract` and commit what it writes."
    built = HeaderParser().parsestr(wheel_metadata)
    if built["Version"] != version:
        yield f"The wheel calls itself {built['Version']}, not {version}."
    if relative := re.findall(r"\]\((?!https?:|#)[^)]+\)", str(built.get_payload())):
        yield f"The description in the wheel has links that lead nowhere on an index: {', '.join(relative)}."


def find_problems_of_the_tree(root: Path, tag: str) -> Iterator[str]:
    """What git says against it."""
    if git(root, "status", "--porcelain"):
        yield "There are changes that are not committed."
    if git(root, "tag", "--list", tag):
        yield f"The tag {tag} exists already."


def git(root: Path, *arguments: str) -> str:
    command = ["git", "-C", str(root), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def build(folder: Path) -> str:
    """The metadata of a wheel that is built into this folder."""
    command = ["make", "--no-print-directory", "build", f"DIST={folder}"]
    subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    [wheel] = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        [name] = [name for name in archive.namelist() if name.endswith(".dist-info/METADATA")]
        return archive.read(name).decode()


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tag", action="store_true", help="tag the commit if nothing is wrong")
    chosen = parser.parse_args(arguments)
    version = read_version(ROOT)
    tag = f"v{version}"
    with tempfile.TemporaryDirectory() as folder:
        problems = [*find_problems(ROOT, version, build(Path(folder))), *find_problems_of_the_tree(ROOT, tag)]
    print("\n".join(problems) or f"{version} is ready.")
    if problems:
        return 1
    if chosen.tag:
        git(ROOT, "tag", "--annotate", tag, "--message", f"aioz-stream {version}")
        print(f"Tagged {tag}. To publish it: git push origin {tag}, then upload dist/ of `make build`.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
