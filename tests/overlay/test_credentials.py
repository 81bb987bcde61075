from __future__ import annotations

import logging
import traceback
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from aioz_stream import AiozStream, AsyncAiozStream, CredentialsError, RetryPolicy, capture_responses
from aioz_stream.http.credentials import HEADERS, PUBLIC_KEY_HEADER, SECRET_KEY_HEADER, TOKEN_HEADER, resolve

if TYPE_CHECKING:
    from collections.abc import Callable

TOKEN, PUBLIC, SECRET = "AIOZ_STREAM_TOKEN", "AIOZ_STREAM_PUBLIC_KEY", "AIOZ_STREAM_SECRET_KEY"


def test_headers_are_those_of_the_contract(contract: dict[str, Any]) -> None:
    schemes = contract["components"]["securitySchemes"]
    names = [scheme.get("name", "Authorization") for scheme in schemes.values()]
    assert names == list(HEADERS)
    assert schemes["bearerToken"]["scheme"] == "bearer"
    assert contract["security"] == [{"bearerToken": []}, {"publicKey": [], "secretKey": []}]


@pytest.mark.parametrize(
    ("explicit", "environment", "sent"),
    [
        (("t", None, None), {}, {TOKEN_HEADER: "Bearer t"}),
        ((None, "p", "s"), {}, {PUBLIC_KEY_HEADER: "p", SECRET_KEY_HEADER: "s"}),
        ((None, None, None), {TOKEN: "t"}, {TOKEN_HEADER: "Bearer t"}),
        ((None, None, None), {PUBLIC: "p", SECRET: "s"}, {PUBLIC_KEY_HEADER: "p", SECRET_KEY_HEADER: "s"}),
        ((None, None, None), {TOKEN: "t", PUBLIC: "", SECRET: ""}, {TOKEN_HEADER: "Bearer t"}),
        (("t", None, None), {PUBLIC: "p", SECRET: "s"}, {TOKEN_HEADER: "Bearer t"}),
        ((None, "p", "s"), {TOKEN: "t"}, {PUBLIC_KEY_HEADER: "p", SECRET_KEY_HEADER: "s"}),
        (("t", "p", "s"), {}, {TOKEN_HEADER: "Bearer t", PUBLIC_KEY_HEADER: "p", SECRET_KEY_HEADER: "s"}),
        (("t", "p", "s"), {TOKEN: "x"}, {TOKEN_HEADER: "Bearer t", PUBLIC_KEY_HEADER: "p", SECRET_KEY_HEADER: "s"}),
        (
            (None, None, None),
            {TOKEN: "t", PUBLIC: "p", SECRET: "s"},
            {TOKEN_HEADER: "Bearer t", PUBLIC_KEY_HEADER: "p", SECRET_KEY_HEADER: "s"},
        ),
    ],
)
def test_what_is_given_is_sent(
    explicit: tuple[str | None, str | None, str | None], environment: dict[str, str], sent: dict[str, str]
) -> None:
    assert resolve(*explicit, environment).headers == sent


@pytest.mark.parametrize(
    ("explicit", "environment", "says"),
    [
        ((None, None, None), {}, "No credentials"),
        ((None, None, None), {TOKEN: ""}, "No credentials"),
        ((None, "p", None), {}, "secret_key is not"),
        ((None, None, "s"), {}, "public_key is not"),
        ((None, "p", None), {SECRET: "s"}, "secret_key is not"),
        ((None, None, None), {PUBLIC: "p"}, f"{SECRET} is not"),
        ((None, None, None), {SECRET: "s"}, f"{PUBLIC} is not"),
        (("t", "p", None), {}, "public_key is set, but secret_key is not"),
        (("t", None, "s"), {}, "secret_key is set, but public_key is not"),
        (("t", "p", None), {SECRET: "s"}, "secret_key is not"),
        ((None, None, None), {TOKEN: "t", PUBLIC: "p"}, f"{SECRET} is not"),
        (("", None, None), {TOKEN: "t"}, "token is empty"),
        (("hush\n", None, None), {}, "newline"),
        (("hüsh", None, None), {}, "header"),
        ((5, None, None), {}, "must be a string"),
    ],
)
def test_missing_or_half(explicit: tuple[Any, Any, Any], environment: dict[str, str], says: str) -> None:
    with pytest.raises(CredentialsError, match=says) as caught:
        resolve(*explicit, environment)
    assert "hush" not in str(caught.value)


@pytest.mark.parametrize("face", [AiozStream, AsyncAiozStream])
def test_wrong_credentials_stop_construction(face: type[AiozStream | AsyncAiozStream]) -> None:
    with pytest.raises(CredentialsError):
        face()


def test_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIOZ_STREAM_PUBLIC_KEY", "p")
    monkeypatch.setenv("AIOZ_STREAM_SECRET_KEY", "s")
    monkeypatch.setenv("AIOZ_STREAM_BASE_URL", "http://localhost:1/x/")
    with AiozStream() as stream:
        assert repr(stream) == "AiozStream(base_url='http://localhost:1/x', credentials='keys')"


def test_both_alternatives_reach_the_service(server: Any) -> None:
    with AiozStream(token="token-a", base_url=server.url) as by_token:
        video = by_token.videos.create(title="Mine")
    with AiozStream(public_key="public-a", secret_key="secret-a", base_url=server.url) as by_keys:
        assert by_keys.videos.get(video.id).title == "Mine"
    with AiozStream(token="token-a", public_key="public-a", secret_key="secret-a", base_url=server.url) as by_both:
        assert by_both.videos.get(video.id).title == "Mine"


def test_a_passed_in_client_can_not_add_another_alternative() -> None:
    requests: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        requests.append(request)
        return httpx.Response(404)

    own = httpx.Client(
        transport=httpx.MockTransport(answer), headers={"Authorization": "Basic abc"}, auth=("user", "password")
    )
    stream = AiozStream(public_key="p", secret_key="s", base_url="http://service.test", http_client=own)
    with pytest.raises(Exception, match="404"):
        stream.videos.get("x")
    assert "Authorization" not in requests[0].headers


SECRETS = ("hush-token", "hush-public", "hush-secret")


@pytest.mark.parametrize(
    "given",
    [
        {"token": SECRETS[0]},
        {"public_key": SECRETS[1], "secret_key": SECRETS[2]},
        {"token": SECRETS[0], "public_key": SECRETS[1], "secret_key": SECRETS[2]},
    ],
)
@pytest.mark.parametrize("status", [200, 302, 401, 500, 520])
@pytest.mark.parametrize("as_json", [True, False])
def test_secrets_show_nowhere(
    given: dict[str, Any], status: int, as_json: bool, caplog: pytest.LogCaptureFixture
) -> None:
    """Even where a proxy's page repeats the request's headers."""

    def echo(request: httpx.Request) -> httpx.Response:
        page = " ".join(f"{name}: {value}" for name, value in request.headers.items())
        if as_json:
            return httpx.Response(status, json={"status": "error", "message": page}, headers={"Location": "/" + page})
        return httpx.Response(status, text=page, headers={"Location": "/" + page})

    caplog.set_level(logging.DEBUG)
    stream = AiozStream(
        base_url="http://service.test",
        transport=httpx.MockTransport(echo),
        max_retries=RetryPolicy(max_retries=1, first_delay=0),
        **given,
    )
    with capture_responses() as responses, pytest.raises(Exception, match=r"GET /videos/x") as caught:
        stream.videos.get("x")
    error: Any = caught.value
    shown = [repr(stream), repr(stream.videos), caplog.text, repr(vars(stream._session.options.credentials.__class__))]
    shown += [str(error), repr(error), repr(vars(error)), error.message, "".join(traceback.format_exception(error))]
    shown += [repr(stream._session.options), repr(error.response.request.headers), str(error.response.request.headers)]
    shown += [repr(answer.request.headers.raw) for answer in responses]
    for secret in given.values():
        assert not any(secret in text for text in shown)


def test_secrets_do_not_show_when_no_answer_comes() -> None:
    def drop(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError(f"refused {request.headers}", request=request)

    stream = AiozStream(
        token=SECRETS[0], base_url="http://service.test", transport=httpx.MockTransport(drop), max_retries=0
    )
    with pytest.raises(ConnectionError) as caught:
        stream.videos.get("x")
    cause: Any = caught.value.__cause__
    assert SECRETS[0] not in str(caught.value)
    assert "Authorization" not in cause.request.headers


def test_redirects_are_not_followed(bad_server: Any, misbehaving: Any, server: Any, fault: Callable[..., Any]) -> None:
    misbehaving.faults = [fault(status=307, headers={"location": f"{server.url}/videos/x"}, body=b"")]
    own = httpx.Client(follow_redirects=True)
    with (
        AiozStream(public_key="public-a", secret_key="secret-a", base_url=bad_server.url, http_client=own) as stream,
        capture_responses() as responses,
        pytest.raises(Exception, match="redirects to"),
    ):
        stream.videos.get("x")
    assert [response.status_code for response in responses] == [307]
    own.close()
