"""Makes generated/aioz_stream_api from openapi.yaml, or checks that it is what the contract makes."""

from __future__ import annotations

import argparse
import difflib
import os
import shutil
import subprocess
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path
from typing import Any

import request_schemas
import yaml
from mend import MismatchError, mend

ROOT = Path(__file__).resolve().parent.parent
CONTRACT = ROOT / "openapi.yaml"
CONFIG = ROOT / "generator-config.yaml"
PACKAGE = ROOT / "generated" / "aioz_stream_api"
GENERATOR = "openapi-python-client"
RUFF = ("--isolated", "--no-cache", "--quiet", "--target-version=py311")


def generate(package: Path, contract: Path = CONTRACT) -> list[tuple[str, int]]:
    """Generates into an emptied folder, mends, and says how often each mend applied."""
    shutil.rmtree(package, ignore_errors=True)
    package.parent.mkdir(parents=True, exist_ok=True)
    run(
        [
            *(GENERATOR, "generate", "--meta", "none", "--fail-on-warning"),
            *("--path", str(contract), "--config", str(CONFIG), "--output-path", str(package)),
        ]
    )
    document: dict[str, Any] = yaml.safe_load(contract.read_text(encoding="utf-8"))
    counts = mend(package, document)
    request_schemas.write(document, package)
    for module in sorted(package.rglob("*.py")):
        module.write_text(header(document) + module.read_text(encoding="utf-8"), encoding="utf-8")
    (package / "py.typed").touch()
    run(["ruff", "check", *RUFF, "--fix", "--extend-select=I", str(package)])
    run(["ruff", "format", *RUFF, str(package)])
    return counts


def run(command: list[str]) -> None:
    """Runs a tool of this environment, whichever is first in PATH; its output is shown only when it fails."""
    tools = Path(sys.executable).parent
    environment = {**os.environ, "PATH": f"{tools}{os.pathsep}{os.environ.get('PATH', '')}"}
    done = subprocess.run(
        [tools / command[0], *command[1:]], env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise SystemExit(f"{' '.join(command)}\n{done.stdout}{done.stderr}")


def header(document: dict[str, Any]) -> str:
    info = document["info"]
    return (
        f"# Generated from openapi.yaml ({info['title']} {info['version']}) by `make generate`, "
        f"with {GENERATOR} {version(GENERATOR)}.\n# Do not edit: change the contract and generate again.\n"
    )


def differences(expected: Path, actual: Path) -> list[str]:
    """What a reader needs to see: missing and extra files by name, changed ones as a diff."""
    wanted, present = files(expected), files(actual)
    found = [f"missing: {name}" for name in sorted(wanted - present)]
    found += [f"not made by the generator: {name}" for name in sorted(present - wanted)]
    for name in sorted(wanted & present):
        is_now, should_be = (actual / name).read_bytes(), (expected / name).read_bytes()
        if is_now != should_be:
            found.append(f"differs: {name}")
            found += difflib.unified_diff(
                is_now.decode("utf-8", "backslashreplace").splitlines(),
                should_be.decode().splitlines(),
                "as it is",
                "as the contract makes it",
                lineterm="",
                n=1,
            )
    return found


def files(folder: Path) -> set[str]:
    return {
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if not path.is_dir() and "__pycache__" not in path.parts
    }


def show(counts: list[tuple[str, int]]) -> None:
    print(f"Mended {sum(times for _, times in counts)} places of the generator's output:")
    for name, times in counts:
        print(f"  {times:4} {name}")


def check() -> int:
    with tempfile.TemporaryDirectory() as folder:
        fresh = Path(folder) / PACKAGE.name
        counts = generate(fresh)
        found = differences(fresh, PACKAGE)
    show(counts)
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
        show(generate(PACKAGE))
        # In a process of its own, which imports the client as it is now.
        run(["python", str(ROOT / "tools" / "rules_page.py")])
    except MismatchError as error:
        print(
            f"The generator writes other code than the mends in tools/mend.py expect:\n{error}",
            file=sys.stderr,
        )
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
