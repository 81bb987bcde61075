"""The contract and the overlay's rules, either of which may be crippled to see that a test notices.

The client checks against what `make generate` wrote; here it is given what openapi.yaml says at this moment.
`tools/mutants.py` sets WITHOUT_RULE to a rule's code, or WITHOUT_CONDITION to a JSON Pointer into the contract.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import request_schemas as writer
import yaml

from aioz_stream import request_schemas
from aioz_stream.encoding import checker, resolutions

if TYPE_CHECKING:
    from collections.abc import Iterator

Json = dict[str, Any]
CACHES: tuple[Any, ...] = (
    *(request_schemas.body, request_schemas.parameter, request_schemas.separated, request_schemas.settled),
    *(resolutions._qualities, resolutions._highest_bitrates),
)


def without(document: Any, pointer: str) -> None:
    *path, last = pointer.removeprefix("/").split("/")
    for step in path:
        document = document[int(step)] if isinstance(document, list) else document[step]
    del document[int(last) if isinstance(document, list) else last]


@pytest.fixture(scope="session")
def contract() -> Json:
    path = Path(__file__).parents[2] / "openapi.yaml"
    # By way of JSON, since YAML's aliases make one object of several.
    document: Json = json.loads(json.dumps(yaml.safe_load(path.read_text(encoding="utf-8"))))
    if pointer := os.environ.get("WITHOUT_CONDITION"):
        without(document, pointer)
    return document


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
