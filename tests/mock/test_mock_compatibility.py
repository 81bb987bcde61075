"""What the vendor's own clients, curl and browsers send: requests byte for byte, without a client of ours."""

from __future__ import annotations

import base64
import hashlib
import socket
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import httpx
import pytest

from aioz_stream_mock import Control, MockServer, Settings

if TYPE_CHECKING:
    from collections.abc import Iterator

TOKEN = {"Authorization": "Bearer token-a"}
PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\x0dIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x00\x00\x00\x00"
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF"


def basic(text: str) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(text.encode()).decode()}


@pytest.fixture(scope="module")
def plain() -> Iterator[MockServer]:
    with MockServer(Settings(control=True, cors=None)) as running:
        yield running


def raw(server: MockServer, request: str) -> tuple[int, str]:
    """Send a request as it is written down, and read the answer until the server hangs up."""
    place = urlsplit(server.url)
    assert place.hostname
    assert place.port
    with socket.create_connection((place.hostname, place.port), timeout=30) as plug:
        plug.sendall(request.replace("\n", "\r\n").encode())
        said = b""
        while block := plug.recv(65536):
            said += block
    head, _, body = said.decode().partition("\r\n\r\n")
    return int(head.split(" ")[1]), body


def listing(kind: str) -> str:
    """The request that curl makes of the reference's example."""
    body = '{"limit": 1}'
    return (
        f"POST /api/videos HTTP/1.1\nHost: x\nAuthorization: Bearer token-a\n{kind}"
        f"Content-Length: {len(body)}\nConnection: close\n\n{body}"
    )


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        ("", 200),
        ("Content-Type: application/x-www-form-urlencoded\n", 200),
        ("Content-Type: application/json; charset=utf-8\n", 200),
        ('content-type: APPLICATION/JSON ; Charset="utf-8"\n', 200),
        ("Content-Type:\n", 200),
        ("Content-Type: text/plain\n", 415),
        ("Content-Type: text/plain;charset=UTF-8\n", 415),
        ("Content-Type: text/json\n", 415),
        ("Content-Type: */*\n", 415),
        ("Content-Type: multipart/form-data; boundary=b\n", 415),
    ],
)
def test_e8_json_comes_with_its_type_or_none_or_curls_own(plain: MockServer, kind: str, status: int) -> None:
    found, body = raw(plain, listing(kind))
    assert found == status, body
    if status == 415:
        assert "send the header Content-Type: application/json" in body


def test_e8_creating_and_updating_too_but_not_the_control(plain: MockServer) -> None:
    curls_own = {"Content-Type": "application/x-www-form-urlencoded", **TOKEN}
    made = httpx.post(f"{plain.url}/videos/create", content=b'{"title": "x"}', headers=curls_own)
    assert made.status_code == 201
    video = made.json()["data"]["id"]
    changed = httpx.patch(f"{plain.url}/videos/{video}", content=b'{"title": "y"}', headers=curls_own)
    assert changed.status_code == 200, changed.text
    # Any page of the web can send such a body, and the control asks for no credentials.
    root = plain.url.removesuffix("/api")
    assert httpx.post(f"{root}/_mock/clock", content=b"{}", headers=curls_own).status_code == 415
    assert httpx.post(f"{root}/_mock/clock", content=b"{}").status_code == 415


def test_a3_basic_alone_is_the_key_pair(plain: MockServer) -> None:
    def status(headers: dict[str, str]) -> int:
        return httpx.post(f"{plain.url}/videos", json={}, headers=headers).status_code

    keys = {"stream-public-key": "public-a", "stream-secret-key": "secret-a"}
    assert status(basic("public-a:secret-a")) == 200
    for word, taken in (("bASIC", 200), ("BASIC ", 200), ("basic", 200), ("Basic:", 401), ("Basics", 401)):
        assert status({"Authorization": basic("public-a:secret-a")["Authorization"].replace("Basic", word)}) == taken
    for wrong in ("public-a:secret-b", "public-a", ":", "public-a:secret-a:", "token-a:"):
        assert status(basic(wrong)) == 401, wrong
    for odd in ("Basic ????", "Basic", "Basic =", "Basic ÿ"):
        answer = httpx.post(f"{plain.url}/videos", json={}, headers=[(b"authorization", odd.encode("latin-1"))])
        assert answer.status_code == 401
    # A proxy's, beside keys.
    assert status({**basic("someone:else"), **keys}) == 200
    assert status({**basic("public-a:secret-a"), "stream-public-key": "public-a"}) == 200


@pytest.mark.parametrize(
    ("headers", "seen"),
    [
        ({}, "None was seen."),
        ({"Authorization": "Bearer hush-hush"}, "Seen: Authorization: Bearer."),
        ({"Authorization": "Bearer"}, "Seen: Authorization: Bearer without a value."),
        ({"Authorization": "hush-hush"}, "Seen: an Authorization of another kind."),
        ({"Authorization": "Basic hush-hush"}, "Seen: Authorization: Basic."),
        ({"stream-public-key": "hush-hush"}, "Seen: stream-public-key."),
        (
            {"stream-secret-key": "hush-hush", "stream-public-key": ""},
            "Seen: an empty stream-public-key, stream-secret-key.",
        ),
    ],
)
def test_a3_a_refusal_says_what_was_seen_and_never_its_value(
    plain: MockServer, headers: dict[str, str], seen: str
) -> None:
    answer = httpx.post(f"{plain.url}/videos", json={}, headers=headers)
    assert answer.status_code == 401
    message = answer.json()["message"]
    assert seen in message
    for taken in ("Authorization: Bearer TOKEN", "stream-public-key with stream-secret-key", "Authorization: Basic"):
        assert taken in message
    assert "hush" not in message


def part(server: MockServer, video: str, index: str, data: bytes = b"hello") -> httpx.Response:
    return httpx.post(
        f"{server.url}/videos/{video}/part",
        files={"file": ("blob", data)},
        data={"index": index, "hash": hashlib.md5(data).hexdigest()},
        headers={**TOKEN, "Content-Range": f"bytes 0-{len(data) - 1}/{len(data)}"},
    )


def create(server: MockServer) -> str:
    answer = httpx.post(f"{server.url}/videos/create", json={"title": "x"}, headers=TOKEN)
    return str(answer.json()["data"]["id"])


def test_u2_a_single_part_may_have_the_index_0(plain: MockServer) -> None:
    video = create(plain)
    assert part(plain, video, "0").status_code == 200
    assert httpx.get(f"{plain.url}/videos/{video}/complete", headers=TOKEN).status_code == 200
    for wrong in ("00", "01", "-0", "0.0", " 0", " 1", "1 ", "1\n", "+1", "1_0", "1e0", "\u0661", ""):
        assert part(plain, create(plain), wrong).status_code == 400, wrong


def test_u1_parts_above_200_000_000_bytes_are_refused(plain: MockServer) -> None:
    """By their length alone: nothing of the body is sent."""
    assert Settings().max_part_size == 200_000_000
    video = create(plain)
    for size, status in ((200_000_000, "100"), (200_000_000 + 256 * 1024 + 1, "413")):
        place = urlsplit(plain.url)
        assert place.hostname
        assert place.port
        head = (
            f"POST /api/videos/{video}/part HTTP/1.1\nHost: x\nAuthorization: Bearer token-a\nExpect: 100-continue\n"
            f"Content-Type: multipart/form-data; boundary=b\nContent-Range: bytes 0-{size - 1}/{size}\n"
            f"Content-Length: {size}\n\n"
        )
        with socket.create_connection((place.hostname, place.port), timeout=30) as plug:
            plug.sendall(head.replace("\n", "\r\n").encode())
            assert plug.recv(1000).split(b" ")[1].decode() == status


@pytest.mark.parametrize(
    ("name", "content", "status"),
    [
        ("a.png", PNG, 200),
        ("a.JPG", JPEG, 200),
        ("A.PNG", PNG, 200),
        ("photo.final.v2.Png", PNG, 200),
        ("a.jpg.png", PNG, 200),
        ("dir.d/blob", PNG, 200),
        ("C:\\dir\\a.PNG", PNG, 200),
        ("a.png.jpg", PNG, 400),
        ("a.tar.gz", PNG, 400),
        ("blob", PNG, 200),
        ("file", JPEG, 200),
        ("a.png", JPEG, 400),
        ("a.jpg", PNG, 400),
        ("a.jpeg", JPEG, 400),
        ("a.gif", PNG, 400),
        ("blob", b"GIF89a", 400),
        ("a.", PNG, 400),
        (".jpg", PNG, 400),
    ],
)
def test_u12_the_name_of_a_thumbnail_agrees_or_says_nothing(
    plain: MockServer, name: str, content: bytes, status: int
) -> None:
    answer = httpx.post(f"{plain.url}/videos/{create(plain)}/thumbnail", files={"file": (name, content)}, headers=TOKEN)
    assert answer.status_code == status, answer.text


def test_messages_about_the_whole_body_have_no_bare_colon(plain: MockServer) -> None:
    for body in ("[]", "{}", "5"):
        answer = httpx.post(
            f"{plain.url}/videos/create", content=body, headers={**TOKEN, "Content-Type": "application/json"}
        )
        message = answer.json()["message"]
        assert answer.status_code == 400
        assert message
        assert not message.startswith((":", " ")), message
    nested = httpx.post(f"{plain.url}/videos/create", json={"title": ""}, headers=TOKEN).json()["message"]
    assert nested.startswith("/title: ")


def test_a_fault_for_every_request_is_not_spent_on_pages(plain: MockServer) -> None:
    control = Control(plain.state)
    root = plain.url.removesuffix("/api")
    fault = control.fault("status", status=503, times=1)
    try:
        for page in ("/", "/docs", "/docs/openapi.json", "/static/index.css", "/vod/hls/none", "/favicon.ico"):
            assert httpx.get(root + page).status_code != 503, page
        assert (fault.seen, fault.struck) == (0, 0)
        assert httpx.get(f"{plain.url}/videos/x", headers=TOKEN).status_code == 503
        assert (fault.seen, fault.struck) == (1, 1)
    finally:
        control.clear_faults()


LOOPBACK = (
    "http://localhost:5173",
    "http://127.0.0.1:8000",
    "https://app.localhost",
    "http://[::1]:80",
    "https://[::1]",
    "http://[0:0:0:0:0:0:0:1]:3000",
    "http://localhost",
)
FOREIGN = (
    "https://example.com",
    "http://localhost.example.com",
    "http://127.0.0.1.example.com",
    "null",
    "http://127.0.0.1:1/x",
    "http://[::2]:1",
    "http://[::1",
    "http://user@localhost",
    "http://127.0.0.1:80, http://127.0.0.1:81",
)


def preflight(server: MockServer, origin: str, method: str = "POST", path: str = "/videos") -> httpx.Response:
    asked = {"Origin": origin, "Access-Control-Request-Method": method}
    asked["Access-Control-Request-Headers"] = "authorization,content-type,x-of-the-app"
    return httpx.options(server.url + path, headers=asked)


@pytest.mark.parametrize("origin", LOOPBACK)
def test_cors_pages_of_the_machine_may_call_the_api(plain: MockServer, origin: str) -> None:
    asked = preflight(plain, origin, "PATCH", "/videos/x")
    assert asked.status_code == 204
    assert asked.headers["access-control-allow-origin"] == origin
    assert "PATCH" in asked.headers["access-control-allow-methods"]
    assert asked.headers["access-control-allow-headers"] == "authorization,content-type,x-of-the-app"
    assert asked.headers["vary"] == "Origin"
    for headers, status in ((TOKEN, 200), ({}, 401)):
        answer = httpx.post(f"{plain.url}/videos", json={}, headers={**headers, "Origin": origin})
        assert answer.status_code == status
        assert answer.headers["access-control-allow-origin"] == origin
        assert "X-Request-Id" in answer.headers["access-control-expose-headers"]
    with_fault = Control(plain.state).fault("status", status=503, times=1)
    failed = httpx.post(f"{plain.url}/videos", json={}, headers={**TOKEN, "Origin": origin})
    assert (failed.status_code, with_fault.struck) == (503, 1)
    assert failed.headers["access-control-allow-origin"] == origin


@pytest.mark.parametrize("origin", FOREIGN)
def test_cors_pages_of_others_may_not(plain: MockServer, origin: str) -> None:
    assert "access-control-allow-origin" not in preflight(plain, origin).headers
    answer = httpx.post(f"{plain.url}/videos", json={}, headers={**TOKEN, "Origin": origin})
    assert "access-control-allow-origin" not in answer.headers


@pytest.mark.parametrize("asked", ["range", "X-Requested-With, Content-Range", "tus-resumable"])
@pytest.mark.parametrize("path", ["/videos/x/source", "/videos/cost", "/videos/x/part", "/videos/x/media/0/index.m3u8"])
def test_cors_whatever_an_app_wants_to_send_it_may(plain: MockServer, path: str, asked: str) -> None:
    headers = {"Origin": LOOPBACK[0], "Access-Control-Request-Method": "GET", "Access-Control-Request-Headers": asked}
    answer = httpx.options(plain.url + path, headers=headers)
    assert (answer.status_code, answer.headers["access-control-allow-headers"]) == (204, asked)


def test_cors_the_control_is_for_no_page(plain: MockServer) -> None:
    root = plain.url.removesuffix("/api")
    answer = httpx.get(f"{root}/_mock/clock", headers={"Origin": LOOPBACK[0]})
    assert "access-control-allow-origin" not in answer.headers


def test_cors_files_of_videos_are_open_to_any_origin(plain: MockServer) -> None:
    asked = preflight(plain, FOREIGN[0], "GET", "/videos/x/m3u8")
    assert asked.headers["access-control-allow-origin"] == "*"


@pytest.mark.parametrize(("chosen", "allowed"), [(("https://example.com",), True), (("*",), True), ((), False)])
def test_cors_origins_are_chosen(chosen: tuple[str, ...], allowed: bool) -> None:
    with MockServer(Settings(cors=chosen)) as server:
        found = preflight(server, "https://example.com").headers.get("access-control-allow-origin")
        assert found == ("https://example.com" if allowed else None)
        if chosen != ("*",):
            assert "access-control-allow-origin" not in preflight(server, LOOPBACK[0]).headers


def test_cors_is_an_option_of_the_command() -> None:
    from aioz_stream_mock import cli

    options = cli._parser().parse_args(["--cors", "https://a.example", "--cors", "http://b.example:81"])
    assert cli._settings(options).cors == ["https://a.example", "http://b.example:81"]
    assert cli._settings(cli._parser().parse_args([])).cors is None
    for odd in ("example.com", "https://example.com/", "https://example.com/path"):
        with pytest.raises(ValueError, match="cors"):
            Settings(cors=[odd])
