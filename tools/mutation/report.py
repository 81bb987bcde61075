"""What came of the mutants of one kind: a table, and what is not as it should be."""

from __future__ import annotations

from typing import TYPE_CHECKING

import yaml
from contract_document import ROOT

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence
    from pathlib import Path

    from mutation.mutants import Layer, Mutant, Verdict

    Results = Sequence[tuple[Mutant, Verdict]]

SURVIVORS = ROOT / "tools" / "conformance" / "survivors.yaml"


def line(mutant: Mutant, verdict: Verdict) -> str:
    """One mutant in one line."""
    if verdict.survived:
        return f"{mutant.area:16} {mutant.name}: SURVIVES ({mutant.about})"
    kills = "; ".join(f"{kill.layer}, {kill.test.rpartition('::')[2]}: {kill.reason}" for kill in verdict.kills)
    return f"{mutant.area:16} {mutant.name}: {kills}"


def table(layers: Sequence[Layer], results: Results) -> Iterator[str]:
    """How many mutants of each area were killed, and by which layer."""
    names = [layer.name for layer in layers]
    yield f"{'':20}{'killed':>12}{'rate':>9}" + "".join(f"{name:>{len(name) + 3}}" for name in names)
    for area in dict.fromkeys(mutant.area for mutant, _ in results):
        yield _row(area, names, [verdict for mutant, verdict in results if mutant.area == area])
    yield _row("in all", names, [verdict for _, verdict in results])


def _row(title: str, names: Sequence[str], verdicts: Sequence[Verdict]) -> str:
    killed, killers = sum(not verdict.survived for verdict in verdicts), list[str]()
    for verdict in verdicts:
        killers += (kill.layer for kill in verdict.kills)
    rate = f"{killed / len(verdicts):>9.1%}" if verdicts else ""
    counts = "".join(f"{killers.count(name) or '':>{len(name) + 3}}" for name in names)
    return f"{title:20}{f'{killed} of {len(verdicts)}':>12}{rate}{counts}"


def findings(results: Results, wanted: float, explained: Mapping[str, str]) -> list[str]:
    """Survivors without a reason, reasons without a survivor, and a rate that is too low."""
    survivors = [mutant.name for mutant, verdict in results if verdict.survived]
    killed = [mutant.name for mutant, verdict in results if not verdict.survived]
    found = [f"{name} survives, and no reason is given" for name in survivors if name not in explained]
    if results and len(killed) < wanted * len(results):
        found.append(f"{len(killed) / len(results):.1%} are noticed, and {wanted:.0%} have to be")
    return found + [f"{name} is explained as a survivor, and a test notices it" for name in killed if name in explained]


def explanations(kind: str, file: Path = SURVIVORS) -> dict[str, str]:
    """The reasons why no test can notice a survivor, by the name of the mutant."""
    entries = yaml.safe_load(file.read_text(encoding="utf-8")).get(kind, ())
    return {entry["mutant"]: entry["reason"] for entry in entries}


def unknown(explained: Mapping[str, str], names: Collection[str]) -> list[str]:
    return [f"{name} is explained as a survivor, and is no mutant" for name in explained if name not in names]
