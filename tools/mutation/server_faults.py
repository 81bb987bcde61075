"""The seeded faults of the mock server, for the contract tests to notice."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conformance.mock_tests.seeded_faults import SeededFault, all_faults
from contract_document import load

from mutation.contract_edits import edits
from mutation.contract_mutants import QUALITIES
from mutation.mutants import Kind, Layer, Mutant
from mutation.report import explanations

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mutation.contract_edits import ContractEdit

HERE = "tests/contract/test_contract_"
EXAMPLES = Layer("derived examples", (f"{HERE}examples.py",))
STATUSES = Layer("status triggers", (f"{HERE}statuses.py",))
SCENARIOS = Layer("scenarios", (f"{HERE}scenarios.py",))
FUZZING = Layer("schemathesis", (f"{HERE}fuzzing.py",))
STATEMENTS = Layer("statements", (f"{HERE}statements.py",))
LAYERS = (STATUSES, SCENARIOS, EXAMPLES, STATEMENTS, FUZZING)
"""From what takes a second to what takes ten."""

SOONER = {
    **dict.fromkeys(("validation", "encoding"), EXAMPLES),
    **dict.fromkeys(("state", "parts", "cost", "thumbnails"), SCENARIOS),
    "lists": STATEMENTS,
}
"""The layer that is asked first where most faults of an area show."""

CONTAINERS = "/components/schemas/Quality/properties/container_type/enum"

ENVIRONMENT = {"CONTRACT_SHRINK": "no"}
"""Of all processes: that a failure is there is enough."""


def mutants() -> Iterator[Mutant]:
    for fault in (*all_faults(), *quality_faults()):
        first = SOONER.get(fault.area, STATUSES)
        layers = (first, *(layer for layer in LAYERS if layer is not first))
        yield Mutant(fault.name, fault.area, fault.breaks, fault.apply, layers)


def quality_faults() -> Iterator[SeededFault]:
    """Faults in the rules about qualities: the server has another contract than the tests."""
    unnoticeable = explanations("contract")
    for edit in edits(load()):
        if edit.pointer.startswith(QUALITIES) and edit.name not in unnoticeable and not _changes_nothing(edit):
            yield SeededFault(edit.name, "encoding", edit.about, edit.pointer, by=edit.value)


def _changes_nothing(edit: ContractEdit) -> bool:
    """Whether the server answers all requests of the tests as before."""
    return (
        # For each format a condition has a list of containers, which is as narrow as the one of the property.
        edit.name in {f"{CONTAINERS} is taken out", f"{CONTAINERS} 'fmp4x' is a word"}
        # JSON Schema alone, which judges the derived examples, knows no widths of integers.
        or edit.area == "formats"
        # The regular expressions of the server's validator take no line break after their end anyway.
        or edit.about == "may have a line break at its end"
    )


KIND = Kind("faults", "seeded faults of the mock server", mutants, LAYERS, 1.0)
