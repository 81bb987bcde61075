"""Requests as values, and a client that sends them and remembers them."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import httpx

from conformance.samples import BEARER
from conformance.script import Script

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from conformance.shapes import Json

NOTHING = object()


@dataclass(frozen=True)
class Field:
    """A field of a form; with a file name, it is a file."""

    name: str
    content: bytes
    filename: str | None = None


@dataclass(frozen=True)
class Request:
    """One request, as it is meant."""

    method: str
    path: str
    json: Json = NOTHING
    query: Sequence[tuple[str, str]] = ()
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    form: Sequence[Field] = ()
    content: bytes | None = None
    """A body that is neither JSON nor a form, whatever it claims to be."""
    who: Mapping[str, str] = field(default_factory=lambda: BEARER)

    @property
    def all_headers(self) -> dict[str, str]:
        kind = {} if self.json is NOTHING else {"Content-Type": "application/json"}
        return {**kind, **self.who, **self.headers}

    @property
    def body(self) -> bytes | None:
        return self.content if self.json is NOTHING else json.dumps(self.json).encode()


class Wire:
    """Sends requests to one server and remembers them."""

    def __init__(self, base_url: str) -> None:
        self.base_url = base_url.rstrip("/")
        self.done = Script(self.base_url)
        self._http = httpx.Client(timeout=60)

    def close(self) -> None:
        self._http.close()

    def send(self, request: Request) -> httpx.Response:
        step = self.done.add(request)
        answer = self._http.request(request.method, self._address(request.path), **options(request))
        step.note(answer.status_code, answer.content)
        return answer

    def remark(self, path: str, body: Json) -> None:
        self.done.remark(path, body)

    def forget(self) -> None:
        self.done.forget()

    def script(self) -> str:
        return self.done.text()

    def _address(self, path: str) -> str:
        return path if path.startswith("http") else self.base_url + path


def options(request: Request) -> dict[str, Any]:
    """What httpx has to be told beside the method and the address."""
    told: dict[str, Any] = {"headers": request.all_headers}
    if request.form:
        told["files"] = [(one.name, (one.filename, one.content)) for one in request.form]
    elif request.body is not None:
        told["content"] = request.body
    if request.query:
        told["params"] = list(request.query)
    return told


def video_path(video: str, rest: str = "") -> str:
    return f"/videos/{quote(video, safe='')}{rest}"
