"""The httpx clients of an `AsyncAiozStream`.

A connection of asyncio works only on the event loop that made it, so each loop has an httpx client of its own.
"""

from __future__ import annotations

import threading
from collections.abc import AsyncGenerator, Callable
from contextlib import suppress
from typing import TYPE_CHECKING

import httpx

from aioz_stream.errors import ConfigurationError
from aioz_stream.http.connections import CLOSED

if TYPE_CHECKING:
    import asyncio

_CLOSING = 5.0  # seconds that a loop of another thread has to close its connections


def running_loop() -> asyncio.AbstractEventLoop:
    """The loop that runs here. Raises ConfigurationError under trio, and everywhere else where none is asyncio's."""
    import asyncio  # noqa: PLC0415 - 8 ms, which programs without it save

    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        raise ConfigurationError(
            "AsyncAiozStream needs asyncio, and no event loop of asyncio runs here: under trio, use AiozStream in a "
            "thread (`trio.to_thread.run_sync`)."
        ) from None


class LoopClients:
    """The httpx clients of one `AsyncAiozStream`: one for each event loop, made when the loop first sends.

    A client that was passed in, or whose transport was, can't be made anew: all loops share it.
    """

    def __init__(self, shared: httpx.AsyncClient | None, make: Callable[[], httpx.AsyncClient]) -> None:
        self._shared, self._make = shared, make
        self._by_loop: dict[asyncio.AbstractEventLoop, tuple[httpx.AsyncClient, AsyncGenerator[None]]] = {}
        self._lock = threading.Lock()
        self._is_closed = False

    async def get(self) -> httpx.AsyncClient:
        """The client for this loop."""
        loop = running_loop()
        if self._shared is not None:
            return self._shared
        with self._lock:
            if self._is_closed:
                raise ConfigurationError(CLOSED)
            for ended in [one for one in self._by_loop if one.is_closed()]:
                del self._by_loop[ended]
            if loop in self._by_loop:
                return self._by_loop[loop][0]
            http = self._make()
            closing = self._close_with(loop, http)
            self._by_loop[loop] = http, closing
        await anext(closing)
        return http

    async def _close_with(self, loop: asyncio.AbstractEventLoop, http: httpx.AsyncClient) -> AsyncGenerator[None]:
        """Closes the client with its loop: `asyncio.run` closes generators that are still open, and then the loop."""
        try:
            yield
        finally:
            self._by_loop.pop(loop, None)
            await http.aclose()

    async def close(self) -> None:
        """Closes all of them, each on its own loop as far as that runs."""
        import asyncio  # noqa: PLC0415 - 8 ms, which programs without it save

        with self._lock:
            self._is_closed = True
            clients = list(self._by_loop.items())
        if self._shared is not None:
            await self._shared.aclose()
        for loop, (http, closing) in clients:
            if loop is running_loop():
                await closing.aclose()
            elif loop.is_running():
                elsewhere = asyncio.run_coroutine_threadsafe(_close(closing), loop)
                await asyncio.wait({asyncio.wrap_future(elsewhere)}, timeout=_CLOSING)
            else:
                with suppress(RuntimeError):  # the loop is closed; the sockets are shut down all the same
                    await http.aclose()


async def _close(closing: AsyncGenerator[None]) -> None:
    await closing.aclose()
