"""Which operations of a contract use a place in it, directly or through references."""

from __future__ import annotations

from typing import TYPE_CHECKING

from contract_document import find, is_list, is_object, operations

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from contract_document import Json


def places_by_operation(contract: Json) -> dict[str, set[str]]:
    """The places that each operation refers to, by whatever way; its own among them."""
    return {operation.id: _reachable(contract, operation.pointer) for operation in operations(contract)}


def users(places: Mapping[str, set[str]], pointer: str) -> tuple[str, ...]:
    """The operations that use a place; none for one that is outside of all."""
    return tuple(
        operation
        for operation, used in places.items()
        if any(pointer == place or pointer.startswith(f"{place}/") for place in used)
    )


def _reachable(contract: Json, operation: str) -> set[str]:
    found: set[str] = set()
    item = operation.rpartition("/")[0]
    waiting = [operation, f"{item}/parameters"] if "parameters" in find(contract, item) else [operation]
    while waiting:
        place = waiting.pop()
        if place not in found:
            found.add(place)
            waiting += _references(find(contract, place))
    return found


def _references(node: Json) -> Iterator[str]:
    if is_object(node):
        for name, value in node.items():
            if name == "$ref":
                yield value.removeprefix("#")
            elif name not in {"examples", "example", "links"}:
                yield from _references(value)
    elif is_list(node):
        for value in node:
            yield from _references(value)
