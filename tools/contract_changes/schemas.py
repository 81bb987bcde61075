"""A schema with its references replaced by what they name."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any

from contract_document import Json, is_list, is_object

from contract_changes.documents import ContractError, Document, Steps, pointer, target

if TYPE_CHECKING:
    from collections.abc import Callable

# Keywords by what they hold: schemas by name, a list of schemas, one schema, or words that say nothing of values.
BY_NAME = {"$defs", "dependentSchemas", "patternProperties", "properties"}
IN_LISTS = {"allOf", "anyOf", "oneOf", "prefixItems"}
SINGLE = {
    *("additionalProperties", "contains", "else", "if", "items", "not", "propertyNames", "then"),
    *("unevaluatedItems", "unevaluatedProperties"),
}
_ANNOTATIONS = {"$comment", "deprecated", "description", "example", "examples", "externalDocs", "title", "xml"}


class Absent(Enum):
    ABSENT = "absent"


ABSENT = Absent.ABSENT
"""In place of a value where there is none."""


def is_annotation(keyword: str) -> bool:
    return keyword in _ANNOTATIONS or keyword.startswith("x-")


@dataclass(frozen=True)
class Schema:
    """A tree without references, and where its parts come from."""

    tree: Any
    sources: dict[Steps, Steps] = field(repr=False)
    """Where in the document each schema of the tree stands."""
    names: dict[Steps, str] = field(repr=False)
    """Which schemas of the tree have a name of their own; generated classes are called after it."""

    def at(self, steps: Steps) -> Any:
        node = self.tree
        for step in steps:
            node = node[step]
        return node

    def pointer(self, schema: Steps, *steps: str | int) -> str:
        """Where in the document something in a schema of the tree stands."""
        return pointer((*self.sources[schema], *steps))

    @cached_property
    def fingerprint(self) -> str:
        """Equal for schemas that read the same and whose parts have the same names."""
        return text([self.tree, sorted((pointer(steps), name) for steps, name in self.names.items())])


# A schema that several operations share is read once.
@lru_cache(maxsize=256)
def expand(document: Document, steps: Steps) -> Schema:
    """The schema at a place of a document."""
    sources: dict[Steps, Steps] = {}
    names: dict[Steps, str] = {}

    def copy(raw: Any, source: Steps, here: Steps, above: tuple[Steps, ...]) -> Any:
        sources[here] = source
        if not is_object(raw):
            return raw
        if isinstance(raw.get("$ref"), str):
            return follow(raw, source, here, above)
        return rebuild(raw, lambda inside, inner: copy(inner, (*source, *inside), (*here, *inside), above))

    def follow(raw: Json, source: Steps, here: Steps, above: tuple[Steps, ...]) -> Any:
        if any(keyword != "$ref" and not is_annotation(keyword) for keyword in raw):
            raise ContractError(f"{pointer(source)}: only descriptions are understood beside a reference")
        named = target(raw["$ref"])
        names[here] = str(named[-1])
        # Of a schema inside itself the outer one is compared, so the inner one may be any.
        return named in above or copy(document.value(named), named, here, (*above, named))

    return Schema(copy(document.value(steps), steps, (), ()), sources, names)


def rebuild(schema: Json, change: Callable[[Steps, Any], Any]) -> Json:
    """A copy in which each schema inside is what `change` makes of it."""
    made: Json = {}
    for keyword, value in schema.items():
        if keyword in BY_NAME and is_object(value):
            made[keyword] = {name: change((keyword, name), inner) for name, inner in value.items()}
        elif keyword in IN_LISTS and is_list(value):
            made[keyword] = [change((keyword, index), inner) for index, inner in enumerate(value)]
        else:
            made[keyword] = change((keyword,), value) if keyword in SINGLE else value
    return made


def without_annotations(schema: Any) -> Any:
    """A schema without the words that are for people."""
    if not is_object(schema):
        return schema
    bare = {keyword: value for keyword, value in schema.items() if not is_annotation(keyword)}
    return rebuild(bare, lambda _, inner: without_annotations(inner))


def text(value: Any) -> str:
    """JSON to compare by: to Python, true is 1."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, default=str)


def differ(was: Any, now: Any) -> bool:
    return was is not now and text(was) != text(now)


def listed(value: Any) -> list[Any]:
    return value if is_list(value) else [value]


def members(value: Any) -> dict[Any, Any]:
    """What is inside an object or a list, by its step; a value that stands for a list of one is taken as that list."""
    return value if is_object(value) else dict(enumerate(listed(value)))
