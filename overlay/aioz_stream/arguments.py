"""Checks of what a caller passes, before anything is sent.

The limits are the overlay's own reading of the service's; a test holds them against the contract's.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import TypeVar, cast

from aioz_stream.errors import ArgumentError, ArgumentTypeError
from aioz_stream_api.models import MetadataPair, Video, VideoMetadataPair
from aioz_stream_api.models.resolution import RESOLUTION_VALUES

LONGEST_TITLE = 255
LONGEST_DESCRIPTION = 1000
LONGEST_TAG = LONGEST_KEY = LONGEST_VALUE = 255
MOST_TAGS = MOST_PAIRS = 50
LARGEST_PAGE = 100
LARGEST_INTEGER = 2**63 - 1
LONGEST_DURATION = 1e15  # seconds: beyond it, a number has no digits left for fractions

# The price list leaves the largest size out, although a video can be transcoded to it.
PRICED = frozenset(RESOLUTION_VALUES - {"4320p"})

# `videos/cost` and `videos/create` are calls of their own, and dots are path segments with a meaning.
RESERVED_IDS = frozenset({"cost", "create", ".", ".."})

Choice = TypeVar("Choice", bound=str)


def shown(value: object) -> str:
    """For a message: what was given, unless it is too long to be read."""
    try:
        written = repr(value)
    except (ValueError, RecursionError):  # Python writes out no integer of more than 4,300 digits
        return f"an endless {type(value).__name__}"
    return written if len(written) <= 200 else f"{written[:200]}…"


def text(name: str, value: object, *, shortest: int = 0, longest: int | None = None) -> str:
    if not isinstance(value, str):
        raise _wrong_type(name, "a string", value)
    if not shortest <= len(value):
        raise ArgumentError(f"{name} must not be empty.", argument=name)
    if longest is not None and len(value) > longest:
        raise ArgumentError(f"{name} has {len(value):,} characters; at most {longest:,} are allowed.", argument=name)
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


def choice(name: str, value: object, allowed: Collection[Choice]) -> Choice:
    if not isinstance(value, str):
        raise _wrong_type(name, "a string", value)
    for one in allowed:
        if one == value:
            return one
    # Names of resolutions in the order of their heights, everything else by the alphabet.
    listed = ", ".join(sorted(filter(None, allowed), key=lambda one: (len(one) if one[0].isdigit() else 0, one)))
    raise ArgumentError(f"{name} is {shown(value)}; it must be one of {listed}.", argument=name)


def sequence(name: str, value: object, *, most: int | None = None) -> list[object]:
    """Items of a list, tuple or other iterable; a lone string or mapping is a mistake, never its parts."""
    given = value
    if not isinstance(value, Iterable) or isinstance(value, str | bytes | Mapping):
        raise _wrong_type(name, "a list", given)
    items = list(cast("Iterable[object]", value))
    if most is not None and len(items) > most:
        raise ArgumentError(f"{name} has {len(items):,} items; at most {most} are allowed.", argument=name)
    return items


def strings(name: str, value: object, *, longest: int | None = None, most: int | None = None) -> list[str]:
    items = sequence(name, value, most=most)
    return [text(f"{name}[{index}]", item, longest=longest) for index, item in enumerate(items)]


def tags(name: str, value: object) -> list[str]:
    return strings(name, value, longest=LONGEST_TAG, most=MOST_TAGS)


def pairs(name: str, value: object, *, most: int | None = MOST_PAIRS) -> list[MetadataPair]:
    """Metadata as the wire has it, from a mapping or from a list of pairs."""
    if isinstance(value, Mapping):
        mapping = cast("Mapping[object, object]", value)
        value = [{"key": key, "value": item} for key, item in mapping.items()]
    if isinstance(value, str | bytes) or not isinstance(value, Iterable):
        raise _wrong_type(name, 'a mapping such as {"speaker": "Ada"}, or a list of pairs', value)
    items = sequence(name, cast("object", value), most=most)
    return [_pair(f"{name}[{index}]", item) for index, item in enumerate(items)]


def _pair(name: str, item: object) -> MetadataPair:
    if isinstance(item, MetadataPair | VideoMetadataPair):
        fields: Mapping[object, object] = {"key": item.key, "value": item.value}
    elif isinstance(item, Mapping):
        fields = cast("Mapping[object, object]", item)
    else:
        raise _wrong_type(name, 'a pair {"key": ..., "value": ...}', item)
    if set(fields) != {"key", "value"}:
        raise ArgumentError(f"{name} must have exactly `key` and `value`.", argument=name)
    return MetadataPair(
        key=text(f"{name}.key", fields["key"], longest=LONGEST_KEY),
        value=text(f"{name}.value", fields["value"], longest=LONGEST_VALUE),
    )


def video_id(value: object) -> str:
    if isinstance(value, Video):
        raise ArgumentTypeError("video_id must be a string, not Video; pass its id.", argument="video_id")
    identifier = text("video_id", value, shortest=1)
    if identifier in RESERVED_IDS:
        raise ArgumentError(f"video_id is {identifier!r}, which is no video's id.", argument="video_id")
    return identifier


def priced_qualities(value: object) -> list[str]:
    items = sequence("qualities", value)
    if not items:
        raise ArgumentError("qualities must name at least one quality.", argument="qualities")
    return [choice(f"qualities[{index}]", item, PRICED) for index, item in enumerate(items)]


def _wrong_type(name: str, wanted: str, value: object) -> ArgumentTypeError:
    return ArgumentTypeError(f"{name} must be {wanted}, not {type(value).__name__}.", argument=name)
