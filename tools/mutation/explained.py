"""Survivors that are known, each with the reason why no test can notice it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import yaml

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

SURVIVORS = Path(__file__).parents[1] / "conformance" / "survivors.yaml"


def explanations(kind: str, file: Path = SURVIVORS) -> dict[str, str]:
    """Reasons by the name of the mutant."""
    entries = yaml.safe_load(file.read_text(encoding="utf-8")).get(kind, ())
    return {entry["mutant"]: entry["reason"] for entry in entries}


def stale(explained: Mapping[str, str], known: Collection[str], killed: Collection[str]) -> list[str]:
    """What need not be explained any more: a test notices it, or there is no such mutant."""
    return [
        *(f"{name} is explained as a survivor, and a test notices it" for name in explained if name in killed),
        *(f"{name} is explained as a survivor, and is no mutant" for name in explained if name not in known),
    ]
