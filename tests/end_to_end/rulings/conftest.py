"""The contract, one mock server for all rulings, and its callers."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest
import yaml

from aioz_stream import AiozStream
from aioz_stream_mock import ManualClock, MockServer, Settings
from tests.end_to_end.rulings.world import Caller, Callers, Contract, World

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[3]
PAGE = ROOT / "docs" / "contract.md"


@pytest.fixture(scope="session")
def contract() -> Contract:
    return Contract(yaml.safe_load((ROOT / "openapi.yaml").read_text(encoding="utf-8")))


@pytest.fixture(scope="session")
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture(scope="session")
def server(clock: ManualClock) -> Iterator[MockServer]:
    with MockServer(Settings(clock=clock)) as running:
        yield running


@pytest.fixture(scope="session")
def callers(server: MockServer) -> Iterator[Callers]:
    with ExitStack() as stack:

        def http(**headers: str) -> httpx.Client:
            return stack.enter_context(httpx.Client(base_url=server.url, headers=headers))

        def client(token: str) -> AiozStream:
            return stack.enter_context(AiozStream(token=token, base_url=server.url, max_retries=0))

        yield Callers(
            Caller(http(Authorization="Bearer token-a")),
            Caller(http(Authorization="Bearer token-b")),
            http(),
            client("token-a"),
            client("token-b"),
        )


@pytest.fixture
def world(
    contract: Contract,
    server: MockServer,
    clock: ManualClock,
    callers: Callers,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> World:
    for name in ("TOKEN", "PUBLIC_KEY", "SECRET_KEY", "BASE_URL"):
        monkeypatch.delenv(f"AIOZ_STREAM_{name}", raising=False)
    return World(contract, server, clock, callers, monkeypatch, tmp_path, PAGE)
