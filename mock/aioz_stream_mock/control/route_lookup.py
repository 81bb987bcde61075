"""Finds the operation that a request is for, by its method and path alone."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.types import Scope

    from aioz_stream_mock.contract import Contract

ASSET = "asset"
"""Stands for the files that a video's addresses lead to; the contract has no operation for them."""

CONTROL_PATH = "/_mock"

_PAGES = ("/docs", "/static/", "/vod/")
_READING = ("GET", "HEAD")


class RouteLookup:
    """The contract's paths, those without a parameter first, so that they win as they do in the routes."""

    def __init__(self, contract: Contract) -> None:
        self.names: frozenset[str] = frozenset(contract.operations)
        methods: dict[str, dict[str, str]] = {}
        for operation in contract.operations.values():
            methods.setdefault(operation.path, {})[operation.method] = operation.id
        self._paths = [
            (re.compile(re.escape(contract.prefix) + _pattern(path)), methods[path])
            for path in sorted(methods, key=lambda path: path.count("{"))
        ]
        self._prefix = contract.prefix
        self._asset = re.compile(re.escape(contract.prefix) + "/videos/[^/]+/.+", re.DOTALL)

    def is_page(self, path: str) -> bool:
        """Whether a path is none of the API's."""
        return not path.startswith(f"{self._prefix}/") or path.startswith(_PAGES)

    def find_operation(self, method: str, path: str) -> str | None:
        """The operationId, `asset`, or None where nothing of the kind would answer."""
        for pattern, methods in self._paths:
            if pattern.fullmatch(path):
                if method in methods:
                    return methods[method]
                break
        return ASSET if method in _READING and self._asset.fullmatch(path) else None


def is_control(scope: Scope) -> bool:
    # Where the application is mounted below a path, that path is no part of the one that is routed.
    path: str = scope["path"].removeprefix(scope.get("root_path", ""))
    return path == CONTROL_PATH or path.startswith(CONTROL_PATH + "/")


def _pattern(path: str) -> str:
    return re.sub(r"\\\{[^/]+?\\\}", "[^/]+", re.escape(path))
