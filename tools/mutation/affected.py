"""Which operations of a contract a place in it has anything to do with."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from conformance.judge import METHODS
from conformance.shapes import is_list, is_object

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conformance.shapes import Json


class Reach:
    """One contract, and which of its components each operation can get to."""

    def __init__(self, contract: Json) -> None:
        self._contract = contract
        self.operations: dict[str, str] = {}
        """Their ids, each with its place."""
        for path, item in contract["paths"].items():
            place = f"/paths/{path.replace('/', '~1')}"
            for method in sorted(METHODS & set(item)):
                self.operations[item[method]["operationId"]] = f"{place}/{method}"

    @lru_cache  # noqa: B019 - there is one contract, for as long as the program runs
    def of(self, operation: str) -> frozenset[str]:
        """All places that an operation refers to, by whatever way; its own among them."""
        place = self.operations[operation]
        shared = f"{place.rpartition('/')[0]}/parameters"
        found: set[str] = set()
        waiting = [place, shared]
        while waiting:
            place = waiting.pop()
            if place not in found:
                found.add(place)
                waiting += references(self._at(place))
        return frozenset(found)

    def affected(self, pointer: str) -> tuple[str, ...]:
        """The operations that a place has to do with; none for one that all have, or that is outside of all."""
        return tuple(
            operation
            for operation in self.operations
            if any(pointer == place or pointer.startswith(f"{place}/") for place in self.of(operation))
        )

    def _at(self, pointer: str) -> Json:
        node = self._contract
        for step in pointer[1:].split("/"):
            node = node[int(step)] if is_list(node) else node.get(step.replace("~1", "/"), {})
        return node


def references(node: Json) -> Iterator[str]:
    if is_object(node):
        for name, value in node.items():
            if name == "$ref":
                yield value.removeprefix("#")
            elif name not in {"examples", "example", "links"}:
                yield from references(value)
    elif is_list(node):
        for value in node:
            yield from references(value)
