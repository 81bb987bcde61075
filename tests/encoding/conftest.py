"""The contract and the overlay's rules, either of which may lack something to see that a test notices.

The client checks against what `make generate` wrote; here it is given what openapi.yaml says at this moment.
`make mutants` takes out the rule whose code WITHOUT_RULE names, or edits the contract that these tests read.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest
import request_schemas as writer
from contract_document import Json, load

from aioz_stream import request_schemas
from aioz_stream.encoding import checker, resolutions

if TYPE_CHECKING:
    from collections.abc import Iterator

CACHES: tuple[Any, ...] = (
    *(request_schemas.body, request_schemas.parameter, request_schemas.separated, request_schemas.settled),
    *(resolutions._qualities, resolutions._highest_bitrates),
)


@pytest.fixture(scope="session")
def contract() -> Json:
    return load()


@pytest.fixture(scope="session", autouse=True)
def _crippled(contract: Json) -> Iterator[None]:
    code = os.environ.get("WITHOUT_RULE")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(request_schemas, "contract", lambda: writer.extract(contract))
        for name in ("_IN_QUALITY", "_IN_LADDER"):
            rules = getattr(checker, name)
            patch.setattr(checker, name, [(rule, look) for rule, look in rules if rule.code != code])
        forget()
        yield
    forget()


def forget() -> None:
    for cache in CACHES:
        cache.cache_clear()
