from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aioz_stream import (
    AiozStream,
    APIConnectionError,
    APITimeoutError,
    BadRequestError,
    ConfigurationError,
    NotFoundError,
    RateLimitError,
    RetryPolicy,
    ServerError,
    UnexpectedResponseError,
)
from aioz_stream.errors import status_error_class
from aioz_stream.http.bodies import MOST, MOST_OF_ERROR
from aioz_stream.http.retry import is_transient, retry_after
from aioz_stream.http.session import TIMEOUT, UPLOAD_TIMEOUT

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from aioz_stream import PartLimits

NOON = datetime(2026, 11, 3, 12, tzinfo=UTC)


def test_the_numbers_that_the_documentation_gives() -> None:
    policy = RetryPolicy()
    numbers = (policy.max_retries, policy.first_delay, policy.longest_delay, policy.longest_retry_after)
    assert numbers == (4, 0.5, 30, 120)
    assert TIMEOUT.as_dict() == {"connect": 10, "read": 60, "write": 60, "pool": 60}
    assert UPLOAD_TIMEOUT.as_dict() == {"connect": 10, "read": 300, "write": 60, "pool": 60}
    assert (MOST, MOST_OF_ERROR) == (32 * 2**20, 64 * 2**10)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "7"}, 7),
        ({"Retry-After": " 0.5 "}, 0.5),
        ({"Retry-After": "Tue, 03 Nov 2026 12:00:30 GMT"}, 30),
        ({"Retry-After": "Tue, 03 Nov 2026 11:00:00 GMT"}, 0),
        ({"Retry-After": "7", "X-RateLimit-Retry-After": "9"}, 7),
        ({"X-RateLimit-Retry-After": "9"}, 9),
        ({"Retry-After": "soon", "X-RateLimit-Retry-After": "9"}, 9),
        ({"Retry-After": "soon"}, None),
        ({"Retry-After": "-1"}, None),
        ({"Retry-After": "inf"}, None),
        ({"Retry-After": "nan"}, None),
        ({"Retry-After": "1_0"}, None),
        ({"Retry-After": "Mon, 01 Jan 99999999999 00:00:00 GMT"}, None),
        ({"Retry-After": "Tue, 03 Nov 2026 12:00:30 +99999999999999999999"}, None),
        ({}, None),
    ],
)
def test_the_wait_that_the_service_asks_for_is_read(headers: dict[str, str], seconds: float | None) -> None:
    assert retry_after(httpx.Headers(headers), lambda: NOON) == seconds


def test_header_names_are_those_of_the_contract(contract: dict[str, Any]) -> None:
    from aioz_stream.http.responses import REQUEST_ID_HEADER
    from aioz_stream.http.retry import RATE_LIMIT_HEADER, RETRY_AFTER_HEADER

    assert {REQUEST_ID_HEADER, RATE_LIMIT_HEADER, RETRY_AFTER_HEADER} <= set(contract["components"]["headers"])


def failure(status: int, **headers: str) -> Any:
    response = httpx.Response(status, headers={name.replace("_", "-"): value for name, value in headers.items()})
    return status_error_class(status)("no", status=status, response=response)


def test_waits_are_drawn_with_full_jitter() -> None:
    policy = RetryPolicy(max_retries=8, first_delay=0.5, longest_delay=10)
    ranges: list[tuple[float, float]] = []

    def draw(low: float, high: float) -> float:
        ranges.append((low, high))
        return high

    assert [policy.delay(failure(503), retry, draw) for retry in range(7)] == [0.5, 1, 2, 4, 8, 10, 10]
    assert all(low == 0 for low, _ in ranges)


@given(
    st.builds(RetryPolicy, st.integers(0, 9), st.floats(0, 10), st.floats(0, 60), st.floats(0, 200)),
    st.integers(0, 5000),
    st.sampled_from([400, 404, 408, 413, 429, 500, 503, 520, 527]),
    st.none() | st.integers(0, 400),
)
def test_a_wait_is_within_its_bounds_or_there_is_none(
    policy: RetryPolicy, retry: int, status: int, asked: int | None
) -> None:
    """Drawn as it is in earnest."""
    error = failure(status) if asked is None else failure(status, Retry_After=str(asked))
    delay = policy.delay(error, retry)
    is_final = status in (400, 404, 413) or retry >= policy.max_retries
    if is_final or (asked is not None and asked > policy.longest_retry_after):
        assert delay is None
    else:
        assert delay is not None
        least = asked or 0
        assert least <= delay <= max(least, min(policy.longest_delay, policy.first_delay * 2**retry))


def test_the_service_decides_the_wait_within_reason() -> None:
    policy = RetryPolicy(longest_retry_after=60)
    assert policy.delay(failure(429, Retry_After="60"), 0) == 60
    assert policy.delay(failure(429, Retry_After="61"), 0) is None


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504, 520, 527, 599])
def test_some_statuses_are_transient(status: int) -> None:
    assert is_transient(failure(status))


@pytest.mark.parametrize("status", [400, 401, 402, 403, 404, 409, 413, 415, 451])
def test_other_statuses_are_final(status: int) -> None:
    assert not is_transient(failure(status))


def test_retries_end() -> None:
    policy = RetryPolicy(max_retries=2)
    assert policy.delay(failure(500), 1) is not None
    assert policy.delay(failure(500), 2) is None


@pytest.mark.parametrize("wrong", [-1, 1.5, True, "3"])
def test_max_retries_is_checked(wrong: Any) -> None:
    with pytest.raises(ConfigurationError, match="max_retries"):
        AiozStream(token="t", max_retries=wrong)


REPEATED: dict[str, Callable[[AiozStream, str, Path, Any], object]] = {
    "get": lambda stream, video, _, __: stream.videos.get(video),
    "list": lambda stream, _, __, ___: list(stream.videos.list(page_size=1)),
    "cost": lambda stream, _, __, ___: stream.videos.cost(["360p"], 60),
    "update": lambda stream, video, _, __: stream.videos.update(video, title="Other"),
    "upload": lambda stream, video, file, limits: stream.videos.upload(video, file, part_limits=limits),
    "delete": lambda stream, video, _, __: stream.videos.delete(video),
}


@pytest.mark.parametrize("name", REPEATED)
@pytest.mark.parametrize("kind", ["503", "429", "520 with HTML", "cut", "lost", "damaged"])
def test_calls_outlive_transient_failures(
    name: str,
    kind: str,
    bad_stream: AiozStream,
    misbehaving: Any,
    fault: Callable[..., Any],
    make_file: Callable[[bytes], Path],
    any_size: PartLimits,
) -> None:
    """Every call but create outlives two failures; each step of an upload (part, complete, get) does."""
    video = bad_stream.videos.create(title="A video").id
    kinds: dict[str, dict[str, Any]] = {
        "503": {"status": 503},
        "429": {"status": 429, "headers": {"retry-after": "0"}},
        "520 with HTML": {"status": 520, "body": b"<h1>Web server returns an unknown error</h1>"},
        "cut": {},
        "lost": {"after_effect": True},
        "damaged": {"status": 200, "body": b'{"status": "succ', "after_effect": True},
    }
    how = kinds[kind]
    endings = ["/part", "/complete", video] if name == "upload" else [""]
    misbehaving.requests.clear()
    misbehaving.faults = [fault(path_ends=ending, times=2, **how) for ending in endings]
    REPEATED[name](bad_stream, video, make_file(b"bytes"), any_size)
    if name != "upload":
        assert len(misbehaving.requests) == 3
        return
    # Complete is repeated only where the status says that it had no effect.
    steps = [request.rsplit("/", 1)[-1] for request in misbehaving.requests]
    assert steps.count("part") == 3
    assert steps.count("complete") == (1 if kind in ("lost", "damaged") else 3)
    assert bad_stream.videos.get(video).status != "new"


def test_create_is_repeated_when_it_was_refused(
    bad_stream: AiozStream, misbehaving: Any, fault: Callable[..., Any]
) -> None:
    misbehaving.faults = [fault(path_ends="/create", times=2, status=429, headers={"retry-after": "0"})]
    assert bad_stream.videos.create(title="Once").status == "new"
    assert len(misbehaving.requests) == 3
    assert len(list(bad_stream.videos.list())) == 1


def test_thumbnail_is_repeated(
    bad_stream: AiozStream, misbehaving: Any, fault: Callable[..., Any], make_file: Callable[..., Path]
) -> None:
    video = bad_stream.videos.create(title="A video").id
    misbehaving.faults = [fault(path_ends="/thumbnail", times=2, status=502)]
    bad_stream.videos.upload_thumbnail(video, make_file(PNG, "cover.png"))
    assert misbehaving.requests.count(f"POST /api/videos/{video}/thumbnail") == 3


PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000d49444154789c6360606060000000050001a5f645400000000049454e44ae426082"
)


@pytest.mark.parametrize(
    ("body", "kind", "damaged"),
    [
        (b'{"status": "succ', "application/json", True),
        (b"", "application/problem+json; charset=utf-8", True),
        (b"<html>Sign in</html>", "text/html", False),
        (b"<html>Sign in</html>", "", False),
        (b"{}", "application/json", False),
        (b"[" * 100_000, "application/json", False),
    ],
)
def test_only_json_can_be_damaged(body: bytes, kind: str, damaged: bool) -> None:
    """A portal's page answers with success as well; asking it again would change nothing."""
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.path)
        return httpx.Response(200, content=body, headers={"Content-Type": kind})

    policy = RetryPolicy(max_retries=2, first_delay=0)
    with (
        AiozStream(token="t", transport=httpx.MockTransport(answer), max_retries=policy) as stream,
        pytest.raises(UnexpectedResponseError) as caught,
    ):
        stream.videos.get("x")
    assert caught.value.damaged == damaged
    assert len(asked) == (3 if damaged else 1)


def test_a_broken_content_encoding_is_damage() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        headers = {"Content-Encoding": "gzip"} if next(tries) == 0 else {}
        return httpx.Response(200, content=said, headers=headers, request=request)

    said, tries = b'{"status": "success", "data": {"id": "x", "title": "X", "status": "new"}}', iter(range(9))
    policy = RetryPolicy(first_delay=0)
    with AiozStream(token="t", transport=httpx.MockTransport(answer), max_retries=policy) as stream:
        assert stream.videos.get("x").id == "x"


def test_an_upload_outlives_a_damaged_answer_to_create(
    bad_stream: AiozStream, misbehaving: Any, fault: Callable[..., Any], make_file: Callable[[bytes], Path]
) -> None:
    misbehaving.faults = [fault(path_ends="/create", status=201, body=b'{"status": "succ', after_effect=True)]
    video = bad_stream.upload(make_file(b"bytes"), title="Once")
    assert [found.id for found in bad_stream.videos.list()] == [video.id]


@pytest.mark.parametrize("how", [{"status": 503}, {}, {"after_effect": True}])
def test_create_is_never_repeated_blindly(
    how: dict[str, Any], bad_stream: AiozStream, misbehaving: Any, fault: Callable[..., Any]
) -> None:
    misbehaving.faults = [fault(path_ends="/create", times=9, **how)]
    with pytest.raises((ServerError, APIConnectionError)) as caught:
        bad_stream.videos.create(title="Once")
    assert len(misbehaving.requests) == 1
    if isinstance(caught.value, APIConnectionError):
        assert caught.value.sent


def test_create_is_repeated_when_nothing_was_sent() -> None:
    attempts: list[httpx.Request] = []

    def refuse(request: httpx.Request) -> httpx.Response:
        attempts.append(request)
        raise httpx.ConnectError("refused", request=request)

    stream = AiozStream(
        token="t",
        base_url="http://service.test",
        transport=httpx.MockTransport(refuse),
        max_retries=RetryPolicy(max_retries=2, first_delay=0),
    )
    with pytest.raises(APIConnectionError):
        stream.videos.create(title="Once")
    assert len(attempts) == 3


def test_a_delete_whose_answer_was_lost_succeeds(
    bad_stream: AiozStream, misbehaving: Any, fault: Callable[..., Any]
) -> None:
    video = bad_stream.videos.create(title="A video").id
    misbehaving.faults = [fault(method="DELETE", after_effect=True)]
    bad_stream.videos.delete(video)
    with pytest.raises(NotFoundError):
        bad_stream.videos.delete(video)


@pytest.mark.parametrize("how", [{"status": 429, "headers": {"retry-after": "0"}}, {"status": 503}])
def test_a_delete_that_was_refused_has_not_succeeded(
    how: dict[str, Any], bad_stream: AiozStream, misbehaving: Any, fault: Callable[..., Any]
) -> None:
    """After a 503 the effect is not known, so the 404 is taken for success; after a 429 nothing had happened."""
    misbehaving.faults = [fault(method="DELETE", **how)]
    if how["status"] == 503:
        bad_stream.videos.delete("never-was")
    else:
        with pytest.raises(NotFoundError):
            bad_stream.videos.delete("never-was")


def test_waits_stay_finite() -> None:
    error = APIConnectionError("no")
    assert RetryPolicy(max_retries=5000).delay(error, 4000, lambda _, high: high) == 30
    with pytest.raises(ConfigurationError, match="first_delay"):
        RetryPolicy(first_delay=-1)


def test_final_failures_are_not_repeated(bad_stream: AiozStream, misbehaving: Any, fault: Callable[..., Any]) -> None:
    misbehaving.faults = [fault(status=400, times=9)]
    with pytest.raises(BadRequestError, match="made to fail"):
        bad_stream.videos.get("x")
    assert len(misbehaving.requests) == 1


def test_retries_are_limited(bad_stream: AiozStream, misbehaving: Any, fault: Callable[..., Any]) -> None:
    misbehaving.faults = [fault(status=500, times=99)]
    with pytest.raises(ServerError):
        bad_stream.videos.get("x")
    assert len(misbehaving.requests) == 5
    misbehaving.requests.clear()
    with pytest.raises(ServerError):
        bad_stream.with_options(max_retries=0).videos.get("x")
    assert len(misbehaving.requests) == 1


def test_rate_limit_says_how_long(bad_stream: AiozStream, misbehaving: Any, fault: Callable[..., Any]) -> None:
    misbehaving.faults = [fault(status=429, headers={"x-ratelimit-retry-after": "500"})]
    with pytest.raises(RateLimitError) as caught:
        bad_stream.videos.get("x")
    assert caught.value.retry_after == 500


def test_a_timeout_is_typed() -> None:
    def late(request: httpx.Request) -> httpx.Response:
        assert request.extensions["timeout"]["read"] == 0.25
        raise httpx.ReadTimeout("late", request=request)

    stream = AiozStream(
        token="t", base_url="http://service.test", transport=httpx.MockTransport(late), max_retries=0
    ).with_options(timeout=0.25)
    with pytest.raises(APITimeoutError) as caught:
        stream.videos.get("x")
    assert isinstance(caught.value, TimeoutError)
