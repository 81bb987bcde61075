"""Which version number a change of the contract asks for: Semantic Versioning, with the usual reading of 0.x."""

from __future__ import annotations

import re
from typing import TypeAlias

from contract_changes.changes import Weight
from contract_changes.documents import ContractError

Version: TypeAlias = tuple[int, int, int]

_NUMBER = r"(0|[1-9][0-9]*)"
_VERSION = re.compile(rf"{_NUMBER}\.{_NUMBER}\.{_NUMBER}(?:-[0-9A-Za-z.-]+)?(?:\+[0-9A-Za-z.-]+)?", re.ASCII)


def parse(words: str) -> Version:
    """The three numbers. What follows them is left out: 2.0.0-rc.1 may break as much as 2.0.0."""
    match = _VERSION.fullmatch(words)
    if match is None:
        raise ContractError(f"info.version is {words!r}, which is no version such as 1.2.3")
    return int(match[1]), int(match[2]), int(match[3])


def words(version: Version) -> str:
    return ".".join(map(str, version))


def asked(base: Version, weight: Weight | None) -> Version:
    """The least version that may follow `base` after changes of this weight.

    Before 1.0.0 nothing is promised for good, so each number means one step less: a breaking change moves the second
    one and everything else the third.
    """
    major, minor, patch = base
    if weight is None:
        return base
    if weight is Weight.BREAKING:
        return (major + 1, 0, 0) if major else (0, minor + 1, 0)
    if weight is Weight.ADDITION and major:
        return major, minor + 1, 0
    return major, minor, patch + 1
