"""The contract's schemas of requests, and the conditions of them that a value breaks.

`make generate` writes the schemas into the generated package, so a limit that changes in the contract changes here. The
library that reads them, jsonschema-rs, is imported when a value is checked for the first time. It has no wheels for
some machines; there nothing is checked, and the service has the only word.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from attrs import define, evolve, field

from aioz_stream.arguments.json_values import Path, at
from aioz_stream.errors import warn
from aioz_stream_api.contract import contract

if TYPE_CHECKING:
    import jsonschema_rs

Json = Mapping[str, Any]

# Of several conditions that one value breaks, people need the most basic: what kind of value, which values, how large.
_RANKS = {"type": 0, "enum": 1, "const": 1}


@define
class Breach:
    """A value that breaks a condition."""

    path: Path
    keyword: str
    """The condition, such as `maximum`."""
    schema: Json = field(repr=False)
    """The schema that has the keyword. Of several `enum`s at one place, it has what they have in common."""
    rule: Json = field(repr=False)
    """What the contract says beside the condition: a `code` and a `message`. Empty where it says nothing."""
    error: jsonschema_rs.ValidationError = field(repr=False)
    name: str | None = None
    """The field that is missing or unknown."""

    @property
    def limit(self) -> Any:
        return self.schema.get(self.keyword)


class RequestSchema:
    """The schema of a part of a request."""

    def __init__(self, schema: Json) -> None:
        self._schema = schema
        self.keywords: Json = schema
        """With those that a reference stands for."""
        while "$ref" in self.keywords:
            self.keywords = at(schema, self.keywords["$ref"].removeprefix("#/").split("/"))

    @lru_cache(maxsize=256)  # noqa: B019 - schemas live as long as the program
    def part(self, *names: str) -> RequestSchema:
        """The schema of a field, by the names that lead to it; `items` leads into a list. It allows all if unknown."""
        found: RequestSchema = self
        for name in names:
            inner = found.keywords if name == "items" else found.keywords.get("properties", {})
            found = RequestSchema({"$defs": self._schema.get("$defs", {}), **inner.get(name, {})})
        return found

    @lru_cache(maxsize=256)  # noqa: B019 - schemas live as long as the program
    def _validator(self) -> jsonschema_rs.Draft202012Validator | None:
        library = _library()
        return library(dict(self._schema)) if library else None

    def breaches(self, value: object) -> list[Breach]:
        """The conditions that a value breaks, at most one a place. The value is what `as_json` makes."""
        validator = self._validator()
        if validator is None or validator.is_valid(value):
            return []
        places: dict[tuple[Path, str | None], list[Breach]] = {}
        for error in _unfolded(validator.iter_errors(value)):
            path = tuple(error.instance_path)
            condition = self._condition(tuple(error.schema_path))
            kind: Any = error.kind  # about an object, some say something of one field each
            for name in getattr(kind, "unexpected", [getattr(kind, "property", None)]):
                places.setdefault((path, name), []).append(Breach(path, *condition, error, name))
        return [_most_basic(broken) for broken in places.values()]

    @lru_cache(maxsize=1024)  # noqa: B019 - schemas live as long; most checks meet the same few conditions
    def _condition(self, route: tuple[str | int, ...]) -> tuple[str, Json, Json]:
        """Keyword, schema and rule: the one beside the schema, or beside the condition that it is a branch of."""
        *way, keyword = route
        schema: Any = self._schema
        rule: Json = {}
        for step in way:
            if step in {"then", "else"}:
                rule = schema.get("x-rule", rule)
            schema = schema[step]
        # A rule is about values of the right type.
        return str(keyword), schema, {} if keyword == "type" else schema.get("x-rule", rule)


@lru_cache(maxsize=1)
def _library() -> type[jsonschema_rs.Draft202012Validator] | None:
    try:
        from jsonschema_rs import Draft202012Validator  # noqa: PLC0415 - 30 ms, for the first check
    except ImportError:
        warn(
            "jsonschema-rs is not installed, so arguments and encoding ladders are not checked before they are sent; "
            "the service refuses what is wrong.",
            RuntimeWarning,
        )
        return None
    return Draft202012Validator


@lru_cache(maxsize=256)
def request_schema(operation: str, *steps: str) -> RequestSchema:
    """Of an operation's JSON `body` or a part of it, or of one of its `parameters`. It allows all if unknown."""
    schema = contract()["requests"][operation]
    for step in steps:
        schema = schema.get(step, {})
    return RequestSchema(schema)


def _unfolded(errors: Iterable[jsonschema_rs.ValidationError]) -> Iterator[jsonschema_rs.ValidationError]:
    """Of alternatives none of which fits, the errors of the one that was meant: the one with the right type."""
    for error in errors:
        kind: Any = error.kind
        branches = kind.context if kind.name in {"anyOf", "oneOf"} else ()
        here = (error.instance_path, "type")
        meant = [
            branch
            for branch in branches
            if branch and here not in [(one.instance_path, one.kind.name) for one in branch]
        ]
        if meant:
            yield from _unfolded(meant[0])
        else:
            yield error


def _most_basic(broken: list[Breach]) -> Breach:
    """The most basic of the conditions that are broken at one place."""
    if len(broken) == 1:
        return broken[0]
    found = min(broken, key=lambda one: (_RANKS.get(one.keyword, 2), len(one.error.evaluation_path)))
    enums = [one.limit for one in broken if one.keyword == "enum"]
    if not enums:
        return found
    common = [value for value in enums[0] if all(value in other for other in enums[1:])]
    return evolve(found, schema={**found.schema, "enum": common})
