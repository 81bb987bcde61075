"""One thing of the contract as it stands in both documents."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from contract_changes.changes import Change, Weight
from contract_changes.documents import Document, Path, pointer
from contract_changes.judge import judge
from contract_changes.schemas import Schema, differ, expand

if TYPE_CHECKING:
    from collections.abc import Iterator

    from contract_changes.containment import Side


@dataclass(frozen=True)
class Twin:
    """What stands at `before` in the older document and at `after` in the newer one, references followed."""

    old: Document
    new: Document
    before: Path
    after: Path

    @cached_property
    def was(self) -> Any:
        return self.old.raw(self.before)

    @cached_property
    def now(self) -> Any:
        return self.new.raw(self.after)

    def inside(self, *steps: str) -> Twin:
        """The same step in both; it must be there in both."""
        return self.across(steps, steps)

    def across(self, before: Path, after: Path) -> Twin:
        there, here = self.old.place(*self.before, *before), self.new.place(*self.after, *after)
        return Twin(self.old, self.new, there.path, here.path)

    def names(self, key: str) -> tuple[list[str], list[str], list[str]]:
        """What a mapping has lost, kept and won."""
        was, now = self.was.get(key, {}), self.now.get(key, {})
        return [n for n in was if n not in now], [n for n in was if n in now], [n for n in now if n not in was]

    def gone(self, *steps: str | int) -> str:
        return pointer((*self.before, *steps))

    def at(self, *steps: str | int) -> str:
        return pointer((*self.after, *steps))

    def setting(self, key: str, default: Any = None) -> tuple[Any, Any]:
        return self.was.get(key, default), self.now.get(key, default)

    def wording(self, where: str, *keys: str) -> Iterator[Change]:
        for key in keys:
            was, now = self.setting(key)
            if differ(was, now):
                yield Change(Weight.WORDING, self.at(key) if key in self.now else self.gone(key), f"{where}: `{key}`")

    def schema(self, side: Side, where: str) -> list[Change]:
        """What the schemas of a parameter, a body or a header differ in; without one anything goes."""
        return judge(side, where, _schema(self.old, self.before), _schema(self.new, self.after))


def _schema(document: Document, path: Path) -> Schema:
    if "schema" in document.raw(path):
        return expand(document, (*path, "schema"))
    return Schema(tree=True, sources={(): path}, names={})
