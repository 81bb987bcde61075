"""A server in a thread of the running program, for tests and other tools."""

from __future__ import annotations

import errno
import socket
import threading
import time
from typing import TYPE_CHECKING, Self

import uvicorn
from starlette.applications import Starlette

from aioz_stream_mock.app import create_app
from aioz_stream_mock.certificates import check_certificate
from aioz_stream_mock.contract import load_contract
from aioz_stream_mock.control.connections import Connection, Server
from aioz_stream_mock.control.control import Control
from aioz_stream_mock.state.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path
    from types import TracebackType

    from starlette.types import ASGIApp

    from aioz_stream_mock.control.controlled_backend import ControlledBackend
    from aioz_stream_mock.state.accounts import Account

START_SECONDS = 10.0
STOP_SECONDS = 2


class ListenError(OSError):
    """A port can't be listened on; the message says what to do."""

    def __str__(self) -> str:
        return str(self.strerror)


class MockServer:
    """A running server, from entering a `with` block until leaving it.

        with MockServer() as server:
            requests_go_to(server.url)

    `app` is served instead of a new application: one from `create_app`, wrapped in whatever a test wants
    between it and the network.
    """

    def __init__(
        self,
        settings: Settings | None = None,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        app: ASGIApp | None = None,
        ssl_certfile: str | Path | None = None,
        ssl_keyfile: str | Path | None = None,
    ) -> None:
        check_certificate(ssl_certfile, ssl_keyfile)
        self.settings: Settings = settings or Settings()
        self._app = app if app is not None else create_app(self.settings)
        self._host, self._port = host, port
        self._certificate, self._key = ssl_certfile, ssl_keyfile
        self._failure: BaseException | None = None
        self._url = ""

    @property
    def url(self) -> str:
        """The base URL, path included: what a client is pointed at."""
        if not self._url:
            raise RuntimeError("the server is not running")
        return self._url

    @property
    def accounts(self) -> Sequence[Account]:
        """Who can call."""
        return self.settings.accounts

    @property
    def state(self) -> ControlledBackend:
        """The state behind the server, for tests that look inside; a wrapped application hides it."""
        if not isinstance(self._app, Starlette) or not hasattr(self._app.state, "mock"):
            raise TypeError("a wrapped application keeps its state to itself")
        backend: ControlledBackend = self._app.state.mock
        return backend

    @property
    def control(self) -> Control:
        """Controls the server from inside the program, whether or not it has `/_mock`."""
        return Control(self.state)

    def __enter__(self) -> Self:
        listener = listen(self._host, self._port)
        self._server = Server(self._config())
        self._thread = threading.Thread(target=self._run, args=(listener,), name="aioz-stream-mock", daemon=True)
        self._thread.start()
        self._wait(listener)
        self._url = server_url(listener, self._host, self._prefix(), secure=self._certificate is not None)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.should_exit = True
        self._thread.join(STOP_SECONDS + 5)
        self._url = ""

    def _config(self) -> uvicorn.Config:
        return uvicorn.Config(
            self._app,
            http=Connection,
            host=self._host,
            log_level="warning",
            access_log=False,
            timeout_graceful_shutdown=STOP_SECONDS,
            ssl_certfile=self._certificate,
            ssl_keyfile=None if self._key is None else str(self._key),
        )

    def _run(self, listener: socket.socket) -> None:
        try:
            self._server.run(sockets=[listener])
        except BaseException as error:  # noqa: BLE001 - SystemExit too: it is raised again where the start is waited for
            self._failure = error
        finally:
            listener.close()

    def _wait(self, listener: socket.socket) -> None:
        deadline = time.monotonic() + START_SECONDS
        while not self._server.started:
            if not self._thread.is_alive() or time.monotonic() > deadline:
                listener.close()
                raise RuntimeError("the mock server did not start") from self._failure
            time.sleep(0.002)

    def _prefix(self) -> str:
        try:
            return self.state.contract.prefix
        except TypeError:
            return load_contract(self.settings.contract).prefix


def listen(host: str, port: int) -> socket.socket:
    """A socket that is bound before the server starts, so that its port is known."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # The protocol is named because asyncio switches Nagle's algorithm off only for sockets that name it; with
    # it on, every answer on a kept connection waits 40 ms for an acknowledgement.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        # Requests between now and the server's start wait in the queue and are not refused.
        listener.listen()
    except OSError as error:
        listener.close()
        raise ListenError(error.errno, _explained(host, port, error)) from None
    return listener


def _explained(host: str, port: int, error: OSError) -> str:
    if isinstance(error, socket.gaierror):
        return f"there is no host {host!r}; listen on an address of this machine, such as 127.0.0.1"
    if error.errno == errno.EADDRINUSE:
        return f"port {port} of {host} is in use; stop what listens there, or take another port (0 takes a free one)"
    if error.errno == errno.EADDRNOTAVAIL:
        return f"{host} is no address of this machine; listen on one that is, such as 127.0.0.1"
    if error.errno == errno.EACCES:
        return f"port {port} needs rights that you don't have; take one from 1024 on (0 takes a free one)"
    return f"can't listen on port {port} of {host} ({error.strerror}); take another host or port"


def server_url(listener: socket.socket, host: str, prefix: str, *, secure: bool) -> str:
    """The base URL of a server on a socket."""
    scheme = "https" if secure else "http"
    name = f"[{host}]" if ":" in host else host
    return f"{scheme}://{name}:{listener.getsockname()[1]}{prefix}"
