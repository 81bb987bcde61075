"""Each kind of fault, as a client sees it on the wire; and which requests a rule strikes."""

from __future__ import annotations

import email.utils
import hashlib
import json
import shutil
import socket
import ssl
import subprocess
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, get_args

import httpx
import pytest

from aioz_stream_mock import Control, ControlError, MockServer, Settings, create_app
from aioz_stream_mock.control.control import FaultKind
from aioz_stream_mock.control.faults import OPTIONS, ActiveFault, Fault, FaultList

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

TOKEN = {"Authorization": "Bearer token-a"}
HELLO = b"hello world"
MEBIBYTE = 1024 * 1024
ENVELOPE = {"status": "error", "message": "This answer was made to fail."}
CUT = (httpx.RemoteProtocolError, httpx.ReadError, httpx.WriteError)


@dataclass
class ControlledServer:
    """A server with a control, and a client of its API."""

    server: MockServer
    http: httpx.Client

    @property
    def control(self) -> Control:
        return self.server.control

    def create(self) -> str:
        answer = self.http.post("/videos/create", json={"title": "x"})
        assert answer.status_code == 201
        return str(answer.json()["data"]["id"])

    def part(self, video: str, data: bytes = HELLO) -> httpx.Response:
        return self.http.post(
            f"/videos/{video}/part",
            files={"file": ("a", data)},
            data={"index": "1", "hash": hashlib.md5(data).hexdigest()},
            headers={"Content-Range": f"bytes 0-{len(data) - 1}/{len(data)}"},
        )

    def stored(self, video: str) -> list[int]:
        return [part.length for part in self.server.state.store.parts(video)]

    def connect(self) -> socket.socket:
        url = httpx.URL(self.server.url)
        return socket.create_connection((url.host, url.port or 0), timeout=60)

    def said(self, request: bytes) -> bytes | None:
        """All bytes that a plain request gets until the connection ends; None when it is reset."""
        with self.connect() as connection:
            connection.sendall(request)
            got = b""
            try:
                while piece := connection.recv(65536):
                    got += piece
            except ConnectionResetError:
                return None
            return got


@pytest.fixture(scope="module")
def running() -> Iterator[MockServer]:
    with MockServer(Settings(control=True)) as server:
        yield server


@pytest.fixture
def controlled(running: MockServer) -> Iterator[ControlledServer]:
    running.control.reset()
    with httpx.Client(base_url=running.url, headers=TOKEN, timeout=60) as http:
        yield ControlledServer(running, http)


def request(method: str, path: str, body: bytes = b"", *, length: int | None = None) -> bytes:
    return (
        f"{method} /api{path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer token-a\r\nConnection: close\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body) if length is None else length}\r\n\r\n"
    ).encode() + body


def test_status(controlled: ControlledServer) -> None:
    controlled.control.fault("status", operation="listVideos", times=2)
    controlled.control.fault("status", operation="getVideo", status=520, json={"odd": [1]}, headers={"X-Odd": "yes"})
    for _ in range(2):
        answer = controlled.http.post("/videos", json={})
        assert (answer.status_code, answer.json()) == (503, ENVELOPE)
        assert answer.headers["x-request-id"]
    assert controlled.http.post("/videos", json={}).status_code == 200
    answer = controlled.http.get("/videos/x")
    assert (answer.status_code, answer.json(), answer.headers["x-odd"]) == (520, {"odd": [1]}, "yes")


@pytest.mark.parametrize("status", [204, 304, 401, 500])
def test_a_status_without_a_body(controlled: ControlledServer, status: int) -> None:
    controlled.control.fault("status", status=status, empty=True)
    answer = controlled.http.get("/videos/x")
    assert (answer.status_code, answer.content) == (status, b"")
    assert controlled.http.get("/videos/x").status_code == 404


def test_an_answer_after_the_effect(controlled: ControlledServer) -> None:
    controlled.control.fault("status", operation="createVideo", effect=True)
    controlled.control.fault("html", operation="createVideo")
    for status in (503, 502):
        assert controlled.http.post("/videos/create", json={"title": "x"}).status_code == status
    assert controlled.http.post("/videos", json={}).json()["data"]["total"] == 1


def test_a_large_body_is_taken_in_before_it_is_refused(controlled: ControlledServer) -> None:
    video = controlled.create()
    controlled.control.fault("status")
    answer = controlled.part(video, bytes(20 * MEBIBYTE))
    assert (answer.status_code, answer.json()) == (503, ENVELOPE)
    assert controlled.stored(video) == []


def test_a_body_without_end_is_not_taken_in_to_be_refused() -> None:
    with MockServer(Settings(max_part_size=1_000_000)) as server:
        server.control.fault("status")
        url = httpx.URL(server.url)
        with socket.create_connection((url.host, url.port or 0), timeout=60) as connection:
            connection.sendall(b"POST /api/videos/x/part HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")
            chunk = b"10000\r\n" + b"x" * 65536 + b"\r\n"
            with pytest.raises((BrokenPipeError, ConnectionResetError)):
                connection.sendall(chunk * 2000)


def test_html(controlled: ControlledServer) -> None:
    controlled.control.fault("html", status=520)
    answer = controlled.http.get("/videos/x")
    assert (answer.status_code, answer.headers["content-type"]) == (520, "text/html; charset=utf-8")
    assert "<h1>520 Error</h1>" in answer.text


def test_rate_limit(controlled: ControlledServer) -> None:
    controlled.control.fault("rate_limit")
    controlled.control.fault("rate_limit", retry_after=7)
    controlled.control.fault("rate_limit", retry_after=60, as_date=True)
    first, second, third = (controlled.http.get("/videos/x") for _ in range(3))
    assert [answer.status_code for answer in (first, second, third)] == [429] * 3
    assert [first.headers["retry-after"], second.headers["retry-after"]] == ["1", "7"]
    assert third.headers["retry-after"].endswith(" GMT")
    moment = email.utils.parsedate_to_datetime(third.headers["retry-after"])
    assert timedelta(seconds=50) < moment - datetime.now(UTC) <= timedelta(seconds=61)
    assert first.json()["status"] == "error"


def test_delay(controlled: ControlledServer) -> None:
    controlled.control.fault("delay", operation="createVideo", seconds=0.2)
    begun = time.monotonic()
    controlled.create()
    assert 0.2 <= time.monotonic() - begun < 60
    controlled.control.fault("delay", seconds=0.5)
    with pytest.raises(httpx.ReadTimeout):
        controlled.http.get("/videos/x", timeout=0.05)


def test_an_answer_that_is_late_after_its_effect(controlled: ControlledServer) -> None:
    controlled.control.fault("delay", operation="createVideo", seconds=0.5, effect=True, times=2)
    with pytest.raises(httpx.ReadTimeout):
        controlled.http.post("/videos/create", json={"title": "x"}, timeout=0.2)
    _until(lambda: controlled.http.post("/videos", json={}).json()["data"]["total"] == 1)
    begun = time.monotonic()
    controlled.create()
    assert time.monotonic() - begun >= 0.5


def test_a_reset_ends_delayed_requests(controlled: ControlledServer) -> None:
    fault = controlled.control.fault("delay", seconds=60)
    with controlled.connect() as connection:
        connection.sendall(request("POST", "/videos/create", b'{"title": "late"}'))
        _until(lambda: fault.struck == 1)
        controlled.control.reset()
        assert connection.recv(1) == b""
    assert controlled.http.post("/videos", json={}).json()["data"]["total"] == 0


def test_a_reset_ends_requests_that_are_read_slowly(controlled: ControlledServer) -> None:
    fault = controlled.control.fault("slow_read", bytes_per_second=1)
    with controlled.connect() as connection:
        connection.sendall(request("POST", "/videos/create", b'{"title": "slow"}'))
        _until(lambda: fault.struck == 1)
        controlled.control.reset()
        assert connection.recv(1) == b""
    assert controlled.http.post("/videos", json={}).json()["data"]["total"] == 0


def _until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def test_slow_read(controlled: ControlledServer) -> None:
    video = controlled.create()
    controlled.control.fault("slow_read", bytes_per_second=1_000_000)
    begun = time.monotonic()
    assert controlled.part(video, bytes(300_000)).status_code == 200
    assert 0.3 <= time.monotonic() - begun < 60
    assert controlled.stored(video) == [300_000]


def test_slow_read_holds_the_sender_up(controlled: ControlledServer) -> None:
    controlled.control.fault("slow_read", bytes_per_second=1000)
    with controlled.connect() as connection:
        connection.settimeout(0.3)
        with pytest.raises(TimeoutError):
            connection.sendall(request("POST", "/videos/x/part", bytes(100 * MEBIBYTE)))


def test_cut_before(controlled: ControlledServer) -> None:
    controlled.control.fault("cut_before", times=3)
    # Nothing was sent beyond the head, so nothing is left unread and the end is a clean one.
    assert controlled.said(request("POST", "/videos/create", length=10)) == b""
    with pytest.raises(CUT):
        controlled.http.post("/videos/create", json={"title": "x"})
    with pytest.raises(CUT):
        controlled.part("x", bytes(20 * MEBIBYTE))
    assert controlled.http.post("/videos", json={}).json()["data"]["total"] == 0


def test_cut_during(controlled: ControlledServer) -> None:
    video = controlled.create()
    controlled.control.fault("cut_during", after_bytes=1_000_000, times=2)
    with controlled.connect() as connection:
        connection.sendall(request("POST", f"/videos/{video}/part", bytes(900_000), length=2_000_000))
        connection.settimeout(0.2)
        with pytest.raises(TimeoutError):
            connection.recv(1)
        connection.settimeout(60)
        connection.sendall(bytes(100_000))
        assert connection.recv(1) == b""
    with pytest.raises(CUT):
        controlled.part(video, bytes(20 * MEBIBYTE))
    assert controlled.stored(video) == []
    assert not any(controlled.server.state.store.incoming.iterdir())


def test_cut_during_a_body_that_is_shorter(controlled: ControlledServer) -> None:
    controlled.control.fault("cut_during", after_bytes=1_000_000)
    assert controlled.said(request("POST", "/videos/create", b'{"title": "x"}')) == b""


def test_cut_after(controlled: ControlledServer) -> None:
    video = controlled.create()
    controlled.control.fault("cut_after", times=2)
    assert controlled.said(request("POST", "/videos/create", b'{"title": "x"}')) == b""
    with pytest.raises(httpx.RemoteProtocolError, match="without sending a response"):
        controlled.part(video, bytes(5 * MEBIBYTE))
    assert controlled.stored(video) == []


def test_lost_answer(controlled: ControlledServer) -> None:
    video = controlled.create()
    controlled.control.fault("lost_answer", times=2)
    with pytest.raises(httpx.RemoteProtocolError, match="without sending a response"):
        controlled.part(video)
    assert controlled.stored(video) == [11]
    assert controlled.said(request("DELETE", f"/videos/{video}")) == b""
    assert controlled.http.get(f"/videos/{video}").status_code == 404


def test_truncated_json(controlled: ControlledServer) -> None:
    whole = len(controlled.http.post("/videos", json={}).content)
    controlled.control.fault("truncated_json", times=2)
    answer = controlled.http.post("/videos", json={})
    assert (answer.status_code, len(answer.content)) == (200, whole // 2)
    assert answer.headers["content-type"] == "application/json"
    with pytest.raises(json.JSONDecodeError):
        answer.json()
    assert controlled.http.post("/videos/create", json={"title": "x"}).status_code == 201
    assert controlled.http.post("/videos", json={}).json()["data"]["total"] == 1


def test_malformed_json(controlled: ControlledServer) -> None:
    controlled.control.fault("malformed_json")
    answer = controlled.http.post("/videos", json={})
    assert (answer.status_code, answer.content) == (200, b'{"status"="success","data":{"videos":[],"total":0}}')


def test_only_json_answers_are_corrupted(controlled: ControlledServer) -> None:
    [video] = controlled.control.seed([{"title": "x", "source": HELLO}])
    controlled.control.fault("truncated_json")
    assert controlled.http.get(f"/videos/{video}/source").content == HELLO


def test_wrong_hash(controlled: ControlledServer) -> None:
    video = controlled.create()
    fault = controlled.control.fault("wrong_hash")
    assert controlled.http.get(f"/videos/{video}").status_code == 200
    answer = controlled.part(video)
    assert (answer.status_code, answer.json()["status"]) == (400, "error")
    assert answer.json()["message"].startswith("/hash: ")
    assert controlled.stored(video) == []
    assert controlled.part(video).status_code == 200
    assert (fault.seen, fault.struck) == (1, 1)


def test_every_kind_of_fault_has_a_test() -> None:
    assert all(f"test_{kind}" in globals() for kind in OPTIONS)
    assert set(get_args(FaultKind)) == set(OPTIONS)


def test_a_fault_can_name_the_files_of_a_video(controlled: ControlledServer) -> None:
    [video] = controlled.control.seed([{"title": "x", "source": HELLO}])
    controlled.control.fault("status", operation="asset")
    assert controlled.http.get(f"/videos/{video}").status_code == 200
    assert controlled.http.get(f"/videos/{video}/source").status_code == 503
    assert controlled.http.get(f"/videos/{video}/source").status_code == 200


def test_literal_paths_are_their_own_operations(controlled: ControlledServer) -> None:
    controlled.control.fault("status", operation="getVideo", times=None)
    controlled.control.fault("status", operation="deleteVideo", times=None)
    assert controlled.http.get("/videos/cost?qualities=360p&duration=1").status_code == 200
    assert controlled.http.delete("/videos/cost").status_code == 405
    assert controlled.http.get("/videos/x").status_code == 503


@pytest.mark.skipif(shutil.which("openssl") is None, reason="makes its certificate with openssl")
def test_a_cut_over_tls(tmp_path: Path) -> None:
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    make = "openssl req -x509 -newkey rsa:2048 -nodes -days 1 -subj /CN=localhost"
    subprocess.run([*make.split(), "-keyout", key, "-out", certificate], check=True, capture_output=True)
    with MockServer(ssl_certfile=certificate, ssl_keyfile=key) as server:
        server.control.fault("cut_after", times=2)
        unchecked = ssl._create_unverified_context()
        url = httpx.URL(server.url)
        with (
            socket.create_connection((url.host, url.port or 0), timeout=60) as connection,
            unchecked.wrap_socket(connection, suppress_ragged_eofs=False) as sealed,
        ):
            sealed.sendall(request("GET", "/videos/x"))
            with pytest.raises(ssl.SSLEOFError):
                sealed.recv(1)
        with httpx.Client(base_url=server.url, headers=TOKEN, timeout=60, verify=False) as http:
            with pytest.raises(CUT):
                http.post("/videos", json={})
            assert http.post("/videos", json={}).status_code == 200


def test_behind_another_server_a_cut_is_an_answer_broken_off() -> None:
    """As near as ASGI comes, where the connection is not in reach."""
    import asyncio

    async def call() -> list[Any]:
        app = create_app(Settings(control=True))
        Control(app.state.mock).fault("cut_after")
        sent: list[Any] = []

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(message: Any) -> None:
            sent.append(message)

        scope = {"type": "http", "method": "GET", "path": "/api/videos/x", "headers": [], "query_string": b""}
        with pytest.raises(ConnectionAbortedError):
            await app(scope, receive, send)
        app.state.mock.close()
        return sent

    [start] = asyncio.run(call())
    assert (b"content-length", b"1") in start["headers"]


def test_after_and_times() -> None:
    fault = ActiveFault(Fault("status", operation="getVideo", after=2, times=2))
    assert [fault.strikes("getVideo") for _ in range(6)] == [False, False, True, True, False, False]
    assert not fault.strikes("listVideos")
    assert (fault.seen, fault.struck) == (4, 2)
    always = ActiveFault(Fault("status", times=None))
    assert all(always.strikes(name) for name in ("getVideo", "asset", None))


def test_probability_is_the_same_each_time() -> None:
    def run(seed: int, probability: float) -> list[bool]:
        fault = ActiveFault(Fault("status", times=None, probability=probability, seed=seed))
        return [fault.strikes("x") for _ in range(1000)]

    assert run(1, 0.3) == run(1, 0.3) != run(2, 0.3)
    assert 230 < sum(run(1, 0.3)) < 370
    assert sum(run(1, 0)) == 0
    assert sum(run(1, 1)) == 1000


def test_only_the_first_matching_fault_strikes() -> None:
    book = FaultList()
    late = book.add(Fault("html", after=1))
    first = book.add(Fault("status"))
    assert book.strike("x") is first.fault
    assert book.strike("x") is late.fault
    assert book.strike("x") is None
    assert (late.seen, first.seen) == (2, 1)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({}, "kind"),
        ({"kind": "explode"}, "kind"),
        ({"kind": ["status"]}, "kind"),
        ({"kind": "status", "bytes": 1}, "bytes"),
        ({"kind": "status", "times": 0}, "times"),
        ({"kind": "status", "times": True}, "times"),
        ({"kind": "status", "times": 1.5}, "times"),
        ({"kind": "status", "probability": 1.1}, "probability"),
        ({"kind": "status", "probability": "1"}, "probability"),
        ({"kind": "status", "after": -1}, "after"),
        ({"kind": "status", "seed": "x"}, "seed"),
        ({"kind": "status", "operation": "nothing"}, "operation"),
        ({"kind": "status", "operation": 1}, "operation"),
        ({"kind": "status", "status": 199}, "status"),
        ({"kind": "status", "status": 600}, "status"),
        ({"kind": "status", "headers": {"a b": "c"}}, "headers"),
        ({"kind": "status", "headers": {"a": "c\r\nd: e"}}, "headers"),
        ({"kind": "status", "headers": {"Content-Length": "1"}}, "headers"),
        ({"kind": "status", "headers": ["a"]}, "headers"),
        ({"kind": "status", "empty": 1}, "empty"),
        ({"kind": "status", "empty": True, "json": {}}, "empty"),
        ({"kind": "status", "seconds": 1}, "seconds"),
        ({"kind": "html", "json": {}}, "json"),
        ({"kind": "rate_limit", "retry_after": -1}, "retry_after"),
        ({"kind": "delay"}, "seconds"),
        ({"kind": "delay", "seconds": 1e9}, "seconds"),
        ({"kind": "delay", "seconds": float("nan")}, "seconds"),
        ({"kind": "slow_read"}, "bytes_per_second"),
        ({"kind": "slow_read", "bytes_per_second": 0}, "bytes_per_second"),
        ({"kind": "cut_during"}, "after_bytes"),
        ({"kind": "cut_during", "after_bytes": -1}, "after_bytes"),
        ({"kind": "cut_before", "after_bytes": 0}, "after_bytes"),
        ({"kind": "wrong_hash", "operation": "getVideo"}, "operation"),
    ],
)
def test_senseless_faults_are_refused(controlled: ControlledServer, options: dict[str, Any], said: str) -> None:
    with pytest.raises(ControlError, match=f"^{said}: "):
        controlled.control.add_fault(options)
    assert controlled.control.faults() == []
