"""What a ruling is held against: the contract, a mock server, and the client."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import jsonschema_rs

from tests.end_to_end.rulings.examples import HELLO, MESSAGES, PNG, Json
from tests.end_to_end.rulings.service import FakeService

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import httpx
    import pytest

    from aioz_stream import AiozStream
    from aioz_stream_mock import ManualClock, MockServer

METHODS = ("get", "post", "patch", "delete")


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
class Callers:
    """Callers of the mock server. Made once, since a new HTTP client reads all certificates of the machine."""

    rich: Caller
    """Account a, which can pay."""
    poor: Caller
    """Account b, which has no balance."""
    anyone: httpx.Client
    """A caller without credentials."""
    client: AiozStream
    """Account a through the client."""
    poor_client: AiozStream
    """Account b through the client."""


@dataclass
class World:
    """What a ruling is held against."""

    contract: Contract
    server: MockServer
    clock: ManualClock
    callers: Callers
    monkeypatch: pytest.MonkeyPatch
    folder: Path
    page: Path
    """docs/contract.md, where the rulings are written down."""

    @property
    def url(self) -> str:
        return self.server.url

    @property
    def rich(self) -> Caller:
        return self.callers.rich

    @property
    def poor(self) -> Caller:
        return self.callers.poor

    @property
    def anyone(self) -> httpx.Client:
        return self.callers.anyone

    @property
    def client(self) -> AiozStream:
        return self.callers.client

    @property
    def poor_client(self) -> AiozStream:
        return self.callers.poor_client

    def file(self, data: bytes = HELLO, name: str = "video.mp4") -> Path:
        path = self.folder / name
        path.write_bytes(data)
        return path

    @staticmethod
    def word() -> str:
        """A word that nothing else on the server has."""
        return f"w{uuid4().hex}"

    @staticmethod
    def service(*answers: httpx.Response | Exception) -> FakeService:
        """A service that gives these answers, the last one again and again."""
        return FakeService(*answers)

    def balance(self) -> object:
        return self.server.state.store.balance(self.server.accounts[0].id)

    def accepts(self, *qualities: object) -> bool:
        """Whether contract and mock server take these qualities; they must agree."""
        by_contract = self.contract.takes("CreateVideoRequest", {"title": "a title", "qualities": list(qualities)})
        status = self.rich.creates(qualities=list(qualities))
        assert status in {201, 400}
        assert (status == 201) is by_contract, f"contract and mock server disagree on {qualities}"
        return by_contract

    def takes_list(self, body: Json) -> bool:
        """Whether contract and mock server take this body of a list; they must agree."""
        by_contract = self.contract.takes("ListVideosRequest", body)
        status = self.rich.post("/videos", body).status_code
        assert status in {200, 400}
        assert (status == 200) is by_contract, f"contract and mock server disagree on {body}"
        return by_contract

    def calls_on(self, identifier: str, *, as_poor: bool = False) -> Iterator[tuple[str, httpx.Response]]:
        """Calls every operation on a video, delete last."""
        caller = self.poor if as_poor else self.rich
        yield "getVideo", caller.http.get(f"/videos/{identifier}")
        yield "updateVideo", caller.patch(identifier, {"title": "other"})
        yield "uploadVideoPart", caller.part(identifier, HELLO)
        yield "completeVideoUpload", caller.complete(identifier)
        yield "uploadVideoThumbnail", caller.thumbnail(identifier, PNG, "t.png")
        yield "deleteVideo", caller.http.delete(f"/videos/{identifier}")


def refused(answer: httpx.Response, status: int) -> str:
    """Check a refusal and its envelope; gives its message."""
    assert answer.status_code == status, answer.text
    body: Json = answer.json()
    assert set(body) == {"status", "message"}
    assert body["status"] == "error"
    return str(body["message"])


def succeeds(answer: httpx.Response, operation: str) -> None:
    """Check that an operation answered with its own sentence."""
    assert answer.status_code == 200, answer.text
    assert answer.json() == {"status": "success", "message": MESSAGES[operation]}


def md5(data: bytes) -> str:
    return hashlib.md5(data).hexdigest()
