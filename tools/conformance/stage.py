"""A real mock server, and somebody who asks it and holds every answer against the contract."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import TYPE_CHECKING

import yaml

from aioz_stream_mock import ManualClock, MockServer, Settings
from conformance.book import Book
from conformance.run import CONTRACT
from conformance.samples import BEARER, content_range, md5
from conformance.strict import Answers
from conformance.wire import Field, Request, Wire, video_path

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping
    from types import TracebackType
    from typing import Any, Self

    import httpx

    from conformance.script import Script
    from conformance.shapes import Json


@lru_cache
def contract() -> Json:
    """By way of JSON, since YAML's aliases make one object of several."""
    return json.loads(json.dumps(yaml.safe_load(CONTRACT.read_text(encoding="utf-8"))))


class Stage:
    """A server with a clock that stands still, from entering a `with` block until leaving it."""

    def __init__(self, **settings: Any) -> None:
        self.clock = ManualClock()
        self._server = MockServer(Settings(clock=self.clock, **settings))
        self._answers = Answers(contract())
        self._names: set[str] = set()
        self.book = Book()

    def __enter__(self) -> Self:
        self._server.__enter__()
        self.wire = Wire(self._server.url)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.wire.close()
        self._server.__exit__(kind, error, trace)

    @property
    def done(self) -> Script:
        """All since the beginning."""
        return self.wire.done

    def begin(self) -> None:
        """As if just started."""
        self._server.control.reset()
        self.wire.forget()
        self.wire.remark("/reset", {})

    def pass_time(self, seconds: float) -> None:
        self.clock.advance(seconds)
        self.wire.remark("/clock", {"advance": seconds})

    def requests(self) -> list[tuple[str | None, int | None]]:
        """Which operations were asked for, and with which status they were answered."""
        return [(entry.operation, entry.status) for entry in self._server.control.requests()]

    def ask(
        self, operation: str, request: Request, expected: Collection[int] = (200, 201), about: str = ""
    ) -> httpx.Response:
        """Send a request; the answer has to be one that is expected, and all that the contract says of it."""
        answer = self.wire.send(request)
        self.book.note(operation, answer.status_code, request)
        if answer.status_code not in expected:
            wanted = " or ".join(map(str, sorted(expected)))
            self.fail(f"{operation}, {about or request.path}: expected {wanted}, got {answer.status_code}", answer)
        findings = [*self._answers.findings(operation, answer.status_code, answer.json()), *self._around(answer)]
        if findings:
            self.fail(f"{operation}, {about or request.path}: {'; '.join(findings)}", answer)
        return answer

    def _around(self, answer: httpx.Response) -> Iterator[str]:
        """What is wrong with what every answer has, or every one of its status."""
        kind = answer.headers.get("Content-Type", "")
        if kind.partition(";")[0] != "application/json":
            yield f"the answer is {kind or 'of no type'}, not application/json"
        if answer.is_error and answer.json().get("status") == "success":
            yield "a failure says that it is a success"
        name = answer.headers.get("X-Request-Id", "")
        if not name or name in self._names:
            yield f"X-Request-Id is {name!r}, which names nothing or something else"
        self._names.add(name)
        if answer.status_code == 401 and "WWW-Authenticate" not in answer.headers:
            yield "a 401 names no scheme (RFC 9110, 11.6.1)"

    def fail(self, message: str, answer: httpx.Response | None = None) -> None:
        said = "" if answer is None else f"\n{answer.text[:1000]}"
        raise AssertionError(f"{message}{said}")

    def check(self, holds: object, message: str) -> None:
        if not holds:
            self.fail(message)

    def fetch(self, address: str, who: Mapping[str, str] = BEARER, **headers: str) -> httpx.Response:
        """What is behind an address that an answer names."""
        return self.wire.send(Request("GET", address, who=who, headers=headers))

    def create(self, who: Mapping[str, str] = BEARER, **fields: Json) -> Json:
        request = Request("POST", "/videos/create", json={"title": "a title", **fields}, who=who)
        return self.ask("createVideo", request).json()["data"]

    def get(self, video: str, who: Mapping[str, str] = BEARER) -> Json:
        return self.ask("getVideo", Request("GET", video_path(video), who=who)).json()["data"]

    def update(self, video: str, **fields: Json) -> Json:
        """Change a video, and look at what it is then."""
        self.ask("updateVideo", Request("PATCH", video_path(video), json=fields))
        return self.get(video)

    def list(self, who: Mapping[str, str] = BEARER, **asked: Json) -> Json:
        return self.ask("listVideos", Request("POST", "/videos", json=asked, who=who)).json()["data"]

    def upload(self, video: str, data: bytes = b"hello world", who: Mapping[str, str] = BEARER) -> None:
        self.ask("uploadVideoPart", part_request(video, data, who=who))

    def complete(self, video: str, who: Mapping[str, str] = BEARER) -> None:
        self.ask("completeVideoUpload", Request("GET", video_path(video, "/complete"), who=who))


def part_request(
    video: str,
    data: bytes,
    start: int = 0,
    size: int | None = None,
    index: str = "1",
    *,
    said: str | None = None,
    claimed: str | None = None,
    who: Mapping[str, str] = BEARER,
) -> Request:
    """A right part, but for what is `said` as its range and `claimed` as its hash."""
    whole = start + len(data) if size is None else size
    fields = [Field("index", index.encode()), Field("hash", (claimed or md5(data)).encode())]
    return Request(
        "POST",
        video_path(video, "/part"),
        headers={"Content-Range": said or content_range(start, len(data), whole)},
        form=[*fields, Field("file", data, "part.bin")],
        who=who,
    )
