"""A proxy for tests that cuts or stalls a connection when it is told to. It knows bytes only, so TLS passes through it.

A server that is behind it tells it which connection: by the port that the server sees its client at.
"""

from __future__ import annotations

import asyncio
import socket
import struct
from contextlib import ExitStack, asynccontextmanager, suppress
from typing import TYPE_CHECKING, Any, Self

from anyio.from_thread import start_blocking_portal

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

BLOCK = 64 * 1024
HOST = "127.0.0.1"
NO_LINGER = struct.pack("ii", 1, 0)
"""Closing then sends a reset instead of an end of file."""


class CuttingProxy:
    """Listens on a port of its own, from entering a `with` block until leaving it.

    Its methods may be awaited on any event loop. They return when it is done.
    """

    def __init__(self, server_port: int) -> None:
        self._server_port = server_port
        self._links: dict[int, _Link] = {}
        self._open = ExitStack()
        self.port = 0

    def __enter__(self) -> Self:
        self._portal = self._open.enter_context(start_blocking_portal(name="cutting-proxy"))
        self.port = self._open.enter_context(self._portal.wrap_async_context_manager(self._listen()))
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    async def cut(self, client_port: int, *, reset: bool = False) -> None:
        """No byte more in either direction."""
        await self._call(lambda: self._links[client_port].end(reset=reset))

    async def cut_answer(self, client_port: int, after: int) -> None:
        """So many bytes more of an answer, and then none."""
        await self._call(lambda: self._links[client_port].leave(after))

    async def stall(self, client_port: int, seconds: float) -> None:
        """No byte more, but the connection stays open for so long: nothing is read, nothing is passed on."""
        await self._call(lambda: self._links[client_port].stall(seconds))

    async def _call(self, order: Any) -> None:
        """Do something on the proxy's own event loop, to which its connections belong."""
        await asyncio.wrap_future(self._portal.start_task_soon(order))

    @asynccontextmanager
    async def _listen(self) -> AsyncGenerator[int]:
        listener = await asyncio.start_server(self._serve, HOST, 0, limit=BLOCK)
        try:
            yield listener.sockets[0].getsockname()[1]
        finally:
            listener.close()
            for link in self._links.values():
                link.end()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        server_reader, server_writer = await asyncio.open_connection(HOST, self._server_port, limit=BLOCK)
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

    def end(self, *, reset: bool = False) -> None:
        if reset:
            client_socket: socket.socket = self._client.get_extra_info("socket")
            with suppress(OSError):
                client_socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, NO_LINGER)
        self._client.transport.abort()
        self._server.transport.abort()
        self._flowing.set()

    def leave(self, size: int) -> None:
        self._left = size

    def stall(self, seconds: float) -> None:
        self._flowing.clear()
        asyncio.get_running_loop().call_later(seconds, self.end)

    async def pass_requests(self, reader: asyncio.StreamReader) -> None:
        async for block in self._blocks(reader):
            await _write(self._server, block)
        self.end()

    async def pass_answers(self, reader: asyncio.StreamReader) -> None:
        async for block in self._blocks(reader):
            passed = block[: self._left]
            await _write(self._client, passed)
            if self._left is not None:
                self._left -= len(passed)
            if self._left == 0:
                break
        # Closed and not aborted, so that what has passed is read.
        self._client.close()
        self._server.transport.abort()
        self._flowing.set()

    async def _blocks(self, reader: asyncio.StreamReader) -> AsyncGenerator[bytes]:
        with suppress(OSError):
            while block := await reader.read(BLOCK):
                await self._flowing.wait()
                yield block


async def _write(writer: asyncio.StreamWriter, block: bytes) -> None:
    with suppress(OSError):
        writer.write(block)
        await writer.drain()
