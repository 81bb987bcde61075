"""Whether one regular expression takes all that another one does."""

from __future__ import annotations

import re
from functools import lru_cache

from greenery import Fsm, parse  # pyright: ignore[reportMissingTypeStubs] - it is annotated, but does not say so
from greenery.parse import NoMatch  # pyright: ignore[reportMissingTypeStubs] - the same

# `$` alone means the end in JSON Schema, but not to every implementation; the contract says it so that all understand.
_ENDS = ("$(?!\\n)", "$")
# An anchor inside, and a dot, which is not the same everywhere.
_UNSURE = re.compile(r"(?<!\[)\^|\$|(?<!\\)\.")


def is_wider(wide: str, narrow: str) -> bool:
    """True is proved; of lookarounds and the like nothing is known."""
    try:
        return _language(narrow) <= _language(wide)
    except (NoMatch, ValueError):
        return False


@lru_cache(maxsize=64)
def _language(pattern: str) -> Fsm:
    end = next((end for end in _ENDS if pattern.endswith(end)), "")
    inside = pattern.removeprefix("^").removesuffix(end)
    if _UNSURE.search(inside) or (inside != pattern and len(parse(inside).concs) > 1):
        raise ValueError(f"{pattern}: what its anchors or dots mean is not sure")
    return parse(("" if pattern.startswith("^") else ".*") + f"({inside})" + ("" if end else ".*")).to_fsm()
