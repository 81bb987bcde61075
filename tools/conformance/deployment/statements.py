"""The table of statements: what the reference and its readings say, and how it is examined.

`statements.yaml` has them in groups. A group may say for all of its statements what a statement may say itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from contract_document import parse

if TYPE_CHECKING:
    from collections.abc import Mapping

    from contract_document import Json

TABLE = Path(__file__).with_name("statements.yaml")


class Mode(StrEnum):
    """What it takes to see whether a statement holds."""

    READ = "read"
    WRITE = "write"
    BYTES = "bytes"
    TWO_ACCOUNTS = "two accounts"
    TRANSCODE = "transcode"


@dataclass(frozen=True)
class Statement:
    """One testable sentence."""

    id: str
    says: str
    source: str
    """Where it stands: a place of the reference, or the code of a reading in docs/contract.md."""
    about: tuple[str, ...]
    """The codes, operations, fields, words and statuses of the contract that it covers."""
    mode: Mode
    client: str
    """What a client of this contract will see where it does not hold."""
    probe: str
    """The name of a probe."""
    parameters: Mapping[str, Json]


@lru_cache
def statements() -> tuple[Statement, ...]:
    """The whole table, in the order in which it is examined."""
    groups = parse(TABLE.read_text(encoding="utf-8"))
    return tuple(_statement({**group["each"], **one}) for group in groups for one in group["statements"])


def _statement(entry: dict[str, Json]) -> Statement:
    about = entry.get("about", []) + entry.get("covers", [])
    covered = tuple(word for name in about for word in _each_word(name))
    probe = {**entry.get("with", {})}
    known = {"id", "says", "from", "about", "covers", "mode", "client", "probe", "with"}
    # What is no part of a statement is a parameter of its probe.
    probe |= {name: value for name, value in entry.items() if name not in known}
    mode = Mode(entry.get("mode", "read"))
    return Statement(entry["id"], entry["says"], entry["from"], covered, mode, entry["client"], entry["probe"], probe)


def _each_word(name: str) -> list[str]:
    """`Quality.type=hls|dash` stands for the field and two words, `getVideo 200|404` for two statuses."""
    for sign in "= ":
        field, found, words = name.partition(sign)
        if found:
            return [field, *(f"{field}{sign}{word}" for word in words.split("|"))]
    return [name]
