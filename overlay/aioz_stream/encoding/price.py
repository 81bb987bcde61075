"""What a ladder costs: which of its qualities the price list knows."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from decimal import Decimal

from attrs import field, frozen

from aioz_stream.arguments.schemas import request_schema
from aioz_stream.encoding.checker import judge, without_errors
from aioz_stream.encoding.media_info import MediaInfo
from aioz_stream.encoding.rules import Quality
from aioz_stream.errors import ArgumentError, EncodingError, Finding


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


def read_cost(price: float | str, is_enough: bool, more: Mapping[str, object]) -> Cost:
    """What the service answered. Raises ValueError where the price is none."""
    exact = Decimal(str(price))
    if not exact.is_finite():
        raise ValueError("price is no number")
    return Cost(exact, is_enough, more)


def question(
    qualities: object, source: MediaInfo | str | os.PathLike[str] | None, duration: float | None
) -> tuple[list[str], float, list[Finding]]:
    """Names and seconds to ask the price list about, and what it does not know.

    Raises EncodingError when the ladder has errors, or no quality with a price.
    """
    known = MediaInfo.of(source)
    seconds = duration if duration is not None else known.duration if known else None
    if seconds is None:
        raise ArgumentError("Say the duration, or give a source to take it from.", argument="duration")
    given, _, findings = judge(qualities, known)
    without_errors(findings)
    reasons = [(item, _without_price(Quality(place, item), known)) for place, item in enumerate(given)]
    names = list(dict.fromkeys(item["resolution"] for item, why in reasons if not why))
    unpriced = [
        Finding("no-price", "warning", f"/qualities/{place}", why) for place, (_, why) in enumerate(reasons) if why
    ]
    if not names:
        raise EncodingError("None of these qualities has a price.", findings=unpriced)
    return names, seconds, unpriced


def _without_price(quality: Quality, source: MediaInfo | None) -> str | None:
    priced = request_schema("getTranscodeCost", "parameters", "qualities", "x-separated").keywords.get("enum", ())
    reasons = {
        "Sound alone is not in the price list.": quality.is_sound_alone,
        "The service chooses the resolution, so its price is not known.": quality.height is None,
        f"{quality.resolution} is not in the price list.": quality.resolution not in priced,
        "It is higher than the source, so the service leaves it out.": quality.is_above(source),
    }
    return next((why for why, applies in reasons.items() if applies), None)
