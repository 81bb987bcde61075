"""The contract and the overlay's rules, either of which may lack something to see that a test notices.

The client checks against what `make generate` wrote; here it is given what openapi.yaml says at this moment.
`make mutants` takes out the rule whose code WITHOUT_RULE names, or edits the contract that these tests read.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
import request_schemas as writer
from contract_document import Json, load

from aioz_stream.arguments import schemas
from aioz_stream.encoding import checker
from aioz_stream.encoding.rules import RULES

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def contract() -> Json:
    return load()


@pytest.fixture(scope="session", autouse=True)
def _crippled(contract: Json) -> Iterator[None]:
    code = os.environ.get("WITHOUT_RULE")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(schemas, "contract", lambda: writer.extract(contract))
        patch.setattr(checker, "RULES", [rule for rule in RULES if rule.code != code])
        schemas.request_schema.cache_clear()
        yield
    schemas.request_schema.cache_clear()
