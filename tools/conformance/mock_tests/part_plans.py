"""A source cut into parts, and changes of them. The oracle says whether the server takes a changed part."""

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

    def with_data(self, data: bytes) -> Part:
        return replace(self, data=data, hash=md5(data))


@dataclass
class PartPlan:
    """The parts that a source is to be uploaded in."""

    source: bytes
    cuts: list[int]
    indexes: list[str]

    def parts(self) -> list[Part]:
        ranges = itertools.pairwise([0, *self.cuts, len(self.source)])
        return [self._part(index, first, stop - 1) for index, (first, stop) in zip(self.indexes, ranges, strict=False)]

    def changed(self, place: int, change: str) -> Part:
        return CHANGES[change](self, self.parts()[place])

    def replace(self, part: Part) -> None:
        """Replace the bytes of the source in the range of a part."""
        self.source = self.source[: part.start] + part.data + self.source[part.end + 1 :]

    def moved(self, part: Part, left: int, right: int) -> Part:
        """A part whose range begins and ends elsewhere."""
        return self._part(part.index, part.start + left, part.end + right)

    def _part(self, index: str, first: int, last: int) -> Part:
        """A part with these bytes of the source, as far as the source has them."""
        first, last = max(0, first), min(last, len(self.source) - 1)
        return Part(first, last, len(self.source), index, "", b"").with_data(self.source[first : last + 1])


def _other_bytes(plan: PartPlan, part: Part) -> Part:
    # In an MP4 other bytes would change its duration.
    return part if is_mp4(plan.source) else part.with_data(bytes(255 - byte for byte in part.data))


def _index_of_another(plan: PartPlan, part: Part) -> Part:
    others = [other.index for other in plan.parts() if other.index != part.index]
    return replace(part, index=others[0]) if others else part


CHANGES: Mapping[str, Callable[[PartPlan, Part], Part]] = {
    "none": lambda _, part: part,
    "hash in capitals": lambda _, part: replace(part, hash=part.hash.upper()),
    "wrong hash": lambda _, part: replace(part, hash=md5(part.data + b"!")),
    "another size": lambda _, part: replace(part, size=part.size + 1),
    "begins earlier": lambda plan, part: plan.moved(part, -1, 0),
    "ends later": lambda plan, part: plan.moved(part, 0, 1),
    "moved": lambda plan, part: plan.moved(part, 1, 1),
    "other bytes": _other_bytes,
    "other index": lambda _, part: replace(part, index="77"),
    "index of another": _index_of_another,
}
"""Changes of a part; the server takes some of them."""
