"""A mock server for a test: it sends requests to it and holds every answer to the contract."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx
from contract_document import load

from aioz_stream_mock import ManualClock, MockServer, Settings
from conformance.mock_tests.results import Exchanges
from conformance.shared.replay import ReplayScript
from conformance.shared.requests import Request, part_request, request_to
from conformance.shared.response_schemas import ResponseSchemas
from conformance.shared.sample_data import BEARER

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping
    from types import TracebackType
    from typing import Any, Self

    from contract_document import Json


class TestServer:
    """A server with a clock that stands still, from entering a `with` block until leaving it."""

    __test__ = False  # pytest takes every class with such a name for tests

    def __init__(self, **settings: Any) -> None:
        self.clock = ManualClock()
        self._server = MockServer(Settings(clock=self.clock, **settings))
        self._schemas = ResponseSchemas(load())
        self._request_ids: set[str] = set()
        self.exchanges = Exchanges()

    def __enter__(self) -> Self:
        self._server.__enter__()
        self.url = self._server.url
        self.replay = ReplayScript(self.url)
        self._http = httpx.Client(timeout=60)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._http.close()
        self._server.__exit__(kind, error, trace)

    def reset(self) -> None:
        """Bring back the state of a server that has just started."""
        self._server.control.reset()
        self.replay.forget()
        self.replay.add_control("/reset", {})

    def pass_time(self, seconds: float) -> None:
        self.clock.advance(seconds)
        self.replay.add_control("/clock", {"advance": seconds})

    def received(self) -> list[tuple[str | None, int | None]]:
        """The operations that were requested, each with the status of its answer."""
        return [(entry.operation, entry.status) for entry in self._server.control.requests()]

    def send(self, request: Request) -> httpx.Response:
        """Send a request, and leave the answer as it is."""
        encoded = request.encoded(self.url)
        answer = self._http.send(encoded)
        self.replay.add(encoded, answer.status_code, answer.content)
        return answer

    def ask(
        self, operation: str, request: Request, expected: Collection[int] = (200, 201), about: str = ""
    ) -> httpx.Response:
        """Send a request; its answer must have an expected status and all that the contract says of it."""
        answer = self.send(request)
        self.exchanges.note(operation, answer.status_code, request)
        findings = list(self._findings(operation, answer))
        if answer.status_code not in expected:
            wanted = " or ".join(map(str, sorted(expected)))
            findings.insert(0, f"expected {wanted}, got {answer.status_code}")
        assert not findings, f"{operation}, {about or request.path}: {'; '.join(findings)}\n{answer.text[:1000]}"
        return answer

    def _findings(self, operation: str, answer: httpx.Response) -> Iterator[str]:
        """What is wrong with an answer, whatever its status should be."""
        body = answer.json()
        for error in self._schemas.errors(operation, answer.status_code, body):
            yield f"/{'/'.join(map(str, error.instance_path))}: {error.message}"
        kind = answer.headers.get("Content-Type", "")
        if kind.partition(";")[0] != "application/json":
            yield f"the answer is {kind or 'of no type'}, not application/json"
        if answer.is_error and body.get("status") == "success":
            yield "a failure says that it is a success"
        request_id = answer.headers.get("X-Request-Id", "")
        if not request_id or request_id in self._request_ids:
            yield f"X-Request-Id is {request_id!r}: it is missing, or another answer had it"
        self._request_ids.add(request_id)
        if answer.status_code == 401 and "WWW-Authenticate" not in answer.headers:
            yield "a 401 names no scheme (RFC 9110, 11.6.1)"

    def fetch(self, address: str, who: Mapping[str, str] = BEARER, **headers: str) -> httpx.Response:
        """Get the asset at an address that an answer names."""
        return self.send(Request("GET", address, who=who, headers=headers))

    def create(self, who: Mapping[str, str] = BEARER, **fields: Json) -> Json:
        request = request_to("createVideo", json={"title": "a title", **fields}, who=who)
        return self.ask("createVideo", request).json()["data"]

    def get(self, video: str, who: Mapping[str, str] = BEARER) -> Json:
        return self.ask("getVideo", request_to("getVideo", video, who=who)).json()["data"]

    def update(self, video: str, **fields: Json) -> Json:
        """Update a video, and get it as it is then."""
        self.ask("updateVideo", request_to("updateVideo", video, json=fields))
        return self.get(video)

    def list(self, who: Mapping[str, str] = BEARER, **asked: Json) -> Json:
        return self.ask("listVideos", request_to("listVideos", json=asked, who=who)).json()["data"]

    def upload(self, video: str, data: bytes = b"hello world", who: Mapping[str, str] = BEARER) -> None:
        self.ask("uploadVideoPart", part_request(video, data, who=who))

    def complete(self, video: str, who: Mapping[str, str] = BEARER) -> None:
        self.ask("completeVideoUpload", request_to("completeVideoUpload", video, who=who))
