"""What the contract says of a ladder, as findings.

A condition of the contract has its rule's code and sentence beside it (`x-rule`). One that has none gets the code of
its keyword here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aioz_stream.arguments import sentence
from aioz_stream.arguments.json_values import Originals, Path, at
from aioz_stream.arguments.schemas import Breach
from aioz_stream.encoding.resolutions import ladder_schema
from aioz_stream.encoding.suggestions import suggestions
from aioz_stream.errors import Finding

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


def findings(ladder: object, originals: Originals) -> list[Finding]:
    breaches = ladder_schema().breaches(ladder)
    if not breaches:
        return []
    values = [originals.get(one.path, at(ladder, one.path)) for one in breaches]
    instead = suggestions(ladder, breaches)
    return [
        Finding(_code(breach), "error", _pointer(breach.path), _message(breach, value), suggestion)
        for breach, value, suggestion in zip(breaches, values, instead, strict=True)
    ]


def _code(breach: Breach) -> str:
    if breach.keyword == "type":
        return _OF_TYPES.get(str(breach.limit), "wrong-type")
    return str(breach.rule.get("code") or _CODES.get(breach.keyword, "not-allowed"))


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
