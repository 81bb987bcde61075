"""The changes of a contract in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from contract_changes import versions
from contract_changes.changes import Change, Weight
from contract_changes.operations import WHOLE, Subject

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_WORDS = {Weight.BREAKING: "breaking", Weight.ADDITION: "safe", Weight.WORDING: "safe (words only)"}


@dataclass(frozen=True)
class Verdict:
    """Which version the changes since another one ask for, and whether the contract has it."""

    base: versions.Version
    weight: Weight | None
    version: versions.Version

    @property
    def asked(self) -> versions.Version:
        return versions.asked(self.base, self.weight)

    @property
    def fits(self) -> bool:
        """Words alone may wait for the next release; nothing ever goes back."""
        least = self.base if self.weight is Weight.WORDING else self.asked
        return self.version >= least

    def sentence(self, since: str) -> str:
        base, asked, version = map(versions.words, (self.base, self.asked, self.version))
        if self.weight is None:
            says = f"Since {base} ({since}) nothing changed"
        else:
            says = f"Since {base} ({since}) the changes are {_WORDS[self.weight]}, which asks for {asked}"
        if self.version >= self.asked:
            return f"{says}. info.version is {version}, which will do."
        if self.fits:
            return f"{says} at the next release. info.version is {version}."
        return f"{says}, but info.version is {version}. Set it to {asked}, or take the changes back."


def weight(changes: Iterable[Change]) -> Weight | None:
    return max((change.weight for change in changes), default=None)


def lines(subjects: list[Subject]) -> Iterator[str]:
    """Operation by operation; what all of them have in common is said once."""
    calls = [subject for subject in subjects if subject.name != WHOLE]
    common = [change for change in calls[0].changes if all(change in one.changes for one in calls)] if calls[1:] else []
    if common:
        yield from _subject(Subject("every operation", common))
    for subject in subjects:
        own = [change for change in subject.changes if change not in common]
        if own:
            yield from _subject(Subject(subject.name, own))


def _subject(subject: Subject) -> Iterator[str]:
    heaviest = weight(subject.changes)
    yield f"{subject.name}: {_WORDS[heaviest] if heaviest else 'unchanged'}"
    for change in sorted(subject.changes, key=lambda one: -one.weight):
        yield f"  {_WORDS[change.weight]:9}  {change.pointer}"
        yield f"             {change.says}"
