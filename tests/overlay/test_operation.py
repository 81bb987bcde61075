"""Any generated operation through the client, and requests that carry more than the contract knows."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from aioz_stream import (
    AiozStream,
    ArgumentError,
    ArgumentTypeError,
    AsyncAiozStream,
    NotFoundError,
    RetryPolicy,
    ServerError,
    UnexpectedResponseError,
)
from aioz_stream_api.api.videos import create_video, delete_video, get_video
from aioz_stream_api.models import CreateVideoRequest, VideoResponse

VIDEO = {"id": "v", "title": "t", "status": "new"}
QUICK = RetryPolicy(max_retries=2, first_delay=0.0)


class Service:
    """Answers from a list, the last one for ever, and keeps the requests."""

    def __init__(self, *answers: httpx.Response) -> None:
        self._answers = list(answers)
        self.requests: list[httpx.Request] = []
        self.client = AiozStream(token="secret-token", max_retries=QUICK, transport=httpx.MockTransport(self._serve))

    def _serve(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        return self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]


def success(data: Any = VIDEO, status: int = 200) -> httpx.Response:
    return httpx.Response(status, json={"status": "success", "data": data})


def failure(status: int) -> httpx.Response:
    return httpx.Response(status, json={"status": "error", "message": "no"})


def test_an_operation_is_sent_with_credentials_and_gives_the_typed_body() -> None:
    service = Service(success())
    answer: VideoResponse = service.client.send(get_video, "v/1")
    assert answer.data.title == "t"
    [request] = service.requests
    assert request.headers["Authorization"] == "Bearer secret-token"
    assert request.url.raw_path.endswith(b"/videos/v%2F1")


@pytest.mark.anyio
async def test_an_operation_is_sent_with_asyncio_too() -> None:
    answers = [failure(503), success()]
    transport = httpx.MockTransport(lambda _: answers.pop(0))
    async with AsyncAiozStream(token="t", max_retries=QUICK, transport=transport) as stream:
        answer: VideoResponse = await stream.send(get_video, "v")
    assert answer.data.id == "v"


def test_operations_are_repeated_where_their_method_allows_it() -> None:
    service = Service(failure(503), success())
    assert service.client.send(get_video, "v").data.id == "v"
    assert len(service.requests) == 2
    service = Service(failure(503), success())
    with pytest.raises(ServerError):
        service.client.send(create_video, body=CreateVideoRequest(title="t"))
    assert len(service.requests) == 1


def test_failures_of_operations_are_typed_errors() -> None:
    with pytest.raises(NotFoundError):
        Service(failure(404)).client.send(delete_video, "v")
    with pytest.raises(UnexpectedResponseError, match=r"status 204 .* no such status"):
        Service(httpx.Response(204)).client.send(get_video, "v")
    with pytest.raises(UnexpectedResponseError):
        Service(httpx.Response(200, html="<html>")).client.send(get_video, "v")


def test_extras_reach_the_request_beside_what_the_contract_has() -> None:
    service = Service(success(status=201))
    service.client.videos.create(
        "t", extra_body={"folder": "a"}, extra_query={"draft": True}, extra_headers={"X-Trace": "1"}
    )
    [request] = service.requests
    assert json.loads(request.content) == {"title": "t", "is_public": True, "folder": "a"}
    assert request.url.params["draft"] == "true"
    assert request.headers["X-Trace"] == "1"
    assert request.headers["Content-Type"] == "application/json"


def test_extras_are_sent_with_every_page_and_with_every_attempt() -> None:
    pages = [success({"videos": [{**VIDEO, "id": name}], "total": 2}) for name in "ab"]
    service = Service(failure(503), *pages)
    assert [video.id for video in service.client.videos.list(extra_query={"folder": "a"})] == ["a", "b"]
    assert [request.url.params["folder"] for request in service.requests] == ["a"] * 3


def test_extra_headers_replace_no_credentials() -> None:
    service = Service(success())
    service.client.videos.get("v", extra_headers={"authorization": "Bearer other"})
    assert service.requests[0].headers.get_list("Authorization") == ["Bearer secret-token"]


@pytest.mark.parametrize(
    ("extra", "error"),
    [
        ({"extra_headers": {"X-Trace": "a\nb"}}, ArgumentError),
        ({"extra_headers": {"X Trace": "a"}}, ArgumentError),
        ({"extra_headers": {"X-Trace": "ü"}}, ArgumentError),
        ({"extra_headers": {"X-Trace": 1}}, ArgumentError),
        ({"extra_headers": [("X-Trace", "1")]}, ArgumentTypeError),
        ({"extra_query": "a=b"}, ArgumentTypeError),
        ({"extra_query": {1: "b"}}, ArgumentTypeError),
        ({"extra_body": {"a": 1}}, ArgumentError),
        ({"extra_bodies": {"a": 1}}, TypeError),
    ],
)
def test_wrong_extras_are_refused_before_anything_is_sent(extra: Any, error: type[Exception]) -> None:
    service = Service(success())
    with pytest.raises(error):
        service.client.videos.get("v", **extra)
    with pytest.raises(error):
        service.client.videos.delete("v", **extra)
    assert service.requests == []
