"""Makes generated/aioz_stream_api from openapi.yaml, or checks that it is what the contract makes."""

from __future__ import annotations

import argparse
import difflib
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

import request_schemas
from generation.contract import Contract, ContractError
from generation.faults import find_faults
from generation.package import build
from generation.publication import replacing

ROOT = Path(__file__).resolve().parent.parent
CONTRACT = ROOT / "openapi.yaml"
CONFIG = ROOT / "generator-config.yaml"
PACKAGE = ROOT / "generated" / "aioz_stream_api"
GENERATOR = "openapi-python-client"
RUFF = ("--isolated", "--no-cache", "--quiet", "--target-version=py311")


def generate(package: Path, contract: Path = CONTRACT) -> None:
    """Puts a new package into the place of an old one. Raises ContractError, and changes nothing, where it can't."""
    with replacing(package) as new:
        document = Contract(contract)
        for step in STEPS:
            step(document, new)


def generate_code(contract: Contract, package: Path) -> None:
    build(contract, CONFIG, package)


def format_code(_: Contract, package: Path) -> None:
    run(["ruff", "check", *RUFF, "--fix", "--select=F,I", str(package)])
    run(["ruff", "format", *RUFF, "--line-length=120", str(package)])


def sign(contract: Contract, package: Path) -> None:
    info = contract.tree["info"]
    header = (
        f"# Generated from openapi.yaml ({info['title']} {info['version']}) by `make generate`, "
        f"with {GENERATOR} {version(GENERATOR)}.\n# Do not edit: change the contract and generate again.\n"
    )
    for module in sorted(package.rglob("*.py")):
        module.write_text(header + module.read_text(encoding="utf-8"), encoding="utf-8")
    (package / "py.typed").touch()


def check_faults(_: Contract, package: Path) -> None:
    if faults := find_faults(package):
        raise SystemExit("\n".join(["The generated code has faults:", *faults]))


def write_request_schemas(contract: Contract, package: Path) -> None:
    request_schemas.write(contract.tree, package)


Step = Callable[[Contract, Path], None]
STEPS: tuple[Step, ...] = (generate_code, write_request_schemas, format_code, sign, check_faults)
"""What makes the package, in a folder of its own, from a contract that is valid."""


def run(command: list[str]) -> None:
    """Runs a tool of this environment, whichever is first in PATH; its output is shown only when it fails."""
    tools = Path(sys.executable).parent
    environment = {**os.environ, "PATH": f"{tools}{os.pathsep}{os.environ.get('PATH', '')}"}
    done = subprocess.run(
        [tools / command[0], *command[1:]], env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise SystemExit(f"{' '.join(command)}\n{done.stdout}{done.stderr}")


def differences(expected: Path, actual: Path) -> list[str]:
    """What a reader needs to see: missing and extra files by name, changed ones as a diff."""
    wanted, present = contents(expected), contents(actual)
    found: list[str] = []
    for name in sorted({*wanted, *present}):
        is_now, should_be = present.get(name), wanted.get(name)
        if is_now is None or should_be is None:
            found.append(f"{'missing' if is_now is None else 'not made by the generator'}: {name}")
        elif is_now != should_be:
            found += [f"differs: {name}", *difflib.unified_diff(is_now, should_be, lineterm="", n=1)]
    return found


def contents(folder: Path) -> dict[str, list[str]]:
    """The lines of all files."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes().decode("utf-8", "backslashreplace").split("\n")
        for path in folder.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


def check() -> int:
    with tempfile.TemporaryDirectory() as folder:
        fresh = Path(folder) / PACKAGE.name
        generate(fresh)
        found = differences(fresh, PACKAGE)
    if found:
        print("\n".join(found))
        print(f"\ngenerated/ is not what openapi.yaml makes: {CONTRACT.name} changed, or a file was edited by hand.")
        print("Run `make generate` and commit the result.")
        return 1
    print("generated/ is exactly what openapi.yaml makes.")
    return 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="generate elsewhere and compare; change nothing")
    arguments = parser.parse_args()
    try:
        if arguments.check:
            return check()
        generate(PACKAGE)
        # In a process of its own, which imports the client as it is now.
        run(["python", str(ROOT / "tools" / "rules_page.py")])
    except ContractError as error:
        print(error, file=sys.stderr)
        return 1
    print(f"{PACKAGE.relative_to(ROOT)} is made from {CONTRACT.name}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
