"""What all tests have in common: nothing of theirs stays on the machine, and no clock decides over them."""

from __future__ import annotations

import os
from itertools import count
from typing import TYPE_CHECKING

import pytest
import trustme
from hypothesis import HealthCheck, settings

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

_MACHINE = dict(os.environ)
_COUNT = count()

# A busy machine makes a test slow, not wrong.
settings.register_profile("aioz-stream", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("aioz-stream")


@pytest.fixture(scope="session")
def _all_journals(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("journals")


@pytest.fixture(autouse=True)
def _journals_of_the_test(_all_journals: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Uploads keep journals, and look after those of others: each test has a folder of its own."""
    monkeypatch.setenv("AIOZ_STREAM_JOURNALS", str(_all_journals / str(next(_COUNT))))


@pytest.fixture(autouse=True)
def _profiles_of_the_test(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Clients without credentials look for a profile, and must not find the developer's."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path_factory.getbasetemp() / "no-profiles"))


@pytest.fixture
def journals(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of the test's journals, for a test that looks into it."""
    folder = tmp_path / "journals"
    monkeypatch.setenv("AIOZ_STREAM_JOURNALS", str(folder))
    return folder


@pytest.fixture(scope="session")
def environment_of_the_machine() -> Mapping[str, str]:
    """For programs that get something from a registry."""
    return _MACHINE


@pytest.fixture(autouse=True, scope="session")
def _few_certificates(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """One authority instead of the machine's many: each of a thousand clients would take 25 ms to read those."""
    path = tmp_path_factory.mktemp("certificates") / "authority.pem"
    trustme.CA().cert_pem.write_to_path(str(path))
    patch = pytest.MonkeyPatch()
    patch.setenv("SSL_CERT_FILE", str(path))
    yield
    patch.undo()
