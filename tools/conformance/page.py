"""The page that a person reads after a run: one file, without anything from elsewhere."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from conformance.provocations import documented, never
from conformance.records import FLOOR, Tally

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from conformance.records import Record
    from conformance.result import Result

_TEMPLATES = FileSystemLoader(Path(__file__).parent / "pages")
_PAGES = Environment(loader=_TEMPLATES, autoescape=True, undefined=StrictUndefined, trim_blocks=True)


def _soft(name: str) -> str:
    """A long name that may be broken between its words."""
    return re.sub("(?=[A-Z])", "\N{ZERO WIDTH SPACE}", name)


_PAGES.filters["soft"] = _soft


def of_runs(records: Sequence[Record], shortcomings: Sequence[str], path: Path) -> Path:
    """What the contract tests came to, in one run or several."""
    tally = Tally(records)
    failures = [(record, failure) for record in records for failure in record.failures]
    facts = {
        "started": records[0].started,
        "seconds": f"{sum(record.seconds for record in records):.1f}",
        "seed": ", ".join(str(record.seed) for record in records) if records[0].seed is not None else "the fixed cases",
        "budget": "full" if records[0].is_full else "short",
        "tests": f"{sum(len(record.outcomes) for record in records):,}",
        "requests": f"{tally.requests:,}",
        "checks": f"{tally.checks.total():,}",
        "digest": tally.digest,
        **({"seeded fault": records[0].fault} if records[0].fault else {}),
    }
    return _write(
        "runs.html",
        path,
        facts=facts,
        failures=failures,
        shortcomings=shortcomings,
        records=[(record, Tally([record])) for record in records],
        checks=[(name, *_each(tally, name)) for name in sorted({name for _, name in tally.checks})],
        floor=FLOOR,
        **table(tally.operations, tally.answers),
    )


def of_a_deployment(result: Result, path: Path) -> Path:
    """What a deployment does differently."""
    operations = list(dict.fromkeys(name for name, _ in documented()))
    return _write("deployment.html", path, result=result, **table(operations, result.inspection.answers))


def table(operations: Sequence[str], answers: Mapping[tuple[str, int], int]) -> dict[str, Any]:
    """Operations and statuses: how often each was seen, or why it was not."""
    known = documented()
    statuses = sorted({status for _, status in known} | {status for _, status in answers})
    pairs = [(operation, status) for operation in operations for status in statuses]
    cells = {pair: (answers.get(pair, 0), pair in known, never(*pair)) for pair in pairs}
    return {"operations": operations, "statuses": statuses, "cells": cells}


def _each(tally: Tally, check: str) -> tuple[int, list[int]]:
    counts = [tally.checks[operation, check] for operation in tally.operations]
    return sum(counts), counts


def _write(template: str, path: Path, **content: Any) -> Path:
    path.write_text(_PAGES.get_template(template).render(**content), encoding="utf-8")
    return path
