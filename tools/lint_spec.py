"""Three linters read openapi.yaml; none of them may have anything to say."""

from __future__ import annotations

import sys

import node
from contract_document import CONTRACT


def main(contract: str) -> int:
    node.install()
    redocly, spectral = (str(node.READERS / name) for name in ("redocly.yaml", "spectral.yaml"))
    validator = [sys.executable, "-m", "openapi_spec_validator", "--validation-errors", "all", contract]
    results = {
        "openapi_spec_validator": node.run_command(validator),
        "redocly": node.run("redocly", "lint", contract, "--config", redocly),
        "spectral": node.run("spectral", "lint", contract, "--ruleset", spectral, "--fail-severity", "hint"),
    }
    failed = False
    for linter, done in results.items():
        # To redocly, warnings are no failure.
        is_content = done.returncode == 0 and not (linter == "redocly" and "warning" in done.stdout.lower())
        print(f"{linter}: {'nothing to say' if is_content else done.stdout}")
        failed = failed or not is_content
    return int(failed)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:] or [str(CONTRACT)]))
