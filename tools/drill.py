"""Plays changes of the API: each is made to a copy of the contract, generated from, and type-checked against.

What adds something must pass with nothing touched; what breaks something must be named, by the type checker where a
type can show it, and by the judge of breaking changes always. The mock server starts with a contract that it has
handlers for, and else says which one is missing.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import venv
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonpatch
import yaml
from contract_changes.changes import Weight
from contract_changes.documents import Document
from contract_changes.operations import compare
from generate import generate

from aioz_stream_mock import Settings, create_app
from aioz_stream_mock.contract import ContractError

if TYPE_CHECKING:
    from collections.abc import Sequence

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ("overlay", "tests")
STEPS = ROOT / "tests" / "changes" / "drill.yaml"
# What stays as it is when the contract changes.
CACHE = ".mypy_cache"
KEPT = ("benchmarks", "cli", "mock", "overlay", "pyproject.toml", "tests", "tools")


@dataclass(frozen=True)
class Step:
    """One change, and who must say what of it."""

    name: str
    edit: tuple[dict[str, Any], ...]
    is_breaking: bool
    names: tuple[str, ...]
    """Pieces of one thing that the type checker says; nothing where it must be content."""
    serves: str
    """A piece of what the mock server says; empty where it must start."""

    def is_named_in(self, errors: Sequence[str]) -> bool:
        return any(all(piece in error for piece in self.names) for error in errors)


def steps() -> list[Step]:
    return [
        Step(
            name=entry["name"],
            edit=tuple(entry["edit"]),
            is_breaking={"breaking": True, "safe": False}[entry["expected"]],
            names=tuple(entry.get("names", ())),
            serves=entry.get("serves", ""),
        )
        for entry in yaml.safe_load(STEPS.read_text(encoding="utf-8"))
    ]


class Copy:
    """The project beside itself: all by reference but the contract and what is generated from it."""

    def __init__(self, folder: Path, known: Path = ROOT / CACHE) -> None:
        """What is in the folder `known` need not be type-checked again."""
        self._folder = folder
        self._contract = folder / "openapi.yaml"
        self.cache = folder / CACHE
        folder.mkdir(exist_ok=True)
        for name in KEPT:
            (folder / name).symlink_to(ROOT / name)
        if known.is_dir():
            shutil.copytree(known, self.cache)
        self._python = _python_without_us(folder / "python")

    def regenerate(self, document: Document) -> None:
        # JSON is YAML, so it serves as the contract's file.
        self._contract.write_text(json.dumps(document.tree), encoding="utf-8")
        generate(self._folder / "generated" / "aioz_stream_api", self._contract)

    def type_errors(self, rooms: Sequence[str]) -> list[str]:
        options = ("--no-error-summary", "--cache-dir", str(self.cache), "--python-executable", str(self._python))
        command = [sys.executable, "-m", "mypy", *options, *rooms]
        done = subprocess.run(command, cwd=self._folder, capture_output=True, text=True, check=False)
        if done.returncode not in {0, 1}:
            raise RuntimeError(done.stdout + done.stderr)
        return done.stdout.splitlines()

    def start_error(self) -> str:
        """Why the mock server can't serve the contract, or nothing."""
        try:
            create_app(Settings(contract=self._contract)).state.mock.close()
        except ContractError as error:
            return str(error)
        return ""


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


def complaints(step: Step, contract: Document, copy: Copy) -> list[str]:
    """What did not go as it should have."""
    after = applied(contract, [step])
    copy.regenerate(after)
    errors, start = copy.type_errors(ROOMS), copy.start_error()
    found = [] if breaks(contract, after) == step.is_breaking else ["the judge is wrong"]
    if not step.names:
        found += [f"the type checker says: {error}" for error in errors]
    elif not step.is_named_in(errors):
        found += [f"no type error says {' and '.join(step.names)}", *errors]
    if bool(step.serves) != bool(start) or step.serves not in start:
        found.append(f"the mock server says: {start or 'nothing'}")
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
            found = complaints(step, contract, copy)
            failed += bool(found)
            by = "judged safe, nothing to touch"
            if step.is_breaking:
                by = "judged breaking" + (", type checker" if step.names else "")
            print(f"{step.name:45} {by if not found else '; '.join(found)}", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
