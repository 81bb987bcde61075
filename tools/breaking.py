"""Says what a change of openapi.yaml means for those who rely on it, and which version it asks for.

Exits with 1 when `info.version` is not that version yet.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

from contract_changes import versions
from contract_changes.documents import ContractError, Document
from contract_changes.operations import Subject, compare
from contract_changes.report import Verdict, lines, weight
from contract_document import CONTRACT, ROOT

if TYPE_CHECKING:
    from pathlib import Path

RELEASED = ROOT / "contract-released.yaml"


def read(path: Path) -> Document:
    try:
        return Document.parse(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, ContractError) as error:
        raise ContractError(f"{path.name}: {error}") from error


def read_at(reference: str) -> Document:
    """The contract as it was committed."""
    command = ["git", "-C", str(ROOT), "show", f"{reference}:./{CONTRACT.name}"]
    try:
        shown = subprocess.run(command, capture_output=True, check=True)
    except OSError as error:
        raise ContractError(f"git can't be run: {error}") from error
    except subprocess.CalledProcessError as error:
        raise ContractError(error.stderr.decode(errors="replace").strip()) from error
    return Document.parse(shown.stdout.decode())


def verdict(base: Document, new: Document, subjects: list[Subject]) -> Verdict:
    found = weight(change for subject in subjects for change in subject.changes)
    return Verdict(versions.parse(base.version), found, versions.parse(new.version))


def judged(against: str, base: Document, new: Document) -> int:
    subjects = compare(base, new)
    print("\n".join(lines(subjects)) or f"Nothing changed since {against}.")
    origin, name = base, against
    released = read(RELEASED)
    if versions.parse(base.version) > versions.parse(released.version):
        # That version is not out yet, so it may still take in what comes.
        origin, name, subjects = released, RELEASED.name, compare(released, new)
    found = verdict(origin, new, subjects)
    print(f"\n{found.sentence(name)}")
    return 0 if found.fits else 1


def release() -> int:
    new = read(CONTRACT)
    if RELEASED.exists():
        released = read(RELEASED)
        found = verdict(released, new, compare(released, new))
        if found.version < found.asked:
            print(found.sentence(RELEASED.name))
            return 1
    shutil.copyfile(CONTRACT, RELEASED)
    print(f"{RELEASED.name} is {new.version} now. Commit it with the release.")
    return 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--against", metavar="REF", default="HEAD", help="any commit; HEAD if not said")
    parser.add_argument("--released", action="store_true", help="compare with the last release instead")
    parser.add_argument("--release", action="store_true", help="make openapi.yaml the last release")
    arguments = parser.parse_args()
    try:
        if arguments.release:
            return release()
        if arguments.released:
            return judged(RELEASED.name, read(RELEASED), read(CONTRACT))
        return judged(arguments.against, read_at(arguments.against), read(CONTRACT))
    except ContractError as error:
        print(f"The contract can't be compared: {error}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
