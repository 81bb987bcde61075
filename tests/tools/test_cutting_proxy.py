"""The proxy of the soak of uploads: what a client sees when a connection is cut, reset or stalled."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any

import pytest
from cutting_proxy import CuttingProxy

if TYPE_CHECKING:
    from collections.abc import Iterator

ANSWER = b"0123456789"

Order = Callable[[CuttingProxy, int], Coroutine[Any, Any, None]]
Exchange = Callable[[Order | None], bytes]


@pytest.fixture
def exchange() -> Iterator[Exchange]:
    """Sends a request through the proxy to a server that gives an order, answers and closes; returns the answer."""
    with contextlib.ExitStack() as stack:
        listener = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        proxy = stack.enter_context(CuttingProxy(listener.getsockname()[1]))

        def serve(order: Order | None) -> None:
            connection, (_, client_port) = listener.accept()
            with connection:
                connection.recv(100)
                if order is not None:
                    asyncio.run(order(proxy, client_port))
                connection.sendall(ANSWER)

        def ask(order: Order | None) -> bytes:
            server = threading.Thread(target=serve, args=[order])
            server.start()
            try:
                with socket.create_connection(("127.0.0.1", proxy.port), timeout=30) as client:
                    client.sendall(b"request")
                    return b"".join(iter(lambda: client.recv(100), b""))
            finally:
                server.join()

        yield ask


def test_proxy_passes_all_on(exchange: Exchange) -> None:
    assert exchange(None) == ANSWER


def test_answer_is_cut_after_some_bytes(exchange: Exchange) -> None:
    assert exchange(lambda proxy, port: proxy.cut_answer(port, 4)) == ANSWER[:4]


def test_stalled_connection_gives_nothing_and_ends(exchange: Exchange) -> None:
    assert exchange(lambda proxy, port: proxy.stall(port, 0.2)) == b""


def test_end_of_the_server_is_a_reset(exchange: Exchange) -> None:
    with pytest.raises(ConnectionResetError):
        exchange(lambda proxy, port: proxy.reset_at_end(port))
