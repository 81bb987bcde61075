"""A pytest plugin: the fixture `aioz_stream_server`, a server that begins anew for each test.

pytest loads this module in every project that has the package installed, so it imports nothing that it does not
need for that. The server and all it is made of come with the first test that asks for one.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from aioz_stream_mock.control.control import Control
    from aioz_stream_mock.server import MockServer
    from aioz_stream_mock.state.accounts import Account
    from aioz_stream_mock.state.settings import Settings


class AiozStreamServer:
    """One test's view of the server that all tests of a process share."""

    def __init__(self, server: MockServer) -> None:
        self._server = server

    @property
    def url(self) -> str:
        """What a client is pointed at: its base URL."""
        return self._server.url

    @property
    def control(self) -> Control:
        """Controls the server: faults, clock, seeds, snapshots."""
        return self._server.control

    @property
    def accounts(self) -> Sequence[Account]:
        """Who can call."""
        return self._server.accounts

    @property
    def token(self) -> str:
        """The first account's."""
        return self.accounts[0].token

    @property
    def public_key(self) -> str:
        """The first account's."""
        return self.accounts[0].public_key

    @property
    def secret_key(self) -> str:
        """The first account's."""
        return self.accounts[0].secret_key


def _module(name: str) -> Any:
    """A module of this package, when it is needed; the plugin is there without the extra, the rest is not."""
    try:
        return import_module(f"aioz_stream_mock.{name}")
    except ModuleNotFoundError as error:
        raise pytest.UsageError("aioz_stream_server needs the extra: pip install 'aioz-stream[mock]'") from error


@pytest.fixture(scope="session")
def aioz_stream_settings() -> Settings:
    """The settings of the server. A project overrides them with a fixture of the same name."""
    settings: Settings = _module("state.settings").Settings(control=True)
    return settings


@pytest.fixture(scope="session")
def _aioz_stream_session_server(aioz_stream_settings: Settings) -> Iterator[MockServer]:
    """One for each process: under xdist, every worker has its own, on a port that was free."""
    with _module("server").MockServer(aioz_stream_settings) as server:
        yield server


@pytest.fixture
def aioz_stream_server(_aioz_stream_session_server: MockServer) -> AiozStreamServer:
    """A local AIOZ Stream, as if just started: no videos, first balances, no faults."""
    _aioz_stream_session_server.control.reset()
    return AiozStreamServer(_aioz_stream_session_server)
