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
from contract_changes.operations import compare
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


def verdict(base: Document, new: Document) -> Verdict:
    found = weight(change for subject in compare(base, new) for change in subject.changes)
    return Verdict(versions.parse(base.version), found, versions.parse(new.version))


def report_changes(against: str, base: Document, new: Document) -> int:
    print("\n".join(lines(compare(base, new))) or f"Nothing changed since {against}.")
    released = read(RELEASED)
    if versions.parse(base.version) > versions.parse(released.version):
        # That version is not out yet, so it may still take in what comes.
        base, against = released, RELEASED.name
    found = verdict(base, new)
    print(f"\n{found.sentence(against)}")
    return 0 if found.fits else 1


def release(new: Document) -> int:
    if RELEASED.exists() and (found := verdict(read(RELEASED), new)).version < found.asked:
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
        new = read(CONTRACT)
        if arguments.release:
            return release(new)
        if arguments.released:
            return report_changes(RELEASED.name, read(RELEASED), new)
        return report_changes(arguments.against, read_at(arguments.against), new)
    except ContractError as error:
        print(f"The contract can't be compared: {error}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
