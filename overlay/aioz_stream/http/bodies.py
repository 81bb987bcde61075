"""Reads the bodies of answers, to a bound: what is larger than any answer of the API costs no memory."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator

import httpx

MOST = 32 * 1024 * 1024
"""Bytes of a success, unpacked. A page of 100 videos has a tenth of it at most."""
MOST_OF_ERROR = 64 * 1024

ACCEPT_ENCODING = "gzip"
"""What can be unpacked here in steps."""

_PACKED = {"gzip", "x-gzip", "deflate"}
_MOST_LAYERS = 3
_STEP = 64 * 1024
_GZIP_OR_ZLIB = zlib.MAX_WBITS | 32  # whichever its first bytes say


def read(response: httpx.Response) -> tuple[httpx.Response, bool]:
    """The answer with its body, and whether that is all of it. Its connection is used again only if it is.

    Raises httpx.DecodingError for a body that can't be unpacked.
    """
    if response.is_stream_consumed:
        return response, True  # a transport of a test, or a hook of the caller's client, has read it
    body = _Body(response)
    try:
        is_whole = all(body.add(block) for block in response.iter_raw())
    finally:
        response.close()
    return body.answer(is_whole), is_whole


async def read_async(response: httpx.Response) -> tuple[httpx.Response, bool]:
    """See `read`."""
    if response.is_stream_consumed:
        return response, True
    body, is_whole = _Body(response), True
    try:
        async for block in response.aiter_raw():
            if not (is_whole := body.add(block)):
                break
    finally:
        await response.aclose()
    return body.answer(is_whole), is_whole


class _Body:
    def __init__(self, response: httpx.Response) -> None:
        self._response = response
        limit = MOST if response.is_success else MOST_OF_ERROR
        names = [name.strip().lower() for name in response.headers.get("Content-Encoding", "").split(",")]
        packed = sum(name in _PACKED for name in names)
        if packed > _MOST_LAYERS:
            raise httpx.DecodingError(f"it is packed {packed} times", request=response.request)
        self._received = _Layer(limit)
        self._unpackers = [_Unpacker(limit) for _ in range(packed)]
        self._blocks: list[bytes] = []

    def add(self, block: bytes) -> bool:
        """Takes a block as it came; False when the bound is reached."""
        unpacked: Iterable[bytes] = self._received.take([block])
        for unpacker in self._unpackers:
            unpacked = unpacker.unpack(unpacked)
        try:
            self._blocks.extend(unpacked)
        except zlib.error as error:
            raise httpx.DecodingError(str(error), request=self._response.request) from error
        return not any(layer.is_full for layer in (self._received, *self._unpackers))

    def answer(self, is_whole: bool) -> httpx.Response:
        """The answer, with its headers as they came; of a body that is not whole, the beginning."""
        content = b"".join(self._blocks)
        answer = httpx.Response(
            self._response.status_code,
            content=content if is_whole else content[:MOST_OF_ERROR],
            request=self._response.request,
            extensions=self._response.extensions,
        )
        answer.headers, answer.elapsed = self._response.headers, self._response.elapsed
        return answer


class _Layer:
    """Counts the bytes that go by, and lets no more than the limit pass."""

    def __init__(self, limit: int) -> None:
        self._room = limit
        self.is_full = False

    def take(self, blocks: Iterable[bytes]) -> Iterator[bytes]:
        for block in blocks:
            self.is_full |= len(block) > self._room
            yield block[: self._room]
            self._room -= min(len(block), self._room)
            if self.is_full:
                return


class _Unpacker(_Layer):
    """Unpacks in steps, so that a small body that becomes a huge one does so no further than to the limit."""

    def __init__(self, limit: int) -> None:
        super().__init__(limit)
        self._inflater = zlib.decompressobj(_GZIP_OR_ZLIB)

    def unpack(self, blocks: Iterable[bytes]) -> Iterator[bytes]:
        return self.take(step for block in blocks for step in self._steps(block))

    def _steps(self, block: bytes) -> Iterator[bytes]:
        step = b""
        while (block or len(step) == _STEP) and not self._inflater.eof:
            step = self._inflater.decompress(block, _STEP)
            block = self._inflater.unconsumed_tail
            yield step
