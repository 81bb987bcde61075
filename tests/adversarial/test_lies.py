"""A service that lies: never a wrong byte, never another program's video, never a bare exception.

One case alone: `pytest tests/adversarial/test_lies.py -k NAME`.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest

from tests.adversarial import (
    cases_answers,
    cases_complete,
    cases_connections,
    cases_lists,
    cases_markers,
    cases_sources,
    cases_ways,
)

if TYPE_CHECKING:
    from tests.adversarial.case import Case, World

MODULES = [cases_markers, cases_answers, cases_connections, cases_complete, cases_lists, cases_sources, cases_ways]
CASES = [case for module in MODULES for case in module.CASES]

pytestmark = pytest.mark.timeout(40)  # for a case that would never end


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_lie(case: Case, world: World) -> None:
    print(case.because)
    case.run(world)


def test_each_case_has_a_name_of_its_own() -> None:
    assert [name for name, count in Counter(case.name for case in CASES).items() if count > 1] == []
    assert len(CASES) >= 60
