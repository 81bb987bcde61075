"""Dates as people write them: `2026-11`, `Nov 3`, `yesterday`, `2 weeks ago`."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING

from dateutil import tz
from dateutil.parser import ParserError, parse
from dateutil.relativedelta import relativedelta

from aioz_stream.errors import ArgumentError, ArgumentTypeError

if TYPE_CHECKING:
    from collections.abc import Callable

_DAYS_AGO = {"today": 0, "yesterday": 1}
_STEPS: dict[str, Callable[[int], relativedelta]] = {
    "minute": lambda count: relativedelta(minutes=count),
    "hour": lambda count: relativedelta(hours=count),
    "day": lambda count: relativedelta(days=count),
    "week": lambda count: relativedelta(weeks=count),
    "month": lambda count: relativedelta(months=count),
    "year": lambda count: relativedelta(years=count),
}
_AGO = re.compile(rf"([0-9]{{1,6}}|an?) +({'|'.join(_STEPS)})s? +ago", re.IGNORECASE)


def moment(name: str, value: str | date, now: Callable[[], datetime] | None = None) -> datetime:
    """The moment that a date means, in UTC. A date without a time zone is in the local one.

    A date that leaves something out means the first moment: `2026-11` is the first of November, midnight. Raises
    ArgumentError when the date can't be read.
    """
    here = now() if now else datetime.now(tz.tzlocal())
    try:
        if isinstance(value, str):
            value = _parse(value.strip(), here)
        elif not isinstance(value, datetime) and isinstance(value, date):  # pyright: ignore[reportUnnecessaryIsInstance] - untyped callers
            value = datetime.combine(value, time())
        if isinstance(value, datetime):  # pyright: ignore[reportUnnecessaryIsInstance] - callers without a type checker
            return (value if value.tzinfo else value.replace(tzinfo=tz.tzlocal())).astimezone(UTC)
    except (ParserError, OverflowError, ValueError):
        raise ArgumentError(
            f"{name} is {value!r}, which is no date. "
            "Write it like 2026-11-03, 2026-11, today, yesterday, 1 hour ago or 2 weeks ago.",
            argument=name,
        ) from None
    raise ArgumentTypeError(f"{name} must be a date or a string, not {type(value).__name__}.", argument=name)


def _parse(written: str, now: datetime) -> datetime:
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    if (days := _DAYS_AGO.get(written.lower())) is not None:
        return midnight - relativedelta(days=days)
    if match := _AGO.fullmatch(written):
        count = int(match[1]) if match[1].isdigit() else 1
        return now - _STEPS[match[2].lower()](count)
    # The parser takes what the text leaves out from a default. A text without year and month, such as "10:30" or
    # "Monday", takes both from two different defaults: it is no date.
    first = parse(written, default=midnight.replace(month=1, day=1, tzinfo=None))
    second = parse(written, default=midnight.replace(year=midnight.year - 1, month=2, day=1, tzinfo=None))
    if first.year != second.year and first.month != second.month:
        raise ValueError("no year and no month")
    return first


def service_time(value: object) -> datetime | None:
    """A time that the service has sent, in UTC if it has no time zone; None when it can't be read as one."""
    if not isinstance(value, datetime):
        return None
    return value if value.tzinfo else value.replace(tzinfo=UTC)
