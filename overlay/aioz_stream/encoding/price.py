"""What a ladder costs: which of its qualities the price list knows."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from decimal import Decimal

from attrs import field, frozen

from aioz_stream import arguments
from aioz_stream.arguments.schemas import request_schema
from aioz_stream.encoding.checker import LadderWarning, judge, without_errors
from aioz_stream.encoding.media_info import MediaInfo
from aioz_stream.encoding.rules import Quality
from aioz_stream.errors import ArgumentError, BalanceError, EncodingError, Finding, PriceError, warn

_SOUND_ALONE = "Sound alone is not in the price list."
_COUNTED_ONCE = "The price list takes each resolution once, and some are there in several qualities."
_LEFT_OUT = "It is higher than the source, so the service leaves it out."


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
        _SOUND_ALONE: quality.is_sound_alone,
        "The service chooses the resolution, so its price is not known.": quality.height is None,
        f"{quality.resolution} is not in the price list.": quality.resolution not in priced,
        _LEFT_OUT: quality.is_above(source),
    }
    return next((why for why, applies in reasons.items() if applies), None)


@frozen
class PriceLimit:
    """What a transcoding may cost, and what the price list is asked about it."""

    most: Decimal
    names: Sequence[str]
    seconds: float

    def check(self, cost: Cost) -> None:
        """Raises PriceError, or BalanceError when the limit alone would allow it."""
        said = f"Transcoding {self.seconds:g} s into {', '.join(self.names)} costs {cost.price:f}"
        if cost.price > self.most:
            error = PriceError(f"{said}, more than the limit of {self.most:f}.")
        elif not cost.is_enough:
            error = BalanceError(f"{said}, which the account's balance does not cover.")
        else:
            return
        error.price = cost.price
        raise error


def limit(
    max_price: object,
    qualities: Sequence[object] | None,
    source: MediaInfo | None,
    duration: float | None,
    *,
    strict: bool,
) -> PriceLimit:
    """Raises ArgumentError when the price can't be asked about, EncodingError when a picture's would stay unknown.

    What else the price list does not count is an LadderWarning, or refused as well if `strict`.
    """
    most = arguments.amount("max_price", max_price)
    if not qualities:
        raise ArgumentError(
            "A limit of the price needs qualities=. Without them the service chooses, and the price is not known.",
            argument="max_price",
        )
    if duration is None and (source is None or source.duration is None):
        raise ArgumentError(
            "A limit of the price needs the length of the video. Give duration=, in seconds; or the path of a media "
            "file, with PyAV to look into it: pip install 'aioz-stream[probe]'.",
            argument="max_price",
        )
    names, seconds, unpriced = question(qualities, source, duration)
    uncounted = [one for one in unpriced if one.message != _LEFT_OUT]
    if len(qualities) > len(names) + len(unpriced):
        uncounted.append(Finding("no-price", "warning", "/qualities", _COUNTED_ONCE))
    unknown = [one for one in uncounted if strict or one.message not in (_SOUND_ALONE, _COUNTED_ONCE)]
    if unknown:
        lines = "".join(f"\n  {one}" for one in unknown)
        raise EncodingError(f"The limit can't be held, since the whole price is not known:{lines}", findings=uncounted)
    for one in uncounted:
        warn(str(one), LadderWarning)
    return PriceLimit(most, names, seconds)
