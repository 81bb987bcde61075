"""What transcoding costs here. The service publishes no prices, so these numbers are the mock's own.

A price is the sum over the outputs of their price per minute, times the length in minutes, rounded **up** to
a millionth: a longer video never costs less, a higher resolution never costs less, and nothing is ever free.
"""

from __future__ import annotations

from decimal import ROUND_UP, Decimal, localcontext
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

PER_MINUTE = {
    "144p": Decimal("0.001"),
    "240p": Decimal("0.002"),
    "360p": Decimal("0.003"),
    "480p": Decimal("0.004"),
    "720p": Decimal("0.006"),
    "1080p": Decimal("0.010"),
    "1440p": Decimal("0.016"),
    "2160p": Decimal("0.032"),
    "4320p": Decimal("0.064"),
}
AUDIO_PER_MINUTE = Decimal("0.0005")
HIGHEST = max(PER_MINUTE.values())

NOMINAL_BYTES_PER_SECOND = 1_000_000
"""Stands for the length of a source where the length is unknown: 8 Mbit count as a second."""

_TICK = Decimal("0.000001")
# Durations up to the largest double are asked for: 309 digits before the point and a few behind it.
_DIGITS = 400


def video_rate(name: str) -> Decimal:
    """The price per minute of a picture. A name that the contract has learned since costs the most."""
    return PER_MINUTE.get(name, HIGHEST)


def price(rates: Iterable[Decimal], seconds: Decimal) -> Decimal:
    """The price of outputs with these rates for a video of this length."""
    with localcontext() as context:
        context.prec = _DIGITS
        raw = sum(rates, Decimal(0)) * seconds / 60
        return max(raw.quantize(_TICK, rounding=ROUND_UP), _TICK)


def cost_of_names(names: str, seconds: float) -> Decimal:
    """The price of quality names joined by commas; a name given twice is one output."""
    rates = [video_rate(name) for name in dict.fromkeys(names.split(","))]
    return price(rates, Decimal(seconds))


def billed_seconds(duration: float, size: int) -> Decimal:
    """The length that a finished upload is charged for."""
    return Decimal(duration) if duration > 0 else Decimal(size) / NOMINAL_BYTES_PER_SECOND
