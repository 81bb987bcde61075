"""How values are written for people, and how wide the columns of a table are. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import cast

from rich.cells import cell_len
from rich.filesize import decimal

from aioz_stream_cli.terminal import cell, clean

Record = Mapping[str, object]
"""A result, such as a video, by the names that its fields have in JSON."""

GAP = 2
_WRAPPED = {"title", "description", "tags", "metadata", "qualities"}
"""Fields of words. A table may break them over several lines; all others are ids, URLs, numbers and times."""
_LEAST = 16
"""Columns that a field of words keeps."""


def field(record: Record, name: str) -> object:
    """The value of a field; `assets.mp4_url` is a field inside another one."""
    value: object = record
    for step in name.split("."):
        value = cast("Record", value).get(step) if isinstance(value, dict) else None
    return value


def heading(name: str) -> str:
    return f"{name} (UTC)" if _READERS.get(name) is _time else name


def readable(name: str, value: object) -> str:
    """A value as people read it. What has an unexpected form is shown as it is."""
    if value in (None, "", []):
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    try:
        return clean(_READERS.get(name, cell)(value))
    except (AttributeError, KeyError, OverflowError, TypeError, ValueError):
        return cell(value)


def _bytes(value: object) -> str:
    return decimal(cast("int", value))


def _size(value: object) -> str:
    """0 stands for a size that is not known yet."""
    return _bytes(value) if value else ""


def _seconds(value: object) -> str:
    """Hours, minutes and seconds. 0 stands for a length that is not known yet."""
    return str(timedelta(seconds=round(cast("float", value)))) if value else ""


def _time(value: object) -> str:
    return f"{datetime.fromisoformat(cast('str', value)).astimezone(UTC):%Y-%m-%d %H:%M}"


def _tags(value: object) -> str:
    return ", ".join(cast("list[str]", value))


def _metadata(value: object) -> str:
    return ", ".join(f"{pair['key']}={pair['value']}" for pair in cast("list[dict[str, str]]", value))


def _qualities(value: object) -> str:
    return ", ".join(describe_quality(quality) for quality in cast("list[Record]", value))


def describe_quality(quality: Record) -> str:
    return " ".join(str(quality[name]) for name in ("name", "type", "status") if quality.get(name))


_READERS: Mapping[str, Callable[[object], str]] = {
    "size": _size,
    "sent": _bytes,
    "duration": _seconds,
    "created_at": _time,
    "updated_at": _time,
    "begun": _time,
    "tags": _tags,
    "metadata": _metadata,
    "qualities": _qualities,
}


def longest_word(text: str) -> int:
    return max(map(cell_len, text.split()), default=0)


def least_width(name: str, cells: Sequence[str]) -> int:
    """How narrow a column may become. Nothing but words of fields of words is broken, and no URL among those."""
    if name not in _WRAPPED:
        return max(map(cell_len, cells))
    urls = [word for text in cells for word in text.split() if "://" in word]
    return max(*map(cell_len, urls), min(_LEAST, max(map(longest_word, cells))), cell_len(name))


def widths(columns: Sequence[tuple[int, int]], room: int) -> list[int] | None:
    """The width of each column, given its least and its natural one; None where they don't fit.

    The widest column gives way first.
    """
    drawn = [natural for _, natural in columns]
    left = room - GAP * (len(columns) - 1)
    while sum(drawn) > left:
        narrower = [place for place, (least, _) in enumerate(columns) if drawn[place] > least]
        if not narrower:
            return None
        drawn[max(narrower, key=drawn.__getitem__)] -= 1
    return drawn
