"""One thing of the contract as it stands in two documents, and the ways in which such a pair can differ."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from contract_changes.changes import Change, Weight
from contract_changes.documents import pointer
from contract_changes.schema_changes import compare_schemas
from contract_changes.schemas import Schema, differ, expand

if TYPE_CHECKING:
    from contract_changes.containment import Side
    from contract_changes.documents import Place

Effect: TypeAlias = tuple[Weight, str]
"""What a difference weighs, and how it is said."""
Places: TypeAlias = Mapping[str, "Place"]
"""Members by title, such as `answer 200`."""


@dataclass(frozen=True)
class Pair:
    """What stands at a place of the older document and at the same place of the newer one."""

    title: str
    old: Place
    new: Place

    def change(self, key: str, effect: Effect) -> Change:
        """A change of one member."""
        holder = self.new if key in self.new.value else self.old
        return Change(effect[0], holder.pointer(key), f"{self.title}: {effect[1]}")

    def values(self, key: str, default: Any = None) -> tuple[Any, Any]:
        return self.old.value.get(key, default), self.new.value.get(key, default)

    def flag(self, key: str, *, on: Effect, off: Effect | None = None) -> Iterator[Change]:
        """A member that is true or false, and false where it is missing."""
        was, now = map(bool, self.values(key))
        if now and not was:
            yield self.change(key, on)
        if was and not now and off:
            yield self.change(key, off)

    def any_of(self, weight: Weight, *keys: str, reason: str = "") -> Iterator[Change]:
        """Members in which every difference weighs the same."""
        says = f" changed; {reason}" if reason else " changed"
        return (self.change(key, (weight, f"`{key}`{says}")) for key in keys if differ(*self.values(key)))

    def wording(self, *keys: str) -> Iterator[Change]:
        return self.any_of(Weight.WORDING, *keys)

    def schema(self, side: Side) -> list[Change]:
        """The schemas of a parameter, a body or a header; without one any value is right."""
        return compare_schemas(side, self.title, _schema(self.old), _schema(self.new))


def compare_members(
    old: Places,
    new: Places,
    *,
    removed: Effect,
    added: Effect | Callable[[Place], Effect],
    compare: Callable[[Pair], Iterable[Change]],
) -> Iterator[Change]:
    """What a mapping has lost and gained, and what `compare` says of the members that are in both."""
    for title, place in old.items():
        if title in new:
            yield from compare(Pair(title, place, new[title]))
        else:
            yield _mention(title, place, removed)
    for title, place in new.items():
        if title not in old:
            yield _mention(title, place, added(place) if callable(added) else added)


def _mention(title: str, place: Place, effect: Effect) -> Change:
    return Change(effect[0], pointer(place.mention), f"{title}: {effect[1]}")


def _schema(place: Place) -> Schema:
    if "schema" in place.value:
        return expand(place.document, (*place.steps, "schema"))
    return Schema(tree=True, sources={(): place.steps}, names={})
