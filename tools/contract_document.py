"""The contract as a document: how the tools load it, find places in it, change them, and list its operations.

A place is named by a JSON Pointer (RFC 6901), such as `/components/schemas/Title/maxLength`.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias, TypeGuard
from urllib.parse import unquote

import jsonpatch
import yaml
from jsonpointer import JsonPointer, JsonPointerException

if TYPE_CHECKING:
    from collections.abc import Iterator

Json: TypeAlias = Any
"""Any JSON value."""

ROOT = Path(__file__).resolve().parents[1]
CONTRACT = ROOT / "openapi.yaml"
METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
"""The members of a path that are operations."""
SCHEMAS = "/components/schemas"
REMOVED: Any = object()
"""In place of a new value: the place is removed."""

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True)
class Operation:
    """One operation of the contract."""

    id: str
    method: str
    """In capitals."""
    path: str
    pointer: str
    definition: Json
    """The operation object. The parameters of its path stand beside it, not in it."""

    @property
    def statuses(self) -> list[int]:
        """The documented statuses, without `default`."""
        return [int(status) for status in self.definition["responses"] if status != "default"]


def is_object(value: Json) -> TypeGuard[dict[str, Json]]:
    return isinstance(value, dict)


def is_list(value: Json) -> TypeGuard[list[Json]]:
    return isinstance(value, list)


def parse(text: str) -> Json:
    """A YAML document as JSON: dates become an error, and aliases become copies."""
    return json.loads(json.dumps(yaml.load(text, Loader=_LOADER)))  # noqa: S506 - both loaders are safe


@lru_cache
def load(path: Path = CONTRACT) -> Json:
    """A contract; its readers share the result and must not change it."""
    return parse(path.read_text(encoding="utf-8"))


def pointer(*steps: str | int) -> str:
    """The JSON Pointer that leads through these names and indexes."""
    return JsonPointer.from_parts(steps).path


def steps(pointer: str) -> tuple[str, ...]:
    """The unescaped names of a pointer; indexes are digits."""
    return tuple(map(str, JsonPointer(pointer).parts))


def find(document: Json, pointer: str) -> Json:
    """The value at a place, references as they are written; `LookupError` if the place does not exist."""
    try:
        return JsonPointer(pointer).resolve(document)
    except JsonPointerException:
        # The library's message holds the whole document.
        raise LookupError(f"nothing stands at {pointer}") from None


def resolve(document: Json, value: Json) -> Json:
    """The value itself, or what its `$ref` leads to."""
    while is_object(value) and "$ref" in value:
        value = find(document, unquote(value["$ref"]).removeprefix("#"))
    return value


def schema_names(document: Json, value: Json) -> set[str]:
    """The names of all schemas that references lead to from a value, directly or not."""
    found, waiting = set[str](), [value]
    while waiting:
        for reference in re.findall(r'"\$ref": ("[^"]*")', json.dumps(waiting.pop())):
            place = json.loads(reference).removeprefix("#")
            if place not in found:
                found.add(place)
                waiting.append(find(document, place))
    return {place.split("/")[3] for place in found if place.startswith(f"{SCHEMAS}/")}


def changed(document: Json, pointer: str, value: Json = REMOVED) -> Json:
    """A copy with another value at a place, or without the place; `LookupError` if the place does not exist."""
    find(document, pointer)
    edit = {"op": "remove", "path": pointer} if value is REMOVED else {"op": "replace", "path": pointer, "value": value}
    return jsonpatch.apply_patch(document, [edit])


def operations(document: Json) -> Iterator[Operation]:
    """All operations in the order in which the contract lists them."""
    for path, item in document["paths"].items():
        for method, definition in item.items():
            if method in METHODS:
                place = pointer("paths", path, method)
                yield Operation(definition.get("operationId", ""), method.upper(), path, place, definition)
