"""Who may call, what answers where, and what is refused whatever the operation."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx
import pytest

if TYPE_CHECKING:
    from aioz_stream_mock import MockServer
    from tests.mock.conftest import Caller

KEYS_A = {"stream-public-key": "public-a", "stream-secret-key": "secret-a"}
KEYS_B = {"stream-public-key": "public-b", "stream-secret-key": "secret-b"}


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Authorization": "Bearer token-a"}, 200),
        ({"Authorization": "bEARER token-a"}, 200),
        (KEYS_A, 200),
        ({**KEYS_A, "Authorization": "Basic Zm9vOmJhcg=="}, 200),
        ({**KEYS_A, "Authorization": ""}, 200),
        ({"Authorization": "Bearer token-a", "stream-public-key": "", "stream-secret-key": ""}, 200),
        ({**KEYS_A, "Authorization": "Bearer token-a"}, 200),
        ({}, 401),
        ({"Authorization": "Bearer wrong"}, 401),
        ({"Authorization": "token-a"}, 401),
        ({"Authorization": "Basic token-a"}, 401),
        ({"Authorization": "Bearer caf\u00e9"}, 401),
        ({"stream-public-key": "public-a"}, 401),
        ({"stream-secret-key": "secret-a"}, 401),
        ({"stream-public-key": "public-a", "stream-secret-key": ""}, 401),
        ({"stream-public-key": "public-a", "stream-secret-key": "secret-b"}, 401),
        ({**KEYS_B, "Authorization": "Bearer token-a"}, 401),
        ({**KEYS_A, "Authorization": "Bearer wrong"}, 401),
    ],
)
def test_credentials_decide_who_may_call(server: MockServer, headers: dict[str, str], status: int) -> None:
    raw = [(name.encode(), value.encode("latin-1")) for name, value in headers.items()]
    answer = httpx.post(f"{server.url}/videos", json={}, headers=raw)
    assert answer.status_code == status, answer.text
    if status == 401:
        assert answer.headers["www-authenticate"] == "Bearer"


def test_credentials_come_before_the_body(server: MockServer) -> None:
    assert httpx.post(f"{server.url}/videos/create", content=b"{").status_code == 401
    assert httpx.post(f"{server.url}/videos/x/part", content=b"x" * 3_000_000).status_code == 401


def test_another_accounts_video_does_not_exist(rich: Caller, poor: Caller) -> None:
    video = rich.create()
    answers = [
        poor.http.get(f"/videos/{video}"),
        poor.http.patch(f"/videos/{video}", json={"title": "mine"}),
        poor.part(video, b"x"),
        poor.complete(video),
        poor.thumbnail(video, b"x"),
        poor.http.delete(f"/videos/{video}"),
    ]
    strange = poor.http.get("/videos/no-such-video")
    for answer in answers:
        assert rich.refused(answer, 404) == rich.refused(strange, 404)
    assert rich.get(video)["title"] == "a title"
    assert poor.listed(search="a title") == []


@pytest.mark.parametrize(
    ("method", "path", "allow"),
    [
        ("PATCH", "/videos/cost", "GET"),
        ("DELETE", "/videos/cost", "GET"),
        ("GET", "/videos/create", "POST"),
        ("PATCH", "/videos/create", "POST"),
        ("GET", "/videos", "POST"),
        ("POST", "/videos/x", "DELETE, GET, PATCH"),
        ("HEAD", "/videos/x", "DELETE, GET, PATCH"),
        ("HEAD", "/videos/x/complete", "GET"),
        ("PUT", "/videos/x/thumbnail", "GET, HEAD, OPTIONS, POST"),
        ("POST", "/videos/x/source", "GET, HEAD, OPTIONS"),
    ],
)
def test_a_wrong_method_is_405_and_literal_paths_win(rich: Caller, method: str, path: str, allow: str) -> None:
    answer = rich.http.request(method, path)
    assert answer.status_code == 405
    assert answer.headers["allow"] == allow
    if method != "HEAD":
        rich.refused(answer, 405)


@pytest.mark.parametrize(
    "path",
    ["/nothing", "/videos/", "/videos/a/b/c", "/videos/..%2f..%2fetc", "/videos/x/../../etc", "/videos/%00/m3u8"],
)
def test_unknown_paths_are_404_in_the_envelope(rich: Caller, path: str) -> None:
    rich.refused(rich.http.get(path), 404)


@pytest.mark.parametrize("video", ["%00", "%2e%2e", "'%20OR%201=1", "%F0%9F%8E%AC", "%ff", "x" * 2000])
def test_odd_ids_are_only_unknown(rich: Caller, video: str) -> None:
    rich.refused(rich.http.get(f"/videos/{video}"), 404)


def test_every_response_has_an_id(server: MockServer, rich: Caller) -> None:
    answers = [rich.http.post("/videos", json={}), rich.http.get("/nothing"), httpx.get(server.url + "/videos/x")]
    assert len({answer.headers["x-request-id"] for answer in answers}) == 3


@pytest.mark.parametrize(
    ("content", "media_type", "status"),
    [
        (b'{"title": "x"}', "application/json", 201),
        (b'{"title": "x"}', "Application/JSON; charset=UTF-8", 201),
        (b'{"title": "x"}', "application/json; charset=latin-1", 415),
        (b'{"title": "x"}', "text/plain", 415),
        (b"title=x", "application/x-www-form-urlencoded", 415),
        (b'{"title": "x"}', "", 415),
        (b"", "application/json", 400),
        (b"{", "application/json", 400),
        (b"null", "application/json", 400),
        (b"[]", "application/json", 400),
        (b'{"title": NaN}', "application/json", 400),
        (b'{"title": "x", "title": "y"}', "application/json", 400),
        (b'{"title": "\xff"}', "application/json", 400),
        (b'{"title": "\\ud800"}', "application/json", 400),
        (b'\xef\xbb\xbf{"title": "x"}', "application/json", 400),
        (b'{"title": ' + b"9" * 5000 + b"}", "application/json", 400),
        (b'{"title": 1e400}', "application/json", 400),
        (b'{"title": ' + b"[" * 100 + b"]" * 100 + b"}", "application/json", 400),
        (b"[" * 200_000, "application/json", 400),
        (b'{"title": "' + b"x" * 1_100_000 + b'"}', "application/json", 413),
    ],
)
def test_bodies_are_json_and_nothing_else(rich: Caller, content: bytes, media_type: str, status: int) -> None:
    answer = rich.http.post("/videos/create", content=content, headers={"Content-Type": media_type})
    if status == 201:
        assert answer.status_code == 201
    else:
        assert len(rich.refused(answer, status)) <= 1000


def test_packed_bodies_are_refused(rich: Caller) -> None:
    headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
    rich.refused(rich.http.post("/videos/create", content=b"\x1f\x8b", headers=headers), 415)


def test_a_json_body_without_a_length_is_bounded_too(rich: Caller) -> None:
    endless = (b" " * 65536 for _ in range(100))
    headers = {"Content-Type": "application/json"}
    rich.refused(rich.http.post("/videos/create", content=endless, headers=headers), 413)


def test_a_refusal_says_where_and_does_not_echo(rich: Caller) -> None:
    body = {"title": "x", "qualitites": [], "qualities": [{"type": "hls", "container_type": "y" * 100_000}]}
    said = rich.refused(rich.http.post("/videos/create", json=body), 400)
    assert "/qualities/0/container_type" in said
    assert len(said) <= 1000
