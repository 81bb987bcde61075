"""A service that deviates from the contract in one way: the mock server behind a wrapper.

A wrapper reads each request whole, and lets a deviation change it, change its answer, or answer itself.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, TypeAlias
from urllib.parse import unquote

from conformance.shared.requests import Field
from contract_document import is_object, load, operations

if TYPE_CHECKING:
    from collections.abc import Iterator

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

Json: TypeAlias = Any
BOUNDARY = "zoo"


@dataclass(frozen=True)
class Call:
    """One request."""

    operation: str
    """The operationId; `source` and the like for the files behind a video's addresses; empty for anything else."""
    video: str
    method: str
    path: str
    query: str = ""
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    body: bytes = b""

    @property
    def json(self) -> Json:
        """The JSON of the body; None where there is none."""
        return _parsed(self.body)

    @property
    def fields(self) -> dict[str, Json]:
        """The members of a JSON object; none where the body is something else."""
        body = self.json
        return body if is_object(body) else {}

    def with_json(self, body: Json) -> Call:
        content = json.dumps(body).encode()
        headers = {**self.headers, "content-length": str(len(content)), "content-type": "application/json"}
        return replace(self, body=content, headers=headers)

    def by(self, token: str) -> Call:
        """The same request with other credentials."""
        kept = {name: value for name, value in self.headers.items() if not name.startswith(("stream-", "authoriz"))}
        return replace(self, headers={**kept, "authorization": f"Bearer {token}"} if token else kept)

    @property
    def form(self) -> list[Field]:
        """The fields of a multipart form."""
        found = re.search('boundary="?([^";]+)', self.headers.get("content-type", ""))
        return list(_form_fields(self.body, found[1].encode())) if found else []

    def with_form(self, form: list[Field]) -> Call:
        parts: list[bytes] = []
        for one in form:
            name = f'; filename="{one.filename}"' if one.filename else ""
            head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{one.name}"{name}\r\n\r\n'
            parts.append(head.encode() + one.content + b"\r\n")
        content = b"".join(parts) + f"--{BOUNDARY}--\r\n".encode()
        kind = f"multipart/form-data; boundary={BOUNDARY}"
        headers = {**self.headers, "content-type": kind, "content-length": str(len(content))}
        return replace(self, body=content, headers=headers)


@dataclass(frozen=True)
class Answer:
    """One answer."""

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=lambda: {"content-type": "application/json"})

    @classmethod
    def of(cls, status: int, body: Json) -> Answer:
        return cls(status, json.dumps(body).encode())

    @property
    def is_success(self) -> bool:
        return self.status < 300

    @property
    def json(self) -> Json:
        return _parsed(self.body)

    def with_json(self, body: Json) -> Answer:
        return replace(self, body=json.dumps(body).encode())

    @property
    def videos(self) -> list[dict[str, Json]]:
        """The videos of an answer. They belong to a new copy of its JSON: see `with_videos`."""
        return _videos_of(self.json)

    def with_videos(self, change: Callable[[dict[str, Json]], None]) -> Answer:
        """The answer after a change of each video in it."""
        body = self.json
        for video in _videos_of(body):
            change(video)
        return self.with_json(body) if body is not None else self


Deviation = Callable[..., Awaitable[Answer]]
"""Gets a call, the service that would answer it, and parameters from `deviants.yaml`."""


class DeviantService:
    """The mock server with one deviation, as an ASGI application."""

    def __init__(self, app: ASGIApp, deviation: Deviation, parameters: Mapping[str, Json]) -> None:
        self._app, self.deviation, self.parameters = app, deviation, parameters
        self.memory: dict[Any, Any] = {}
        """What a deviation remembers from one request to the next."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].startswith("/api/"):
            await self._app(scope, receive, send)
            return
        headers = {name.decode().lower(): value.decode("latin-1") for name, value in scope["headers"]}
        body = b""
        while True:
            message = await receive()
            body += message.get("body", b"")
            if not message.get("more_body"):
                break
        path, query = scope["raw_path"].decode(), scope["query_string"].decode()
        operation, video = route(scope["method"], path)
        self._scope = scope
        call = Call(operation, video, scope["method"], path, query, headers, body)
        answer = await self.deviation(call, self, **self.parameters)
        kept = {name: value for name, value in answer.headers.items() if name != "content-length"}
        sent = [(name.encode(), value.encode("latin-1")) for name, value in kept.items()]
        # The answer to a HEAD says the length of the body that it leaves out.
        length = answer.headers.get("content-length", "0") if scope["method"] == "HEAD" else str(len(answer.body))
        sent.append((b"content-length", length.encode()))
        await send({"type": "http.response.start", "status": answer.status, "headers": sent})
        await send({"type": "http.response.body", "body": answer.body})

    async def true_answer(self, call: Call) -> Answer:
        """What the mock server does and says."""
        messages: list[Message] = [{"type": "http.request", "body": call.body, "more_body": False}]
        started: dict[str, Any] = {}
        received: list[bytes] = []

        async def receive() -> Message:
            if messages:
                return messages.pop()
            # A disconnection would cut the answer.
            await asyncio.Event().wait()
            raise AssertionError("the event is never set")

        async def send(message: Message) -> None:
            started.update(message)
            received.append(message.get("body", b""))

        scope = {
            **self._scope,
            "method": call.method,
            "path": unquote(call.path),
            "raw_path": call.path.encode(),
            "query_string": call.query.encode(),
            "headers": [(name.encode(), value.encode("latin-1")) for name, value in call.headers.items()],
        }
        await self._app(scope, receive, send)
        headers = {name.decode().lower(): value.decode("latin-1") for name, value in started["headers"]}
        return Answer(started["status"], b"".join(received), headers)

    async def do(self, call: Call, operation: str, video: str = "", body: Json = None) -> Answer:
        """Call another operation with the credentials of a call."""
        [path, method] = next((one.path, one.method) for one in operations(load()) if one.id == operation)
        path = "/api" + path.replace("{video_id}", video)
        other = replace(call, operation=operation, video=video, method=method, path=path, query="", body=b"")
        headers = {name: value for name, value in call.headers.items() if not name.startswith("content-")}
        other = replace(other, headers=headers)
        return await self.true_answer(other if body is None else other.with_json(body))

    async def all_videos(self, call: Call, status: str = "") -> list[dict[str, Json]]:
        """All videos of the caller with a status."""
        found: list[dict[str, Json]] = []
        while True:
            asked = {"limit": 100, "offset": len(found), "status": status, "order_by": "asc"}
            page = (await self.do(call, "listVideos", body=asked)).videos
            found += page
            if len(page) < 100:
                return found


def route(method: str, path: str) -> tuple[str, str]:
    """The operation and the video of a request."""
    path = path.removeprefix("/api")
    for one in sorted(operations(load()), key=lambda one: one.path.count("{")):
        match = re.fullmatch(one.path.replace("{video_id}", "([^/]+)"), path)
        if match and one.method == method:
            return one.id, unquote(match[1]) if match.groups() else ""
    match = re.fullmatch("/videos/([^/]+)/([^/]+)", path)
    return (match[2], unquote(match[1])) if match else ("", "")


def _parsed(content: bytes) -> Json:
    try:
        return json.loads(content)
    except ValueError:
        return None


def _videos_of(body: Json) -> list[dict[str, Json]]:
    data = body.get("data") if is_object(body) else None
    if not is_object(data):
        return []
    videos: list[dict[str, Json]] = data.get("videos", [data] if "id" in data else [])
    return videos


def _form_fields(body: bytes, boundary: bytes) -> Iterator[Field]:
    for part in body.split(b"--" + boundary)[1:-1]:
        head, _, content = part.partition(b"\r\n\r\n")
        names = re.search(rb'name="([^"]*)"(?:; filename="([^"]*)")?', head)
        if names:
            filename = names[2].decode() if names[2] is not None else None
            yield Field(names[1].decode(), content.removesuffix(b"\r\n"), filename)
