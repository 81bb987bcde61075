"""The book of a run: what was asked, what was answered, and which checks looked at it."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII)


@dataclass
class Book:
    """How often each operation answered with each status, and how often each check looked at one."""

    answers: Counter[tuple[str, int]] = field(default_factory=Counter[tuple[str, int]])
    checks: Counter[tuple[str, str]] = field(default_factory=Counter[tuple[str, str]])
    _sent: Any = field(default_factory=lambda: hashlib.md5(usedforsecurity=False))

    def note(self, operation: str, status: int, request: object = "") -> None:
        """Write down an answer, and the request that it was for: two runs are the same if all requests are."""
        self.answers[operation, status] += 1
        self._sent.update(f"{operation} {status} {UUID.sub('id', repr(request))}\n".encode("utf-8", "surrogatepass"))

    def note_check(self, operation: str, check: str) -> None:
        self.checks[operation, check] += 1

    def judge(self, floor: int, operations: Iterable[str] = ()) -> None:
        """Refuse a run in which an operation never really worked, however rightly all else was refused."""
        counts = dict.fromkeys(operations or [name for name, _ in self.answers], 0)
        assert counts, "nothing was called at all"
        for (name, status), count in self.answers.items():
            if name in counts and 200 <= status < 300:
                counts[name] += count
        short = [f"{name} has {count}" for name, count in sorted(counts.items()) if count < floor]
        assert not short, f"each operation needs {floor} answers of 2xx, but {', '.join(short)}"

    def as_json(self) -> dict[str, Any]:
        """What reports are made from."""
        return {
            "answers": [[name, status, count] for (name, status), count in sorted(self.answers.items())],
            "checks": [[name, check, count] for (name, check), count in sorted(self.checks.items())],
            "sent": self._sent.hexdigest(),
        }
