"""What the contract says of a ladder, as findings.

A condition of the contract has its rule's code and sentence beside it (`x-rule`). One that has none gets the code of
its keyword here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aioz_stream.arguments import sentence, shown
from aioz_stream.encoding.findings import Finding
from aioz_stream.encoding.suggestions import suggestions
from aioz_stream.request_schemas import at

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aioz_stream.request_schemas import Breach, Path, RequestSchema

_OF_TYPES = {"array": "not-a-list", "object": "not-an-object"}
_RANGES = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf")
_LENGTHS = ("minLength", "maxLength", "minItems", "maxItems", "uniqueItems")
_CODES = {
    "required": "missing-field",
    "dependentRequired": "missing-field",
    "additionalProperties": "unknown-field",
    "unevaluatedProperties": "unknown-field",
    "enum": "unknown-value",
    "const": "unknown-value",
    "pattern": "malformed",
    **dict.fromkeys(_RANGES, "out-of-range"),
    **dict.fromkeys(_LENGTHS, "wrong-length"),
}
_OTHER = "not-allowed"

SENTENCES: Mapping[str, str] = {
    "not-a-list": "Qualities are a list.",
    "not-an-object": "Each quality is an object, and so are its two configs. `null` is none: leave the config out.",
    "missing-field": "Each object has the fields that it must have.",
    "unknown-field": "There are no other fields than the described ones.",
    "wrong-type": "Each field has the type that the contract gives it. `3.0` is an integer, and `true` is no number.",
}
"""The rules without a sentence in the contract, because they hold for every object of it alike."""

_KINDS = {
    "array": "a list",
    "object": "an object",
    "string": "a string",
    "integer": "an integer",
    "number": "a number",
    "boolean": "true or false",
    "null": "null",
}


def findings(schema: RequestSchema, ladder: object, breaches: list[Breach]) -> list[Finding]:
    instead = suggestions(schema, ladder, breaches)
    return [
        Finding(_code(one), "error", pointer(one.path), _message(one, at(ladder, one.path)), suggestion)
        for one, suggestion in zip(breaches, instead, strict=True)
    ]


def _code(breach: Breach) -> str:
    if breach.keyword == "type":
        types: Any = breach.schema["type"]
        return _OF_TYPES.get(types, "wrong-type") if isinstance(types, str) else "wrong-type"
    return str(breach.rule.get("code") or _CODES.get(breach.keyword, _OTHER))


def pointer(path: Path) -> str:
    """A JSON Pointer into the body of create."""
    steps = (str(step).replace("~", "~0").replace("/", "~1") for step in path)
    return "/".join(("/qualities", *steps))


def _message(breach: Breach, value: object) -> str:
    name = _name(breach.path)
    if breach.keyword != "type":
        said = sentence(breach, name, value)
    else:
        types = breach.schema["type"]
        kind = " or ".join(_KINDS[one] for one in ([types] if isinstance(types, str) else types))
        said = f"{name} is {'null' if value is None else shown(value)}; it must be {kind}.{_hint(breach, value)}"
    return said[0].upper() + said[1:] if said.startswith("this ") else said


def _name(path: Path) -> str:
    if not path:
        return "qualities"
    return path[-1] if isinstance(path[-1], str) else "this quality"


def _hint(breach: Breach, value: object) -> str:
    if not breach.path and isinstance(value, dict):
        return " Put this quality into a list."
    if len(breach.path) == 1 and isinstance(value, str):
        return " A name alone says too little: see hls() and dash()."
    if value is None and breach.schema["type"] == "object":
        return " Leave it out to have none."
    return ""
