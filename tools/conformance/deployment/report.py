"""The report of an inspection: what differs, what held, and what was not examined."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from conformance.deployment.examination import DIFFERS, HELD, NOT_EXAMINED
from conformance.deployment.findings import BREAKS
from conformance.shared.report_page import write_report

if TYPE_CHECKING:
    from pathlib import Path

    from conformance.deployment.examination import Examination


@dataclass(frozen=True)
class Report:
    """An inspection that is over."""

    base_url: str
    what: str
    started: float
    seconds: float
    examination: Examination

    @property
    def when(self) -> str:
        return datetime.fromtimestamp(self.started, UTC).isoformat(timespec="seconds")

    @property
    def breaking(self) -> int:
        return sum(one.weight == BREAKS for one in self.examination.inspection.differences)

    @property
    def verdict(self) -> str:
        differences = self.examination.inspection.differences
        if not self.examination.inspection.answers:
            return "not inspected"
        if not differences:
            return "no difference"
        plural = "s" if len(differences) > 1 else ""
        return f"{len(differences)} difference{plural}, {self.breaking} of them breaking the contract"

    @property
    def summary(self) -> str:
        counts = self.examination.counts()
        said = f"{counts[HELD]} statements held, {counts[DIFFERS]} differ, {counts[NOT_EXAMINED]} were not examined"
        requests = self.examination.inspection.answers.total()
        return f"{said}; {self.verdict}; {requests} requests in {self.seconds:.0f} s"

    def text(self) -> str:
        """The differences, the evidence of each below them, and what was not examined."""
        numbered = list(enumerate(self.examination.inspection.differences, 1))
        lines = [f"{number:3}. {one.operation} {one.where}: {one.what} ({one.weight})" for number, one in numbered]
        for number, one in numbered:
            lines += ["", f"{number}. {one.operation} {one.where}" + (f" ({one.about})" if one.about else "")]
            lines += [f"   {each.id}: {each.says} ({each.source})" for each in one.statements]
            evidence = f"A client sees: {one.client}\n{one.curl}\n{one.answer}"
            lines += [f"   {line}" for line in evidence.splitlines()]
        for reason, left_out in self.examination.reasons():
            names = ", ".join(one.id for one in left_out)
            lines.append(f"not examined ({len(left_out)}): {reason}: {names}")
        lines += [f"note: {note}" for note in self.examination.inspection.notes]
        return "\n".join([*lines, self.summary])

    def write(self, folder: Path) -> Path:
        """Write the page and the JUnit file; returns the page."""
        answers = self.examination.inspection.answers
        write_report("junit.xml", folder / "junit.xml", answers, report=self)
        return write_report("deployment.html", folder / "index.html", answers, report=self)
