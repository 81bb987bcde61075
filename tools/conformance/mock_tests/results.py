"""The results of contract tests: what each test asked, what was answered, and how to see a failure again."""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from conformance.shared.documented import documented, operation_ids, why_never

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

FLOOR = 20
"""How often each operation has to succeed, or the run proves nothing about it."""

UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII)


class Exchanges:
    """Counts the answers that a test got, and digests its requests."""

    def __init__(self) -> None:
        self.answers: Counter[tuple[str, int]] = Counter()
        self._sent = hashlib.md5(usedforsecurity=False)

    def note(self, operation: str, status: int, request: object = "") -> None:
        """Count an answer, and add its request to the digest: two runs are the same if all requests are."""
        self.answers[operation, status] += 1
        self._sent.update(f"{operation} {status} {UUID.sub('id', repr(request))}\n".encode("utf-8", "surrogatepass"))

    def require(self, floor: int, operations: Iterable[str]) -> None:
        """Fail if one of these operations succeeded less often, however rightly it refused everything else."""
        counts = {name: successes(self.answers, name) for name in operations}
        short = [f"{name} has {count}" for name, count in sorted(counts.items()) if count < floor]
        assert counts, "no operation was called"
        assert not short, f"each operation needs {floor} answers of 2xx, but {', '.join(short)}"

    def as_json(self) -> dict[str, Any]:
        return {
            "answers": [[name, status, count] for (name, status), count in sorted(self.answers.items())],
            "sent": self._sent.hexdigest(),
        }


def successes(answers: Counter[tuple[str, int]], operation: str) -> int:
    """Answers with a documented 2xx. HTTP itself has others, for OPTIONS for instance."""
    return sum(answers[pair] for pair in documented() if pair[0] == operation and 200 <= pair[1] < 300)


@dataclass(frozen=True)
class TestResult:
    """The result of one test."""

    __test__ = False  # pytest takes every class with such a name for tests

    test: str
    outcome: str
    seconds: float
    traceback: str = ""
    curl: str = ""
    """A script that sends the same requests to another server."""
    pytest: str = ""
    """The command that runs the test again."""
    exchanges: dict[str, Any] = field(default_factory=dict[str, Any])

    @property
    def has_failed(self) -> bool:
        return self.outcome in {"failed", "error"}

    @property
    def gist(self) -> str:
        """The lines of the traceback that say what is wrong: what schemathesis found, or else the error itself."""
        found = re.search(
            r"^.*Schemathesis found.*?$(.*?)^[^\n]*(?:Reproduce with|sub-exception)",
            self.traceback,
            re.MULTILINE | re.DOTALL,
        )
        if found:
            lines = [re.sub(r"^\s*\| ?", "", line) for line in found[1].splitlines()]
        else:
            lines = [line[1:].strip() for line in self.traceback.splitlines() if line.startswith("E  ")]
        return "\n".join(lines).strip() or self.traceback


@dataclass(frozen=True)
class RunResult:
    """The results of all tests of a run."""

    seed: int | None
    is_full: bool
    fault: str
    """The seeded fault that was on."""
    started: str
    seconds: float
    tests: list[TestResult]

    @property
    def failures(self) -> list[TestResult]:
        return [one for one in self.tests if one.has_failed]

    def write(self, path: Path) -> None:
        path.write_text(json.dumps(asdict(self)), encoding="utf-8")

    @classmethod
    def read(cls, path: Path) -> RunResult:
        content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        tests = [TestResult(**one) for one in content.pop("tests")]
        return cls(tests=tests, **content)


class Summary:
    """The exchanges of one run or several, added up."""

    def __init__(self, runs: Iterable[RunResult]) -> None:
        self.answers: Counter[tuple[str, int]] = Counter()
        sent: list[str] = []
        for test in (test for run in runs for test in run.tests if test.exchanges):
            self.answers.update({(name, status): count for name, status, count in test.exchanges["answers"]})
            sent.append(f"{test.test} {test.exchanges['sent']}")
        self.requests = self.answers.total()
        self.digest = hashlib.sha256("\n".join(sorted(sent)).encode()).hexdigest()[:16]
        """The same for two runs if they sent the same requests, apart from the ids that servers make up."""

    def shortcomings(self) -> list[str]:
        """Why the runs prove too little."""
        counts = {name: successes(self.answers, name) for name in operation_ids()}
        return [
            *(
                f"{name} succeeded {count} times, and {FLOOR} are needed"
                for name, count in counts.items()
                if count < FLOOR
            ),
            *(f"{name} never answered {status}" for name, status in self._unseen() if not why_never(name, status)),
        ]

    def lines(self) -> list[str]:
        """A table for a terminal."""
        lines = [f"{'':<22}{'2xx':>6}  statuses"]
        asked = {name for name, _ in self.answers}
        for name in (name for name in operation_ids() if name in asked):
            counts = sorted((status, count) for (one, status), count in self.answers.items() if one == name)
            seen = "  ".join(f"{status} × {count}" for status, count in counts)
            lines.append(f"{name:<22}{successes(self.answers, name):>6}  {seen}")
        reasons: dict[str, list[str]] = {}
        for name, status in self._unseen():
            if name in asked:
                reasons.setdefault(why_never(name, status) or "not by these tests", []).append(f"{name} {status}")
        lines += [f"never seen: {', '.join(pairs)} ({reason})" for reason, pairs in reasons.items()]
        return [*lines, f"{self.requests} requests, digest {self.digest}"]

    def _unseen(self) -> list[tuple[str, int]]:
        return [pair for pair in documented() if not self.answers[pair]]
