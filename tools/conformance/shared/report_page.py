"""The reports about a run: a page, which is one file that loads nothing else, and JUnit XML."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from conformance.shared.documented import documented, operation_ids, why_never

if TYPE_CHECKING:
    from collections.abc import Mapping

_TEMPLATES = FileSystemLoader(Path(__file__).parent / "pages")
_PAGES = Environment(loader=_TEMPLATES, autoescape=True, undefined=StrictUndefined, trim_blocks=True)


def printable(text: str) -> str:
    """A text without the control characters that XML does not allow."""
    return "".join(one if one.isprintable() or one in "\n\t" else "\N{REPLACEMENT CHARACTER}" for one in text)


_PAGES.filters["printable"] = printable


def write_report(template: str, path: Path, answers: Mapping[tuple[str, int], int], **content: Any) -> Path:
    """Write the report of a template, which gets a table of the statuses that each operation answered."""
    statuses = sorted({status for _, status in {*documented(), *answers}})
    pairs = [(operation, status) for operation in operation_ids() for status in statuses]
    cells = {pair: (answers.get(pair, 0), pair in documented(), why_never(*pair)) for pair in pairs}
    page = _PAGES.get_template(template)
    text = page.render(operations=operation_ids(), statuses=statuses, cells=cells, **content)
    path.write_text(text, encoding="utf-8")
    return path
