"""What came of many mutants, as a table: how many of each area were killed, and by which layer."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from mutation.mutants import Layer, Mutant, Verdict

TOTAL = "in all"


@dataclass
class Tally:
    """Counts of one kind of mutants."""

    layers: Sequence[Layer]
    examined: Counter[str] = field(default_factory=Counter[str])
    """By area; and so on."""
    killed: Counter[str] = field(default_factory=Counter[str])
    by_layer: Counter[tuple[str, str]] = field(default_factory=Counter[tuple[str, str]])
    survivors: list[str] = field(default_factory=list[str])
    killed_names: set[str] = field(default_factory=set[str])
    seconds: float = 0.0

    def add(self, mutant: Mutant, verdict: Verdict) -> None:
        self.seconds += verdict.seconds
        for area in (mutant.area, TOTAL):
            self.examined[area] += 1
            self.killed[area] += not verdict.survived
            for kill in verdict.kills:
                self.by_layer[area, kill.layer] += 1
        if verdict.survived:
            self.survivors.append(mutant.name)
        else:
            self.killed_names.add(mutant.name)

    @property
    def rate(self) -> float:
        return self.killed[TOTAL] / self.examined[TOTAL] if self.examined else 1.0

    def table(self) -> Iterator[str]:
        names = [layer.name for layer in self.layers]
        yield f"{'':20}{'killed':>12}{'rate':>9}" + "".join(f"{name:>{len(name) + 3}}" for name in names)
        for area in [*(area for area in self.examined if area != TOTAL), TOTAL]:
            row = f"{area:20}{f'{self.killed[area]} of {self.examined[area]}':>12}"
            row += f"{self.killed[area] / self.examined[area]:>9.1%}" if self.examined[area] else ""
            yield row + "".join(f"{self.by_layer[area, name] or '':>{len(name) + 3}}" for name in names)


def line(mutant: Mutant, verdict: Verdict) -> str:
    """One mutant in one line."""
    if verdict.survived:
        return f"{mutant.area:16} {mutant.name}: SURVIVES ({mutant.about})"
    kills = "; ".join(f"{kill.layer}, {kill.test.rpartition('::')[2]}: {kill.reason}" for kill in verdict.kills)
    return f"{mutant.area:16} {mutant.name}: {kills}"


def judged(tally: Tally, wanted: float, explained: Mapping[str, str]) -> list[str]:
    """What is not as it should be."""
    findings = [f"{name} survives, and nobody says why" for name in tally.survivors if name not in explained]
    if tally.rate < wanted:
        findings.append(f"{tally.rate:.1%} are noticed, and {wanted:.0%} have to be")
    return findings
