"""The report of an inspection."""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

from conformance.deployment.findings import BREAKS

if TYPE_CHECKING:
    from conformance.deployment.inspection import Inspection

WIDTH = 120


@dataclass(frozen=True)
class Report:
    """An inspection that is over."""

    base_url: str
    what: str
    started: float
    seconds: float
    inspection: Inspection

    @property
    def when(self) -> str:
        return datetime.fromtimestamp(self.started, UTC).isoformat(timespec="seconds")

    @property
    def breaking(self) -> int:
        return sum(one.weight == BREAKS for one in self.inspection.differences)

    @property
    def verdict(self) -> str:
        differences = self.inspection.differences
        if not self.inspection.answers:
            return "not inspected"
        if not differences:
            return "no difference"
        return f"{len(differences)} differences, {self.breaking} of them break the contract"

    def text(self) -> str:
        """A table of the differences, and the evidence of each below it."""
        lines = [self._table(), ""] if self.inspection.differences else []
        for number, one in enumerate(self.inspection.differences, 1):
            about = f" ({one.about})" if one.about else ""
            answer = one.answer.replace("\n", "\n   ")
            lines += [f"{number}. {one.operation}{about}", f"   {one.curl}", f"   {answer}", ""]
        lines += [f"note: {note}" for note in self.inspection.notes]
        requests = self.inspection.answers.total()
        return "\n".join([*lines, f"{self.verdict}; {requests} requests in {self.seconds:.0f} s"])

    def _table(self) -> str:
        table = Table("#", "operation", "field or status", "what differs", "times", "weight", box=None, pad_edge=False)
        for number, one in enumerate(self.inspection.differences, 1):
            table.add_row(str(number), one.operation, one.where, one.what, str(one.times), one.weight)
        console = Console(file=io.StringIO(), width=WIDTH, markup=False, highlight=False)
        with console.capture() as captured:
            console.print(table)
        return captured.get()
