"""What lies are made of: each function gives what a `Lie` tells."""

from __future__ import annotations

import gzip
import json
import zlib
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Any

from tests.adversarial.ledger import MARKER, page
from tests.adversarial.wire import Reply, failure

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tests.adversarial.ledger import Video
    from tests.adversarial.service import Exchange

    Tell = Callable[[Exchange], Reply | None]

MIB = 1 << 20


def says(reply: Reply) -> Tell:
    """Nothing is done; this is answered."""
    return lambda _exchange: reply


def does_and_says(reply: Reply) -> Tell:
    """All is done that was asked for, and this is answered."""

    def tell(exchange: Exchange) -> Reply:
        exchange.truth()
        return reply

    return tell


def cut(exchange: Exchange) -> None:
    """Nothing is done and nothing answered."""


def does_and_cuts(exchange: Exchange) -> None:
    """All is done, and nothing answered."""
    exchange.truth()


def resets(exchange: Exchange) -> None:
    exchange.reset()


def does_and_resets(exchange: Exchange) -> None:
    exchange.truth()
    exchange.reset()


def edits(change: Callable[[dict[str, Any], Exchange], object]) -> Tell:
    """The truth, in which `change` has altered the `data`."""

    def tell(exchange: Exchange) -> Reply:
        reply = exchange.truth()
        content = json.loads(reply.body)
        if "data" in content:
            change(content["data"], exchange)
        return replace(reply, body=json.dumps(content).encode())

    return tell


def alters(**changes: Any) -> Tell:
    """The truth, but for some fields of the `data`."""
    return edits(lambda data, _exchange: data.update(changes))


def shows(video: Callable[[Exchange], Video], **changes: Any) -> Tell:
    """All is done; another video is shown in the answer."""

    def tell(exchange: Exchange) -> Reply:
        reply = exchange.truth()
        return replace(
            reply, body=json.dumps({"status": "success", "data": {**video(exchange).as_json(), **changes}}).encode()
        )

    return tell


def shows_only(video: Callable[[Exchange], Video], **changes: Any) -> Tell:
    """Nothing is done; another video is shown."""

    def tell(exchange: Exchange) -> Reply:
        data = {**video(exchange).as_json(), **changes}
        return Reply(201, json.dumps({"status": "success", "data": data}).encode())

    return tell


def stranger(number: int) -> Callable[[Exchange], Video]:
    return lambda exchange: exchange.ledger.strangers[number]


# Connections


def twice(exchange: Exchange) -> Reply:
    """The true answer, and a second copy of it behind."""
    reply = exchange.truth()
    return replace(reply, after=reply.encoded())


def followed_by(content: bytes) -> Tell:
    return lambda exchange: replace(exchange.truth(), after=content)


def preceded_by(content: bytes) -> Tell:
    return lambda exchange: replace(exchange.truth(), before=content)


def damaged(change: Callable[[Reply], Reply]) -> Tell:
    """All is done, and the answer to it is altered on its way."""
    return lambda exchange: change(exchange.truth())


def raw(change: Callable[[bytes], bytes]) -> Tell:
    """All is done; the answer's bytes are altered, and the connection ends behind them."""

    def tell(exchange: Exchange) -> None:
        exchange.send(change(exchange.truth().encoded()))

    return tell


# Lists


def unfiltered(exchange: Exchange) -> Reply:
    """Every video, whichever were asked for."""
    body = exchange.request.json()
    found = exchange.ledger.matching({"order_by": body.get("order_by", "desc")})
    offset = body.get("offset", 0)
    return page(found[offset : offset + body.get("limit", 25)], len(found))


def finds_nothing(_exchange: Exchange) -> Reply:
    return page((), 0)


def refuses(_exchange: Exchange) -> Reply:
    return failure(400, "metadata has a form that is not known.")


def with_metadata(tell: Tell, *, forms: tuple[type, ...] = (dict, list)) -> Tell:
    """Lies where the filter has one of these forms; the truth otherwise."""

    def choose(exchange: Exchange) -> Reply | None:
        is_form = isinstance(exchange.request.json().get("metadata"), forms)
        return tell(exchange) if is_form else exchange.truth()

    return choose


def echoes_the_filter(exchange: Exchange) -> Reply:
    """Every video, and each is shown as if it had the metadata that was asked for."""
    wanted = exchange.request.json().get("metadata")
    shown = [{"key": key, "value": value} for key, value in wanted.items()] if isinstance(wanted, dict) else wanted
    reply = unfiltered(exchange)
    content = json.loads(reply.body)
    for video in content["data"]["videos"]:
        video["metadata"] = shown or video["metadata"]
    return replace(reply, body=json.dumps(content).encode())


# Bodies


def as_html(reply: Reply) -> Reply:
    return Reply(reply.status, b"<html><body>Please sign in</body></html>", {"Content-Type": "text/html"})


def truncated(reply: Reply) -> Reply:
    return replace(reply, body=reply.body[: len(reply.body) // 2])


def without_data(reply: Reply) -> Reply:
    return replace(reply, body=b'{"status": "success"}')


def emptied(reply: Reply) -> Reply:
    return replace(reply, body=b"")


def with_broken_gzip(reply: Reply) -> Reply:
    content = gzip.compress(reply.body)
    return replace(reply, body=content[:-12] + bytes(12), headers={"Content-Encoding": "gzip"})


def in_other_words(change: Callable[[dict[str, Any]], Any]) -> Callable[[Reply], Reply]:
    """The answer's JSON, altered as a whole."""
    return lambda reply: replace(reply, body=json.dumps(change(json.loads(reply.body))).encode())


def head(status: int, headers: Mapping[str, object]) -> bytes:
    lines = [f"HTTP/1.1 {status} Answer", *(f"{name}: {value}" for name, value in headers.items())]
    return "\r\n".join([*lines, "", ""]).encode()


def huge(status: int, size: int, **headers: str) -> Tell:
    """So many bytes of one JSON string, none of which can be left out."""

    def tell(exchange: Exchange) -> None:
        said = head(status, {"Content-Type": "application/json", "Content-Length": size, **headers})
        start = b'{"status": "success", "message": "'
        exchange.send_for_ever(said + start, lambda _number: b"x" * MIB, size - len(start))

    return tell


def endless_chunks(status: int) -> Tell:
    def tell(exchange: Exchange) -> None:
        said = head(status, {"Content-Type": "application/json", "Transfer-Encoding": "chunked"})
        chunk = b"%x\r\n%s\r\n" % (MIB, b"x" * MIB)
        exchange.send_for_ever(said, lambda _number: chunk, 4096 * MIB)

    return tell


def bomb(status: int, encoding: str, *, layers: int = 1, size: int = 1024 * MIB) -> Tell:
    """A body that is small on its way, and so many bytes when it is inflated."""

    def tell(_exchange: Exchange) -> Reply:
        content = packed(size, encoding)
        for _ in range(layers - 1):
            content = gzip.compress(content)
        return Reply(status, content, {"Content-Encoding": ", ".join([encoding] * layers)})

    return tell


@cache
def packed(size: int, encoding: str) -> bytes:
    """So many spaces, compressed without ever being in memory; block by block, so that the server is ready at once."""
    block, count = b" " * MIB, size // MIB
    packer = zlib.compressobj(6, zlib.DEFLATED, -15)
    content = (packer.compress(block) + packer.flush(zlib.Z_FULL_FLUSH)) * count + b"\x03\x00"
    checksum = zlib.crc32 if encoding == "gzip" else zlib.adler32
    total = checksum(b"")
    for _ in range(count):
        total = checksum(block, total)
    if encoding == "gzip":
        return b"\x1f\x8b\x08" + bytes(7) + content + total.to_bytes(4, "little") + size.to_bytes(4, "little")
    return b"\x78\x9c" + content + total.to_bytes(4, "big")


def marked_like(video: Video) -> list[dict[str, str]]:
    return [{"key": MARKER, "value": video.marker or ""}]
