"""The overlay's rules and the contract. `make mutants` takes out the rule whose code WITHOUT_RULE names."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from contract_document import Json, load

from aioz_stream.encoding import checker

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def contract() -> Json:
    return load()


@pytest.fixture(scope="session", autouse=True)
def _crippled() -> Iterator[None]:
    code = os.environ.get("WITHOUT_RULE")
    with pytest.MonkeyPatch.context() as patch:
        for name in ("_IN_LIST", "_IN_QUALITY", "_IN_LADDER"):
            rules = getattr(checker, name)
            patch.setattr(checker, name, [(rule, look) for rule, look in rules if rule.code != code])
        yield
