"""What a caller passes, as JSON has it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, cast

import attrs

from aioz_stream_api.types import UNSET

Path = tuple[str | int, ...]
"""A place, from the outermost value inwards."""
Originals = dict[Path, object]

_LARGEST_SENT = 2**63 - 1
LONE_SURROGATE = re.compile("[\ud800-\udfff]")
LARGEST_READABLE = 10**300  # the library of the schemas can't read integers of thousands of digits
_DEEPEST = 12  # no request nests deeper, and what contains itself ends here
_SCALARS = (str, int, float)
_MAPPINGS = (dict, Mapping)
_LISTS = (list, tuple)
_FINAL = frozenset({bool, float, type(None)})


def as_json(value: object) -> tuple[Any, Originals]:
    """The value as JSON, generated objects too, and what JSON can't carry, by its place.

    Of the latter, the JSON has the nearest value of its kind, which breaks what it would break; or null, which is never
    asked for.
    """
    originals: Originals = {}
    return _as_json(value, (), originals), originals


def _as_json(value: object, path: Path, originals: Originals) -> object:
    if _is_json(value):
        return value
    if isinstance(value, _SCALARS):
        return _scalar(value, path, originals)
    if len(path) < _DEEPEST and isinstance(value, _MAPPINGS):
        fields = cast("Mapping[str, object]", value).items()
        return {
            _field_name(name): item if _is_json(item) else _as_json(item, (*path, name), originals)
            for name, item in fields
        }
    if len(path) < _DEEPEST and isinstance(value, _LISTS):
        items = enumerate(cast("Sequence[object]", value))
        return [_as_json(item, (*path, place), originals) for place, item in items]
    if attrs.has(type(value)):
        names = [one.name for one in attrs.fields(cast("Any", type(value))) if one.init]
        given = {name.rstrip("_"): getattr(value, name) for name in names}
        return _as_json({name: item for name, item in given.items() if item is not UNSET}, path, originals)
    originals[path] = value
    return None


def _is_json(value: object) -> bool:
    """Whether JSON has the value as it is: asked first, since nearly all values are such."""
    kind = type(value)
    known: Any = value
    if kind is str:
        text: str = known
        return text.isascii()
    return kind in _FINAL or (kind is int and -_LARGEST_SENT <= known <= _LARGEST_SENT)


def _scalar(value: str | float, path: Path, originals: Originals) -> str | float:
    """Of the exact type: of an enum's member, the text and not its name."""
    if isinstance(value, int):
        if -_LARGEST_SENT <= value <= _LARGEST_SENT:
            return int(value)
        originals[path] = value
        return max(-LARGEST_READABLE, min(LARGEST_READABLE, int(value)))
    if isinstance(value, float):
        return float(value)
    if LONE_SURROGATE.search(value):
        originals[path] = value
    return LONE_SURROGATE.sub("?", value)


def _field_name(name: object) -> str:
    if type(name) is str and name.isascii():
        return name
    return str.__str__(name) if isinstance(name, str) and not LONE_SURROGATE.search(name) else repr(name)


def at(value: object, path: Sequence[str | int]) -> Any:
    """What stands at a place."""
    for step in path:
        value = cast("Any", value)[step]
    return value


def put(value: Any, path: Path, new: object) -> Any:
    """A copy with another value at a place."""
    if not path:
        return new
    copied = value.copy()
    copied[path[0]] = put(copied[path[0]], path[1:], new)
    return copied
