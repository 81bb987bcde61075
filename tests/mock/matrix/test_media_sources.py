"""What cameras, browsers, editors and accidents make, judged by what plays: HLS, DASH and MP4, muxed and split."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.mock.matrix.proof import prove
from tests.mock.matrix.sources import SOURCES

if TYPE_CHECKING:
    from tests.mock.conftest import Studio
    from tests.mock.matrix.sources import Source


# Nobody knows how busy the machine is: this only ends what hangs.
@pytest.mark.timeout(900)
@pytest.mark.parametrize("source", SOURCES, ids=[source.name for source in SOURCES])
def test_what_plays(studio: Studio, source: Source) -> None:
    prove(studio, source)
