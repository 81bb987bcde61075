"""What all tests have in common: nothing of theirs stays on the machine, and no clock decides over them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

if TYPE_CHECKING:
    from collections.abc import Iterator

# A busy machine makes a test slow, not wrong.
settings.register_profile("aioz-stream", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("aioz-stream")


@pytest.fixture(autouse=True, scope="session")
def _journals_of_the_tests(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Uploads keep journals; here they keep them in a folder of the test run's."""
    patch = pytest.MonkeyPatch()
    patch.setenv("AIOZ_STREAM_JOURNALS", str(tmp_path_factory.mktemp("journals")))
    yield
    patch.undo()
