"""The contract's schemas of requests, and the conditions of them that a value breaks.

`make generate` writes the schemas into the generated package, so a limit that changes in the contract changes here. The
library that reads them, jsonschema-rs, is imported when a value is checked for the first time. It has no wheels for
some machines; there nothing is checked, and the service has the only word.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any, cast

from attrs import field, frozen

from aioz_stream.errors import warn
from aioz_stream_api.contract import contract

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    import jsonschema_rs

Json = Mapping[str, Any]
Path = tuple[str | int, ...]
Place = tuple[Path, str | None]

# Of several conditions that one value breaks, people need the most basic: what kind of value, which values, how large.
_RANKS = {"type": 0, "enum": 1, "const": 1}
_OTHER = 2
_NO_RULE: Json = {}
_ALTERNATIVES = frozenset({"anyOf", "oneOf"})
# About an object these keywords say something of one field each; all others speak of the value as a whole.
_OF_A_FIELD = frozenset({"required", "dependentRequired", "additionalProperties", "unevaluatedProperties"})

_DEEPEST = 100
LARGEST = 10**300
"""The library can't read integers of thousands of digits."""


@frozen
class Condition:
    """A keyword of a schema, such as `maximum`, and what stands around it."""

    keyword: str
    schema: Json = field(repr=False)
    """The schema that has the keyword."""
    rule: Json = field(repr=False)
    """What the contract says beside the condition: a `code` and a `message`. Empty where it says nothing."""

    @property
    def limit(self) -> Any:
        return self.schema.get(self.keyword)

    @property
    def options(self) -> Sequence[Any] | None:
        return cast("Sequence[Any]", self.limit) if self.keyword == "enum" else None


@frozen
class Breach:
    """A value that breaks a condition."""

    path: Path
    """Where, from the outermost value inwards."""
    condition: Condition
    said: str
    """The library's own sentence."""
    name: str | None = None
    """The field that is missing or unknown."""
    allowed: Sequence[Any] | None = None
    """The values that all broken `enum`s of this place have in common."""

    @property
    def keyword(self) -> str:
        return self.condition.keyword

    @property
    def schema(self) -> Json:
        return self.condition.schema

    @property
    def rule(self) -> Json:
        return self.condition.rule

    @property
    def limit(self) -> Any:
        return self.condition.limit


class RequestSchema:
    """The schema of one operation's body, or of one of its parameters."""

    def __init__(self, schema: Json) -> None:
        self._schema = schema
        # By their places in the schema: a contract has a few dozen, and most checks meet the same few.
        self._conditions: dict[tuple[str | int, ...], Condition] = {}

    @lru_cache(maxsize=256)  # noqa: B019 - schemas live as long as the program
    def _validator(self) -> jsonschema_rs.Draft202012Validator | None:
        library = _library()
        return library(dict(self._schema)) if library else None

    def breaches(self, value: object) -> list[Breach]:
        """The conditions that a value breaks, at most one a place.

        `value` is JSON with integers of at most `LARGEST`; `presentable` makes that of other things.
        """
        validator = self._validator()
        if validator is None:
            return []
        try:
            if validator.is_valid(value):
                return []
            errors = list(validator.iter_errors(value))
        except ValueError:  # text with a lone surrogate, or too deep
            errors = list(validator.iter_errors(presentable(value)))
        return self._most_basic(_unfolded(errors))

    def _most_basic(self, errors: Iterable[jsonschema_rs.ValidationError]) -> list[Breach]:
        places: dict[Place, list[tuple[Condition, jsonschema_rs.ValidationError]]] = {}
        for error in errors:
            condition = self._condition(error)
            path = tuple(error.instance_path)
            for name in _fields(error) if condition.keyword in _OF_A_FIELD else (None,):
                places.setdefault((path, name), []).append((condition, error))
        return [_strongest(place, broken) for place, broken in places.items()]

    def _condition(self, error: jsonschema_rs.ValidationError) -> Condition:
        route = tuple(error.schema_path)
        found = self._conditions.get(route)
        if found is None:
            holder = self._at(route[:-1])
            found = Condition(str(route[-1]), holder, self._rule(route, holder))
            self._conditions[route] = found
        return found

    def _rule(self, route: Sequence[str | int], holder: Json) -> Json:
        """The rule beside the schema that has the keyword, or beside the condition that this schema is a branch of."""
        if route[-1] == "type":
            return _NO_RULE  # a rule is about values of the right type
        if "x-rule" in holder:
            return cast("Json", holder["x-rule"])
        branches = (place for place in range(len(route) - 1, -1, -1) if route[place] in {"then", "else"})
        rules: list[Json] = [self._at(route[:place]).get("x-rule", {}) for place in branches]
        return next(filter(None, rules), _NO_RULE)

    def _at(self, route: Sequence[str | int]) -> Json:
        found: Any = self._schema
        for step in route:
            found = found[step]
        return cast("Json", found) if isinstance(found, Mapping) else {}

    def definition(self, name: str) -> Json:
        """A component of the contract by its name. Empty where this schema needs none of that name."""
        return cast("Json", self._schema.get("$defs", {}).get(name, {}))

    def part(self, name: str) -> RequestSchema:
        """The schema of one field by itself."""
        shared = {"$defs": self._schema["$defs"]} if "$defs" in self._schema else {}
        return RequestSchema({**self._resolved(self._schema)["properties"][name], **shared})

    @lru_cache(maxsize=256)  # noqa: B019 - schemas live as long as the program
    def property(self, *names: str) -> Json:
        """The schema of a field, by the names that lead to it; `items` leads into a list. Empty where there is none."""
        found = self._resolved(self._schema)
        for name in names:
            inner = found if name == "items" else found.get("properties", {})
            found = self._resolved(inner.get(name, {}))
        return found

    def _resolved(self, schema: Json) -> Json:
        while "$ref" in schema:
            schema = self._at(schema["$ref"].removeprefix("#/").split("/"))
        return schema


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
def body(operation: str) -> RequestSchema:
    """Of the operation's JSON body."""
    return RequestSchema(contract()["requests"][operation]["body"])


@lru_cache(maxsize=256)
def parameter(operation: str, name: str) -> RequestSchema:
    return RequestSchema(contract()["requests"][operation]["parameters"][name])


@lru_cache(maxsize=256)
def separated(operation: str, name: str) -> RequestSchema:
    """Of what stands between the commas of a parameter."""
    return RequestSchema(contract()["requests"][operation]["parameters"][name]["x-separated"])


@lru_cache(maxsize=1)
def settled() -> frozenset[str]:
    """The statuses of a video at which nothing more happens by itself."""
    return frozenset(contract()["settled"])


def _unfolded(errors: Iterable[jsonschema_rs.ValidationError]) -> Iterator[jsonschema_rs.ValidationError]:
    """Of alternatives none of which fits, the errors of the one that was meant: the one with the right type."""
    for error in errors:
        branches = _meant(error) if error.schema_path[-1] in _ALTERNATIVES else []
        if branches:
            yield from _unfolded(branches)
        else:
            yield error


def _meant(error: jsonschema_rs.ValidationError) -> list[jsonschema_rs.ValidationError]:
    kind: Any = error.kind
    branches: list[list[jsonschema_rs.ValidationError]] = getattr(kind, "context", [])
    here = error.instance_path
    fitting = [
        branch
        for branch in branches
        if branch and not any(one.schema_path[-1] == "type" and one.instance_path == here for one in branch)
    ]
    return fitting[0] if fitting else []


def _fields(error: jsonschema_rs.ValidationError) -> list[str]:
    """The fields that are missing or unknown."""
    kind: Any = error.kind  # which of its classes it is, the keyword says
    return kind.unexpected if hasattr(kind, "unexpected") else [kind.property]


def _strongest(place: Place, broken: list[tuple[Condition, jsonschema_rs.ValidationError]]) -> Breach:
    """The most basic of the conditions that are broken at one place."""
    if len(broken) == 1:
        [(condition, error)] = broken
        return Breach(place[0], condition, error.message, place[1], condition.options)
    condition, error = min(broken, key=_rank)
    enums = [options for one, _ in broken if (options := one.options) is not None]
    allowed = [one for one in enums[0] if all(one in other for other in enums[1:])] if enums else None
    return Breach(place[0], condition, error.message, place[1], allowed)


def _rank(broken: tuple[Condition, jsonschema_rs.ValidationError]) -> tuple[int, int]:
    condition, error = broken
    return _RANKS.get(condition.keyword, _OTHER), len(error.evaluation_path)


def presentable(value: object, depth: int = 0) -> object:
    """As the library takes it. What is no JSON becomes null, which is never what was asked for.

    Text with a lone surrogate and integers of any length keep their kind, and break what they would break.
    """
    if value is None or isinstance(value, bool | str | int | float):
        return _scalar(value)
    if depth < _DEEPEST and isinstance(value, Mapping):
        fields = cast("Mapping[object, object]", value).items()
        return {_field_name(name): presentable(item, depth + 1) for name, item in fields}
    if depth < _DEEPEST and isinstance(value, list | tuple):
        return [presentable(item, depth + 1) for item in cast("Sequence[object]", value)]
    return None


def _scalar(value: bool | str | float | None) -> bool | str | float | None:
    """Of the exact type: the library takes no subclasses, such as members of an enum."""
    if isinstance(value, str):
        text = str.__str__(value)
        return text if text.isascii() else text.encode("utf-8", "replace").decode()
    if isinstance(value, int) and not isinstance(value, bool):
        return max(-LARGEST, min(LARGEST, int(value)))
    return float(value) if isinstance(value, float) else value


def at(value: object, path: Sequence[str | int]) -> object:
    """What stands at a place."""
    for step in path:
        value = cast("Any", value)[step]
    return value


def _field_name(name: object) -> str:
    return str(_scalar(name)) if isinstance(name, str) else repr(name)
