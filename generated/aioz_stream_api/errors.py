# Generated from openapi.yaml (AIOZ Stream Videos 1.0.0) by `make generate`, with openapi-python-client 0.29.1.
# Do not edit: change the contract and generate again.
"""Contains shared errors types that can be raised from API functions"""

from collections.abc import Callable
from typing import Any, TypeVar

import httpx


class UnexpectedStatus(Exception):
    """Raised by api functions when the response status an undocumented status and Client.raise_on_unexpected_status is True"""

    def __init__(self, status_code: int, content: bytes):
        self.status_code = status_code
        self.content = content

        super().__init__(
            f"Unexpected status code: {status_code}\n\nResponse content:\n{content.decode(errors='ignore')}"
        )


T = TypeVar("T")


def parse_failure(
    parse: Callable[[dict[str, Any]], T], response: httpx.Response
) -> T | None:
    """The body of a failure, or None when it is not the documented one: a proxy in between may answer anything"""
    try:
        return parse(response.json())
    except (AttributeError, KeyError, RecursionError, TypeError, ValueError):
        return None


__all__ = ["UnexpectedStatus", "parse_failure"]
