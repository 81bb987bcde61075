"""The connection itself: how a server here breaks one off in the middle of HTTP.

ASGI has no word for it. So the servers of this package run uvicorn with a protocol that puts each connection's
transport into the scope.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from uvicorn.protocols.http.h11_impl import H11Protocol

if TYPE_CHECKING:
    import asyncio

    from starlette.types import ASGIApp, Receive, Scope, Send

_TRANSPORT = "aioz_stream_mock.transport"


class CuttableProtocol(H11Protocol):
    """HTTP as uvicorn speaks it, with the transport within the application's reach."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # TCP only
        super().connection_made(transport)
        self.app = cast("Any", _WithTransport(cast("ASGIApp", self.app), transport))


class _WithTransport:
    def __init__(self, app: ASGIApp, transport: asyncio.Transport) -> None:
        self._app, self._transport = app, transport

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope[_TRANSPORT] = self._transport
        await self._app(scope, receive, send)


async def cut(scope: Scope, receive: Receive, send: Send) -> None:
    """Close the connection without another byte.

    A server of somebody else's shows its transport to nobody. There the answer is begun and broken off, which is
    as near as ASGI comes.
    """
    transport = scope.get(_TRANSPORT)
    if transport is not None:
        transport.abort()
        # Until the server has noticed: returned earlier, it would complain that no answer was begun.
        while (await receive())["type"] != "http.disconnect":
            pass
        return
    await send({"type": "http.response.start", "status": 500, "headers": [(b"content-length", b"1")]})
    raise ConnectionAbortedError("a fault cut the connection")
