"""Sources that are read with await, such as a web framework's upload file, for the threads of an upload to read."""

from __future__ import annotations

import inspect
from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable
from concurrent.futures import TimeoutError as NotYet
from typing import TYPE_CHECKING, Any, Protocol, TypeVar, cast

from aioz_stream.errors import UploadCancelledError
from aioz_stream.http.cancel_signal import CANCELLED
from aioz_stream.http.loop_clients import running_loop

if TYPE_CHECKING:
    import asyncio

T = TypeVar("T")

_CHECK_INTERVAL = 0.5  # seconds between two checks of whether the loop still runs


class AsyncReader(Protocol):
    """A binary file whose `read` is a coroutine."""

    async def read(self, size: int, /) -> bytes: ...


def is_awaited(source: object) -> bool:
    """Whether a source can be read with await alone."""
    read = getattr(source, "read", None)
    return inspect.iscoroutinefunction(read) or (read is None and isinstance(source, AsyncIterable))


def on_loop(source: T, loop: asyncio.AbstractEventLoop | None = None) -> T:
    """A source that threads can read: one that is read with await is read on the loop, by default the running one."""
    if not is_awaited(source):
        return source
    return cast("T", LoopStream(source, loop or running_loop()))


def call_on_loop(call: Callable[[], Awaitable[T]], loop: asyncio.AbstractEventLoop, check: Callable[[], object]) -> T:
    """Calls on a loop and waits for the end, on another thread. What is raised there, or by `check`, is raised here."""
    import asyncio  # noqa: PLC0415 - 8 ms, which programs without it save

    async def run() -> T:
        return await call()

    called = asyncio.run_coroutine_threadsafe(run(), loop)
    while not called.done():
        try:
            called.result(_CHECK_INTERVAL)
        except NotYet:
            try:
                check()
            except BaseException:
                called.cancel()
                raise
            # A loop that was stopped never calls, and waiting for it would hang the interpreter's exit.
            if not loop.is_running():
                called.cancel()
                raise UploadCancelledError(CANCELLED) from None
    return called.result()


class LoopStream:
    """A stream whose bytes come from a loop."""

    def __init__(self, source: Any, loop: asyncio.AbstractEventLoop) -> None:
        self.name: Any = getattr(source, "name", None) or getattr(source, "filename", None)
        self._loop = loop
        self._read: Callable[[int], Awaitable[bytes]] = getattr(source, "read", None) or _Blocks(aiter(source)).read

    def read(self, size: int, check: Callable[[], object] = lambda: None) -> bytes:
        return call_on_loop(lambda: self._read(size), self._loop, check)


class _Blocks:
    """Reads the blocks of an iterator, which are as long as it likes."""

    def __init__(self, blocks: AsyncIterator[bytes]) -> None:
        self._blocks = blocks
        self._rest = memoryview(b"")

    async def read(self, size: int) -> bytes:
        while not self._rest:
            block = await anext(self._blocks, None)
            if block is None:
                return b""
            self._rest = memoryview(block)
        head, self._rest = self._rest[:size], self._rest[size:]
        return bytes(head)
