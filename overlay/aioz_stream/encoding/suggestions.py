"""What to write instead of a value that the contract refuses.

The values are the contract's own: the word of an `enum` that was meant, the nearest number, a `maximum`. Here are only
the names that people use for them.
"""

from __future__ import annotations

import re
from copy import copy
from difflib import get_close_matches
from functools import lru_cache
from typing import TYPE_CHECKING, Any, cast

from aioz_stream.request_schemas import at

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from aioz_stream.request_schemas import Breach, Path, RequestSchema

Suggestion = str | int | None

_ALSO_CALLED = {
    "hd": "720p",
    "fullhd": "1080p",
    "fhd": "1080p",
    "2k": "1440p",
    "qhd": "1440p",
    "4k": "2160p",
    "uhd": "2160p",
    "8k": "4320p",
    "uhd2": "4320p",
    "avc": "h264",
    "x264": "h264",
    "libx264": "h264",
    "hevc": "h265",
    "x265": "h265",
    "libx265": "h265",
    "mono": "1",
    "stereo": "2",
}
_NUMBER = re.compile(r"[0-9]+(?:\.[0-9]+)?")
_COUNTED = re.compile(r"[0-9]+p?")  # words that are numbers, so that the nearest one can be meant


def suggestions(schema: RequestSchema, ladder: object, breaches: Sequence[Breach]) -> list[Suggestion]:
    """For each breach what to write there, or None.

    A value is suggested only if the ladder with all suggestions in it has nothing wrong at that place any more.
    """
    values: dict[Path, Suggestion] = {}
    for breach in breaches:
        if breach.name is None:
            values[breach.path] = _instead(schema, ladder, breach, at(ladder, breach.path))
    _settle(schema, ladder, {path: value for path, value in values.items() if value is not None}, values)
    return [values.get(one.path) if one.name is None else _field(one) for one in breaches]


def _settle(
    schema: RequestSchema, ladder: object, proposed: Mapping[Path, Suggestion], values: dict[Path, Suggestion]
) -> None:
    """Try the proposals together. One that is refused is thought over once, and then left out."""
    if not proposed:
        return
    for is_last in (False, True):
        mended = _with(ladder, {path: value for path in proposed if (value := values[path]) is not None})
        refused = [one for one in schema.breaches(mended) if one.path in proposed and one.name is None]
        if not refused:
            return
        for breach in refused:
            given = at(ladder, breach.path)
            values[breach.path] = None if is_last else _instead(schema, mended, breach, given)


def _instead(schema: RequestSchema, ladder: object, breach: Breach, value: object) -> Suggestion:
    allowed, keyword = breach.allowed, breach.keyword
    if keyword == "type":
        return _as_integer(value) if breach.schema["type"] == "integer" else _as_text(value, allowed)
    if allowed:
        usual = schema.property("items", *(step for step in breach.path if isinstance(step, str))).get("enum", ())
        return _elsewhere(ladder, breach) if value in usual else _meant(value, allowed)
    return _OF_LIMITS[keyword](breach, value) if keyword in _OF_LIMITS else None


_OF_LIMITS: Mapping[str, Callable[[Breach, object], Suggestion]] = {
    "maximum": lambda breach, _: cast("Suggestion", breach.limit),
    # The least that is allowed need not make sense; what the service takes when nothing is said does.
    "minimum": lambda breach, _: cast("Suggestion", breach.schema.get("default")),
    "minLength": lambda _, __: "audio",
    "pattern": lambda _, value: str(value).strip().replace("_", "-"),
}


def _elsewhere(ladder: object, breach: Breach) -> Suggestion:
    """For a word that is right in other qualities: the usual one here, which stands first."""
    allowed: Sequence[Any] = breach.allowed or [None]
    quality = cast("dict[str, Any]", at(ladder, breach.path[:1]))
    video = quality.get("video_config")
    # Apple's players take h265 in HLS from no other container.
    if isinstance(video, dict) and cast("dict[str, Any]", video).get("codec") == "h265" and "mp4" in allowed:
        return "mp4"
    return cast("Suggestion", allowed[0])


def _meant(value: object, allowed: Sequence[Any]) -> Suggestion:
    """The word that was probably meant."""
    if len(allowed) == 1:
        return cast("Suggestion", allowed[0])
    if not isinstance(value, str):
        return _nearest_number(value, allowed)
    plain = re.sub(r"[^a-z0-9]", "", value.lower())
    named = _ALSO_CALLED.get(plain)
    if named in allowed:
        return named
    if all(_COUNTED.fullmatch(str(one)) for one in allowed):
        return _nearest_number(value, allowed)
    return _nearest(value, tuple(allowed)) or _nearest(plain, tuple(allowed))


def _nearest_number(value: object, allowed: Sequence[Any]) -> Suggestion:
    wanted, numbers = _number(value), {number: one for one in allowed if (number := _number(one)) is not None}
    if wanted is None or not numbers:
        return None
    found = min(numbers, key=lambda number: abs(number - wanted))
    # Of text, a number that is far from all of them means something else.
    is_meant = not isinstance(value, str) or found <= 2 * wanted <= 4 * found
    return cast("Suggestion", numbers[found]) if is_meant else None


def _number(value: object) -> float | None:
    found = _NUMBER.search(str(value)) if isinstance(value, str) else None
    if found:
        return float(found[0])
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


@lru_cache(maxsize=1024)  # who checks many ladders meets the same mistake again
def _nearest(value: str, allowed: tuple[str, ...]) -> str | None:
    matches = get_close_matches(value.lower().replace(" ", ""), allowed, n=1, cutoff=0.5)
    return matches[0] if matches else None


def _field(breach: Breach) -> str | None:
    """The name of the field that an unknown one was meant to be."""
    if breach.keyword != "additionalProperties":
        return None
    return _nearest(str(breach.name), tuple(breach.schema.get("properties", ())))


def _as_integer(value: object) -> int | None:
    """A number that was put into quotes."""
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 20:  # 64 bits
        return int(value)
    return None


def _as_text(value: object, allowed: Sequence[Any] | None) -> str | None:
    """A name or a count that was written as a number."""
    for text in (f"{value}p", str(value)) if type(value) is int and abs(value) < 10_000 else ():
        if text in (allowed or ()):
            return text
    return None


def _with(value: object, changes: Mapping[Path, Suggestion]) -> object:
    """A copy with other values at some places."""
    inside: dict[str | int, dict[Path, Suggestion]] = {}
    for path, new in changes.items():
        if not path:
            return new
        inside.setdefault(path[0], {})[path[1:]] = new
    copied: Any = copy(value)
    for step, inner in inside.items():
        copied[step] = _with(copied[step], inner)
    return copied
