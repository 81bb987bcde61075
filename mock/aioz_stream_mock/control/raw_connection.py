"""What ASGI does not show of a connection: its transport, which can be cut, and the host that the server listens on.

So the servers of this package run uvicorn with a protocol that puts both into the scope of each request.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from uvicorn.protocols.http.h11_impl import H11Protocol

if TYPE_CHECKING:
    import asyncio

    from starlette.types import ASGIApp, Receive, Scope, Send

_TRANSPORT = "aioz_stream_mock.transport"
_HOST = "aioz_stream_mock.host"


class CuttableProtocol(H11Protocol):
    """The HTTP protocol of uvicorn, with the transport and the host in the scope."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # TCP only
        super().connection_made(transport)
        self.app: Any = cast("Any", _WithTransport(cast("ASGIApp", self.app), transport, self.config.host))


class _WithTransport:
    def __init__(self, app: ASGIApp, transport: asyncio.Transport, host: str) -> None:
        self._app, self._transport, self._host = app, transport, host

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope[_TRANSPORT], scope[_HOST] = self._transport, self._host
        await self._app(scope, receive, send)


def bound_host(scope: Scope) -> str | None:
    """The host that the server was told to listen on; None under other servers, which don't show it."""
    return scope.get(_HOST)


async def cut(scope: Scope, receive: Receive, send: Send) -> None:
    """Close the connection without another byte.

    Other servers don't show their transport. There the answer is begun and broken off, which is the nearest that
    ASGI allows.
    """
    transport = scope.get(_TRANSPORT)
    if transport is not None:
        transport.abort()
        # Wait until the server has noticed: it would log an error if the application returned without an answer.
        while (await receive())["type"] != "http.disconnect":
            pass
        return
    await send({"type": "http.response.start", "status": 500, "headers": [(b"content-length", b"1")]})
    raise ConnectionAbortedError("a fault cut the connection")
