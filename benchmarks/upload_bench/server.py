"""A server that swallows what it is sent, and answers as three services do: ours, S3 and api.video.

It must never be what a benchmark waits for. So each connection has a process of its own, and over plain HTTP the kernel
drops the bodies without copying them (MSG_TRUNC). How many bytes of bodies came, it counts, and says at /swallowed: who
sends less than the file is found out. With `--report` it writes its counts into a file, again and again. Linux only.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import re
import signal
import socket
import socketserver
import ssl
import sys
import threading
import time
from contextlib import suppress
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attrs import define, evolve, frozen

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_BLOCK = 1024 * 1024
_HEAD = 64 * 1024
_REPORT_INTERVAL = 0.1  # seconds

VIDEO = {"id": "one", "title": "one", "status": "transcoding"}
"""What every video here is."""


@frozen
class Request:
    """The head of a request."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes = b""
    """Of a call; large ones are swallowed."""

    @classmethod
    def of(cls, head: bytes) -> Request:
        first, *lines = head.decode("latin-1").split("\r\n")
        method, target, _ = first.split(" ", 2)
        headers = (line.partition(":") for line in lines)
        return cls(method, target, {name.lower(): value.strip() for name, _, value in headers})

    def has_large_body(self) -> bool:
        is_chunked = self.headers.get("transfer-encoding", "").lower() == "chunked"
        return is_chunked or int(self.headers.get("content-length", "0")) > _HEAD


@frozen
class Answer:
    """What a service says."""

    status: int
    body: str = ""
    headers: Mapping[str, str] = {}

    def encoded(self) -> bytes:
        body = self.body.encode()
        kind = "application/xml" if self.body.startswith("<") else "application/json"
        lines = [
            f"HTTP/1.1 {self.status} {HTTPStatus(self.status).phrase}",
            f"Content-Length: {len(body)}",
            f"Content-Type: {kind}",
            *(f"{name}: {value}" for name, value in self.headers.items()),
        ]
        return "\r\n".join([*lines, "", ""]).encode() + body


def answer(request: Request) -> Answer:
    """What the service that was meant says to a request, whose body is already swallowed."""
    for pattern, service in _SERVICES.items():
        if match := re.match(pattern, request.target):
            return service(request, request.target[match.end() :])
    return Answer(404, "{}")


def _aioz(request: Request, path: str) -> Answer:
    if request.method == "POST" and path.endswith("/part"):
        return _success(message="Upload part successfully.")
    if request.method == "GET" and path.endswith("/complete"):
        return _success(message="Completed.")
    if request.method == "POST" and path == "/videos":
        return _success(data={"videos": [], "total": 0})
    if request.method == "POST" and path == "/videos/create":
        return _success(data=VIDEO | {"title": json.loads(request.body)["title"]})
    return _success(data=VIDEO)


def _success(**content: Any) -> Answer:
    return Answer(200, json.dumps({"status": "success", **content}))


def _s3(request: Request, path: str) -> Answer:
    if "partNumber=" in path or ("uploads" not in path and request.method == "PUT"):
        return Answer(200, headers={"ETag": '"0123456789abcdef0123456789abcdef"'})
    result = "InitiateMultipartUploadResult" if "?uploads" in path else "CompleteMultipartUploadResult"
    names = "<Bucket>bucket</Bucket><Key>key</Key><UploadId>one</UploadId><ETag>one</ETag>"
    return Answer(200, f'<{result} xmlns="http://s3.amazonaws.com/doc/2006-03-01/">{names}</{result}>')


def _api_video(_: Request, path: str) -> Answer:
    if path.startswith("/auth"):
        token = {"access_token": "t", "refresh_token": "t", "token_type": "Bearer", "expires_in": 3600}
        return Answer(200, json.dumps(token))
    return Answer(201, json.dumps({"videoId": "one", "title": "one"}))


_SERVICES = {"/aioz": _aioz, "/s3": _s3, "/api-video": _api_video}


@define
class _Incoming:
    """Bytes of one connection, of which some were read further than asked for."""

    connection: socket.socket
    is_plain: bool
    block: int = _BLOCK
    ahead: bytes = b""

    def line(self, end: bytes) -> bytes:
        """Up to an end, without it; nothing where the connection ends."""
        while end not in self.ahead:
            more = self.connection.recv(_HEAD)
            if not more:
                return b""
            self.ahead += more
        line, _, self.ahead = self.ahead.partition(end)
        return line

    def take(self, size: int) -> bytes:
        while len(self.ahead) < size:
            more = self.connection.recv(_HEAD)
            if not more:
                raise ConnectionError("cut in the middle of a body")
            self.ahead += more
        taken, self.ahead = self.ahead[:size], self.ahead[size:]
        return taken

    def swallow(self, size: int, count: Callable[[int], object] = lambda _: None) -> None:
        taken = min(size, len(self.ahead))
        self.ahead, left = self.ahead[taken:], size - taken
        count(taken)
        flags = socket.MSG_TRUNC | socket.MSG_WAITALL if self.is_plain else 0
        while left > 0:
            came = self.connection.recv_into(_SCRATCH, min(left, self.block), flags)
            if not came:
                raise ConnectionError("cut in the middle of a body")
            left -= came
            count(came)


_SCRATCH = bytearray(_BLOCK)


class Swallower(socketserver.ForkingTCPServer):
    """The server. Plain, or with a certificate."""

    allow_reuse_address = True
    request_queue_size = 128
    max_children = 512

    def __init__(self, tls: ssl.SSLContext | None = None, host: str = "127.0.0.1") -> None:
        super().__init__((host, 0), _Connection)
        self.tls = tls
        # typeshed has no type for one with its lock
        self.swallowed: Any = multiprocessing.Value("Q", 0)
        """Bytes of bodies."""
        self.acknowledged: Any = multiprocessing.Value("Q", 0)
        """Bytes of bodies whose request was answered."""
        self.block = _BLOCK
        """Bytes that are swallowed, and counted, at a time."""
        self.began: Any = multiprocessing.Value("Q", 0)
        """Bodies of parts that began to come."""

    def report(self, path: Path) -> None:
        """Writes the counts again and again, each time whole."""
        new = path.with_suffix(".new")
        while True:
            new.write_text(json.dumps([one.value for one in (self.swallowed, self.acknowledged, self.began)]))
            new.replace(path)
            time.sleep(_REPORT_INTERVAL)

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that goes away is none of ours to report."""
        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)


class _Connection(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        server = self.server
        assert isinstance(server, Swallower), "it is what makes these"
        connection: socket.socket = self.request
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if server.tls:
            connection = server.tls.wrap_socket(connection, server_side=True)
        incoming = _Incoming(connection, not server.tls, server.block)
        while head := incoming.line(b"\r\n\r\n"):
            request = Request.of(head)
            _add(server.began, int(request.has_large_body()))
            came = 0

            def count(size: int) -> None:
                nonlocal came
                came += size
                _add(server.swallowed, size)

            if request.target.endswith("/create"):
                request = evolve(request, body=incoming.take(int(request.headers["content-length"])))
                count(len(request.body))
            else:
                self._swallow(request, incoming, count)
            is_count = request.target == "/swallowed"
            said = Answer(200, str(server.swallowed.value)) if is_count else answer(request)
            connection.sendall(said.encoded())
            _add(server.acknowledged, came)
            if request.headers.get("connection", "").lower() == "close":
                return

    @staticmethod
    def _swallow(request: Request, incoming: _Incoming, count: Callable[[int], object]) -> None:
        if request.headers.get("expect", "").lower() == "100-continue":
            incoming.connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        if request.headers.get("transfer-encoding", "").lower() != "chunked":
            size = int(request.headers.get("content-length", "0"))
            incoming.swallow(size, count)
            return
        while size := int(incoming.line(b"\r\n").partition(b";")[0], 16):
            incoming.swallow(size, count)
            incoming.swallow(2)
        while incoming.line(b"\r\n"):
            pass  # trailers


def _add(counter: Any, number: int) -> None:
    with counter:
        counter.value += number


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--certificate", help="a file with key and certificate; plain HTTP without")
    parser.add_argument("--host", default="127.0.0.1", help="the address to listen at")
    parser.add_argument("--report", type=Path, help="a file for the counts")
    options = parser.parse_args()
    tls = None
    if options.certificate:
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(options.certificate)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with Swallower(tls, options.host) as server, suppress(KeyboardInterrupt):
        if options.report:
            server.block = _HEAD  # of a slow link, a larger block counts seconds late
            threading.Thread(target=server.report, args=(options.report,), daemon=True).start()
        print(server.port, flush=True)
        server.serve_forever()


if __name__ == "__main__":
    main()
