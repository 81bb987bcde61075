"""Bodies of answers are read to a bound, however they are packed. `tests/adversarial/test_bodies.py` measures it."""

from __future__ import annotations

import asyncio
import gzip
import zlib
from typing import TYPE_CHECKING

import httpx
import pytest

from aioz_stream import AiozStream, AsyncAiozStream, BadRequestError, UnexpectedResponseError, capture_responses
from aioz_stream.http import bodies

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Iterator

VIDEO = b'{"status": "success", "data": {"id": "x", "title": "Talk", "status": "new"}}'
STEP = 64 * 1024


def packed(content: bytes) -> bytes:
    return gzip.compress(content, mtime=0)  # without the time, which would be in the names of tests


class Blocks(httpx.SyncByteStream, httpx.AsyncByteStream):
    """A body that comes in blocks, and counts how many of them were taken."""

    def __init__(self, blocks: Iterable[bytes]) -> None:
        self._blocks = iter(blocks)
        self.taken = 0
        self.is_closed = False

    def __iter__(self) -> Iterator[bytes]:
        for block in self._blocks:
            self.taken += 1
            yield block

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for block in self:
            yield block

    def close(self) -> None:
        self.is_closed = True

    async def aclose(self) -> None:
        self.is_closed = True


def answered(status: int, blocks: Iterable[bytes], encoding: str = "") -> tuple[httpx.MockTransport, Blocks]:
    body = Blocks(blocks)
    headers = {"Content-Type": "application/json", "Content-Encoding": encoding}
    return httpx.MockTransport(lambda _: httpx.Response(status, headers=headers, stream=body)), body


def get(status: int, blocks: Iterable[bytes], encoding: str = "") -> tuple[httpx.Response, Blocks]:
    transport, body = answered(status, blocks, encoding)
    with AiozStream(token="secret", transport=transport, max_retries=0) as stream, capture_responses() as responses:
        stream.videos.get("x")
    return responses[-1], body


@pytest.mark.parametrize(
    ("encoding", "content"),
    [
        ("", VIDEO),
        ("identity", VIDEO),
        ("gzip", packed(VIDEO)),
        ("X-GZIP", packed(VIDEO)),
        ("deflate", zlib.compress(VIDEO)),
        ("deflate, gzip", packed(zlib.compress(VIDEO))),
        ("gzip,identity , gzip,gzip", packed(packed(packed(VIDEO)))),
        ("gzip", packed(VIDEO) + b"padding that httpx leaves out, too"),
    ],
)
@pytest.mark.parametrize("size", [1, 7, 1000])
def test_what_is_packed_is_unpacked(encoding: str, content: bytes, size: int) -> None:
    response, body = get(200, [content[start : start + size] for start in range(0, len(content), size)], encoding)
    assert response.content == VIDEO
    assert response.headers["Content-Encoding"] == encoding
    assert response.elapsed.total_seconds() >= 0
    assert body.is_closed


@pytest.mark.parametrize("size", [0, 1, STEP - 1, STEP, STEP + 1, 3 * STEP, 10 * STEP + 5])
def test_steps_lose_nothing(size: int) -> None:
    content = VIDEO[:-2] + b', "padding": "' + b"x" * size + b'"}}'
    response, _ = get(200, [packed(content)], "gzip")
    assert response.content == content


@pytest.mark.parametrize(("over", "refused"), [(0, False), (1, True)])
def test_a_success_ends_at_its_bound(over: int, refused: bool) -> None:
    content = VIDEO + b" " * (bodies.MOST - len(VIDEO) + over)
    if not refused:
        assert get(200, [content])[0].content == content
        return
    with pytest.raises(UnexpectedResponseError, match="more than 32 MiB") as caught:
        get(200, [content])
    assert caught.value.response is not None
    assert len(caught.value.response.content) <= bodies.MOST_OF_ERROR


@pytest.mark.parametrize("encoding", ["", "gzip", "deflate", "gzip, gzip"])
def test_an_error_ends_at_its_bound_and_stays_that_error(encoding: str) -> None:
    def endless() -> Iterator[bytes]:
        if not encoding:
            while True:
                yield b"x" * 1000
        packer = zlib.compressobj(0, zlib.DEFLATED, 31 if "gzip" in encoding else 15)
        outer = zlib.compressobj(0, zlib.DEFLATED, 31)
        while True:
            block = packer.compress(b"x" * 1000) + packer.flush(zlib.Z_SYNC_FLUSH)
            yield outer.compress(block) + outer.flush(zlib.Z_SYNC_FLUSH) if "," in encoding else block

    transport, body = answered(400, endless(), encoding)
    with (
        AiozStream(token="secret", transport=transport) as stream,
        pytest.raises(BadRequestError, match="xxx") as caught,
    ):
        stream.videos.get("x")
    assert caught.value.response is not None
    assert 60_000 < len(caught.value.response.content) <= bodies.MOST_OF_ERROR
    assert 64 <= body.taken <= 70
    assert body.is_closed


def test_bytes_that_unpack_to_nothing_end_as_well() -> None:
    """Empty blocks of deflate can follow one another for ever, and none of them gives a byte."""
    packer = zlib.compressobj(0, zlib.DEFLATED, 31)
    start, empty = packer.compress(b"x") + packer.flush(zlib.Z_SYNC_FLUSH), b"\0\0\0\xff\xff" * 1000

    def endless() -> Iterator[bytes]:
        yield start
        while True:
            yield empty

    transport, body = answered(400, endless(), "gzip")
    with AiozStream(token="secret", transport=transport) as stream, pytest.raises(BadRequestError):
        stream.videos.get("x")
    assert body.taken <= 15


@pytest.mark.parametrize(
    ("encoding", "content"),
    [
        ("gzip", b"this is not packed"),
        ("gzip", packed(VIDEO)[:-8] + bytes(8)),
        ("gzip, gzip", packed(b"not packed")),
        (", ".join(["gzip"] * 4), b""),
        (", ".join(["gzip"] * 2000), packed(VIDEO)),
    ],
)
def test_what_can_not_be_unpacked_is_damaged(encoding: str, content: bytes) -> None:
    with pytest.raises(UnexpectedResponseError, match="content encoding is broken") as caught:
        get(200, [content], encoding)
    assert caught.value.damaged


def test_what_is_packed_otherwise_is_not_asked_for_and_not_understood() -> None:
    with pytest.raises(UnexpectedResponseError, match="body is not what") as caught:
        get(200, [b"\x0b\x02\x80{}\x03"], "br")
    assert caught.value.response is not None
    assert caught.value.response.request.headers["Accept-Encoding"] == "gzip"


def test_asynchronously() -> None:
    async def run() -> None:
        transport, body = answered(200, [packed(VIDEO)], "gzip")
        async with AsyncAiozStream(token="secret", transport=transport) as stream:
            assert (await stream.videos.get("x")).title == "Talk"
        assert body.is_closed
        transport, body = answered(400, (b"x" * 1000 for _ in range(10**9)))
        async with AsyncAiozStream(token="secret", transport=transport) as stream:
            with pytest.raises(BadRequestError):
                await stream.videos.get("x")
        assert body.is_closed
        assert body.taken <= 70

    asyncio.run(run())


def test_a_hook_of_the_callers_client_may_read_the_body() -> None:
    transport, _ = answered(200, [packed(VIDEO)], "gzip")
    hooks = {"response": [lambda response: response.read()]}
    with (
        httpx.Client(transport=transport, event_hooks=hooks) as http,
        AiozStream(token="secret", http_client=http) as stream,
    ):
        assert stream.videos.get("x").title == "Talk"
