"""The documented statuses, and those that no request brings about."""

from __future__ import annotations

from functools import lru_cache

from contract_document import load, operations


@lru_cache
def documented() -> tuple[tuple[str, int], ...]:
    """Every operation with each of its statuses."""
    return tuple((operation.id, status) for operation in operations(load()) for status in operation.statuses)


def operation_ids() -> list[str]:
    return [operation.id for operation in operations(load())]


def why_never(operation: str, status: int) -> str:
    """Why no request gets a documented status; empty if one does."""
    if status == 500:
        return "a server that works has no such answer, and one that is told to give it proves nothing"
    if (operation, status) == ("createVideo", 200):
        return "the mock server says 201, as the reference does; 200 was seen in the field"
    return ""
