# Generated from openapi.yaml (AIOZ Stream Videos 1.1.0) by `make generate`, with openapi-python-client 0.29.1.
# Do not edit: change the contract and generate again.
"""What the contract says of requests, as data: JSON Schemas by operation, each complete by itself."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any


@lru_cache(maxsize=1)
def contract() -> dict[str, Any]:
    """`requests`: per operation, the schemas of its JSON `body` and of its `parameters` by name.

    `settled`: the statuses of a video at which nothing more happens by itself.
    """
    from importlib.resources import (
        files,  # takes milliseconds, which importing a client should not
    )

    package = files(__name__.rpartition(".")[0])
    data: dict[str, Any] = json.loads(package.joinpath("contract.json").read_text(encoding="utf-8"))
    return data
