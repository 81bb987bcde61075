"""What callers see of answers: typed errors for failures and for nonsense, everything else kept."""

from __future__ import annotations

import inspect
import json
import pickle
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from aioz_stream import (
    AiozStream,
    APIResponseError,
    APIStatusError,
    UnexpectedResponseError,
    capture_responses,
    errors,
    request_id,
)
from aioz_stream.errors import BY_STATUS, AiozStreamError, status_error_class

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from aioz_stream_mock import MockServer

VIDEO = {"id": "x", "title": "A video", "status": "done"}


def wrapped(data: object) -> str:
    return json.dumps({"status": "success", "data": data})


@pytest.mark.parametrize(
    "status", [400, 401, 402, 403, 404, 408, 409, 413, 415, 418, 429, 500, 502, 503, 520, 527, 599]
)
@pytest.mark.parametrize(
    ("body", "kind", "says"),
    [
        (b'{"status": "error", "message": "the reason"}', "application/json", "the reason"),
        (
            b"<html><h1>Bad \n gateway</h1></html>",
            "text/html; charset=utf-8",
            "a body of text/html: <html><h1>Bad gateway",
        ),
        (b"", "text/plain", "an empty body"),
        (b"[1, 2]", "application/json", "a body of application/json: [1, 2]"),
        (b'{"message": 5}', "application/json", '{"message": 5}'),
        (b"\xff\xfe\x00", "application/json", "a body of application/json"),
        (b"[" * 100_000, "application/json", "a body of application/json"),
    ],
)
def test_every_failure_is_typed(
    status: int, body: bytes, kind: str, says: str, answering: Callable[..., AiozStream]
) -> None:
    stream = answering(body, status, {"Content-Type": kind, "X-Request-Id": "req-1"})
    with pytest.raises(status_error_class(status)) as caught:
        stream.videos.get("x")
    error = caught.value
    assert type(error) is status_error_class(status)
    assert (error.status, error.method, error.path, error.request_id) == (status, "GET", "/api/videos/x", "req-1")
    assert error.response is not None
    assert error.response.content == body
    assert says in error.message
    assert str(error).startswith(f"GET /api/videos/x: {status}: ")
    assert str(error).endswith("(request req-1)")


def test_each_status_of_the_contract_has_its_class(contract: dict[str, Any]) -> None:
    documented = {
        int(status)
        for path in contract["paths"].values()
        for method, operation in path.items()
        if method != "parameters"
        for status in operation["responses"]
        if status.startswith("4")
    }
    assert documented <= set(BY_STATUS)


@pytest.mark.parametrize(
    "body",
    [
        "",
        "<html>",
        "null",
        "[]",
        "5",
        "{}",
        '{"status": "success"}',
        wrapped(None),
        wrapped([]),
        wrapped("video"),
        wrapped({}),
        wrapped({"id": "x"}),
        wrapped({**VIDEO, "id": 5}),
        wrapped({**VIDEO, "id": ""}),
        wrapped({**VIDEO, "title": None}),
        wrapped({**VIDEO, "status": []}),
        "{" * 100_000,
        '{"status": "success", "data": ' + "[" * 100_000,
    ],
)
def test_nonsense_is_typed(body: str, answering: Callable[..., AiozStream]) -> None:
    with pytest.raises(UnexpectedResponseError, match="not what the contract says") as caught:
        answering(body).videos.get("x")
    assert caught.value.response is not None
    assert caught.value.status == 200


@pytest.mark.parametrize(
    "data",
    [
        None,
        {"videos": [], "total": "many"},
        {"videos": [], "total": True},
        {"videos": [], "total": 1.5},
        {"videos": [{}], "total": 1},
        {"videos": ["x"], "total": 1},
        {"videos": {"x": 1}, "total": 1},
        {"videos": 5, "total": 1},
        {"total": 1},
    ],
)
def test_nonsense_in_lists(data: object, answering: Callable[..., AiozStream]) -> None:
    with pytest.raises(UnexpectedResponseError):
        list(answering(wrapped(data)).videos.list())


def test_a_list_may_be_null(answering: Callable[..., AiozStream]) -> None:
    assert list(answering(wrapped({"videos": None, "total": 0})).videos.list()) == []


def test_a_total_may_be_written_as_a_decimal(answering: Callable[..., AiozStream]) -> None:
    total = answering(wrapped({"videos": [], "total": 1.0})).videos.page().total
    assert (total, type(total)) == (1, int)


@pytest.mark.parametrize(
    "data",
    [
        {"price": "a lot", "is_enough": True},
        {"price": "NaN", "is_enough": True},
        {"price": True, "is_enough": True},
        {"price": None, "is_enough": True},
        {"price": 1, "is_enough": "yes"},
        {"price": 1},
    ],
)
def test_nonsense_in_prices(data: object, answering: Callable[..., AiozStream]) -> None:
    with pytest.raises(UnexpectedResponseError):
        answering(wrapped(data)).videos.cost(["360p"], 1)


@pytest.mark.parametrize(("price", "exact"), [(1.23, "1.23"), ("0.10", "0.10"), (0, "0"), (1e-7, "1E-7"), (12, "12")])
def test_prices_are_exact(price: object, exact: str, answering: Callable[..., AiozStream]) -> None:
    cost = answering(wrapped({"price": price, "is_enough": False, "currency": "AIOZ"})).videos.cost(["360p"], 1)
    assert str(cost.price) == exact
    assert cost.is_enough is False
    assert cost.additional_properties == {"currency": "AIOZ"}


def test_what_is_unknown_reaches_the_caller(answering: Callable[..., AiozStream]) -> None:
    video = answering(
        wrapped(
            {
                **VIDEO,
                "status": "archived",
                "mood": {"is": "new"},
                "created_at": "some day",
                "updated_at": "2026-03-01T08:30:00.123456789Z",
                "qualities": [{"name": "8640p", "type": "cmaf", "status": "queued", "codec": "av2"}],
                "assets": {"vtt_url": "https://service.test/x", "hls_url": None},
                "metadata": None,
            }
        )
    ).videos.get("x")
    assert video.status == "archived"
    assert video.additional_properties == {"mood": {"is": "new"}, "created_at": "some day"}
    assert video.created_at is None
    assert video.updated_at == datetime(2026, 3, 1, 8, 30, 0, 123456, UTC)
    assert isinstance(video.qualities, list)
    assert (video.qualities[0].name, video.qualities[0].type_) == ("8640p", "cmaf")
    assert video.qualities[0]["codec"] == "av2"
    assert video.assets
    assert video.assets["vtt_url"] == "https://service.test/x"
    assert not video.size


def test_create_answers_200_or_201(answering: Callable[..., AiozStream]) -> None:
    for status in (200, 201):
        assert answering(wrapped(VIDEO), status).videos.create(title="A video").id == "x"


def test_operations_without_a_value_do_not_read_the_message(answering: Callable[..., AiozStream]) -> None:
    stream = answering('{"status": "success", "message": 5}')
    stream.videos.complete("x")
    stream.videos.delete("x")
    stream.videos.update("x", title="Other")


@pytest.mark.parametrize("body", ["", "<html>Sign in</html>", "[]", "{}", '{"status": "error", "message": "no"}'])
def test_success_must_be_said(body: str, answering: Callable[..., AiozStream], tmp_path: Path) -> None:
    """A portal's page for signing in, say, comes with 200; a part that it swallowed is lost."""
    stream, file = answering(body), tmp_path / "clip.mp4"
    file.write_bytes(b"bytes")
    for call in (
        lambda: stream.videos.complete("x"),
        lambda: stream.videos.delete("x"),
        lambda: stream.videos.update("x", title="Other"),
        lambda: stream.videos.upload("x", file),
    ):
        with pytest.raises(UnexpectedResponseError):
            call()
    data = {"videos": [], "total": 0, "price": 1, "is_enough": True, **VIDEO}
    unsaid = answering(json.dumps({"status": "error", "data": data}))
    for read in (
        lambda: unsaid.videos.get("x"),
        unsaid.videos.page,
        lambda: unsaid.videos.cost(["360p"], 1),
    ):
        with pytest.raises(UnexpectedResponseError, match="does not say that it is a success"):
            read()


CHARSETS = ("undefined", "idna", "punycode", "utf-16", "hex", "zlib", "rot13", "no-such", "utf-8")


@pytest.mark.parametrize("status", [200, 502])
@pytest.mark.parametrize("charset", CHARSETS)
def test_any_charset(status: int, charset: str, answering: Callable[..., AiozStream]) -> None:
    with pytest.raises(APIResponseError, match="oops"):
        answering(b"<p>oops</p>", status, {"Content-Type": f"text/html; charset={charset}"}).videos.get("x")


@pytest.mark.parametrize("location", ["javascript:alert(1)", "http://xn--/", "http://[", "", "//", "/x"])
def test_any_redirect(location: str, answering: Callable[..., AiozStream]) -> None:
    with pytest.raises(errors.APIError):
        answering("", 302, {"Location": location}).videos.get("x")


def test_a_redirect_carries_no_credentials_to_the_caller(answering: Callable[..., AiozStream]) -> None:
    stream = answering("", 302, {"Location": "https://evil.test/x"}, public_key="p", secret_key="hush-secret")
    with pytest.raises(UnexpectedResponseError) as caught:
        stream.videos.get("x")
    assert caught.value.response is not None
    assert caught.value.response.next_request is None
    assert b"hush-secret" not in pickle.dumps(caught.value)


def test_secrets_are_masked_before_anything_is_cut(answering: Callable[..., AiozStream]) -> None:
    secret = "hush-" + "x" * 40
    page = "y" * 270 + secret
    headers = {"X-Request-Id": secret}
    with pytest.raises(errors.ServerError) as caught:
        answering(page, 502, headers, public_key="p", secret_key=secret).videos.get("x")
    assert "hush-" not in str(caught.value)


def test_broken_content_encoding(answering: Callable[..., AiozStream]) -> None:
    with pytest.raises(AiozStreamError, match="content encoding"):
        answering(b"not gzip", headers={"Content-Encoding": "gzip"}).videos.get("x")


def test_raw_answers_are_within_reach(stream: AiozStream) -> None:
    with capture_responses() as outer:
        video = stream.videos.create(title="A video")
        with capture_responses() as inner:
            stream.videos.get(video.id)
    stream.videos.get(video.id)
    assert [answer.status_code for answer in outer] == [201, 200]
    assert inner == outer[1:]
    assert request_id(outer[0])
    assert request_id(httpx.Response(200)) is None


def test_errors_survive_pickling(stream: AiozStream) -> None:
    with pytest.raises(errors.NotFoundError) as caught:
        stream.videos.get("x")
    copy = pickle.loads(pickle.dumps(caught.value))
    assert (str(copy), copy.status, copy.request_id) == (str(caught.value), 404, caught.value.request_id)


def test_the_tree_is_drawn_as_it_is() -> None:
    drawn: dict[str, tuple[str, ...]] = {}
    stack: list[str] = []
    for line in (errors.__doc__ or "").splitlines():
        name = line.lstrip(" │├└─")
        if not name or name.split()[0] not in vars(errors):
            continue
        depth = (len(line) - len(name)) // 4 - 1
        words = name.split("  ")[0].replace("(", " ").replace(")", " ").split()
        del stack[depth:]
        drawn[words[0]] = (*stack[-1:], *words[1:])
        stack.append(words[0])
    actual = {
        name: tuple(base.__name__ for base in kind.__bases__)
        for name, kind in vars(errors).items()
        if inspect.isclass(kind) and issubclass(kind, AiozStreamError) and kind is not AiozStreamError
    }
    drawn.pop("AiozStreamError")
    assert drawn == actual


def test_a_failure_with_any_status_is_an_api_status_error() -> None:
    assert status_error_class(451) is APIStatusError


def test_the_server_names_its_requests(server: MockServer) -> None:
    with AiozStream(token="wrong", base_url=server.url) as stream, pytest.raises(errors.AuthenticationError) as caught:
        stream.videos.get("x")
    assert caught.value.request_id


PAGE = (b"<h1>404 Not Found</h1>", "text/html")
ENVELOPE = (b'{"status": "error", "message": "Video not found."}', "application/json")
OTHERS = (b'{"message": "Not Found"}', "application/json")


@pytest.mark.parametrize(
    ("base_url", "status", "answer", "asks"),
    [
        ("http://service.test", 404, PAGE, True),
        ("http://service.test/v2", 405, PAGE, True),
        ("http://service.test", 501, (b"", "text/plain"), True),
        ("http://service.test", 404, OTHERS, True),
        ("http://service.test", 404, ENVELOPE, False),
        ("http://service.test/api", 404, PAGE, False),
        ("http://service.test/api/v2", 404, PAGE, False),
        ("http://service.test", 502, PAGE, False),
    ],
)
def test_an_address_that_lacks_its_path(base_url: str, status: int, answer: tuple[bytes, str], asks: bool) -> None:
    """Of another server's answer, the message asks whether the address is right; the API's own stay as they are."""
    content, kind = answer
    transport = httpx.MockTransport(lambda _: httpx.Response(status, content=content, headers={"Content-Type": kind}))
    stream = AiozStream(token="credential", base_url=base_url, transport=transport, max_retries=0)
    with pytest.raises(APIStatusError) as caught:
        stream.videos.get("x")
    advice = f" Is the base URL right? It is {base_url}, and addresses of the API end with /api."
    assert (advice in str(caught.value)) is asks


def test_the_mock_server_says_where_its_api_is(server: MockServer) -> None:
    with (
        AiozStream(token="token-a", base_url=server.url.removesuffix("/api")) as stream,
        pytest.raises(errors.NotFoundError, match="The API's paths begin with /api"),
    ):
        stream.videos.get("x")
