"""A source, cut into parts, and what can be odd about a part. Whether it is taken then, others say."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from conformance.samples import md5

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


@dataclass(frozen=True)
class Part:
    """A part as it is sent, with what is said of it."""

    start: int
    end: int
    size: int
    index: str
    claimed: str
    data: bytes

    def honest(self) -> Part:
        """With the hash that its bytes have."""
        return replace(self, claimed=md5(self.data))


@dataclass
class Plan:
    """The parts that a source is to be uploaded in."""

    source: bytes
    cuts: list[int]
    indexes: list[str]

    def parts(self) -> list[Part]:
        borders = itertools.pairwise([0, *self.cuts, len(self.source)])
        return [self._run(index, first, stop - 1) for index, (first, stop) in zip(self.indexes, borders, strict=False)]

    def flawed(self, place: int, flaw: str) -> Part:
        part = self.parts()[place]
        return LIES[flaw](self, part) if flaw in LIES else FLAWS.get(flaw, _nothing)(self, part).honest()

    def replace(self, part: Part) -> None:
        """Go on with other bytes at the place of a part."""
        self.source = self.source[: part.start] + part.data + self.source[part.end + 1 :]

    def moved(self, part: Part, left: int, right: int) -> Part:
        """A part with its borders moved."""
        return self._run(part.index, part.start + left, part.end + right)

    def _run(self, index: str, first: int, last: int) -> Part:
        """Any run of the source's bytes; what would lie outside is left out."""
        first, last = max(0, first), min(last, len(self.source) - 1)
        return Part(first, last, len(self.source), index, "", self.source[first : last + 1]).honest()


def _nothing(_: Plan, part: Part) -> Part:
    return part


def _other_bytes(plan: Plan, part: Part) -> Part:
    """In an MP4 they would change how long it plays, so there they stay."""
    is_mp4 = plan.source[4:8] == b"ftyp"
    return part if is_mp4 else replace(part, data=bytes(255 - byte for byte in part.data))


def _index_of_another(plan: Plan, part: Part) -> Part:
    others = [other.index for other in plan.parts() if other.index != part.index]
    return replace(part, index=others[0]) if others else part


LIES: Mapping[str, Callable[[Plan, Part], Part]] = {
    "hash": lambda _, part: replace(part, claimed=md5(part.data + b"!")),
    "capitals": lambda _, part: replace(part, claimed=part.claimed.upper()),
    "size": lambda _, part: replace(part, size=part.size + 1),
    "end": lambda _, part: replace(part, end=part.end + 1),
}
"""Something else is said than is true (or the truth in capitals)."""

FLAWS: Mapping[str, Callable[[Plan, Part], Part]] = {
    **LIES,
    "short": lambda _, part: replace(part, data=part.data[:-1]),
    "long": lambda _, part: replace(part, data=part.data + b"!"),
    "empty": lambda _, part: replace(part, start=part.start + 1, end=part.start, data=b""),
    "outside": lambda plan, part: replace(part, end=part.size, data=plan.source[part.start :] + b"!"),
    "left": lambda plan, part: plan.moved(part, -1, 0),
    "right": lambda plan, part: plan.moved(part, 0, 1),
    "further": lambda plan, part: plan.moved(part, 1, 1),
    "other bytes": _other_bytes,
    "other index": lambda _, part: replace(part, index="77"),
    "index of another": _index_of_another,
}
