"""The record of a run: what each test asked, what was answered, and how to see a failure again."""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from conformance.provocations import documented, never

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

FLOOR = 20
"""How often each operation has to succeed, or nothing is proved of it."""


@dataclass(frozen=True)
class Outcome:
    """What became of one test."""

    test: str
    outcome: str
    seconds: float
    said: str = ""
    """Why it failed."""
    curl: str = ""
    """A script that does the same to another server."""
    pytest: str = ""
    """The command that runs it again."""
    book: dict[str, Any] = field(default_factory=dict[str, Any])

    @property
    def has_failed(self) -> bool:
        return self.outcome in {"failed", "error"}

    @property
    def gist(self) -> str:
        """What of a traceback says what is wrong: what schemathesis found, or else the error itself."""
        found = re.search(
            r"^.*Schemathesis found.*?$(.*?)^[^\n]*(?:Reproduce with|sub-exception)",
            self.said,
            re.MULTILINE | re.DOTALL,
        )
        if found:
            lines = [re.sub(r"^\s*\| ?", "", line) for line in found[1].splitlines()]
        else:
            lines = [line[1:].strip() for line in self.said.splitlines() if line.startswith("E  ")]
        return "\n".join(lines).strip() or self.said


@dataclass(frozen=True)
class Record:
    """All tests of a run."""

    seed: int | None
    is_full: bool
    fault: str
    """The seeded fault that was on."""
    started: str
    seconds: float
    outcomes: list[Outcome]

    @property
    def failures(self) -> list[Outcome]:
        return [outcome for outcome in self.outcomes if outcome.has_failed]

    def write(self, path: Path) -> None:
        path.write_text(json.dumps(asdict(self)), encoding="utf-8")

    @classmethod
    def read(cls, path: Path) -> Record:
        content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        outcomes = [Outcome(**one) for one in content.pop("outcomes")]
        return cls(outcomes=outcomes, **content)


class Tally:
    """What one run or several have come to."""

    def __init__(self, records: Iterable[Record]) -> None:
        self.answers: Counter[tuple[str, int]] = Counter()
        self.checks: Counter[tuple[str, str]] = Counter()
        sent: list[str] = []
        for outcome in (outcome for record in records for outcome in record.outcomes if outcome.book):
            self.answers.update({(name, status): count for name, status, count in outcome.book["answers"]})
            self.checks.update({(name, check): count for name, check, count in outcome.book["checks"]})
            sent.append(f"{outcome.test} {outcome.book['sent']}")
        self.digest = hashlib.sha256("\n".join(sorted(sent)).encode()).hexdigest()[:16]
        """The same for two runs if they sent the same requests, but for the ids that servers make up."""

    @property
    def operations(self) -> list[str]:
        return list(dict.fromkeys(name for name, _ in documented()))

    @property
    def requests(self) -> int:
        return self.answers.total()

    def statuses(self, operation: str) -> list[tuple[int, int]]:
        return sorted((status, count) for (name, status), count in self.answers.items() if name == operation)

    def successes(self, operation: str) -> int:
        """Documented ones: HTTP itself has others, for OPTIONS for instance."""
        known = [status for name, status in documented() if name == operation and 200 <= status < 300]
        return sum(self.answers[operation, status] for status in known)

    def unseen(self) -> list[tuple[str, int, str]]:
        """Documented statuses that never came, and why they can't; no reason where there is none."""
        missing = [pair for pair in documented() if not self.answers[pair]]
        return [(operation, status, never(operation, status) or "") for operation, status in missing]

    def shortcomings(self) -> list[str]:
        """Why this proves too little."""
        short = [(name, self.successes(name)) for name in self.operations if self.successes(name) < FLOOR]
        return [
            *(f"{name} succeeded {count} times, and {FLOOR} are needed" for name, count in short),
            *(f"{name} never answered {status}" for name, status, reason in self.unseen() if not reason),
        ]

    def lines(self) -> list[str]:
        """For people, on a terminal."""
        lines = [f"{'':<22}{'2xx':>6}  statuses"]
        asked = [name for name in self.operations if self.statuses(name)]
        for name in asked:
            seen = "  ".join(f"{status} × {count}" for status, count in self.statuses(name))
            lines.append(f"{name:<22}{self.successes(name):>6}  {seen}")
        reasons: dict[str, list[str]] = {}
        for name, status, reason in self.unseen():
            if name in asked:
                reasons.setdefault(reason or "not by these tests", []).append(f"{name} {status}")
        lines += [f"never seen: {', '.join(pairs)} ({reason})" for reason, pairs in reasons.items()]
        return [*lines, f"{self.requests} requests, digest {self.digest}"]
