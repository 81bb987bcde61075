"""Parts, completing, the price of it, and the bytes that come out again."""

from __future__ import annotations

import hashlib
import socket
import struct
import time
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from aioz_stream_mock import Account, MockServer, Settings

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.mock.conftest import Caller

HELLO = b"hello world"
MD5 = hashlib.md5(HELLO).hexdigest()
PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x02\x00\x00\x00rest"
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00rest"


def mp4(seconds: int) -> bytes:
    mvhd = struct.pack(">4x4x4xII", 1000, seconds * 1000) + bytes(80)
    return box(b"ftyp", b"isomiso2") + box(b"mdat", b"x" * 100) + box(b"moov", box(b"mvhd", mvhd))


def box(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I4s", 8 + len(body), kind) + body


def source(caller: Caller, video: str, **headers: str) -> httpx.Response:
    return caller.http.get(f"/videos/{video}/source", headers=headers)


def raw_form(caller: Caller, video: str, body: bytes, *, boundary: str = "B", **headers: str) -> httpx.Response:
    kind = {"Content-Type": f"multipart/form-data; boundary={boundary}", "Content-Range": "bytes 0-10/11"}
    return caller.http.post(f"/videos/{video}/part", content=body, headers={**kind, **headers})


def field(name: str, value: bytes, filename: str | None = None) -> bytes:
    extra = "" if filename is None else f'; filename="{filename}"'
    return f'--B\r\nContent-Disposition: form-data; name="{name}"{extra}\r\n\r\n'.encode() + value + b"\r\n"


FILE, INDEX, HASH = field("file", HELLO, "a.bin"), field("index", b"1"), field("hash", MD5.encode())
END = b"--B--\r\n"


def test_a_video_is_created_uploaded_completed_and_deleted(rich: Caller) -> None:
    video = rich.create()
    answer = rich.part(video, HELLO)
    assert answer.json() == {"status": "success", "message": "Upload part successfully."}
    rich.refused(source(rich, video), 404)
    answer = rich.complete(video)
    assert answer.json() == {"status": "success", "message": "Upload video complete successfully."}
    shown = rich.get(video)
    assert (shown["status"], shown["size"], shown["duration"]) == ("transcoding", 11, 0)
    assert {quality["status"] for quality in shown["qualities"]} == {"transcoding"}
    rich.clock.advance(1)
    shown = rich.get(video)
    assert shown["status"] == "done"
    assert {quality["status"] for quality in shown["qualities"]} == {"done"}
    assert httpx.get(shown["assets"]["source_url"]).content == HELLO


def test_parts_in_any_order_with_gaps_in_the_numbers(rich: Caller) -> None:
    video = rich.create()
    assert rich.part(video, HELLO[6:], start=6, size=11, index="70").status_code == 200
    assert rich.part(video, HELLO[:4], size=11, index="1").status_code == 200
    assert "4-5" in rich.refused(rich.complete(video), 400)
    assert rich.part(video, HELLO[4:6], start=4, size=11, index="9" * 30).status_code == 200
    assert rich.complete(video).status_code == 200
    assert source(rich, video).content == HELLO


@pytest.mark.parametrize(
    "content_range",
    [
        "bytes 0-10/12",
        "bytes 0-9/11",
        "bytes 1-11/11",
        "bytes 10-0/11",
        "bytes 0-10/*",
        "bytes=0-10/11",
        "bytes  0-10/11",
        "0-10/11",
        "",
        "bytes 0-10/9223372036854775808",
        "bytes 0-10/99999999999999999999999",
        "bytes 0-9223372036854775807/9223372036854775807",
    ],
)
def test_a_range_that_does_not_fit_is_refused(rich: Caller, content_range: str) -> None:
    video = rich.create()
    if content_range == "bytes 0-10/12":
        assert rich.part(video, HELLO, content_range=content_range).status_code == 200
        return
    rich.refused(rich.part(video, HELLO, content_range=content_range), 400)
    assert "No part" in rich.refused(rich.complete(video), 400)


def test_a_part_needs_its_hash_and_its_index(rich: Caller) -> None:
    video = rich.create()
    for wrong in ("0" * 32, MD5[:-1], MD5 + "0", "", "z" * 32):
        assert "/hash" in rich.refused(rich.part(video, HELLO, hash=wrong), 400)
    for wrong in ("0", "01", "-1", "1.0", "", "one", "1\n", "\u0661"):
        assert "/index" in rich.refused(rich.part(video, HELLO, index=wrong), 400)
    assert rich.part(video, HELLO, hash=MD5.upper()).status_code == 200


def test_a_part_sent_twice_is_stored_once(rich: Caller) -> None:
    video = rich.create()
    assert rich.part(video, b"01234", size=10).status_code == 200
    assert rich.part(video, b"01234", size=10).status_code == 200
    assert rich.part(video, b"abcde", size=10).status_code == 200
    rich.refused(rich.part(video, b"abcde", size=10, index="2"), 400)
    rich.refused(rich.part(video, b"abcd", size=10), 400)
    rich.refused(rich.part(video, b"xxxxx", start=4, size=10, index="2"), 400)
    assert "10 bytes" in rich.refused(rich.part(video, b"xxxxx", start=5, size=11, index="2"), 400)
    # The range decides, not the index.
    assert rich.part(video, b"56789", start=5, size=10, index="1").status_code == 200
    assert rich.complete(video).status_code == 200
    assert source(rich, video).content == b"abcde56789"


def test_completing_again_and_parts_afterwards(rich: Caller) -> None:
    video = rich.upload()
    rich.refused(rich.part(video, HELLO), 400)
    rich.clock.advance(100)
    before = rich.get(video)
    assert before["status"] == "done"
    assert rich.complete(video).status_code == 200
    assert rich.get(video) == before


def test_the_form_in_every_order(rich: Caller) -> None:
    for body in (FILE + INDEX + HASH, HASH + FILE + INDEX, INDEX + HASH + FILE, FILE * 2 + INDEX * 3 + HASH):
        assert raw_form(rich, rich.create(), body + END).status_code == 200


@pytest.mark.parametrize(
    "body",
    [
        FILE + INDEX + HASH,
        FILE + INDEX + END,
        FILE + HASH + END,
        INDEX + HASH + END,
        END,
        b"",
        b"nonsense",
        FILE + INDEX + field("index", b"2") + HASH + END,
        FILE + field("file", b"other", "a.bin") + INDEX + HASH + END,
        FILE + INDEX + HASH + field("extra", b"x") + END,
        FILE + INDEX + HASH + field("extra", b"x" * 100_000, "extra.bin") + END,
        field("file", HELLO) + INDEX + HASH + END,
        field("file", HELLO, "") + INDEX + HASH + END,
        FILE + field("index", b"1", "index.txt") + HASH + END,
        FILE + INDEX + field("hash", MD5.encode(), "hash.txt") + END,
        FILE + INDEX + field("hash", b"\xff\xfe") + END,
        FILE + INDEX + field("hash", b"0" * 10_000) + END,
        FILE + INDEX * 20 + HASH + END,
        b"--B\r\n\r\nno headers\r\n" + FILE + INDEX + HASH + END,
        b'--B\r\nContent-Disposition: attachment; name="file"\r\n\r\nx\r\n' + INDEX + HASH + END,
        b"--B\r\nX: " + b"y" * 10_000 + b"\r\n\r\nx\r\n" + END,
        b"--B\r\n" + b"X: y\r\n" * 100 + b"\r\nx\r\n" + END,
        FILE.replace(b"\r\n\r\n", b"\r\nContent-Transfer-Encoding: base64\r\n\r\n", 1) + INDEX + HASH + END,
    ],
)
def test_forms_that_are_refused(rich: Caller, body: bytes) -> None:
    video = rich.create()
    rich.refused(raw_form(rich, video, body), 400)
    rich.refused(rich.complete(video), 400)


def test_forms_of_another_kind(rich: Caller) -> None:
    video, good = rich.create(), FILE + INDEX + HASH + END
    for kind, status in (
        ("application/json", 415),
        ("multipart/mixed; boundary=B", 415),
        ("", 415),
        ("multipart/form-data", 400),
        ("multipart/form-data; boundary=", 400),
        ("multipart/form-data; boundary=" + "B" * 300, 400),
        ("multipart/form-data; boundary=C", 400),
    ):
        rich.refused(raw_form(rich, video, good, **{"Content-Type": kind}), status)
    rich.refused(raw_form(rich, video, good, **{"Content-Encoding": "gzip"}), 415)


def test_bytes_that_imitate_the_framing_come_back_exactly(rich: Caller) -> None:
    tricky = (
        b"\r\n--B\r\r\n--Bx\r\n--B-\r\n--\r\n"
        b'\r\n--BB--\r\nContent-Disposition: form-data; name="index"\r\n\r\n2\r\n'
        + bytes(range(256))
        + b"\r\n--b--\r\n\r\n-"
    ) * 500
    md5 = hashlib.md5(tricky).hexdigest().encode()
    body = field("file", tricky, "a").replace(b"--B", b"--BBB", 1) + (INDEX + field("hash", md5)).replace(
        b"--B", b"--BBB"
    )
    video = rich.create()
    answer = raw_form(
        rich,
        video,
        body + b"--BBB--\r\n",
        boundary="BBB",
        **{"Content-Range": f"bytes 0-{len(tricky) - 1}/{len(tricky)}"},
    )
    assert answer.status_code == 200, answer.text
    rich.complete(video)
    assert source(rich, video).content == tricky


def test_ranges_of_the_source(rich: Caller) -> None:
    video = rich.create()
    for index, start in enumerate(range(0, 11, 3)):
        piece = HELLO[start : start + 3]
        assert rich.part(video, piece, start=start, size=11, index=str(index + 1)).status_code == 200
    rich.complete(video)
    whole = source(rich, video)
    assert (whole.status_code, whole.headers["content-length"], whole.content) == (200, "11", HELLO)
    for asked, part in (("2-7", HELLO[2:8]), ("9-", HELLO[9:]), ("-4", HELLO[-4:]), ("5-99", HELLO[5:])):
        answer = source(rich, video, Range=f"bytes={asked}")
        assert (answer.status_code, answer.content) == (206, part)
        assert answer.headers["content-length"] == str(len(part))
    assert source(rich, video, Range="bytes=2-7").headers["content-range"] == "bytes 2-7/11"
    for ignored in ("bytes=0-1,3-4", "bytes=-", "bytes=7-2", "lines=1-2"):
        assert source(rich, video, Range=ignored).status_code == 200
    assert rich.refused(source(rich, video, Range="bytes=11-"), 416)
    assert source(rich, video, Range="bytes=0-1", **{"If-Range": '"old"'}).status_code == 200
    head = rich.http.head(f"/videos/{video}/source")
    assert (head.status_code, head.headers["content-length"], head.content) == (200, "11", b"")


def test_a_private_source_is_the_owners(rich: Caller, poor: Caller) -> None:
    video = rich.upload(is_public=False)
    url = rich.get(video)["assets"]["source_url"]
    assert httpx.get(url).status_code == 401
    assert poor.http.get(url).status_code == 404
    assert rich.http.get(url).content == HELLO


def test_thumbnails(rich: Caller) -> None:
    video = rich.create()
    assert rich.get(video)["assets"]["thumbnail_url"] is None
    for data, name, kind in ((PNG, "t.png", "image/png"), (JPEG, "T.JPG", "image/jpeg"), (PNG, "t.jpg", "image/png")):
        answer = rich.thumbnail(video, data, name)
        assert answer.json() == {"status": "success", "message": "Upload thumbnail successfully."}
        shown = httpx.get(rich.get(video)["assets"]["thumbnail_url"])
        assert (shown.content, shown.headers["content-type"]) == (data, kind)
    for data, name in (
        (PNG, "t.jpeg"),
        (PNG, "t.gif"),
        (PNG, "png"),
        (b"", "t.png"),
        (b"GIF89a", "t.png"),
        (PNG[:12], "t.png"),
        (JPEG[:3], "t.jpg"),
        (b"<html>", "t.jpg"),
    ):
        rich.refused(rich.thumbnail(video, data, name), 400)
    rich.refused(rich.thumbnail(video, bytes(21 * 1024 * 1024)), 413)
    assert rich.http.get(f"/videos/{video}/thumbnail?resolution=small").status_code == 404


def test_the_cost_grows_with_length_and_qualities(rich: Caller, poor: Caller) -> None:
    def cost(caller: Caller, qualities: str, duration: str) -> dict[str, Any]:
        answer = caller.http.get("/videos/cost", params={"qualities": qualities, "duration": duration})
        assert answer.status_code == 200, answer.text
        data: dict[str, Any] = answer.json()["data"]
        return data

    small = cost(rich, "360p,1080p", "60")
    assert small == {"price": 0.013, "is_enough": True}
    assert cost(rich, "360p,1080p", "61")["price"] > small["price"]
    assert cost(rich, "360p,2160p", "60")["price"] > small["price"]
    assert cost(rich, "144p", "1e-300")["price"] > 0
    assert cost(rich, ",".join(["144p"] * 5000), "60") == cost(rich, "144p", "60")
    assert cost(rich, "144p", "1.7e308")["is_enough"] is False
    assert cost(poor, "144p", "0.001")["is_enough"] is False


@pytest.mark.parametrize(
    "query",
    [
        "",
        "qualities=360p",
        "duration=60",
        "qualities=&duration=60",
        "qualities=360p&qualities=720p&duration=60",
        "qualities=360p&duration=60&duration=60",
        "qualities=360p,&duration=60",
        "qualities=360p, 720p&duration=60",
        "qualities=4320p&duration=60",
        "qualities=360p%0A&duration=60",
        *(
            f"qualities=360p&duration={odd}"
            for odd in ("0", "-1", "NaN", "inf", "1e400", "1_0", "0x10", "", "%2B1", "٣")
        ),
    ],
)
def test_cost_refuses(rich: Caller, query: str) -> None:
    rich.refused(rich.http.get(f"/videos/cost?{query}"), 400)


def test_cost_ignores_what_else_is_asked(rich: Caller) -> None:
    assert rich.http.get("/videos/cost?qualities=360p&duration=60&x=1&x=2").status_code == 200


def test_completing_costs_once_and_an_empty_account_completes_nothing(rich: Caller, poor: Caller) -> None:
    video = poor.create()
    assert "Missing bytes: 5-10" in poor.refused((poor.part(video, HELLO[:5], size=11), poor.complete(video))[1], 400)
    poor.part(video, HELLO[5:], start=5, size=11, index="2")
    before = poor.get(video)
    poor.refused(poor.complete(video), 402)
    assert poor.get(video) == before

    account = Account.named("c", Decimal("0.019"))
    headers = {"Authorization": "Bearer token-c"}
    with (
        MockServer(Settings(accounts=[account])) as server,
        httpx.Client(base_url=server.url, headers=headers, timeout=60) as http,
    ):
        caller = type(rich)(http, rich.clock)
        caller.upload(mp4(60))
        assert server.state.store.balance(account.id) == Decimal("0.000")
        second = caller.create()
        caller.part(second, mp4(60))
        caller.refused(caller.complete(second), 402)


def test_the_length_of_an_mp4_is_known_when_done(rich: Caller) -> None:
    video = rich.upload(mp4(90))
    assert rich.get(video)["duration"] == 0
    rich.clock.advance(2)
    assert rich.get(video)["duration"] == 90
    assert source(rich, video).headers["content-type"] == "video/mp4"


@pytest.mark.parametrize("cut", range(8, 240, 7))
def test_broken_mp4s_have_no_length(rich: Caller, cut: int) -> None:
    data = mp4(90)
    video = rich.upload(data[:cut] if cut % 2 else data[:cut] + b"\xff" * 20 + data[cut + 20 :])
    rich.clock.advance(2)
    assert rich.get(video)["status"] == "done"


def test_limits_of_a_part() -> None:
    settings = Settings(max_part_size=1_000_000, min_part_size=1000)
    headers = {"Authorization": "Bearer token-a"}
    with MockServer(settings) as server, httpx.Client(base_url=server.url, headers=headers, timeout=60) as http:
        video = http.post("/videos/create", json={"title": "x"}).json()["data"]["id"]

        def send(data: Any, start: int, end: int) -> int:
            md5 = hashlib.md5(data).hexdigest()
            return http.post(
                f"/videos/{video}/part",
                files={"file": ("a", data)},
                data={"index": str(start + 1), "hash": md5},
                headers={"Content-Range": f"bytes {start}-{end}/5000000"},
            ).status_code

        assert send(bytes(999), 0, 998) == 400
        assert send(bytes(1000), 0, 999) == 200
        assert send(bytes(10), 4_999_990, 4_999_999) == 200
        assert send(bytes(1_000_001), 1000, 1_001_000) == 413
        assert send(bytes(3_000_000), 1000, 3_000_999) == 413
        assert send(bytes(1_000_000), 1000, 1_000_999) == 200


def test_a_caller_that_hangs_up_leaves_nothing() -> None:
    with MockServer() as server:
        headers = {"Authorization": "Bearer token-a"}
        video = httpx.post(f"{server.url}/videos/create", json={"title": "x"}, headers=headers).json()["data"]["id"]
        url = httpx.URL(server.url)
        with socket.create_connection((url.host, url.port or 0)) as plug:
            plug.sendall(
                f"POST /api/videos/{video}/part HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer token-a\r\n"
                "Content-Type: multipart/form-data; boundary=B\r\nContent-Range: bytes 0-10/11\r\n"
                "Content-Length: 1000000\r\n\r\n".encode()
                + FILE[:-4]
            )
            store = server.state.store
            _until(lambda: any(store.incoming.iterdir()))
        _until(lambda: not any(store.incoming.iterdir()))
        assert not any(store.files.iterdir())
        assert store.parts(video) == []


def test_a_body_without_end_is_cut_off() -> None:
    with MockServer(Settings(max_part_size=1_000_000)) as server:
        url = httpx.URL(server.url)
        with socket.create_connection((url.host, url.port or 0), timeout=60) as plug:
            plug.sendall(b"POST /api/videos/x/part HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")
            chunk = b"10000\r\n" + b"x" * 65536 + b"\r\n"
            with pytest.raises((BrokenPipeError, ConnectionResetError)):
                plug.sendall(chunk * 5000)


def test_a_caller_that_waits_to_be_told_is_refused_at_once(server: MockServer) -> None:
    url = httpx.URL(server.url)
    with socket.create_connection((url.host, url.port or 0), timeout=60) as plug:
        plug.sendall(
            b"POST /api/videos/x/part HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 99999999\r\n\r\n"
        )
        assert plug.recv(1000).startswith(b"HTTP/1.1 401 ")


def _until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def test_eight_clients_at_once(rich: Caller) -> None:
    size, count = 40_000, 40
    data = bytes(i * 31 % 251 for i in range(size * count))
    video = rich.create()

    def send(number: int) -> int:
        piece = data[number * size : (number + 1) * size]
        # Every part is sent twice, by whichever threads come to it.
        return rich.part(video, piece, start=number * size, size=len(data), index=str(number + 1)).status_code

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(send, [*range(count), *range(count)])) == {200}
        assert set(pool.map(lambda _: rich.complete(video).status_code, range(8))) == {200}
    assert source(rich, video).content == data


def test_the_same_part_by_eight_clients_is_stored_once() -> None:
    headers = {"Authorization": "Bearer token-a"}
    with MockServer() as server, httpx.Client(base_url=server.url, headers=headers, timeout=60) as http:
        video = http.post("/videos/create", json={"title": "x"}).json()["data"]["id"]

        def send(number: int) -> int:
            data = HELLO if number % 2 else HELLO.upper()
            return http.post(
                f"/videos/{video}/part",
                files={"file": ("a", data)},
                data={"index": "1", "hash": hashlib.md5(data).hexdigest()},
                headers={"Content-Range": "bytes 0-10/11"},
            ).status_code

        with ThreadPoolExecutor(8) as pool:
            assert set(pool.map(send, range(40))) == {200}
        store = server.state.store
        (part,) = store.parts(video)
        assert [file.name for file in store.files.iterdir()] == [part.file]
        assert not any(store.incoming.iterdir())


def test_delete_against_parts_leaves_no_bytes() -> None:
    headers = {"Authorization": "Bearer token-a"}
    with MockServer() as server, httpx.Client(base_url=server.url, headers=headers, timeout=60) as http:
        for _ in range(5):
            video = http.post("/videos/create", json={"title": "x"}).json()["data"]["id"]

            def act(number: int, video: str = video) -> int:
                if number == 4:
                    return http.delete(f"/videos/{video}").status_code
                return http.post(
                    f"/videos/{video}/part",
                    files={"file": ("a", HELLO)},
                    data={"index": str(number + 1), "hash": MD5},
                    headers={"Content-Range": f"bytes {number * 11}-{number * 11 + 10}/110"},
                ).status_code

            with ThreadPoolExecutor(8) as pool:
                assert set(pool.map(act, range(8))) <= {200, 404}
        assert not any(server.state.store.files.iterdir())
