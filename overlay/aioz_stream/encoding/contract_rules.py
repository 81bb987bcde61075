"""What the contract says of a ladder, as findings.

A condition of the contract has its rule's code and sentence beside it (`x-rule`). One that has none gets the code of
its keyword here. What to write instead of a value comes from the contract, too: the word of an `enum` that was meant,
the nearest number, a `maximum`. Here are only the names that people use for them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from difflib import get_close_matches
from functools import lru_cache
from typing import Any

from aioz_stream.arguments import sentence
from aioz_stream.arguments.json_values import Originals, Path, at, put
from aioz_stream.arguments.schemas import Breach
from aioz_stream.encoding.resolutions import ladder_schema
from aioz_stream.errors import Finding

Suggestion = str | int | None

_OF_TYPES = {"array": "not-a-list", "object": "not-an-object"}
_CODES = {
    "required": "missing-field",
    "dependentRequired": "missing-field",
    "additionalProperties": "unknown-field",
    "unevaluatedProperties": "unknown-field",
    "enum": "unknown-value",
    "const": "unknown-value",
    "pattern": "malformed",
    **dict.fromkeys(("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"), "out-of-range"),
    **dict.fromkeys(("minLength", "maxLength", "minItems", "maxItems", "uniqueItems"), "wrong-length"),
}

SENTENCES: Mapping[str, str] = {
    "not-a-list": "Qualities are a list.",
    "not-an-object": "Each quality is an object, and so are its two configs. `null` is none: leave the config out.",
    "missing-field": "Each object has the fields that it must have.",
    "unknown-field": "There are no other fields than the described ones.",
    "wrong-type": "Each field has the type that the contract gives it. `3.0` is an integer, and `true` is no number.",
}
"""The rules without a sentence in the contract, because they hold for every object of it alike."""

_ALSO_CALLED = {
    **dict.fromkeys(("hd",), "720p"),
    **dict.fromkeys(("fullhd", "fhd"), "1080p"),
    **dict.fromkeys(("2k", "qhd"), "1440p"),
    **dict.fromkeys(("4k", "uhd"), "2160p"),
    **dict.fromkeys(("8k", "uhd2"), "4320p"),
    **dict.fromkeys(("avc", "x264", "libx264"), "h264"),
    **dict.fromkeys(("hevc", "x265", "libx265"), "h265"),
    "mono": "1",
    "stereo": "2",
}
_NUMBER = re.compile(r"[0-9]+(?:\.[0-9]+)?")


def findings(ladder: object, originals: Originals) -> list[Finding]:
    breaches = ladder_schema().breaches(ladder)
    if not breaches:
        return []
    values = [originals.get(one.path, at(ladder, one.path)) for one in breaches]
    instead = _suggestions(ladder, breaches)
    return [
        Finding(_code(breach), "error", _pointer(breach.path), _message(breach, value), suggestion)
        for breach, value, suggestion in zip(breaches, values, instead, strict=True)
    ]


def _code(breach: Breach) -> str:
    if breach.keyword == "type":
        return _OF_TYPES.get(str(breach.limit), "wrong-type")
    return str(breach.rule.get("code") or _CODES.get(breach.keyword, "not-allowed"))


@lru_cache(maxsize=1024)
def _pointer(path: Path) -> str:
    """A JSON Pointer into the body of create."""
    return "/".join(("/qualities", *(str(step).replace("~", "~0").replace("/", "~1") for step in path)))


def _message(breach: Breach, value: object) -> str:
    name = "qualities" if not breach.path else "this quality" if len(breach.path) == 1 else str(breach.path[-1])
    said = sentence(breach, value, name) + (_hint(breach, value) if breach.keyword == "type" else "")
    return said[0].upper() + said[1:] if said.startswith("this ") else said


def _hint(breach: Breach, value: Any) -> str:
    if not breach.path and isinstance(value, dict):
        return " Put this quality into a list."
    if len(breach.path) == 1 and isinstance(value, str):
        return " A name alone says too little: see hls() and dash()."
    return " Leave it out to have none." if value is None and breach.limit == "object" else ""


# --- suggestions --------------------------------------------------------------------------------------------------


def _suggestions(ladder: object, breaches: Sequence[Breach]) -> list[Suggestion]:
    """For each breach what to write there, or None.

    A value is suggested only if the ladder with all suggestions in it has nothing wrong at that place any more. One
    that is refused among the others is thought over once, and then left out.
    """
    values = {one.path: _instead(ladder, one, at(ladder, one.path)) for one in breaches if one.name is None}
    for is_last in (False, True):
        mended = ladder
        for path, value in values.items():
            mended = mended if value is None else put(mended, path, value)
        refused = [one for one in ladder_schema().breaches(mended) if values.get(one.path) is not None]
        for breach in refused:
            values[breach.path] = None if is_last else _instead(mended, breach, at(ladder, breach.path))
        if not refused:
            break
    return [values[one.path] if one.name is None else _field(one) for one in breaches]


def _instead(ladder: object, breach: Breach, value: Any) -> Suggestion:
    suggest = _OF_KEYWORDS.get(breach.keyword)
    return suggest(ladder, breach, value) if suggest else None


def _of_the_type(_: object, breach: Breach, value: Any) -> Suggestion:
    """A number that was put into quotes, of at most 64 bits; or a name or a count that was written as a number."""
    if breach.limit == "integer":
        is_number = isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 20
        return int(value) if is_number else None
    written = (f"{value}p", str(value)) if type(value) is int else ()
    return next((word for word in written if word in breach.schema.get("enum", ())), None)


def _word(ladder: object, breach: Breach, value: Any) -> Suggestion:
    """One that is allowed here. For a word that is right in other qualities, the one that stands first."""
    usual = ladder_schema().part("items", *(step for step in breach.path if isinstance(step, str)))
    if value not in usual.keywords.get("enum", ()):
        return _meant(value if isinstance(value, str | int | float) else str(value), tuple(breach.limit))
    # Apple's players take h265 in HLS from no other container.
    is_h265 = "mp4" in breach.limit and "h265" in str(at(ladder, breach.path[:1]).get("video_config"))
    first: Suggestion = next(iter(breach.limit), None)
    return "mp4" if is_h265 else first


_OF_KEYWORDS: Mapping[str, Callable[[object, Breach, Any], Suggestion]] = {
    "type": _of_the_type,
    "enum": _word,
    "maximum": lambda _, breach, __: breach.limit,
    # The least that is allowed need not make sense; what the service takes when nothing is said does.
    "minimum": lambda _, breach, __: breach.schema.get("default"),
    "minLength": lambda _, __, ___: "audio",
    "pattern": lambda _, __, value: str(value).strip().replace("_", "-"),
}


@lru_cache(maxsize=1024, typed=True)  # programs that check many ladders meet the same mistake again
def _meant(value: str | float, allowed: tuple[Any, ...]) -> Suggestion:
    """The word that was probably meant."""
    plain = re.sub(r"[^a-z0-9]", "", str(value).lower())
    meant: Suggestion = allowed[0] if len(allowed) == 1 else _ALSO_CALLED.get(plain)
    if meant in allowed:
        return meant
    numbers = {int(number): one for one in allowed if (number := str(one).removesuffix("p")).isdecimal()}
    if len(numbers) == len(allowed):
        return _nearest_number(value, numbers)
    return _nearest(str(value), allowed) or _nearest(plain, allowed)


def _nearest_number(value: Any, numbers: Mapping[int, Suggestion]) -> Suggestion:
    found = _NUMBER.search(value) if isinstance(value, str) else None
    wanted = float(found[0]) if found else value
    if isinstance(wanted, str):
        return None
    nearest = min(numbers, key=lambda number: abs(number - wanted))
    # Of text, a number that is far from all of them means something else.
    return numbers[nearest] if found is None or nearest <= 2 * wanted <= 4 * nearest else None


@lru_cache(maxsize=1024)  # the same
def _nearest(value: str, allowed: tuple[str, ...]) -> str | None:
    return next(iter(get_close_matches(value.lower().replace(" ", ""), allowed, n=1, cutoff=0.5)), None)


def _field(breach: Breach) -> str | None:
    """The name of the field that an unknown one was meant to be."""
    fields = breach.schema.get("properties", ()) if breach.keyword == "additionalProperties" else ()
    return _nearest(str(breach.name), tuple(fields))
