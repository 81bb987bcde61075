"""Dates as people write them: `2026-11`, `Nov 3`, `yesterday`, `2 weeks ago`."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time
from typing import Any

from dateutil import tz
from dateutil.parser import ParserError, parse
from dateutil.relativedelta import relativedelta

from aioz_stream.errors import ArgumentError, ArgumentTypeError

_DAYS_AGO = {"today": 0, "yesterday": 1}
_AGO = re.compile(r"([0-9]{1,6}|an?) +(minute|hour|day|week|month|year)s? +ago", re.IGNORECASE)


def moment(name: str, value: object, now: Callable[[], datetime] | None = None) -> datetime:
    """The moment that a date means, in UTC. A date without a time zone is in the local one.

    A date that leaves something out means the first moment: `2026-11` is the first of November, midnight. Raises
    ArgumentError when the date can't be read.
    """
    here = now() if now else datetime.now(tz.tzlocal())
    try:
        if isinstance(value, str):
            value = _parse(value.strip(), here)
        elif not isinstance(value, datetime) and isinstance(value, date):
            value = datetime.combine(value, time())
        if isinstance(value, datetime):
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
        step: dict[str, Any] = {f"{match[2].lower()}s": int(match[1]) if match[1].isdigit() else 1}
        return now - relativedelta(**step)
    # The parser takes what the text leaves out from a default. A text without year and month, such as "10:30" or
    # "Monday", takes both from two different defaults: it is no date.
    first = parse(written, default=midnight.replace(month=1, day=1, tzinfo=None))
    second = parse(written, default=midnight.replace(year=midnight.year - 1, month=2, day=1, tzinfo=None))
    if first.year != second.year and first.month != second.month:
        raise ValueError("no year and no month")
    return first
