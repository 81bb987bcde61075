"""The httpx clients: made here, or passed in by the caller; and the pool of connections that uploads use."""

from __future__ import annotations

import _socket
import os
import socket
import ssl
import threading
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager, suppress
from typing import Any, NoReturn, TypeVar

import httpx

from aioz_stream.errors import ConfigurationError

Http = TypeVar("Http", httpx.Client, httpx.AsyncClient)

NOT_PICKLED = "A client of AIOZ Stream has connections, which can't be pickled: make one in each process."
_CONNECTED = ("connect_tcp.complete", "connect_unix_socket.complete", "start_tls.complete")


def check_client(kind: type[Http], name: str, client: object, *others: object) -> None:
    """Raises ConfigurationError for a client of the wrong kind, and for one with a transport or proxy beside it."""
    if client is None:
        return
    if not isinstance(client, kind):
        raise ConfigurationError(f"{name} must be an httpx.{kind.__name__}, not {type(client).__name__}.")
    if any(other is not None for other in others):
        raise ConfigurationError(f"Pass {name}, or transport and proxy; a client has its own transport already.")


def make_client(
    kind: type[Http], transport: object, proxy: str | httpx.Proxy | None, tls: ssl.SSLContext | None = None
) -> Http:
    """Makes an httpx client. Raises ConfigurationError when httpx can't use the proxy."""
    try:
        return kind(transport=transport, proxy=proxy, verify=tls or True)  # type: ignore[arg-type]  # which transport fits follows from the kind
    except (ValueError, TypeError, httpx.InvalidURL) as error:
        raise ConfigurationError(f"proxy can't be used: {error}") from None
    except (AttributeError, ImportError) as error:
        # What httpx needs does not load here: trio, where it is installed, under eventlet's patches.
        raise ConfigurationError(f"httpx can't be used in this process: {error}") from error


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
        self.is_cut = False

    def trace(self, event: str, info: Mapping[str, Any]) -> None:
        """The trace extension of a request; httpx calls it on the thread that sends."""
        if event.endswith(_CONNECTED):
            with self._lock:
                # A request that is redirected connects to more than one host. Closed sockets can be forgotten.
                self._sockets = [one for one in self._sockets if one.fileno() >= 0]
                self._sockets.append(info["return_value"].get_extra_info("socket"))
                if self.is_cut:
                    self._shut_down()

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


class ConnectionPool:
    """Connections that are kept for the next part and the next upload."""

    def __init__(self, passed_in: httpx.Client | None, make: Callable[[], httpx.Client]) -> None:
        self._passed_in, self._make = passed_in, make
        self._lock = threading.Lock()
        self._idle: list[Connection] = []
        self._process = os.getpid()
        self._is_closed = False

    @contextmanager
    def connection(self) -> Generator[Connection]:
        """A connection that nothing else uses inside the block."""
        connection = self._acquire()
        try:
            yield connection
        finally:
            self._release(connection)

    def close(self) -> None:
        with self._lock:
            self._is_closed = True
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.http.close()

    def _acquire(self) -> Connection:
        if self._passed_in is not None:
            return Connection(self._passed_in, is_own=False)
        with self._lock:
            if self._is_closed:
                raise ConfigurationError(
                    "This client is closed. Make a new one, or do your calls inside its `with` block."
                )
            if self._process != os.getpid():
                # A forked process has its parent's connections. If both used them, their bytes would mix.
                self._process, self._idle = os.getpid(), []
            if self._idle:
                return self._idle.pop()
        return Connection(self._make(), is_own=True)

    def _release(self, connection: Connection) -> None:
        if self._passed_in is not None:
            return
        with self._lock:
            if not connection.is_cut and not self._is_closed:
                self._idle.append(connection)
                return
        connection.http.close()


class Connections:
    """The httpx client that calls go through, and the pool that uploads go through: made here, or passed in."""

    def __init__(
        self, client: httpx.Client | None, transport: httpx.BaseTransport | None, proxy: str | httpx.Proxy | None
    ) -> None:
        self._is_own = client is None
        self._transport, self.proxy = transport, proxy
        self._process = os.getpid()
        # Shared by all clients, because reading the certificates takes longer than everything else about one.
        self._tls = httpx.create_ssl_context() if self.can_be_made_anew else None
        self._client = client or make_client(httpx.Client, transport, proxy, self._tls)
        shared = None if self.can_be_made_anew else self._client
        self.pool = ConnectionPool(shared, self._make_single)

    @property
    def can_be_made_anew(self) -> bool:
        """Whether another process can have connections like these."""
        return self._is_own and self._transport is None

    @property
    def http(self) -> httpx.Client:
        """For calls. After a fork it is made anew, unless it was passed in: then its owner has to renew it."""
        if self.can_be_made_anew and self._process != os.getpid():
            self._process, self._client = os.getpid(), make_client(httpx.Client, None, self.proxy, self._tls)
        return self._client

    def to_other_host(self) -> ConnectionPool:
        """A pool for the host of a source, to be closed by the caller. Its httpx clients have no credentials.

        It has the same proxy, and the same transport if one was passed in. An httpx client that was passed in is not
        used: its headers, cookies and authentication may be meant for the API alone.
        """
        if self._is_own and self._transport is not None:
            return ConnectionPool(self._client, self._make_single)
        tls = self._tls or httpx.create_ssl_context()
        return ConnectionPool(None, lambda: httpx.Client(verify=tls, proxy=self.proxy))

    def _make_single(self) -> httpx.Client:
        limits = httpx.Limits(max_connections=1, max_keepalive_connections=1)
        return httpx.Client(verify=self._tls or True, proxy=self.proxy, limits=limits)

    def __reduce__(self) -> NoReturn:
        raise TypeError(NOT_PICKLED)

    def close(self) -> None:
        """Closes what was made here."""
        self.pool.close()
        if self._is_own:
            self._client.close()


class UploadConnections:
    """The connections that `AsyncAiozStream` uploads through, made when they are first needed.

    A client or transport that was passed in for asynchronous calls may be there to route, record or forbid traffic. So
    an upload that can't go through it is refused, unless a synchronous client was passed in for uploads.
    """

    def __init__(
        self,
        passed_in: httpx.Client | None,
        async_client: httpx.AsyncClient | None,
        transport: httpx.AsyncBaseTransport | None,
        proxy: str | httpx.Proxy | None,
    ) -> None:
        self._passed_in = passed_in
        self._proxy = proxy
        self._transport = transport if isinstance(transport, httpx.BaseTransport) else None
        self._only_async = async_client is not None or (transport is not None and self._transport is None)
        self._connections: Connections | None = None
        self._closed = False
        self._lock = threading.Lock()

    def get(self) -> Connections:
        """Raises ConfigurationError when uploads can't go through what was passed in, and when the client is closed."""
        with self._lock:
            if self._closed:
                raise ConfigurationError("This client is closed. Make a new one, or upload inside its `with` block.")
            if self._connections is None:
                if self._only_async and self._passed_in is None:
                    raise ConfigurationError(
                        "Uploads run on threads and need a synchronous httpx.Client, but only an asynchronous client "
                        "or transport was passed in. Pass upload_client=httpx.Client(...) as well."
                    )
                self._connections = Connections(self._passed_in, self._transport, self._proxy)
            return self._connections

    def close(self) -> None:
        with self._lock:
            self._closed = True
            if self._connections is not None:
                self._connections.close()
