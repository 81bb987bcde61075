"""The httpx clients and the connections of uploads: made here, or passed in by the caller."""

from __future__ import annotations

import _socket
import os
import socket
import sys
import threading
from collections.abc import Generator, Mapping
from contextlib import contextmanager, suppress
from typing import Any, NoReturn, TypeVar

import httpx

from aioz_stream.errors import ConfigurationError
from aioz_stream.http import unread
from aioz_stream.http.network import Network, Proxy, RoutingTransport, Verify, refuse_httpx2

Http = TypeVar("Http", httpx.Client, httpx.AsyncClient)

CLOSED = "This client is closed. Make a new one, or do your calls inside its `with` block."
NOT_PICKLED = "A client of AIOZ Stream has connections, which can't be pickled: make one in each process."
_TCP_INFO = socket.TCP_INFO if sys.platform == "linux" else 0
_TCP_INFO_SIZE = 152
_ROUND_TRIP, _BYTES_ACKED, _LEAST_ROUND_TRIP = slice(68, 72), slice(120, 128), slice(148, 152)
"""Where Linux has them in its `struct tcp_info`: microseconds, bytes, and microseconds."""


def check_client(kind: type[Http], name: str, client: object, *others: object) -> None:
    """Raises ConfigurationError for a client of the wrong kind, and for one with ways to connect beside it."""
    if client is None:
        return
    refuse_httpx2(name, client, f"an httpx.{kind.__name__}")
    if not isinstance(client, kind):
        raise ConfigurationError(f"{name} must be an httpx.{kind.__name__}, not {type(client).__name__}.")
    if any(other is not None for other in others):
        raise ConfigurationError(f"Pass {name}, or transport and proxy and verify; a client connects by itself.")


def make_network(
    kind: type[Http], client: object, transport: object, proxy: Proxy | None, verify: Verify | None
) -> Network:
    """Raises ConfigurationError for a combination of arguments in which one would have no effect."""
    check_client(kind, "http_client", client, transport, proxy, verify)
    refuse_httpx2("transport", transport, "a transport of httpx")
    if transport is not None and (proxy is not None or verify is not None):
        raise ConfigurationError("Pass transport, or proxy and verify; a transport connects by itself.")
    return Network(proxy, verify)


class Connection:
    """One connection of an upload. One thread sends through it at a time, and any other thread can cut it.

    Closing an httpx client does not free a thread that is stuck in sending; shutting its socket down does. httpx shows
    a socket only when it connects (its trace extension). So each connection made here has an httpx client of its own,
    while a request through a client that was passed in makes a new connection.
    """

    def __init__(self, http: httpx.Client, *, is_own: bool) -> None:
        self.http = http
        self.headers: Mapping[str, str] = {} if is_own else {"Connection": "close"}
        # Reentrant: a signal's handler may cancel while the thread that it interrupts holds it.
        self._lock = threading.RLock()
        self._sockets: list[socket.socket] = []
        self.is_cut: bool = False
        self.handed_over: int = 0
        """Bytes of parts that were given to it to send, since it was connected."""

    def trace(self, event: str, info: Mapping[str, Any]) -> None:
        """The trace extension of a request; httpx calls it on the thread that sends."""
        unread.trace(event, info)
        if event.endswith(unread.CONNECTED):
            with self._lock:
                # A request that is redirected connects to more than one host. Closed sockets can be forgotten.
                self._sockets = [one for one in self._sockets if one.fileno() >= 0]
                self._sockets.append(info["return_value"].get_extra_info("socket"))
                self.handed_over = 0
                if self.is_cut:
                    self._shut_down()

    def acknowledged(self) -> int:
        """Bytes that the other side has acknowledged since it was connected.

        Only Linux knows; elsewhere, and where there is no TCP, it is what was handed over.
        """
        return int.from_bytes(self._tcp_info()[_BYTES_ACKED], sys.byteorder) or self.handed_over

    def round_trip(self, *, is_least: bool = False) -> float:
        """Seconds to the other side and back, as far as that is known; else 0. The least is that without queues."""
        return int.from_bytes(self._tcp_info()[_LEAST_ROUND_TRIP if is_least else _ROUND_TRIP], sys.byteorder) / 1e6

    def _tcp_info(self) -> bytes:
        with self._lock:
            for one in reversed(self._sockets):
                with suppress(OSError):
                    return one.getsockopt(socket.IPPROTO_TCP, _TCP_INFO, _TCP_INFO_SIZE) if _TCP_INFO else b""
        return b""

    def cut(self) -> None:
        """Ends the request that uses the connection now, or would use it next, with an error."""
        with self._lock:
            self.is_cut = True
            self._shut_down()

    def _shut_down(self) -> None:
        for one in self._sockets:
            # Through another object of the system's own kind: a TLS socket's method would take the TLS state from the
            # thread that sends, and eventlet's sockets have others. An error means that it
            # was closed already.
            with suppress(OSError, ValueError):
                same = _socket.socket(fileno=one.fileno())
                try:
                    same.shutdown(socket.SHUT_RDWR)
                finally:
                    same.detach()


class Connections:
    """The httpx clients that calls and uploads go through: made here when needed, or one that was passed in.

    Connections of uploads are kept for the next part and the next upload.
    """

    def __init__(self, client: httpx.Client | None, transport: httpx.BaseTransport | None, network: Network) -> None:
        self._is_own = client is None
        self.network: Network = network
        self._client, self._transport = client, transport
        self._connects_itself = client is None and transport is None
        self._lock = threading.Lock()
        self._idle: list[Connection] = []
        self._process = os.getpid()
        self._is_closed = False

    @property
    def can_be_made_anew(self) -> bool:
        """Whether a process that is no fork of this one can have connections like these."""
        return self._connects_itself and self.network.can_be_pickled

    @property
    def has_route(self) -> bool:
        """Whether the caller said what connections have to go through: a proxy, a transport or a client."""
        return not self._connects_itself or self.network.has_proxy

    @property
    def http(self) -> httpx.Client:
        """For calls. After a fork it is made anew, unless it was passed in: then its owner has to renew it."""
        with self._lock:
            self._leave_to_parent()
            if self._client is None:
                self.check_open()
                self._client = httpx.Client(transport=self._transport or RoutingTransport(self.network))
            return self._client

    @contextmanager
    def connection(self) -> Generator[Connection]:
        """A connection that nothing else uses inside the block."""
        connection = self._acquire() if self._connects_itself else Connection(self.http, is_own=False)
        try:
            yield connection
        finally:
            if self._connects_itself:
                self._release(connection)

    def to_other_host(self) -> Connections:
        """Connections to the host of a source, to be closed by the caller. Their httpx clients have no credentials.

        They have the same proxy and certificates, or the transport or the httpx client that was passed in. Of that
        client, headers, cookies and authentication may be meant for the API alone: send it requests that were made
        without it.
        """
        shared = None if self._connects_itself else self.http
        return Connections(shared, None, self.network)

    def check_open(self) -> None:
        """Raises ConfigurationError when the client is closed."""
        if self._is_closed:
            raise ConfigurationError(CLOSED)

    def close(self) -> None:
        """Closes what was made here."""
        with self._lock:
            self._is_closed = True
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.http.close()
        if self._is_own and self._client is not None:
            self._client.close()

    def __reduce__(self) -> NoReturn:
        raise TypeError(NOT_PICKLED)

    def _acquire(self) -> Connection:
        with self._lock:
            self.check_open()
            self._leave_to_parent()
            if self._idle:
                return self._idle.pop()
        limits = httpx.Limits(max_connections=1, max_keepalive_connections=1)
        return Connection(httpx.Client(transport=RoutingTransport(self.network, limits=limits)), is_own=True)

    def _release(self, connection: Connection) -> None:
        with self._lock:
            if not connection.is_cut and not self._is_closed:
                self._idle.append(connection)
                return
        connection.http.close()

    def _leave_to_parent(self) -> None:
        """A forked process has its parent's connections. If both used them, their bytes would mix."""
        if self._process != os.getpid() and self._connects_itself:
            self._process, self._idle, self._client = os.getpid(), [], None
