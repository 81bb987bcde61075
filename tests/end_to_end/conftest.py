"""One contract, one mock server, and the client against either of them or against a service that misbehaves."""

from __future__ import annotations

import hashlib
import json
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import httpx
import jsonschema_rs
import pytest
import yaml

from aioz_stream import AiozStream, RetryPolicy
from aioz_stream_mock import ManualClock, MockServer, Settings

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

Json = dict[str, Any]

ROOT = Path(__file__).parents[2]
METHODS = ("get", "post", "patch", "delete")
HELLO = b"hello world"


class Contract:
    """openapi.yaml, to be looked at and to be validated with."""

    def __init__(self, document: Json) -> None:
        self.document = document
        self.schemas: Json = document["components"]["schemas"]
        self._validators: dict[str, Any] = {}

    @property
    def operations(self) -> Json:
        """By id; the path's own parameters are added to the operation's."""
        found: Json = {}
        for path, item in self.document["paths"].items():
            for method in METHODS:
                if method in item:
                    parameters = [*item.get("parameters", []), *item[method].get("parameters", [])]
                    found[item[method]["operationId"]] = {
                        **item[method],
                        "path": path,
                        "method": method.upper(),
                        "parameters": [self.resolved(parameter) for parameter in parameters],
                    }
        return found

    def resolved(self, node: Json) -> Json:
        while "$ref" in node:
            target: Any = self.document
            for step in node["$ref"].removeprefix("#/").split("/"):
                target = target[step]
            node = target
        return node

    def parameter(self, operation: str, name: str) -> Json:
        (found,) = (one for one in self.operations[operation]["parameters"] if one["name"] == name)
        parameter: Json = found
        return parameter

    def response(self, operation: str, status: str) -> Json:
        return self.resolved(self.operations[operation]["responses"][status])

    def takes(self, schema: str | Json, value: object) -> bool:
        """Whether a schema, given by name or as it stands, takes a value."""
        root = {"$ref": f"#/components/schemas/{schema}"} if isinstance(schema, str) else {"allOf": [schema]}
        key = json.dumps(root, sort_keys=True)
        if key not in self._validators:
            whole = {
                "$schema": "https://json-schema.org/draft/2020-12/schema",
                **root,
                "components": self.document["components"],
            }
            self._validators[key] = jsonschema_rs.validator_for(whole)
        return bool(self._validators[key].is_valid(value))


class Recorder:
    """A service that says what it is told to, and keeps what it was asked."""

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


@dataclass
class Caller:
    """An account of the mock server, over plain HTTP."""

    http: httpx.Client

    def post(self, path: str, body: object) -> httpx.Response:
        return self.http.post(path, json=body)

    def create(self, **body: Any) -> str:
        answer = self.post("/videos/create", {"title": "a title", **body})
        assert answer.status_code == 201, answer.text
        return str(answer.json()["data"]["id"])

    def creates(self, **body: Any) -> int:
        """The status of an attempt to create."""
        return self.post("/videos/create", {"title": "a title", **body}).status_code

    def get(self, video: str) -> Json:
        answer = self.http.get(f"/videos/{video}")
        assert answer.status_code == 200, answer.text
        data: Json = answer.json()["data"]
        return data

    def patch(self, video: str, body: object) -> httpx.Response:
        return self.http.patch(f"/videos/{video}", json=body)

    def part(self, video: str, data: bytes, start: int = 0, size: int | None = None, **odd: str) -> httpx.Response:
        """Send a part; `odd` takes an `index`, a wrong `hash`, or a whole `content_range`."""
        whole = start + len(data) if size is None else size
        return self.http.post(
            f"/videos/{video}/part",
            files={"file": ("part.bin", data)},
            data={"index": odd.get("index", "1"), "hash": odd.get("hash", md5(data))},
            headers={"Content-Range": odd.get("content_range", f"bytes {start}-{start + len(data) - 1}/{whole}")},
        )

    def complete(self, video: str) -> httpx.Response:
        return self.http.get(f"/videos/{video}/complete")

    def upload(self, data: bytes = HELLO, **body: Any) -> str:
        """A video whose upload is complete."""
        video = self.create(**body)
        assert self.part(video, data).status_code == 200
        assert self.complete(video).status_code == 200
        return video

    def source(self, video: str) -> bytes:
        """The bytes that a completed upload was put together from."""
        answer = self.http.get(f"/videos/{video}/source")
        assert answer.status_code == 200, answer.text
        return answer.content

    def thumbnail(self, video: str, data: bytes, name: str) -> httpx.Response:
        return self.http.post(f"/videos/{video}/thumbnail", files={"file": (name, data)})

    def page(self, **body: Any) -> Json:
        answer = self.post("/videos", body)
        assert answer.status_code == 200, answer.text
        data: Json = answer.json()["data"]
        return data

    def listed(self, **body: Any) -> list[str]:
        return [video["id"] for video in self.page(**body)["videos"]]


@dataclass
class People:
    """Whoever calls the mock server. Made once: every new client of HTTP reads all certificates of the machine."""

    rich: Caller
    """Account a, which can pay."""
    poor: Caller
    """Account b, which has nothing."""
    anyone: httpx.Client
    """Nobody in particular, without credentials."""
    client: AiozStream
    """Account a through the client."""
    poor_client: AiozStream


@dataclass
class World:
    """What a ruling is held against."""

    contract: Contract
    server: MockServer
    clock: ManualClock
    people: People
    monkeypatch: pytest.MonkeyPatch
    folder: Path

    @property
    def url(self) -> str:
        return self.server.url

    @property
    def rich(self) -> Caller:
        return self.people.rich

    @property
    def poor(self) -> Caller:
        return self.people.poor

    @property
    def anyone(self) -> httpx.Client:
        return self.people.anyone

    @property
    def client(self) -> AiozStream:
        return self.people.client

    @property
    def poor_client(self) -> AiozStream:
        return self.people.poor_client

    def file(self, data: bytes = HELLO, name: str = "video.mp4") -> Path:
        path = self.folder / name
        path.write_bytes(data)
        return path

    @staticmethod
    def word() -> str:
        """A word that nothing else on the server has."""
        return f"w{uuid4().hex}"

    @staticmethod
    def service(*answers: httpx.Response | Exception) -> Recorder:
        """A service that gives these answers, the last one again and again."""
        return Recorder(*answers)

    def balance(self) -> object:
        return self.server.state.store.balance(self.server.accounts[0].id)


def md5(data: bytes) -> str:
    return hashlib.md5(data).hexdigest()


@pytest.fixture(scope="session")
def contract() -> Contract:
    return Contract(yaml.safe_load((ROOT / "openapi.yaml").read_text(encoding="utf-8")))


@pytest.fixture(scope="session")
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture(scope="session")
def server(clock: ManualClock) -> Iterator[MockServer]:
    with MockServer(Settings(clock=clock)) as running:
        yield running


@pytest.fixture(scope="session")
def people(server: MockServer) -> Iterator[People]:
    with ExitStack() as stack:

        def http(**headers: str) -> httpx.Client:
            return stack.enter_context(httpx.Client(base_url=server.url, headers=headers))

        def client(token: str) -> AiozStream:
            return stack.enter_context(AiozStream(token=token, base_url=server.url, max_retries=0))

        yield People(
            Caller(http(Authorization="Bearer token-a")),
            Caller(http(Authorization="Bearer token-b")),
            http(),
            client("token-a"),
            client("token-b"),
        )


@pytest.fixture
def world(
    contract: Contract,
    server: MockServer,
    clock: ManualClock,
    people: People,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> World:
    for name in ("TOKEN", "PUBLIC_KEY", "SECRET_KEY", "BASE_URL"):
        monkeypatch.delenv(f"AIOZ_STREAM_{name}", raising=False)
    return World(contract, server, clock, people, monkeypatch, tmp_path)
