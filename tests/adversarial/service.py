"""A service on raw sockets, plain or over TLS, that tells the truth, except where it was told to lie."""

from __future__ import annotations

import re
import socket
import ssl
import threading
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from tests.adversarial.ledger import TOKEN, Ledger
from tests.adversarial.wire import ClientGoneError, Reply, Request, failure, read_request

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

_OPERATIONS = (
    ("POST", r"/api/videos/create", "create"),
    ("POST", r"/api/videos", "list"),
    ("GET", r"/api/videos/cost\?.*", "cost"),
    ("GET", r"/api/videos/([^/]+)/complete", "complete"),
    ("POST", r"/api/videos/([^/]+)/part", "part"),
    ("POST", r"/api/videos/([^/]+)/thumbnail", "thumbnail"),
    ("GET", r"/api/videos/([^/]+)", "get"),
    ("PATCH", r"/api/videos/([^/]+)", "update"),
    ("DELETE", r"/api/videos/([^/]+)", "delete"),
    ("GET", r"/files/(.+)", "file"),
)
BLOCK = 65_536


@dataclass(frozen=True)
class Lie:
    """What the service does instead of the truth, in answer to one operation."""

    operation: str
    tell: Callable[[Exchange], Reply | None]
    """Gives the answer, or sends by itself whatever it likes and gives None: then the connection is closed."""
    times: int | None = None
    """How often; None is for ever."""
    after: int = 0
    """So many requests of the operation are answered truthfully before."""


class Exchange:
    """One request of the client, as a lie sees it."""

    def __init__(
        self, service: Service, connection: socket.socket, operation: str, video_id: str, request: Request
    ) -> None:
        self.service, self.operation, self.video_id, self.request = service, operation, video_id, request
        self._connection = connection

    @property
    def ledger(self) -> Ledger:
        return self.service.ledger

    def truth(self) -> Reply:
        """Does what is asked for, and gives the true answer to it."""
        if self.operation == "file":
            return self.service.file(self.request)
        return self.ledger.answer(self.operation, self.video_id, self.request)

    def send(self, content: bytes) -> None:
        """Sends bytes as they are. Raises OSError when the client has had enough."""
        self._connection.sendall(content)
        self.service.count("bytes sent", len(content))

    def send_for_ever(self, head: bytes, block: Callable[[int], bytes], most: int) -> None:
        """Sends blocks until the client has had enough, or so many bytes are gone."""
        self.send(head)
        sent = number = 0
        while sent < most:
            content = block(number)
            self.send(content)
            sent, number = sent + len(content), number + 1

    def reset(self) -> None:
        """Ends the connection so that the client sees a reset."""
        with suppress(OSError):
            linger = (1).to_bytes(4, "little") + bytes(4)
            self._connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)


class Service:
    """Listens on a port of its own; a thread for each connection."""

    def __init__(self, certificate: Path | None = None) -> None:
        self.ledger = Ledger()
        self.file: Callable[[Request], Reply] = lambda _request: failure(404, "There is no such file.")
        """What /files answers: the sources of uploads."""
        self.counts: Counter[str] = Counter()
        """Requests by operation, and bytes sent by lies."""
        self.requests: list[tuple[str, Request]] = []
        """All, in their order, with their operation."""
        self.errors: list[str] = []
        """What went wrong inside of the service itself, which no test may pass over."""
        self.told: Counter[int] = Counter()
        """How often each lie was told."""
        self.chance: Callable[[str], Lie | None] = lambda _operation: None
        """Gives the lie for a request where none of the fixed ones fits; for chaos."""
        self._lies: list[Lie] = []
        self._met: Counter[int] = Counter()
        self._lock = threading.Lock()
        self._tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER) if certificate else None
        if self._tls and certificate:
            self._tls.load_cert_chain(certificate)
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self._open: set[socket.socket] = set()
        self._is_closed = False

    @property
    def port(self) -> int:
        number: int = self._listener.getsockname()[1]
        return number

    @property
    def origin(self) -> str:
        return f"{'https' if self._tls else 'http'}://127.0.0.1:{self.port}"

    @property
    def url(self) -> str:
        """The base URL of the API."""
        return f"{self.origin}/api"

    def lie(self, lies: Iterable[Lie]) -> None:
        """From now on, these and no others."""
        with self._lock:
            self._lies = list(lies)
            self._met.clear()
            self.told.clear()

    def count(self, what: str, number: int = 1) -> None:
        with self._lock:
            self.counts[what] += number

    def asked(self, operation: str) -> list[Request]:
        with self._lock:
            return [request for name, request in self.requests if name == operation]

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, name="adversarial-accept", daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._is_closed = True
            connections = [*self._open, self._listener]
        for connection in connections:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
            connection.close()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), name="adversarial", daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        try:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self._tls:
                connection = self._tls.wrap_socket(connection, server_side=True)
            with self._lock:
                if self._is_closed:
                    return
                self._open.add(connection)
            with connection.makefile("rb") as stream:
                while self._exchange(connection, read_request(stream)):
                    pass
        except (OSError, ClientGoneError):
            pass  # the client ends connections as it likes
        except Exception as error:  # noqa: BLE001 - a fault of the service itself, which a test has to show
            self.errors.append(repr(error))
        finally:
            with self._lock:
                self._open.discard(connection)
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
            connection.close()

    def _exchange(self, connection: socket.socket, request: Request) -> bool:
        """Answers one request; False when the connection is to be closed."""
        operation, video_id = operation_of(request)
        with self._lock:
            self.counts[operation] += 1
            self.requests.append((operation, request))
        exchange = Exchange(self, connection, operation, video_id, request)
        if operation not in {"file", "unknown"} and request.headers.get("authorization") != f"Bearer {TOKEN}":
            reply: Reply | None = failure(401, "The credentials are not valid.")
        elif operation == "unknown":
            reply = failure(404, "There is no such path.")
        else:
            lie = self._next_lie(operation) or self.chance(operation)
            reply = lie.tell(exchange) if lie else exchange.truth()
        if reply is None:
            return False
        connection.sendall(reply.encoded())
        return request.keeps_alive

    def _next_lie(self, operation: str) -> Lie | None:
        with self._lock:
            for number, lie in enumerate(self._lies):
                if lie.operation not in (operation, "any"):
                    continue
                self._met[number] += 1
                met = self._met[number] - lie.after
                if met > 0 and (lie.times is None or met <= lie.times):
                    self.told[number] += 1
                    return lie
        return None


def operation_of(request: Request) -> tuple[str, str]:
    """The operation's name, and the id in its path."""
    for method, pattern, name in _OPERATIONS:
        match = re.fullmatch(pattern, request.path)
        if match and method == request.method:
            return name, match[1] if match.groups() else ""
    return "unknown", ""
