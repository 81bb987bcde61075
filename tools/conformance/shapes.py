"""JSON: any of it, and which of it is what."""

from __future__ import annotations

from typing import Any, TypeAlias, TypeGuard

Json: TypeAlias = Any


def is_object(value: Json) -> TypeGuard[dict[str, Json]]:
    return isinstance(value, dict)


def is_list(value: Json) -> TypeGuard[list[Json]]:
    return isinstance(value, list)
