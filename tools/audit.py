"""Asks the index for known faults of everything that constraints.txt pins, by pip-audit.

Exits with 0 when each package was looked up and none has a known fault, with 1 when one has, and with 2 when the index
said nothing about some of them. pip-audit by itself calls a package that the index does not answer for "skipped" and
the run a success: an index without a database of faults would look like a clean bill.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

ROOT = Path(__file__).resolve().parent.parent
FILES = (ROOT / "constraints.txt",)
ASK = ("--no-deps", "--disable-pip", "--format", "json", "--progress-spinner", "off", "--timeout", "30")
FAULT, NO_ANSWER = 1, 2


@dataclass(frozen=True)
class Verdict:
    """What the index knows of the pinned packages."""

    looked_up: int
    faults: tuple[str, ...]
    unanswered: tuple[str, ...]

    @property
    def status(self) -> int:
        return FAULT if self.faults else NO_ANSWER if self.unanswered or not self.looked_up else 0

    def lines(self) -> list[str]:
        said = [*self.faults]
        if self.unanswered:
            said.append(f"NOT AUDITED, the index does not answer for them: {', '.join(self.unanswered)}")
        said.append(
            f"{self.looked_up} packages looked up, {len(self.faults)} known faults, {len(self.unanswered)} not audited"
        )
        return said


def judge(report: dict[str, Any]) -> Verdict:
    """Reads what pip-audit wrote as JSON."""
    packages = report["dependencies"]
    faults = [
        f"{package['name']} {package['version']}: {fault['id']}, "
        f"mended in {', '.join(fault['fix_versions']) or 'no version'}"
        for package in packages
        for fault in package.get("vulns", [])
    ]
    unanswered = tuple(package["name"] for package in packages if "skip_reason" in package)
    return Verdict(len(packages) - len(unanswered), tuple(faults), unanswered)


def ask(file: Path, *, service: str) -> Verdict | None:
    """None where pip-audit ends without a report, as it does when it can't connect."""
    command = [sys.executable, "-m", "pip_audit", "--requirement", str(file), "--vulnerability-service", service, *ASK]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    try:
        return judge(json.loads(done.stdout))
    except ValueError:
        # The whole of it can be a traceback of a hundred lines; its end says what happened.
        print("\n".join(done.stderr.splitlines()[-3:]), file=sys.stderr)
        return None


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--service", choices=("pypi", "osv"), default="pypi", help="who is asked")
    parser.add_argument("files", nargs="*", type=Path, default=FILES, help="pinned packages, one a line")
    chosen = parser.parse_args(arguments)
    statuses: list[int] = []
    for file in chosen.files:
        verdict = ask(file, service=chosen.service) or Verdict(0, (), (f"all of {file.name}",))
        print("\n".join(verdict.lines()))
        statuses.append(verdict.status)
    return FAULT if FAULT in statuses else max(statuses)


if __name__ == "__main__":
    sys.exit(main())
