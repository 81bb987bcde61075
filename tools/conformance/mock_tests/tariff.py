"""The tariff, read from the page that documents it, and prices calculated from it."""

from __future__ import annotations

import re
from decimal import ROUND_CEILING, Decimal, localcontext
from functools import lru_cache
from typing import TYPE_CHECKING

from contract_document import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterable

SOUND = "audio only"
BYTES_PER_SECOND = 1_000_000
MILLIONTH = Decimal("0.000001")


@lru_cache
def per_minute() -> dict[str, Decimal]:
    """The table of the page: output and price per minute."""
    page = (ROOT / "docs" / "mock-server.md").read_text(encoding="utf-8")
    table = page.partition("## Tariff")[2].partition("\n## ")[0]
    return {name: Decimal(rate) for name, rate in re.findall(r"^\| ([\w ]+) \| ([0-9.]+) \|$", table, re.MULTILINE)}


def rate(output: str) -> Decimal:
    """The price per minute; a picture that is not in the table costs what the next higher one of the table does."""
    table = per_minute()
    if output in table:
        return table[output]
    return min(cost for name, cost in table.items() if name != SOUND and int(name[:-1]) > int(output[:-1]))


def price(outputs: Iterable[str], seconds: float | Decimal) -> Decimal:
    """The sum over the outputs, times the minutes, rounded up to a millionth."""
    with localcontext() as context:
        # The largest double has 309 digits before the point.
        context.prec = 800
        exact = sum((rate(name) for name in outputs), Decimal(0)) * Decimal(seconds) / 60
        return exact.quantize(MILLIONTH, rounding=ROUND_CEILING)
