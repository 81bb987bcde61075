# Generated from openapi.yaml (AIOZ Stream Videos 1.1.0) by `make generate`, with openapi-python-client 0.29.1.
# Do not edit: change the contract and generate again.
"""Errors that operations raise, and the one place that decides when"""

from collections.abc import Generator
from contextlib import contextmanager, suppress
from functools import wraps
from typing import TYPE_CHECKING, Protocol, TypeVar

import httpx

if TYPE_CHECKING:
    from .client import AuthenticatedClient, Client


class UnexpectedStatus(Exception):
    """Raised when the response has an undocumented status and Client.raise_on_unexpected_status is True"""

    def __init__(self, status_code: int, content: bytes):
        self.status_code = status_code
        self.content = content
        super().__init__(status_code, content)

    def __str__(self) -> str:
        return (
            f"Unexpected status code: {self.status_code}\n\nResponse content:\n{self.content.decode(errors='ignore')}"
        )


class UnreadableResponse(ValueError):
    """Raised when the body of a success is not what the contract says: a page for signing in, a field that is missing"""

    def __init__(self, status_code: int, content: bytes, reason: str):
        self.status_code = status_code
        self.content = content
        self.reason = reason
        super().__init__(status_code, content, reason)

    def __str__(self) -> str:
        return f"The body of status {self.status_code} is not what the contract says: {self.reason}"


T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


class _Parser(Protocol[T_co]):
    def __call__(self, *, client: "AuthenticatedClient | Client", response: httpx.Response) -> T_co: ...


@contextmanager
def readable(response: httpx.Response) -> Generator[None]:
    """What can't be read inside the block is an UnreadableResponse"""
    try:
        yield
    except (RecursionError, TypeError, ValueError) as error:
        reason = str(error) or type(error).__name__
        raise UnreadableResponse(response.status_code, response.content, reason) from error


def typed(parse: _Parser[T]) -> _Parser[T | None]:
    """A failure's body is None where it is not the documented one, since a proxy in between may answer anything; a
    success with such a body is an UnreadableResponse"""

    @wraps(parse)
    def parse_response(*, client: "AuthenticatedClient | Client", response: httpx.Response) -> T | None:
        if response.status_code < 400:
            with readable(response):
                return parse(client=client, response=response)
        with suppress(RecursionError, TypeError, ValueError):
            return parse(client=client, response=response)
        return None

    return parse_response


__all__ = ["UnexpectedStatus", "UnreadableResponse"]
