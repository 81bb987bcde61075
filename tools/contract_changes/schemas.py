"""A schema with its references replaced by what they name."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any

from contract_changes.documents import ContractError, Document, Json, Path, is_list, is_object, pointer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

# Keywords by what they hold: schemas by name, a list of schemas, one schema, or words that say nothing of values.
BY_NAME = {"$defs", "dependentSchemas", "patternProperties", "properties"}
IN_LISTS = {"allOf", "anyOf", "oneOf", "prefixItems"}
SINGLE = {
    *("additionalProperties", "contains", "else", "if", "items", "not", "propertyNames", "then"),
    *("unevaluatedItems", "unevaluatedProperties"),
}
ANNOTATIONS = {"$comment", "deprecated", "description", "example", "examples", "externalDocs", "title", "xml"}
# Below these a schema tests a value, but describes nothing that code is generated for.
TESTS = {"contains", "dependentSchemas", "else", "if", "not", "propertyNames", "then"}


@dataclass(frozen=True)
class Schema:
    """A tree without references, and where its parts come from."""

    tree: Any
    sources: dict[Path, Path] = field(repr=False)
    """Where in the document each schema of the tree stands."""
    names: dict[Path, str] = field(repr=False)
    """Which schemas of the tree have a name of their own; generated classes are called after it."""

    def at(self, path: Path) -> Any:
        node = self.tree
        for step in path:
            node = node[step]
        return node

    def pointer(self, path: Path, *steps: str | int) -> str:
        return pointer((*self.sources[path], *steps))

    @cached_property
    def fingerprint(self) -> str:
        """Equal for schemas that read the same and whose parts have the same names."""
        return text([self.tree, sorted((pointer(path), name) for path, name in self.names.items())])


# A schema that several operations share is read once.
@lru_cache(maxsize=256)
def expand(document: Document, path: Path) -> Schema:
    """The schema at a path of a document."""
    sources: dict[Path, Path] = {}
    names: dict[Path, str] = {}

    def remake(source: Path, here: Path, above: tuple[Path, ...]) -> Any:
        raw = document.raw(source)
        sources[here] = source
        if not is_object(raw):
            return raw
        if isinstance(raw.get("$ref"), str):
            return follow(raw, source, here, above)
        return rebuild(raw, lambda steps, _: remake((*source, *steps), (*here, *steps), above))

    def follow(raw: Json, source: Path, here: Path, above: tuple[Path, ...]) -> Any:
        beside = {keyword: value for keyword, value in raw.items() if keyword not in {"$ref", *ANNOTATIONS}}
        if beside:
            raise ContractError(f"{pointer(source)}: only descriptions are understood beside a reference")
        target = document.target(raw["$ref"])
        names[here] = str(target[-1])
        if target in above:
            # A schema inside itself: its outer appearance is compared, so this one needs no second look.
            return True
        return remake(target, here, (*above, target))

    return Schema(remake(path, (), ()), sources, names)


def rebuild(schema: Json, remake: Callable[[Path, Any], Any]) -> Json:
    """A copy in which each schema inside is what `remake` makes of it."""
    made: Json = {}
    for keyword, value in schema.items():
        if keyword in BY_NAME and is_object(value):
            made[keyword] = {name: remake((keyword, name), inner) for name, inner in value.items()}
        elif keyword in IN_LISTS and is_list(value):
            made[keyword] = [remake((keyword, place), inner) for place, inner in enumerate(value)]
        elif keyword in SINGLE:
            made[keyword] = remake((keyword,), value)
        else:
            made[keyword] = value
    return made


def essence(schema: Any) -> Any:
    """A schema without the words that are for people."""
    if not is_object(schema):
        return schema
    bare = {keyword: value for keyword, value in schema.items() if keyword not in ANNOTATIONS}
    return rebuild(bare, lambda _, inner: essence(inner))


def text(value: Any) -> str:
    """JSON to compare by: to Python, true is 1."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False)


def differ(was: Any, now: Any) -> bool:
    if was is now or (isinstance(was, str) and isinstance(now, str)):
        return bool(was != now)
    return text(was) != text(now)


def listed(value: Any) -> list[Any]:
    return value if is_list(value) else [value]


def keywords(path: Path) -> Iterator[str]:
    """The keywords on a path, without the names and numbers between them: a field may be called `not`."""
    steps = iter(path)
    for step in steps:
        if isinstance(step, str):
            yield step
        if step in BY_NAME:
            next(steps, None)


def is_described(path: Path) -> bool:
    """Whether code is generated for what stands at a path, other than a mere test of values."""
    return TESTS.isdisjoint(keywords(path))


def attributes(tree: Any) -> set[str]:
    """The fields that a generated class has."""
    if not is_object(tree):
        return set()
    return {*tree.get("properties", {})}.union(*(attributes(part) for part in tree.get("allOf", ())))


def makes_class(schema: Schema, path: Path) -> bool:
    """Whether a class or an alias is generated for what stands at a path, so that people may import its name."""
    tree = schema.at(path)
    if not is_object(tree):
        return False
    if "enum" in tree or "properties" in tree or "object" in listed(tree.get("type", [])):
        return True
    inner = [(*path, keyword, place) for keyword in IN_LISTS for place in range(len(tree.get(keyword, ())))]
    return any(one not in schema.names and makes_class(schema, one) for one in inner)
