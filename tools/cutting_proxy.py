"""A proxy for tests that cuts or stalls a connection when it is told to. It knows bytes only, so TLS passes through it.

A server that is behind it tells it which connection: by the port that the server sees its client at.
"""

from __future__ import annotations

import asyncio
import socket
import struct
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from collections.abc import Callable

BLOCK = 64 * 1024
NO_LINGER = struct.pack("ii", 1, 0)
"""Closing then sends a reset instead of an end of file."""


class CuttingProxy:
    """Listens on a port of its own, from entering a `with` block until leaving it.

    Its methods may be awaited on any event loop. They return when it is done.
    """

    def __init__(self, server_port: int) -> None:
        self._server_port = server_port
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="cutting-proxy", daemon=True)
        self._links: dict[int, _Link] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self.port = 0

    def __enter__(self) -> Self:
        self._thread.start()
        self._listener = asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result()
        self.port = self._listener.sockets[0].getsockname()[1]
        return self

    def __exit__(self, *_: object) -> None:
        asyncio.run_coroutine_threadsafe(self._end(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def cut(self, client_port: int, *, reset: bool = False) -> None:
        """No byte more in either direction."""
        await self._told(client_port, lambda link: link.end(reset=reset))

    async def cut_answer(self, client_port: int, after: int) -> None:
        """So many bytes more of an answer, and then none."""
        await self._told(client_port, lambda link: link.leave(after))

    async def stall(self, client_port: int, seconds: float) -> None:
        """No byte more, but the connection stays open for so long: nothing is read, nothing is passed on."""
        await self._told(client_port, lambda link: link.stall(seconds))

    async def _told(self, client_port: int, order: Callable[[_Link], None]) -> None:
        async def obey() -> None:
            order(self._links[client_port])

        await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(obey(), self._loop))

    async def _listen(self) -> asyncio.Server:
        return await asyncio.start_server(self._serve, "127.0.0.1", 0, limit=BLOCK)

    async def _end(self) -> None:
        self._listener.close()
        for link in list(self._links.values()):
            link.end(reset=False)
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        server_reader, server_writer = await asyncio.open_connection("127.0.0.1", self._server_port, limit=BLOCK)
        link, port = _Link(writer, server_writer), server_writer.get_extra_info("sockname")[1]
        self._links[port] = link
        try:
            await asyncio.gather(link.pass_requests(reader), link.pass_answers(server_reader))
        finally:
            del self._links[port]


class _Link:
    """One connection of a client, and the one to the server that goes with it."""

    def __init__(self, client: asyncio.StreamWriter, server: asyncio.StreamWriter) -> None:
        self._client, self._server = client, server
        self._flowing = asyncio.Event()
        self._flowing.set()
        self._left: int | None = None
        """How many bytes of answers may still pass."""

    def end(self, *, reset: bool) -> None:
        if reset:
            plug: socket.socket = self._client.get_extra_info("socket")
            with suppress(OSError):
                plug.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, NO_LINGER)
        _abort(self._client)
        _abort(self._server)
        self._flowing.set()

    def leave(self, size: int) -> None:
        self._left = size

    def stall(self, seconds: float) -> None:
        self._flowing.clear()
        asyncio.get_running_loop().call_later(seconds, lambda: self.end(reset=False))

    async def pass_requests(self, reader: asyncio.StreamReader) -> None:
        while block := await self._read(reader):
            await self._write(self._server, block)
        self.end(reset=False)

    async def pass_answers(self, reader: asyncio.StreamReader) -> None:
        while block := await self._read(reader):
            if self._left is None:
                await self._write(self._client, block)
                continue
            passed = block[: self._left]
            self._left -= len(passed)
            await self._write(self._client, passed)
            if self._left == 0:
                # Closed and not aborted, so that what has passed is read.
                self._client.close()
                break
        else:
            # What the server said last may still be on its way.
            self._client.close()
        _abort(self._server)
        self._flowing.set()

    async def _read(self, reader: asyncio.StreamReader) -> bytes:
        try:
            block = await reader.read(BLOCK)
        except OSError:
            return b""
        await self._flowing.wait()
        return block

    async def _write(self, writer: asyncio.StreamWriter, block: bytes) -> None:
        with suppress(OSError):
            writer.write(block)
            await writer.drain()


def _abort(writer: asyncio.StreamWriter) -> None:
    transport: Any = writer.transport
    transport.abort()
