"""Which operations of a contract use a place in it, directly or through references."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from contract_document import find, operations

if TYPE_CHECKING:
    from collections.abc import Mapping

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
            waiting += re.findall(r'"\$ref": "#([^"]*)"', json.dumps(find(contract, place)))
    return found
