"""A connection with unread bytes is not used again. The cases are in `tests/adversarial/cases_connections.py`."""

from __future__ import annotations

import socket
import ssl
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import httpx
import pytest
import trustme

from aioz_stream import AiozStream, AsyncAiozStream
from aioz_stream.http import unread

if TYPE_CHECKING:
    from collections.abc import Iterator

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n"
EARLY = b"HTTP/1.1 103 Early Hints\r\n\r\n"


class Stream:
    """A network stream that gives what it is told to, and never calls itself readable."""

    def __init__(self, tls: object = None) -> None:
        self.content = b""
        self._tls = tls

    def read(self, *_: object, **__: object) -> bytes:
        return self.content

    def get_extra_info(self, name: str) -> Any:
        return {"ssl_object": self._tls, "is_readable": False}.get(name)


def is_readable_after(*reads: bytes, max_bytes: int = 10_000) -> bool:
    stream = Stream()
    unread.watch(stream)
    for content in reads:
        stream.content = content
        assert stream.read(max_bytes, timeout=1) == content
    is_readable: bool = stream.get_extra_info("is_readable")
    return is_readable


@pytest.mark.parametrize(
    "reads",
    [
        [ANSWER],
        [CHUNKED],
        [ANSWER, ANSWER, CHUNKED, ANSWER],
        [EARLY + EARLY, ANSWER],
        [EARLY + ANSWER],
        [bytes([byte]) for byte in ANSWER + CHUNKED],
        [b"HTTP/1.1 204 No Content\r\n\r\n"],
    ],
)
def test_a_connection_whose_answers_are_read_is_used_again(reads: list[bytes]) -> None:
    assert not is_readable_after(*reads)


@pytest.mark.parametrize(
    "reads",
    [
        [ANSWER + ANSWER],
        [ANSWER, ANSWER + b"\n"],
        [CHUNKED + b"\r\n"],
        [ANSWER[:-1]],
        [CHUNKED[:-1]],
        [b"\x05\x02", ANSWER],
        [b"HTTP/1.0 200 OK\r\n\r\n{}"],
        [b"HTTP/1.1 204 No Content\r\nContent-Length: 2\r\n\r\n{}"],
        [ANSWER + ANSWER, ANSWER],
    ],
)
def test_all_others_are_not(reads: list[bytes]) -> None:
    assert is_readable_after(*reads)


def test_a_read_that_took_all_it_could_may_have_left_something() -> None:
    """The loop of asyncio reads up to 256 KiB ahead, which no socket shows any more."""
    assert is_readable_after(ANSWER, max_bytes=len(ANSWER))
    assert not is_readable_after(ANSWER, max_bytes=len(ANSWER) + 1)


def test_what_is_no_http_costs_no_memory() -> None:
    stream = Stream()
    unread.watch(stream)
    stream.content = b"x" * 1_000_000
    for _ in range(3):
        stream.read(10**7)
    [answers] = [cell.cell_contents for cell in stream.read.__closure__ or () if hasattr(cell.cell_contents, "add")]
    assert len(answers._parser.trailing_data[0]) <= 1_000_000


def test_records_of_tls_over_memory_are_seen() -> None:
    authority = trustme.CA()
    ours, theirs = ssl.create_default_context(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.configure_trust(ours)
    authority.issue_cert("service.test").configure_cert(theirs)
    there, back = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = ours.wrap_bio(back, there, server_hostname="service.test")
    server = theirs.wrap_bio(there, back, server_side=True)
    for side in (client, server, client, server):
        with suppress(ssl.SSLWantReadError):
            side.do_handshake()
    stream = Stream(client)
    unread.watch(stream)
    stream.content = ANSWER
    stream.read(10_000)
    assert not stream.get_extra_info("is_readable"), "tickets are no answers"
    server.write(b"more")
    assert stream.get_extra_info("is_readable")
    back.write_eof()
    assert stream.get_extra_info("is_readable")


class TestConnections:
    @pytest.fixture
    def service(self) -> Iterator[tuple[str, list[int]]]:
        """Answers each request with its number among all, and a copy of that behind; counts connections."""
        listener, requests, opened = socket.create_server(("127.0.0.1", 0)), [0], list[int]()
        lock = threading.Lock()

        def serve(connection: socket.socket) -> None:
            with connection, suppress(OSError):
                while connection.recv(65536):
                    with lock:
                        requests[0] += 1
                    price = b'{"status": "success", "data": {"price": %d, "is_enough": true}}' % requests[0]
                    answer = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(price), price)
                    connection.sendall(answer * (2 if copies[0] else 1))

        def accept() -> None:
            with suppress(OSError):
                while True:
                    connection, _ = listener.accept()
                    opened.append(1)
                    threading.Thread(target=serve, args=(connection,), daemon=True).start()

        copies = [True]
        self.copies = copies
        threading.Thread(target=accept, daemon=True).start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}", opened
        listener.close()

    @staticmethod
    def prices(stream: AiozStream, count: int) -> list[float]:
        return [float(stream.videos.cost(["360p"], 1).price) for _ in range(count)]

    def test_a_clean_one_is_used_again(self, service: tuple[str, list[int]]) -> None:
        url, opened = service
        self.copies[0] = False
        with AiozStream(token="t", base_url=url) as stream:
            assert self.prices(stream, 3) == [1, 2, 3]
        assert len(opened) == 1

    @pytest.mark.anyio
    @pytest.mark.parametrize("copies", [False, True])
    async def test_asynchronously(self, service: tuple[str, list[int]], copies: bool) -> None:
        url, opened = service
        self.copies[0] = copies
        async with AsyncAiozStream(token="t", base_url=url) as stream:
            prices = [float((await stream.videos.cost(["360p"], 1)).price) for _ in range(3)]
        assert prices == [1, 2, 3]
        assert len(opened) == (3 if copies else 1)

    def test_one_that_the_callers_client_had_already(self, service: tuple[str, list[int]]) -> None:
        url, opened = service
        self.copies[0] = False
        with httpx.Client() as http, AiozStream(token="t", base_url=url, http_client=http) as stream:
            assert http.get(url).status_code == 200
            self.copies[0] = True
            assert self.prices(stream, 3) == [2, 3, 4]
        assert len(opened) == 3
