"""Checks of what a caller passes, before anything is sent.

The limits of what is sent are the contract's (see `request_schemas`); here are the words that say which argument breaks
which of them, and what Python allows that JSON does not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, Protocol, TypeVar, cast

from aioz_stream.errors import ArgumentError, ArgumentTypeError
from aioz_stream.request_schemas import at, presentable
from aioz_stream_api.models import MetadataPair, Video, VideoMetadataPair

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Self

    from aioz_stream.request_schemas import Breach, RequestSchema

LARGEST_INTEGER = 2**63 - 1
LONGEST_DURATION = 1e15  # seconds: beyond it, a number has no digits left for fractions

# `videos/cost` and `videos/create` are calls of their own, and dots are path segments with a meaning.
RESERVED_IDS = frozenset({"cost", "create", ".", ".."})


class Model(Protocol):
    """A generated class for JSON."""

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self: ...


M = TypeVar("M", bound=Model)


def shown(value: object) -> str:
    """For a message: what was given, unless it is too long to be read."""
    try:
        written = repr(value)
    except (ValueError, RecursionError):  # Python writes out no integer of more than 4,300 digits
        return f"an endless {type(value).__name__}"
    return written if len(written) <= 200 else f"{written[:200]}…"


# --- what any argument may be -------------------------------------------------------------------------------------


def text(name: str, value: object, *, shortest: int = 0) -> str:
    if not isinstance(value, str):
        raise _wrong_type(name, "a string", value)
    if not shortest <= len(value):
        raise ArgumentError(f"{name} must not be empty.", argument=name)
    return sendable(name, value)


def sendable(name: str, value: str) -> str:
    try:
        value.encode()
    except UnicodeEncodeError:
        raise ArgumentError(f"{name} has a lone surrogate, which no JSON text can carry.", argument=name) from None
    return str.__str__(value)  # of an enum's member, the text and not its name


def boolean(name: str, value: object) -> bool:
    if not isinstance(value, bool):
        raise _wrong_type(name, "True or False", value)
    return value


def integer(name: str, value: object, *, smallest: int, largest: int = LARGEST_INTEGER) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise _wrong_type(name, "an integer", value)
    if not smallest <= value <= largest:
        raise ArgumentError(f"{name} is {shown(value)}; it must be from {smallest:,} to {largest:,}.", argument=name)
    return int(value)


def seconds(name: str, value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _wrong_type(name, "a number of seconds", value)
    if not 0 < value < LONGEST_DURATION:
        raise ArgumentError(f"{name} is {shown(value)}; it must be a number of seconds above 0.", argument=name)
    return int(value) if isinstance(value, int) else float(value)


def sequence(name: str, value: object) -> list[object]:
    """Items of a list, tuple or other iterable; a lone string or mapping is a mistake, never its parts."""
    if isinstance(value, str):
        items = ", ".join(f'"{item.strip()}"' for item in value.split(",") if len(value) < 100)
        raise ArgumentTypeError(f"{name} must be a list, not str; write [{items}].", argument=name)
    given = value  # as it came: the type checker narrows the other one
    if not isinstance(value, Iterable) or isinstance(value, bytes | Mapping):
        raise _wrong_type(name, "a list", given)
    return list(cast("Iterable[object]", value))


def pairs(name: str, value: object) -> list[object]:
    """Metadata as the wire has it, from a mapping or from a list of pairs."""
    if isinstance(value, Mapping):
        fields = cast("Mapping[object, object]", value).items()
        return [{"key": key, "value": item} for key, item in fields]
    if isinstance(value, str | bytes) or not isinstance(value, Iterable):
        raise _wrong_type(name, 'a mapping such as {"speaker": "Ada"}, or a list of pairs', value)
    items = cast("Iterable[object]", value)
    return [
        {"key": item.key, "value": item.value} if isinstance(item, MetadataPair | VideoMetadataPair) else item
        for item in items
    ]


def video_id(value: object) -> str:
    if isinstance(value, Video):
        raise ArgumentTypeError("video_id must be a string, not Video; pass its id.", argument="video_id")
    identifier = text("video_id", value, shortest=1)
    if identifier in RESERVED_IDS:
        raise ArgumentError(f"video_id is {identifier!r}, which is no video's id.", argument="video_id")
    return identifier


# --- what the contract says ---------------------------------------------------------------------------------------


def check(schema: RequestSchema, value: object, name: str = "") -> Any:
    """The value as it is sent. Raises an error about the first argument that the contract does not allow.

    `name` is the argument's; without it, `value` holds arguments by their names.
    """
    breaches = schema.breaches(presentable(value))
    if breaches:
        raise _error(breaches[0], value, name)
    return _sendable(name, value)


def fill(model: type[M], fields: Mapping[str, Any]) -> M:
    """The generated object. It fails only where nothing was checked, for want of the library."""
    try:
        return model.from_dict(fields)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise ArgumentError(f"The arguments don't make a request: {error!r}.") from error


def _error(breach: Breach, value: object, name: str) -> ArgumentError:
    given = at(value, breach.path)
    argument = _name(name, breach.path)
    if breach.keyword == "type":
        return _wrong_type(argument, _kind(breach.schema), given)
    return ArgumentError(sentence(breach, argument, given), argument=argument)


def _sendable(name: str, value: object) -> Any:
    """What JSON can carry: text of characters, and integers of 64 bits."""
    if isinstance(value, str):
        return sendable(name, value)
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) > LARGEST_INTEGER:
        raise ArgumentError(f"{name} is {shown(value)}; it must be at most {LARGEST_INTEGER:,}.", argument=name)
    if isinstance(value, Mapping):
        fields = cast("Mapping[str, object]", value).items()
        return {text(name, key): _sendable(_name(name, (key,)), item) for key, item in fields}
    if isinstance(value, list):
        items = enumerate(cast("list[object]", value))
        return [_sendable(_name(name, (index,)), item) for index, item in items]
    return value


def _name(name: str, path: Sequence[str | int]) -> str:
    """As Python has it: `metadata[0].value`."""
    for step in path:
        name += f"[{step}]" if isinstance(step, int) else f".{step}" if name else step
    return name


def sentence(breach: Breach, name: str, value: object) -> str:
    """What is wrong. The contract's own sentence if it has one, or one made of its numbers and words."""
    said = breach.rule.get("message")
    if said:
        wrong = f"{breach.name} is missing" if breach.keyword == "required" else f"{name} is {shown(value)}"
        return f"{wrong}. {filled(said, breach)}"
    make = _SENTENCES.get(breach.keyword)
    return make(breach, name, value) if make else f"{name}: {breach.said}"


def filled(message: str, breach: Breach) -> str:
    """A sentence of the contract with the numbers and words that it leaves to its condition."""
    if "{allowed}" in message:
        return message.replace("{allowed}", alternatives(breach.allowed or ()))
    limit = breach.limit
    return message.replace("{limit}", f"{limit:,}" if isinstance(limit, int | float) else str(limit))


def alternatives(values: Sequence[object]) -> str:
    *others, last = [str(one) for one in values if one != ""] or ["nothing"]
    return f"{', '.join(others)} or {last}" if others else last


def _one_of(breach: Breach, name: str, value: object) -> str:
    allowed = breach.allowed if breach.keyword == "enum" else [breach.limit]
    return f"{name} is {shown(value)}; it must be one of {', '.join(str(one) for one in allowed or () if one != '')}."


def _range(breach: Breach, name: str, value: object) -> str:
    low, high = breach.schema.get("minimum"), breach.schema.get("maximum")
    if low is not None and high is not None:
        bounds = f"from {low:,} to {high:,}"
    else:
        bounds = f"{_BOUNDS[breach.keyword]} {breach.limit:,}"
    return f"{name} is {shown(value)}; it must be {bounds}."


def _length(unit: str) -> Callable[[Breach, str, object], str]:
    def said(breach: Breach, name: str, value: object) -> str:
        count, limit = len(cast("Any", value)), breach.limit
        if breach.keyword.startswith("max"):
            return f"{name} has {count:,} {unit}; at most {limit:,} are allowed."
        return f"{name} has {count:,} {unit}; it must have {limit:,}." if count else f"{name} must not be empty."

    return said


def _unknown(breach: Breach, name: str, _: object) -> str:
    known = ", ".join(breach.schema.get("properties", {}))
    return f"There is no field {shown(breach.name)} in {name}; there are {known}."


_BOUNDS = {"minimum": "at least", "maximum": "at most", "exclusiveMinimum": "above", "exclusiveMaximum": "below"}
_SENTENCES: Mapping[str, Callable[[Breach, str, object], str]] = {
    "enum": _one_of,
    "const": _one_of,
    **dict.fromkeys(_BOUNDS, _range),
    **dict.fromkeys(("minLength", "maxLength"), _length("characters")),
    **dict.fromkeys(("minItems", "maxItems"), _length("items")),
    "pattern": lambda breach, name, value: f"{name} is {shown(value)}; it must match {breach.limit}.",
    "required": lambda breach, name, _: f"{breach.name} is missing in {name}.",
    "additionalProperties": _unknown,
}
_KINDS = {
    "string": "a string",
    "boolean": "True or False",
    "integer": "an integer",
    "number": "a number",
    "array": "a list",
    "object": "a mapping",
    "null": "None",
}


def _kind(schema: Mapping[str, Any]) -> str:
    """The type that a schema asks for, in Python's words."""
    types: str | list[str] = schema["type"]
    kind = " or ".join(_KINDS[one] for one in ([types] if isinstance(types, str) else types))
    fields = schema.get("required") if types == "object" else None
    return f"{kind} with {' and '.join(fields)}" if fields else kind


def _wrong_type(name: str, wanted: str, value: object) -> ArgumentTypeError:
    return ArgumentTypeError(f"{name} must be {wanted}, not {type(value).__name__}.", argument=name)
