"""What nobody sends by mistake. Nothing of it does harm, is answered with 500, or keeps others from being served."""

from __future__ import annotations

import gzip
import hashlib
import json
import socket
import threading
import time
import zlib
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import httpx
import pytest

from aioz_stream_mock import MockServer, Settings
from aioz_stream_mock.control.connections import Connection

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TOKEN = {"Authorization": "Bearer token-a"}
HELLO = b"hello world"
MD5 = hashlib.md5(HELLO).hexdigest()
PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x02\x00\x00\x00rest"
MEBIBYTE = 1024 * 1024
HEAD = "Host: localhost\r\nAuthorization: Bearer token-a\r\nConnection: close\r\n"

NAMES = [
    "../../../../etc/passwd",
    "..\\..\\windows\\system32\\cmd.exe",
    "/etc/passwd",
    "C:\\x",
    "con",
    ".",
    "..",
    "~root",
    "a\x01b",
    "\u202egpj.exe",
    "'; DROP TABLE videos; --",
    "$(touch x)",
    "%2e%2e%2f",
    "x" * 3000,
    "\ud7ff\U0010ffff",
]


@pytest.fixture(scope="module")
def target(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[MockServer, Path]]:
    """A server with its data in a folder of a folder, to see that nothing gets out of it."""
    folder = tmp_path_factory.mktemp("outside")
    with MockServer(Settings(data_dir=folder / "data", control=True, max_part_size=4 * MEBIBYTE)) as server:
        yield server, folder


@pytest.fixture
def http(target: tuple[MockServer, Path]) -> Iterator[httpx.Client]:
    server, folder = target
    with httpx.Client(base_url=server.url, headers=TOKEN, timeout=60) as client:
        yield client
        # Whatever was sent, the server lives, lost nothing, and wrote nowhere else.
        assert client.post("/videos", json={}).status_code == 200
    assert [entry.name for entry in folder.iterdir()] == ["data"]
    assert not any(server.state.store.incoming.iterdir())
    assert not [entry for entry in server.control.requests() if entry.status == 500]


def create(http: httpx.Client) -> str:
    return str(http.post("/videos/create", json={"title": "x"}).json()["data"]["id"])


def form(*fields: tuple[bytes, bytes], closed: bool = True) -> bytes:
    body = b"".join(b"--B\r\n" + head + b"\r\n\r\n" + value + b"\r\n" for head, value in fields)
    return body + (b"--B--\r\n" if closed else b"")


def field(name: str) -> bytes:
    return f'Content-Disposition: form-data; name="{name}"'.encode()


FILE = field("file") + b'; filename="a"'
WHOLE = ((FILE, HELLO), (field("index"), b"1"), (field("hash"), MD5.encode()))


def send(http: httpx.Client, video: str, body: Any, **headers: str) -> httpx.Response:
    usual = {"Content-Type": "multipart/form-data; boundary=B", "Content-Range": "bytes 0-10/11"}
    return http.post(f"/videos/{video}/part", content=body, headers={**usual, **headers})


def talk(server: MockServer, *pieces: bytes, seconds: float = 60) -> bytes:
    """What the server says to bytes that need not be HTTP, until it hangs up."""
    url = httpx.URL(server.url)
    with socket.create_connection((url.host, url.port or 0), timeout=seconds) as plug:
        got = b""
        try:
            for piece in pieces:
                plug.sendall(piece)
            while piece := plug.recv(65536):
                got += piece
        except (ConnectionResetError, BrokenPipeError):
            pass
        return got


@pytest.mark.parametrize("name", NAMES)
def test_names_of_files_are_only_names(http: httpx.Client, name: str) -> None:
    video = create(http)
    head = field("file") + b'; filename="' + name.encode().replace(b"\\", b"\\\\").replace(b'"', b"%22") + b'"'
    answer = send(http, video, form((head, HELLO), *WHOLE[1:]))
    assert answer.status_code in (200, 400), answer.text
    picture = http.post(
        f"/videos/{video}/thumbnail",
        content=form((head[:-1] + b'.png"', PNG)),
        headers={"Content-Type": "multipart/form-data; boundary=B"},
    )
    assert picture.status_code in (200, 400), picture.text


@pytest.mark.parametrize("name", NAMES)
def test_texts_are_only_texts(http: httpx.Client, name: str) -> None:
    body = {"title": name[:255], "tags": [name[:255]], "metadata": [{"key": name[:255], "value": name[:255]}]}
    answer = http.post("/videos/create", json=body)
    assert answer.status_code == 201
    shown = answer.json()["data"]
    assert {name: shown[name] for name in body} == body
    found = http.post("/videos", json={"search": name[:255], "tags": [name[:255]]})
    assert shown["id"] in [video["id"] for video in found.json()["data"]["videos"]]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("rest", ["", "/source", "/thumbnail", "/complete", "/../../../etc/passwd"])
def test_ids_are_only_ids(target: tuple[MockServer, Path], http: httpx.Client, name: str, rest: str) -> None:
    server, _ = target
    # By hand: httpx tidies a path up before it sends it.
    raw = quote(name, safe="").replace(".", "%2e")
    for path in (f"/api/videos/{raw}{rest}", f"/_mock/snapshots/{raw}/restore", f"/api/..%2f..%2f{raw}"):
        said = talk(server, f"GET {path} HTTP/1.1\r\n{HEAD}\r\n".encode())
        assert said.split(b" ", 2)[1] in (b"404", b"405", b"400"), said
    assert http.get("/videos/cost", params={"qualities": name, "duration": name}).status_code == 400


@pytest.mark.parametrize(
    "sent",
    [
        "bytes 0-10/" + "9" * 5000,
        "bytes " + "9" * 5000 + "-0/1",
        "bytes -1-10/11",
        "bytes 0--10/11",
        "bytes 0x0-0xa/11",
        "bytes ٠-١٠/١١",
        "bytes 0-10/11, bytes 0-10/11",
        "bytes 0-10/11\tx",
        "bytes 9223372036854775806-9223372036854775806/9223372036854775808",
    ],
)
def test_absurd_places_of_a_part(http: httpx.Client, sent: str) -> None:
    video = create(http)
    kind = [(b"Content-Type", b"multipart/form-data; boundary=B"), (b"Content-Range", sent.encode())]
    answer = http.post(f"/videos/{video}/part", content=form(*WHOLE), headers=kind)
    assert answer.status_code == 400, answer.text
    assert len(answer.text) < 1000


def test_a_file_of_8_exbibytes_can_be_begun(http: httpx.Client) -> None:
    video, size = create(http), 2**63 - 1
    assert (
        send(http, video, form(*WHOLE), **{"Content-Range": f"bytes {size - 11}-{size - 1}/{size}"}).status_code == 200
    )
    assert http.get(f"/videos/{video}/complete").status_code == 400
    assert http.delete(f"/videos/{video}").status_code == 200


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ("bytes=0-" + "9" * 5000, 200),
        ("bytes=" + "9" * 19 + "-", 416),
        ("bytes=-" + "9" * 19, 206),
        ("bytes=-0", 416),
        ("bytes=5-2", 200),
        ("bytes=" + "0-0," * 3000 + "0-0", 200),
        ("bytes=--1", 200),
        ("lines=1-2", 200),
    ],
)
def test_absurd_ranges_of_a_download(
    http: httpx.Client, target: tuple[MockServer, Path], sent: str, status: int
) -> None:
    [video] = target[0].control.seed([{"title": "x", "source": HELLO}])
    assert http.get(f"/videos/{video}/source", headers={"Range": sent}).status_code == status


@pytest.mark.parametrize("length", ["-1", "1e3", "0x10", "9" * 30, "11, 12", "\u0661"])
def test_absurd_lengths(target: tuple[MockServer, Path], http: httpx.Client, length: str) -> None:
    server, _ = target
    head = f"POST /api/videos/{create(http)}/part HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer token-a\r\n"
    head += f"Content-Type: multipart/form-data; boundary=B\r\nContent-Length: {length}\r\nConnection: close\r\n"
    # Who waits to be told has sent nothing, so that a refusal can come at once.
    said = talk(server, f"{head}Expect: 100-continue\r\nContent-Range: bytes 0-10/11\r\n\r\n".encode())
    assert said.split(b" ", 2)[1] in (b"400", b"413"), said


def test_a_length_and_chunks_at_once(target: tuple[MockServer, Path], http: httpx.Client) -> None:
    """What smugglers send, so that one reader sees two requests where another sees one."""
    server, _ = target
    video = create(http)
    head = b"POST /api/videos HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
    inner = f"DELETE /api/videos/{video} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    assert b" 500 " not in talk(server, head + inner.encode())
    assert http.get(f"/videos/{video}").status_code == 200


def test_millions_of_fields(http: httpx.Client) -> None:
    video = create(http)
    one = b'--B\r\nContent-Disposition: form-data; name="x"\r\n\r\n\r\n'
    begun = time.process_time()
    answer = send(http, video, (one * 10_000 for _ in range(100)))
    assert answer.status_code == 400
    assert "fields" in answer.json()["message"]
    assert time.process_time() - begun < 10


@pytest.mark.parametrize(
    "body",
    [
        form(*[(field("index"), b"1")] * 17, closed=False),
        form((b"\r\n".join([b"X-%d: y" % number for number in range(100)]), b"")),
        form((b"X: " + b"y" * 100_000, b"")),
        form((field("x" * 100_000), b"")),
        form((field("index"), b"1" * 100_000), *WHOLE),
        form((FILE + b"\r\nContent-Transfer-Encoding: base64", b"aGVsbG8gd29ybGQ="), *WHOLE[1:]),
        form((FILE + b"\r\nContent-Transfer-Encoding: quoted-printable", HELLO), *WHOLE[1:]),
        form((field("index"), "１".encode("utf-16")), WHOLE[0], WHOLE[2]),
        form((field("index"), b"\xff\xfe1\x00"), WHOLE[0], WHOLE[2]),
        b"--B\r\n" * 100_000,
        b"\r\n" * 1_000_000,
        b"-" * 3_000_000,
        b"\x00" * 3_000_000,
        form(*WHOLE, closed=False),
        form(*WHOLE)[:-4],
        b"",
    ],
)
def test_malformed_forms_are_refused(http: httpx.Client, body: bytes) -> None:
    answer = send(http, create(http), body)
    assert answer.status_code == 400, answer.text
    assert len(answer.text) < 1200


@pytest.mark.parametrize("boundary", ["", '""', "x" * 5000, "B; boundary=C", "\u00e4", "B\x01"])
def test_odd_boundaries(http: httpx.Client, boundary: str) -> None:
    kind = b"multipart/form-data; boundary=" + boundary.encode("latin-1")
    answer = http.post(
        f"/videos/{create(http)}/part",
        content=form(*WHOLE),
        headers=[(b"Content-Type", kind), (b"Content-Range", b"bytes 0-10/11")],
    )
    assert answer.status_code in (200, 400, 415), answer.text


@cache
def packed_zeros() -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    return b"".join(packer.compress(bytes(MEBIBYTE)) for _ in range(64)) + packer.flush()


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "zstd", "gzip, gzip", "identity, gzip", "x", "GZIP"])
def test_bombs_are_not_unpacked(http: httpx.Client, encoding: str) -> None:
    """Sixty-four mebibytes of zeros in some kilobytes, and that packed once more: refused by the label."""
    bomb = gzip.compress(packed_zeros()) if "," in encoding else packed_zeros()
    packed = {"Content-Encoding": encoding}
    answer = http.post("/videos/create", content=bomb, headers={"Content-Type": "application/json", **packed})
    assert answer.status_code == 415
    assert send(http, create(http), bomb, **packed).status_code == 415


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32", "latin-1", "utf-7", "utf-8-sig"])
def test_wrong_encodings(http: httpx.Client, encoding: str) -> None:
    content = json.dumps({"title": "caf\u00e9 \u2013"[: 4 if encoding == "latin-1" else 9]}, ensure_ascii=False)
    for kind in ("application/json", f"application/json; charset={encoding}"):
        answer = http.post("/videos/create", content=content.encode(encoding), headers={"Content-Type": kind})
        # UTF-7 is ASCII on the outside, and is taken for what it looks like where nothing says otherwise.
        expected = 201 if (encoding, kind) == ("utf-7", "application/json") else None
        assert answer.status_code == expected or answer.status_code in (400, 415), answer.text


@pytest.mark.parametrize(
    "head",
    [
        b"X: " + b"y" * 1_000_000,
        b"\r\n".join(b"X-%d: y" % number for number in range(50_000)),
        b"Cookie: " + b"a=b; " * 100_000,
        b"Authorization: Bearer " + b"x" * 1_000_000,
        b"Host: a\r\nHost: b",
        b"X\x00: y",
        b"X : y",
        b" folded: y",
        b"X: y\x00z",
    ],
)
def test_huge_and_broken_heads(target: tuple[MockServer, Path], http: httpx.Client, head: bytes) -> None:
    said = talk(target[0], b"POST /api/videos HTTP/1.1\r\nHost: x\r\n" + head + b"\r\nConnection: close\r\n\r\n")
    # Reset while it was still being sent, or refused; 401 where the head is only odd.
    assert said == b"" or said.split(b" ", 2)[1] in (b"400", b"401", b"431"), said
    assert http.post("/videos", json={}).status_code == 200


@pytest.mark.parametrize(
    "line",
    [
        b"GET /api/videos/" + b"x" * 200_000 + b" HTTP/1.1",
        b"GET http://elsewhere.example/api/videos/x HTTP/1.1",
        b"GET //api//videos//x HTTP/1.1",
        b"GET /api/videos/x?" + b"a=b&" * 10_000 + b" HTTP/1.1",
        b"GET /api/videos/x#fragment HTTP/1.1",
        b"GET \\api\\videos HTTP/1.1",
        b"GET /api/videos/%zz%%% HTTP/1.1",
        b"GET /api/videos/\xff HTTP/1.1",
        b"GET * HTTP/1.1",
        b"CONNECT elsewhere.example:443 HTTP/1.1",
        b"X" * 1000 + b" /api/videos HTTP/1.1",
        b"GET /api/videos HTTP/9.9",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"PRI * HTTP/2.0",
    ],
)
def test_odd_request_lines(target: tuple[MockServer, Path], http: httpx.Client, line: bytes) -> None:
    head = b"\r\nHost: x\r\nAuthorization: Bearer token-a\r\nConnection: close\r\n\r\n"
    said = talk(target[0], line + head)
    assert said == b"" or said.split(b" ", 2)[1] in (b"400", b"404", b"405"), said
    assert http.post("/videos", json={}).status_code == 200


def test_a_json_body_without_end_is_cut_off(target: tuple[MockServer, Path], http: httpx.Client) -> None:
    head = b"POST /api/videos/create HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer token-a\r\n"
    head += b"Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
    chunk = b"10000\r\n" + b" " * 65536 + b"\r\n"
    begun = time.process_time()
    said = talk(target[0], head, *[chunk] * 500)
    assert said == b"" or said.startswith(b"HTTP/1.1 413 ")
    assert time.process_time() - begun < 10
    assert http.post("/videos", json={}).status_code == 200


def last_words(server: MockServer, *pieces: bytes) -> bytes:
    """What a client hears that sends pieces until it is cut, at most 200 times the last one."""
    url = httpx.URL(server.url)
    with socket.create_connection((url.host, url.port or 0), timeout=0.02) as plug:
        got = b""
        for piece in (*pieces[:-1], *[pieces[-1]] * 200):
            try:
                plug.sendall(piece)
                if not (heard := plug.recv(65536)):
                    return got
                got += heard
            except TimeoutError:
                continue
            except (ConnectionResetError, BrokenPipeError):
                return got
        raise AssertionError("the connection was not cut")


ASKED = b"GET /api/videos/cost HTTP/1.1\r\nHost: x\r\n\r\n"
BEGUN = b"POST /api/videos HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer token-a\r\nContent-Type: application/json\r\n"


@pytest.mark.parametrize(
    ("pieces", "status"),
    [
        pytest.param([b""], b"", id="nothing"),
        pytest.param([b"GET /api HTTP/1.1\r\nX: ", b"y"], b"", id="a head, a byte at a time"),
        pytest.param([ASKED, b""], b"401", id="silence after an answer"),
        pytest.param([ASKED, b"G"], b"401", id="a second head, a byte at a time"),
        pytest.param([BEGUN + b"Content-Length: 9\r\n\r\n{", b""], b"", id="a body that stops"),
        pytest.param([BEGUN + b"Transfer-Encoding: chunked\r\n\r\n1\r\n", b""], b"", id="a chunk that stops"),
        pytest.param([BEGUN.replace(b"token-a", b"x") + b"Content-Length: 9\r\n\r\n{", b""], b"", id="a refused body"),
    ],
)
def test_a_client_that_keeps_a_connection_without_a_request_is_cut(
    pieces: list[bytes], status: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Connection, "HEAD_SECONDS", 0.3)
    monkeypatch.setattr(Connection, "BODY_SECONDS", 0.3)
    with MockServer() as server:
        assert last_words(server, *pieces)[9:12] == status
        assert httpx.post(f"{server.url}/videos", json={}, headers=TOKEN).status_code == 200


HELD_SECONDS = 1.6


@contextmanager
def held_back(operation: str) -> Iterator[MockServer]:
    """A server that holds requests back for several times as long as a body may stand still.

    The limit is lifted before it asks for the body, so that a client is not cut that a busy machine makes slow.
    """
    with MockServer() as server, pytest.MonkeyPatch.context() as patch:
        server.control.fault("delay", operation=operation, seconds=HELD_SECONDS)
        patch.setattr(Connection, "BODY_SECONDS", HELD_SECONDS / 4)
        lifted = threading.Timer(HELD_SECONDS * 0.75, patch.setattr, (Connection, "BODY_SECONDS", 600))
        lifted.start()
        yield server
        lifted.join()


def test_a_body_that_the_server_is_slow_to_read_is_not_cut() -> None:
    with held_back("uploadVideoPart") as server, httpx.Client(base_url=server.url, headers=TOKEN, timeout=60) as http:
        # Larger than what is read ahead, so that the client can't send the rest meanwhile.
        data = bytes(8 * MEBIBYTE)
        body = form((FILE, data), (field("index"), b"1"), (field("hash"), hashlib.md5(data).hexdigest().encode()))
        answer = send(http, create(http), body, **{"Content-Range": f"bytes 0-{len(data) - 1}/{len(data)}"})
        assert answer.status_code == 200


def test_a_body_that_the_server_has_not_asked_for_is_not_cut() -> None:
    with held_back("listVideos") as server:
        url = httpx.URL(server.url)
        with socket.create_connection((url.host, url.port or 0), timeout=60) as plug:
            plug.sendall(BEGUN + b"Expect: 100-continue\r\nContent-Length: 2\r\n\r\n")
            assert plug.recv(65536).startswith(b"HTTP/1.1 100 ")
            plug.sendall(b"{}")
            assert plug.recv(65536).startswith(b"HTTP/1.1 200 ")


def test_silent_connections_do_not_delay_other_requests(target: tuple[MockServer, Path], http: httpx.Client) -> None:
    url = httpx.URL(target[0].url)
    plugs = [socket.create_connection((url.host, url.port or 0)) for _ in range(200)]
    try:
        for plug in plugs:
            plug.sendall(b"POST /api/videos HTTP/1.1\r\nContent-Length: 100\r\n")
        assert http.post("/videos", json={}).status_code == 200
    finally:
        for plug in plugs:
            plug.close()


@pytest.mark.parametrize(
    "body",
    [
        {"offset": 2**63},
        {"offset": 10**300},
        {"limit": 10**30},
        {"search": "%_\\'\"" * 40},
        {"search": "\x00"},
        {"tags": ["x"] * 10_000},
        {"metadata": {str(number): "x" for number in range(10_000)}},
        {"sort_by": "created_at; DROP TABLE videos"},
    ],
)
def test_absurd_lists(http: httpx.Client, body: dict[str, Any]) -> None:
    assert http.post("/videos", json=body).status_code in (200, 400)


def test_a_seed_is_as_strict_as_a_request(target: tuple[MockServer, Path], http: httpx.Client) -> None:
    root = target[0].url.removesuffix("/api")
    for odd in ({"title": "x", "id": "../../x"}, {"title": "x", "size": 2**70}, {"title": "\x00" * 300}):
        answer = http.post(f"{root}/_mock/seed", json={"videos": [odd]})
        assert answer.status_code == 400
    assert http.post(f"{root}/_mock/seed", content=b"[" * 10**6, headers={"Content-Type": "application/json"}).is_error
