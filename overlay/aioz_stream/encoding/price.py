"""What a ladder costs: which of its qualities the price list knows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from attrs import field, frozen

from aioz_stream.encoding.checker import check, plain, without_errors
from aioz_stream.encoding.findings import Finding
from aioz_stream.encoding.rules import Quality, is_above
from aioz_stream.encoding.source import Source
from aioz_stream.encoding.tables import UNPRICED
from aioz_stream.errors import ArgumentError, EncodingError

if TYPE_CHECKING:
    import os
    from collections.abc import Mapping, Sequence
    from decimal import Decimal


@frozen
class Cost:
    """What a transcoding costs. The service documents no currency."""

    price: Decimal
    is_enough: bool
    """Whether the account's balance covers the price."""
    additional_properties: Mapping[str, object] = field(factory=dict[str, object])
    """What the service said beyond the contract."""


@frozen
class LadderCost:
    """The price of a ladder, and what it does not cover."""

    cost: Cost
    names: Sequence[str]
    """The qualities that were priced, each once."""
    unpriced: Sequence[Finding]
    """The qualities that the price list does not know, or that the service leaves out for this source."""


@frozen
class Question:
    """What to ask the price list about a ladder."""

    names: Sequence[str]
    duration: float
    unpriced: Sequence[Finding]

    @classmethod
    def about(
        cls, qualities: object, source: Source | str | os.PathLike[str] | None, duration: float | None
    ) -> Question:
        """Raises EncodingError when the ladder has errors, or no quality with a price."""
        known = Source.of(source)
        seconds = duration if duration is not None else known.duration if known else None
        if seconds is None:
            raise ArgumentError("Say the duration, or give a source to take it from.", argument="duration")
        given = plain(qualities)
        without_errors(check(given, source=known))
        names: dict[str, None] = {}
        unpriced: list[Finding] = []
        for place, item in enumerate(cast("list[dict[str, Any]]", given or [])):
            why = _without_price(Quality(item), known)
            if why is None:
                names[item["resolution"]] = None
            else:
                unpriced.append(Finding("no-price", "warning", f"/qualities/{place}", why))
        if not names:
            raise EncodingError("None of these qualities has a price.", findings=unpriced)
        return cls(list(names), seconds, unpriced)

    def answered(self, cost: Cost) -> LadderCost:
        return LadderCost(cost, self.names, self.unpriced)


def _without_price(quality: Quality, source: Source | None) -> str | None:
    if quality.is_sound_alone:
        return "Sound alone is not in the price list."
    if quality.height is None:
        return "The service chooses the resolution, so its price is not known."
    if quality.fields["resolution"] in UNPRICED:
        return f"{quality.fields['resolution']} is not in the price list."
    if is_above(quality, source):
        return "It is higher than the source, so the service leaves it out."
    return None
