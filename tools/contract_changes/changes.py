"""One change of the contract, and how much it weighs."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum


class Weight(IntEnum):
    """What a change means for programs that rely on the contract; the heaviest one decides on the version."""

    WORDING = 1
    """Nothing: only what people read has changed."""
    ADDITION = 2
    """They may stay as they are: there is more, or it is more certain."""
    BREAKING = 3
    """Something that worked may fail, or code that was made from the contract does not compile."""


@dataclass(frozen=True)
class Change:
    weight: Weight
    pointer: str
    says: str
