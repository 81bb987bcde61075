"""Three linters read openapi.yaml; none of them may have anything to say."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import node
from contract_document import CONTRACT


def openapi_spec_validator(contract: Path) -> tuple[bool, str]:
    command = [sys.executable, "-m", "openapi_spec_validator", "--validation-errors", "all", str(contract)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.returncode == 0, done.stdout + done.stderr


def redocly(contract: Path) -> tuple[bool, str]:
    done = node.run("redocly", "lint", str(contract), "--config", str(node.READERS / "redocly.yaml"))
    # Warnings are no failure to it.
    return done.returncode == 0 and "warning" not in done.stdout.lower(), done.stdout


def spectral(contract: Path) -> tuple[bool, str]:
    rules = str(node.READERS / "spectral.yaml")
    done = node.run("spectral", "lint", str(contract), "--ruleset", rules, "--fail-severity", "hint")
    return done.returncode == 0, done.stdout


def main() -> int:
    node.install()
    contract = Path(sys.argv[1]) if sys.argv[1:] else CONTRACT
    failed = False
    for linter in (openapi_spec_validator, redocly, spectral):
        content, said = linter(contract)
        print(f"{linter.__name__}: {'nothing to say' if content else 'see below'}", flush=True)
        if not content:
            print(said)
            failed = True
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
