"""The httpx clients: made here, or passed in by the caller. Uploads have lanes, which can be cut."""

from __future__ import annotations

import os
import socket
import threading
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

import httpx

from aioz_stream.errors import ConfigurationError

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Generator, Mapping

Http = TypeVar("Http", httpx.Client, httpx.AsyncClient)

NOT_PICKLED = "A client of AIOZ Stream has connections, which can't be pickled: make one in each process."
_CONNECTED = ("connect_tcp.complete", "connect_unix_socket.complete", "start_tls.complete")


def check(kind: type[Http], name: str, client: object, *others: object) -> None:
    """Raises ConfigurationError unless the client that was passed in, if any, is of the kind and stands alone."""
    if client is None:
        return
    if not isinstance(client, kind):
        raise ConfigurationError(f"{name} must be an httpx.{kind.__name__}, not {type(client).__name__}.")
    if any(other is not None for other in others):
        raise ConfigurationError(f"Pass {name}, or transport and proxy; a client has its own transport already.")


def made(
    kind: type[Http], transport: object, proxy: str | httpx.Proxy | None, tls: ssl.SSLContext | None = None
) -> Http:
    """A client of our own. Raises ConfigurationError when httpx has no use for the proxy."""
    try:
        return kind(transport=transport, proxy=proxy, verify=tls or True)  # type: ignore[arg-type]  # which transport fits follows from the kind
    except (ValueError, TypeError, httpx.InvalidURL) as error:
        raise ConfigurationError(f"proxy can't be used: {error}") from None


class Lane:
    """One connection of an upload. One thread sends through it at a time, and any other can cut it.

    Closing an httpx client does not free a thread that is stuck in sending; shutting its socket down does. httpx shows
    a socket once, when it connects (its trace extension). So a lane of ours is a client of its own, while a request
    through a client that was passed in makes a connection of its own.
    """

    def __init__(self, http: httpx.Client, *, is_own: bool) -> None:
        self.http = http
        self.headers: Mapping[str, str] = {} if is_own else {"Connection": "close"}
        # Reentrant: a signal's handler may cancel while the thread that it interrupts holds it.
        self._lock = threading.RLock()
        self._sockets: list[socket.socket] = []
        self.is_cut = False

    def trace(self, event: str, info: Mapping[str, Any]) -> None:
        """What httpx tells of a request, on the thread that sends it."""
        if event.endswith(_CONNECTED):
            with self._lock:
                # Redirects lead to more than one host. Those that were closed are of no more use.
                self._sockets = [one for one in self._sockets if one.fileno() >= 0]
                self._sockets.append(info["return_value"].get_extra_info("socket"))
                if self.is_cut:
                    self._shut()

    def cut(self) -> None:
        """Ends whatever the connection is being used for, now or in a moment, with an error."""
        with self._lock:
            self.is_cut = True
            self._shut()

    def _shut(self) -> None:
        for one in self._sockets:
            # Not the method of a TLS socket, which would take its state from under the thread that sends. An error says
            # that the other side was faster.
            with suppress(OSError):
                socket.socket.shutdown(one, socket.SHUT_RDWR)


class Lanes:
    """The lanes of one client, kept for the next part and the next upload."""

    def __init__(self, passed_in: httpx.Client | None, make: Callable[[], httpx.Client]) -> None:
        self._passed_in, self._make = passed_in, make
        self._lock = threading.Lock()
        self._idle: list[Lane] = []
        self._process = os.getpid()
        self._is_closed = False

    @contextmanager
    def lane(self) -> Generator[Lane]:
        """A lane that nobody else uses inside the block."""
        lane = self._taken()
        try:
            yield lane
        finally:
            self._give_back(lane)

    def close(self) -> None:
        with self._lock:
            self._is_closed = True
            idle, self._idle = self._idle, []
        for lane in idle:
            lane.http.close()

    def _taken(self) -> Lane:
        if self._passed_in is not None:
            return Lane(self._passed_in, is_own=False)
        with self._lock:
            if self._is_closed:
                raise ConfigurationError(
                    "This client is closed. Make a new one, or do your calls inside its `with` block."
                )
            if self._process != os.getpid():
                # A fork has the parent's connections; used by both, they would mix up the bytes of both.
                self._process, self._idle = os.getpid(), []
            if self._idle:
                return self._idle.pop()
        return Lane(self._make(), is_own=True)

    def _give_back(self, lane: Lane) -> None:
        if self._passed_in is not None:
            return
        with self._lock:
            if not lane.is_cut and not self._is_closed:
                self._idle.append(lane)
                return
        lane.http.close()


class Connections:
    """The client that calls go through, and the lanes that uploads go through: our own, or what was passed in."""

    def __init__(
        self, client: httpx.Client | None, transport: httpx.BaseTransport | None, proxy: str | httpx.Proxy | None
    ) -> None:
        self._is_own = client is None
        self._transport, self.proxy = transport, proxy
        self._process = os.getpid()
        # Shared by all clients, because reading the certificates takes longer than everything else about one.
        self._tls = httpx.create_ssl_context() if self.can_be_made_anew else None
        self._client = client or made(httpx.Client, transport, proxy, self._tls)
        shared = None if self.can_be_made_anew else self._client
        self.lanes = Lanes(shared, self._lane_client)

    @property
    def can_be_made_anew(self) -> bool:
        """Whether another process can have connections like these."""
        return self._is_own and self._transport is None

    @property
    def http(self) -> httpx.Client:
        """For calls. After a fork, a new one of our own; what was passed in is for its owner to renew."""
        if self.can_be_made_anew and self._process != os.getpid():
            self._process, self._client = os.getpid(), made(httpx.Client, None, self.proxy, self._tls)
        return self._client

    def _lane_client(self) -> httpx.Client:
        limits = httpx.Limits(max_connections=1, max_keepalive_connections=1)
        return httpx.Client(verify=self._tls or True, proxy=self.proxy, limits=limits)

    def __reduce__(self) -> NoReturn:
        raise TypeError(NOT_PICKLED)

    def close(self) -> None:
        """Closes what is our own."""
        self.lanes.close()
        if self._is_own:
            self._client.close()


class UploadConnections:
    """The connections that the asynchronous face uploads through, made when they are first needed.

    What was passed in for asynchronous calls (a client, a transport) may be there to route, record or forbid traffic.
    An upload that can't go through it is refused, unless it was told what to go through instead.
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
        """Raises ConfigurationError when uploads would go around what was passed in."""
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
