"""Answers as the contract has them: an optional field that the server knows nothing of is sent all the same.

The server always sends every field (ruling E5). So a field that is new in the contract needs no change here: its value
is the contract's default, or null, or the contract's example, or the simplest value that the contract takes.
"""

from __future__ import annotations

from copy import deepcopy
from itertools import islice
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from collections.abc import Iterator

    from aioz_stream_mock.contract import Contract, Json, JsonValue

SIMPLEST: tuple[JsonValue, ...] = ("", 0, False, [], {})
"""What is tried last."""


class AnswerCompleter:
    """Adds optional fields to answers. The value of a field is chosen once for each place in the contract."""

    def __init__(self, contract: Contract) -> None:
        self._contract = contract
        self._chosen: dict[int, list[JsonValue]] = {}

    def complete(self, value: object, schema: Json) -> None:
        """Add the optional fields that the schema has and the value lacks, at every depth."""
        for branch in self._branches(schema):
            if isinstance(value, list) and "items" in branch:
                for item in cast("list[object]", value):
                    self.complete(item, branch["items"])
            elif isinstance(value, dict):
                self._complete_object(cast("Json", value), branch)

    def _complete_object(self, fields: Json, schema: Json) -> None:
        for name, inner in schema.get("properties", {}).items():
            if name in fields:
                self.complete(fields[name], inner)
            elif name not in schema.get("required", ()):
                fields.update((name, deepcopy(value)) for value in self._choose(inner))

    def _choose(self, schema: Json) -> list[JsonValue]:
        """The value for a field, in a list; an empty list where the contract takes none of the simple values."""
        # The contract keeps its schemas for as long as it lives, so that an identity stands for a place in it.
        if id(schema) not in self._chosen:
            compiled = self._contract.compile(schema)
            fitting = (value for value in self._candidates(schema) if compiled.accepts(value))
            self._chosen[id(schema)] = list(islice(fitting, 1))
        return self._chosen[id(schema)]

    def _candidates(self, schema: Json) -> Iterator[JsonValue]:
        branches = list(self._branches(schema))
        yield from (branch["default"] for branch in branches if "default" in branch)
        yield None
        yield from (branch["example"] for branch in branches if "example" in branch)
        yield from (word for branch in branches for word in branch.get("enum", ()))
        yield from SIMPLEST

    def _branches(self, schema: Json) -> Iterator[Json]:
        """A schema, and those that it is put together from."""
        resolved = self._contract.resolve(schema)
        yield resolved
        for keyword in ("allOf", "anyOf", "oneOf"):
            for inner in resolved.get(keyword, ()):
                yield from self._branches(inner)
