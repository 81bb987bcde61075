"""A service in the place of the transport, its answers, and the forms that it gets."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import httpx

from aioz_stream import AiozStream, RetryPolicy

if TYPE_CHECKING:
    from collections.abc import Mapping


class FakeService:
    """A service that gives prepared answers and keeps the requests that it gets.

    The last answer is given again and again. The mock server keeps to the contract; this one need not.
    """

    def __init__(self, *answers: httpx.Response | Exception) -> None:
        self._answers = answers
        self.requests: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        request.read()
        self.requests.append(request)
        answer = self._answers[min(len(self.requests), len(self._answers)) - 1]
        if isinstance(answer, Exception):
            raise answer
        return httpx.Response(answer.status_code, headers=answer.headers, content=answer.content)

    @property
    def body(self) -> Any:
        """The JSON of the last request."""
        return json.loads(self.requests[-1].content)

    def client(self, *, retries: int = 0, credentials: Mapping[str, str] | None = None) -> AiozStream:
        return AiozStream(
            **(credentials or {"token": "token"}),  # type: ignore[arg-type] # nothing but credentials
            transport=httpx.MockTransport(self),
            max_retries=RetryPolicy(max_retries=retries, first_delay=0.0),
        )


def video(**fields: Any) -> httpx.Response:
    """The answer with a video."""
    return httpx.Response(200, json={"status": "success", "data": {"id": "v", "title": "t", "status": "new", **fields}})


def done() -> httpx.Response:
    """The answer of an operation that returns a message."""
    return httpx.Response(200, json={"status": "success", "message": "Done."})


def failure(status: int, **headers: str) -> httpx.Response:
    """A failure in the envelope; `Retry_After` becomes the header `Retry-After`."""
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx.Response(status, json={"status": "error", "message": "No."}, headers=names)


def form(request: httpx.Request) -> dict[str, tuple[str | None, bytes]]:
    """The fields of a form: file name and content."""
    boundary = request.headers["Content-Type"].partition("boundary=")[2].encode()
    found: dict[str, tuple[str | None, bytes]] = {}
    for piece in request.content.split(b"--" + boundary)[1:-1]:
        head, _, content = piece.partition(b"\r\n\r\n")
        name = re.search(rb'[ ;]name="([^"]*)"', head)
        file = re.search(rb'filename="([^"]*)"', head)
        assert name is not None
        found[name[1].decode()] = (None if file is None else file[1].decode(), content.removesuffix(b"\r\n"))
    return found
