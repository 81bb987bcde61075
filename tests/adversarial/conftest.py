"""The service that lies, and the world around it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import trustme

from tests.adversarial.case import World
from tests.adversarial.service import Service

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ENVIRONMENT = ("AIOZ_STREAM_TOKEN", "AIOZ_STREAM_PUBLIC_KEY", "AIOZ_STREAM_SECRET_KEY", "AIOZ_STREAM_BASE_URL")


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("adversarial")
    group.addoption("--chaos-uploads", type=int, default=12, help="how many uploads meet random lies")
    group.addoption("--chaos-kills", type=int, default=2, help="how many uploads are killed on their way")
    group.addoption("--chaos-seed", type=int, default=1, help="what lies and kills are drawn from")


@pytest.fixture(autouse=True)
def _no_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ENVIRONMENT:
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the certificate of a server, and the authority that made it."""
    folder, authority = tmp_path_factory.mktemp("certificates"), trustme.CA()
    authority.cert_pem.write_to_path(str(folder / "authority.pem"))
    authority.issue_cert("localhost", "127.0.0.1").private_key_and_cert_chain_pem.write_to_path(
        str(folder / "server.pem")
    )
    return folder


@pytest.fixture
def service() -> Iterator[Service]:
    with Service() as running:
        yield running


@pytest.fixture
def world(service: Service, tmp_path: Path, journals: Path) -> World:
    return World(service, tmp_path, journals)
