"""A source cut into parts, and the flaws that a part can have. The oracle says whether the server takes it."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from conformance.shared.sample_data import is_mp4, md5

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


@dataclass(frozen=True)
class Part:
    """A part as it is sent."""

    start: int
    end: int
    size: int
    index: str
    hash: str
    data: bytes

    def hashed(self) -> Part:
        """The part with the hash of its bytes."""
        return replace(self, hash=md5(self.data))


@dataclass
class PartPlan:
    """The parts that a source is to be uploaded in."""

    source: bytes
    cuts: list[int]
    indexes: list[str]

    def parts(self) -> list[Part]:
        ranges = itertools.pairwise([0, *self.cuts, len(self.source)])
        return [self._part(index, first, stop - 1) for index, (first, stop) in zip(self.indexes, ranges, strict=False)]

    def flawed(self, place: int, flaw: str) -> Part:
        part = self.parts()[place]
        return WRONG_CLAIMS[flaw](self, part) if flaw in WRONG_CLAIMS else FLAWS[flaw](self, part).hashed()

    def replace(self, part: Part) -> None:
        """Replace the bytes of the source in the range of a part."""
        self.source = self.source[: part.start] + part.data + self.source[part.end + 1 :]

    def moved(self, part: Part, left: int, right: int) -> Part:
        """A part whose range begins and ends elsewhere."""
        return self._part(part.index, part.start + left, part.end + right)

    def _part(self, index: str, first: int, last: int) -> Part:
        """A part with these bytes of the source, as far as the source has them."""
        first, last = max(0, first), min(last, len(self.source) - 1)
        return Part(first, last, len(self.source), index, "", self.source[first : last + 1]).hashed()


def _other_bytes(plan: PartPlan, part: Part) -> Part:
    # In an MP4 other bytes would change its duration.
    return part if is_mp4(plan.source) else replace(part, data=bytes(255 - byte for byte in part.data))


def _index_of_another(plan: PartPlan, part: Part) -> Part:
    others = [other.index for other in plan.parts() if other.index != part.index]
    return replace(part, index=others[0]) if others else part


WRONG_CLAIMS: Mapping[str, Callable[[PartPlan, Part], Part]] = {
    "hash": lambda _, part: replace(part, hash=md5(part.data + b"!")),
    "capitals": lambda _, part: replace(part, hash=part.hash.upper()),
    "size": lambda _, part: replace(part, size=part.size + 1),
    "end": lambda _, part: replace(part, end=part.end + 1),
}
"""The part claims something that its bytes are not, or their hash in capitals."""

FLAWS: Mapping[str, Callable[[PartPlan, Part], Part]] = {
    "none": lambda _, part: part,
    **WRONG_CLAIMS,
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
