"""The report of an inspection: for a terminal, and as JUnit XML."""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from rich.console import Console
from rich.table import Table

from conformance.deployment.findings import BREAKS
from conformance.shared.documented import operation_ids

if TYPE_CHECKING:
    from pathlib import Path

    from conformance.deployment.inspection import Difference, Inspection

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

    def write_junit(self, path: Path) -> None:
        """One case for each operation; it fails if something of it differs."""
        by_operation: dict[str, list[Difference]] = {name: [] for name in operation_ids()}
        for one in self.inspection.differences:
            by_operation[one.operation].append(one)
        failed = sum(bool(found) for found in by_operation.values())
        suite = ET.Element(
            "testsuite",
            name=self.base_url,
            tests=str(len(by_operation)),
            failures=str(failed),
            timestamp=self.when,
            time=f"{self.seconds:.3f}",
        )
        for operation, found in by_operation.items():
            case = ET.SubElement(suite, "testcase", classname="deployment", name=operation)
            if found:
                message = "; ".join(f"{one.where}: {one.what}" for one in found)
                evidence = "\n\n".join(f"{one.where}: {one.what}\n{one.curl}\n{one.answer}" for one in found)
                ET.SubElement(case, "failure", message=_printable(message)).text = _printable(evidence)
        suites = ET.Element("testsuites")
        suites.append(suite)
        ET.ElementTree(suites).write(path, encoding="utf-8", xml_declaration=True)


def _printable(text: str) -> str:
    """XML has no place for most control characters."""
    return "".join(one if one.isprintable() or one in "\n\t" else "\N{REPLACEMENT CHARACTER}" for one in text)
