"""The connections of a server: how long a client may be silent, and what happens when descriptors run out."""

from __future__ import annotations

import asyncio
import logging
import time
from typing import TYPE_CHECKING, Any

import h11
import uvicorn

from aioz_stream_mock.control.raw_connection import CuttableProtocol
from aioz_stream_mock.errors import is_scarcity

if TYPE_CHECKING:
    import socket

log: logging.Logger = logging.getLogger(__name__)

SAY_AGAIN_SECONDS = 60.0
_LOOKS = 4


class Connection(CuttableProtocol):
    """A connection that is cut when its client is silent for too long.

    What uvicorn limits is the silence after an answer, and one byte ends that.
    """

    HEAD_SECONDS = 20.0
    """All of a request's head has to arrive within this time of the connection or of the answer before it."""

    BODY_SECONDS = 120.0
    """How long a body may stand still. A client at a very low speed, or one that is being debugged, is not cut."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # TCP only
        super().connection_made(transport)
        self._timer: asyncio.TimerHandle | None = None
        self._state: object = None
        self._watch()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        self._watch()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        self._watch()

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self._stop_timer()

    def _watch(self) -> None:
        """Begin to wait for a head, or for more of a body. More bytes of a head prolong nothing."""
        state, before = self.conn.their_state, self._state
        self._state = state
        if state is h11.IDLE and before is h11.IDLE:
            return
        self._stop_timer()
        if state is h11.IDLE:
            self._timer = self.loop.call_later(self.HEAD_SECONDS, self.transport.abort)
        elif state is h11.SEND_BODY:
            self._wait_for_body(_LOOKS)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()

    def _wait_for_body(self, looks: int) -> None:
        self._timer = self.loop.call_later(self.BODY_SECONDS / _LOOKS, self._look, looks - 1)

    def _look(self, looks: int) -> None:
        # Time does not count while it is the server that is slow to read a body, or has not asked for it yet.
        if self.flow.read_paused or self.cycle.waiting_for_100_continue:
            looks = _LOOKS
        if looks:
            self._wait_for_body(looks)
        else:
            self.transport.abort()


class Server(uvicorn.Server):
    """A server that says in a sentence when it can't take more connections, and goes on when it can.

    When it ends, it leaves no socket to the garbage collector, which may warn of it in a test that has not opened it.
    """

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        asyncio.get_running_loop().set_exception_handler(_LoopErrors())
        await super().startup(sockets)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        await super().shutdown(sockets)
        for connection in self.server_state.connections:  # those whose client does not read what was sent
            if isinstance(connection, Connection):
                connection.transport.abort()
        await asyncio.sleep(0)  # until the loop has closed them


class _LoopErrors:
    """Handles the errors that the event loop reports.

    Without descriptors, asyncio tries thousands of times in a row to accept, and a second later as often to listen.
    """

    def __init__(self) -> None:
        self._said_at = -SAY_AGAIN_SECONDS

    def __call__(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        error = context.get("exception")
        if isinstance(error, ValueError) and "._start_serving(" in context["message"]:
            return  # the server was ended within that second, and its socket is closed
        if not isinstance(error, OSError) or not is_scarcity(error):
            loop.default_exception_handler(context)
        elif time.monotonic() - self._said_at >= SAY_AGAIN_SECONDS:
            self._said_at = time.monotonic()
            log.warning(
                "No more connections can be taken (%s); they wait until others end. `ulimit -n` allows more.",
                error.strerror,
            )
