"""HTTP/1.1 by hand, as little as the client needs: requests off a socket, answers onto it."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import IO, TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

LONGEST_LINE = 65_536


class ClientGoneError(Exception):
    """The client closed the connection, or sent what is no request."""


@dataclass(frozen=True)
class Request:
    """One request, read whole."""

    method: str
    path: str
    headers: Mapping[str, str]
    """By lower-case name."""
    body: bytes

    @property
    def keeps_alive(self) -> bool:
        return self.headers.get("connection", "").lower() != "close"

    def json(self) -> dict[str, Any]:
        value: dict[str, Any] = json.loads(self.body or b"{}")
        return value

    def form(self) -> dict[str, bytes]:
        """The fields of a multipart body; enough for bodies that do not contain their own boundary."""
        boundary = re.search(r'boundary="?([^";]+)', self.headers.get("content-type", ""))
        fields: dict[str, bytes] = {}
        for piece in self.body.split(b"--" + boundary[1].encode())[1:-1] if boundary else ():
            head, _, content = piece.partition(b"\r\n\r\n")
            name = re.search(rb'name="([^"]*)"', head)
            if name:
                fields[name[1].decode()] = content.removesuffix(b"\r\n")
        return fields


@dataclass(frozen=True)
class Reply:
    """An answer. `headers` stand before, or instead of, the ones that it would get by itself."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    before: bytes = b""
    """Bytes that nothing asked for, ahead of the answer."""
    after: bytes = b""
    """Bytes that nothing asked for, behind the answer and in the same segment."""

    def encoded(self) -> bytes:
        own = {"Content-Type": "application/json", "Content-Length": str(len(self.body))}
        if any(name.lower() == "transfer-encoding" for name in self.headers):
            del own["Content-Length"]
        lines = [f"HTTP/1.1 {self.status} Answer"]
        lines += [f"{name}: {value}" for name, value in {**own, **self.headers}.items()]
        return self.before + "\r\n".join([*lines, "", ""]).encode("latin-1") + self.body + self.after


def success(data: Any, status: int = 200) -> Reply:
    return Reply(status, json.dumps({"status": "success", "data": data}).encode())


def done(message: str) -> Reply:
    return Reply(200, json.dumps({"status": "success", "message": message}).encode())


def failure(status: int, message: str = "no", headers: Mapping[str, str] | None = None) -> Reply:
    return Reply(status, json.dumps({"status": "error", "message": message}).encode(), headers or {})


def read_request(stream: IO[bytes]) -> Request:
    """The next request. Raises ClientGoneError where there is none."""
    first = stream.readline(LONGEST_LINE)
    words = first.split()
    if len(words) != 3:
        raise ClientGoneError
    headers: dict[str, str] = {}
    while (line := stream.readline(LONGEST_LINE)) not in (b"\r\n", b"\n"):
        if not line:
            raise ClientGoneError
        name, _, value = line.decode("latin-1").partition(":")
        headers[name.strip().lower()] = value.strip()
    return Request(words[0].decode(), words[1].decode(), headers, _read_body(stream, headers))


def _read_body(stream: IO[bytes], headers: Mapping[str, str]) -> bytes:
    if headers.get("transfer-encoding", "").lower() != "chunked":
        return _read(stream, int(headers.get("content-length", 0)))
    body = bytearray()
    while size := int(stream.readline(LONGEST_LINE).partition(b";")[0] or b"0", 16):
        body += _read(stream, size)
        stream.readline(LONGEST_LINE)
    while stream.readline(LONGEST_LINE) not in (b"\r\n", b"\n", b""):
        pass  # trailers
    return bytes(body)


def _read(stream: IO[bytes], size: int) -> bytes:
    body = stream.read(size)
    if len(body) < size:
        raise ClientGoneError
    return body
