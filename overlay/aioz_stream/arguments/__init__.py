"""Checks of what a caller passes, before anything is sent.

The limits of what is sent are the contract's (see `schemas`); here are the words that say which argument breaks which
of them, and what Python allows that JSON does not.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from types import UnionType
from typing import TYPE_CHECKING, Any, TypeVar, cast

from aioz_stream.arguments.json_values import LONE_SURROGATE, Path, as_json, at
from aioz_stream.errors import ArgumentError, ArgumentTypeError
from aioz_stream_api import models
from aioz_stream_api.lazy import lazy_names

if TYPE_CHECKING:
    from aioz_stream.arguments.schemas import Breach, RequestSchema
    from aioz_stream.arguments.schemas import request_schema as request_schema
else:
    __getattr__, __dir__ = lazy_names(__name__, {".schemas": ("request_schema",)})

LARGEST_INTEGER = 2**63 - 1
LONGEST_DURATION = 1e15  # seconds: beyond it, a number has no digits left for fractions

# `videos/cost` and `videos/create` are calls of their own, and dots are path segments with a meaning.
RESERVED_IDS = frozenset({"cost", "create", ".", ".."})


M = TypeVar("M")


def shown(value: object) -> str:
    """For a message: what was given, unless it is too long to be read."""
    try:
        written = repr(value)
    except (ValueError, RecursionError):  # Python writes out no integer of more than 4,300 digits
        return f"an endless {type(value).__name__}"
    return written if len(written) <= 200 else f"{written[:200]}…"


# --- what any argument may be -------------------------------------------------------------------------------------


def text(name: str, value: object) -> str:
    written = _expected(str, name, value, "a string")
    if LONE_SURROGATE.search(written):
        raise _not_sendable(name, value)
    return str.__str__(written)  # of an enum's member, the text and not its name


def boolean(name: str, value: object) -> bool:
    return _expected(bool, name, value, "True or False")


def integer(name: str, value: object, *, smallest: int, largest: int = LARGEST_INTEGER) -> int:
    number = int(_expected(int, name, value, "an integer"))
    if not smallest <= number <= largest:
        raise ArgumentError(f"{name} is {shown(value)}; it must be from {smallest:,} to {largest:,}.", argument=name)
    return number


def seconds(name: str, value: object) -> float:
    number = value if isinstance(value, float) else _expected(int, name, value, "a number of seconds")
    if not 0 < number < LONGEST_DURATION:
        raise ArgumentError(f"{name} is {shown(value)}; it must be a number of seconds above 0.", argument=name)
    return number


def amount(name: str, value: object) -> Decimal:
    """An amount of money. No float is one: 0.1 + 0.2 is not 0.3."""
    if isinstance(value, bool) or not isinstance(value, Decimal | int | str):
        raise _wrong_type(name, 'a Decimal, an integer or a string such as "2.50"', value)
    try:
        number = Decimal(value)
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite() or number < 0:
        raise ArgumentError(f"{name} is {shown(value)}; it must be an amount such as 2.50.", argument=name)
    return number


def _expected(kind: type[M], name: str, value: object, wanted: str) -> M:
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
        raise _wrong_type(name, wanted, value)
    return value


def instance(name: str, value: object, kind: type | UnionType, wanted: str) -> None:
    """Refuses a value of another kind, which a caller without a type checker may pass."""
    if not isinstance(value, kind):
        raise _wrong_type(name, wanted, value)


def callback(name: str, value: object) -> None:
    """Refuses what is neither None nor callable."""
    if value is not None and not callable(value):
        raise _wrong_type(name, "callable", value)


def sequence(name: str, value: object, kind: str = "a list") -> list[object]:
    """Items of a list, tuple or other iterable; a lone string or mapping is a mistake, never its parts."""
    items: Any = value
    if isinstance(value, str) and len(value) < 100 and kind == "a list":
        written = ", ".join(f'"{item.strip()}"' for item in value.split(","))
        raise ArgumentTypeError(f"{name} must be a list, not str; write [{written}].", argument=name)
    if isinstance(value, str | bytes | Mapping) or not isinstance(value, Iterable):
        raise _wrong_type(name, kind, items)
    return list(items)


def pairs(name: str, value: object) -> list[Any]:
    """Metadata as the wire has it, from a mapping or from a list of pairs."""
    if not isinstance(value, Mapping):
        return sequence(name, value, 'a mapping such as {"speaker": "Ada"}, or a list of pairs')
    fields = enumerate(cast("Mapping[object, object]", value).items())
    return [{"key": text(f"{name}[{place}].key", key), "value": item} for place, (key, item) in fields]


def video_id(value: object) -> str:
    if isinstance(value, models.Video):
        raise ArgumentTypeError("video_id must be a string, not Video; pass its id.", argument="video_id")
    identifier = text("video_id", value)
    if not identifier:
        raise ArgumentError("video_id must not be empty.", argument="video_id")
    if identifier in RESERVED_IDS or not {".", ".."}.isdisjoint(identifier.split("/")):
        raise ArgumentError(f"video_id is {identifier!r}, which is no video's id.", argument="video_id")
    return identifier


# --- what the contract says ---------------------------------------------------------------------------------------


def check(schema: RequestSchema, value: object, name: str = "") -> Any:
    """The value as it is sent. Raises an error about the first argument that the contract does not allow.

    `name` is the argument's; without it, `value` holds arguments by their names.
    """
    given, originals = as_json(value)
    breaches = schema.breaches(given)
    if breaches:
        [breach, *_] = breaches
        raise _error(breach, originals.get(breach.path, at(given, breach.path)), _name(name, breach.path))
    for path, original in originals.items():
        raise _not_sendable(_name(name, path), original)
    return given


def fill(make: Callable[[Mapping[str, Any]], M], fields: Mapping[str, Any]) -> M:
    """A generated object, which its class makes. It fails only where nothing was checked, for want of the library."""
    try:
        return make(fields)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise ArgumentError(f"The arguments don't make a request: {error!r}.") from error


def _name(name: str, path: Path) -> str:
    """As Python has it: `metadata[0].value`."""
    for step in path:
        name += f"[{step}]" if isinstance(step, int) else f".{step}" if name else step
    return name


def _error(breach: Breach, value: object, name: str) -> ArgumentError:
    if breach.keyword != "type":
        return ArgumentError(sentence(breach, value, name), argument=name)
    fields = breach.schema.get("required") if breach.limit == "object" else None
    of_fields = f" with {' and '.join(fields)}" if fields else ""
    return _wrong_type(name, _kind(breach, _IN_PYTHON) + of_fields, value)


def _wrong_type(name: str, wanted: str, value: object) -> ArgumentTypeError:
    return ArgumentTypeError(f"{name} must be {wanted}, not {type(value).__name__}.", argument=name)


def _not_sendable(name: str, value: object) -> ArgumentError:
    if isinstance(value, str):
        return ArgumentError(f"{name} has a lone surrogate, which no JSON text can carry.", argument=name)
    if isinstance(value, int):
        return ArgumentError(f"{name} is {shown(value)}; it must be at most {LARGEST_INTEGER:,}.", argument=name)
    return ArgumentTypeError(f"{name} must be JSON, not {type(value).__name__}.", argument=name)


# --- sentences ----------------------------------------------------------------------------------------------------

_IS = "{name} is {given}; it must be "
_SENTENCES = {
    "type": _IS + "{kind}.",
    "enum": _IS + "one of {words}.",
    "const": _IS + "{words}.",
    "minimum": _IS + "at least {limit}.",
    "maximum": _IS + "at most {limit}.",
    "exclusiveMinimum": _IS + "above {limit}.",
    "exclusiveMaximum": _IS + "below {limit}.",
    "pattern": "{name} is {given}; it must match {limit}.",
    **dict.fromkeys(("minLength", "minItems"), "{name} has {count}; it must have {limit}."),
    **dict.fromkeys(("maxLength", "maxItems"), "{name} has {count}; at most {limit} are allowed."),
    "required": "{field} is missing in {name}.",
    "additionalProperties": "There is no field '{field}' in {name}; there are {fields}.",
}
_UNITS = {"Length": "characters", "Items": "items"}
_IN_JSON = {
    "string": "a string",
    "boolean": "true or false",
    "integer": "an integer",
    "number": "a number",
    "array": "a list",
    "object": "an object",
    "null": "null",
}
_IN_PYTHON = _IN_JSON | {"boolean": "True or False", "object": "a mapping", "null": "None"}


def sentence(breach: Breach, value: Any, name: str) -> str:
    """What is wrong: the contract's own sentence if it has one, or one made of its numbers and words."""
    # Not `str.format`: a brace in a sentence of the contract is a brace.
    parts = list(_parts(_template(breach, value)))
    for place in range(1, len(parts), 2):
        word = parts[place]
        parts[place] = _WORDS[word](breach, value) if word in _WORDS else name if word == "name" else f"{{{word}}}"
    return "".join(parts)


@lru_cache(maxsize=256)
def _parts(template: str) -> tuple[str, ...]:
    """Text and names of words, in turn."""
    return tuple(_WORD.split(template))


def _template(breach: Breach, value: object) -> str:
    keyword, schema, message = breach.keyword, breach.schema, breach.rule.get("message")
    if message:
        return ("{field} is missing. " if keyword == "required" else "{name} is {given}. ") + str(message)
    if keyword in {"minimum", "maximum"} and {"minimum", "maximum"} <= schema.keys():
        return _IS + f"from {schema['minimum']:,} to {schema['maximum']:,}."
    if keyword in {"minLength", "minItems"} and not value:
        return "{name} must not be empty."
    return _SENTENCES.get(keyword, "{name}: " + breach.error.message)


def alternatives(values: Sequence[object]) -> str:
    return " or ".join(", ".join(map(str, values)).rsplit(", ", 1)) or "nothing"


def _kind(breach: Breach, words: Mapping[str, str]) -> str:
    """What a condition of the type asks for."""
    types = [breach.limit] if isinstance(breach.limit, str) else breach.limit
    return " or ".join(words[one] for one in types)


def _allowed(breach: Breach) -> list[object]:
    return [one for one in breach.schema.get("enum", [breach.schema.get("const")]) if one != ""]


_WORD = re.compile(r"\{([a-z]+)\}")
_WORDS: Mapping[str, Callable[[Breach, Any], str]] = {
    "field": lambda breach, _: str(breach.name),
    "given": lambda _, value: "null" if value is None else shown(value),
    "limit": lambda breach, _: f"{breach.limit:,}" if isinstance(breach.limit, int | float) else str(breach.limit),
    "allowed": lambda breach, _: alternatives(_allowed(breach)),
    "words": lambda breach, _: ", ".join(map(str, _allowed(breach))),
    "kind": lambda breach, _: _kind(breach, _IN_JSON),
    "count": lambda breach, value: f"{len(value):,} {_UNITS[breach.keyword[3:]]}",
    "fields": lambda breach, _: ", ".join(breach.schema.get("properties", ())),
}
