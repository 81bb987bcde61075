"""The seeded faults of the mock server, for the contract tests to notice."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conformance import faults
from contract_document import load

from mutation.mutants import Kind, Layer, Mutant
from mutation.usage import places_by_operation, users

if TYPE_CHECKING:
    from collections.abc import Iterator

HERE = "tests/contract/test_contract_"
EXAMPLES = Layer("derived examples", (f"{HERE}examples.py",))
STATUSES = Layer("provoked statuses", (f"{HERE}statuses.py",))
SCENARIOS = Layer("scenarios", (f"{HERE}meaning.py",))
MACHINE = Layer("state machine", (f"{HERE}machine.py",))
BUILT_IN = Layer("built-in checks", (f"{HERE}in_process.py",), {"CONTRACT_CHECKS": "built-in"})
MEANING = Layer("custom checks", (f"{HERE}in_process.py",), {"CONTRACT_CHECKS": "meaning"})
LINKS = Layer("links", (f"{HERE}links.py",), {"CONTRACT_CHECKS": "built-in,meaning"})
LAYERS = (STATUSES, SCENARIOS, EXAMPLES, MACHINE, BUILT_IN, MEANING, LINKS)
"""From what takes a second to what takes ten."""

SOONER = {
    **dict.fromkeys(("validation", "encoding"), EXAMPLES),
    **dict.fromkeys(("state", "parts", "lists", "cost", "thumbnails"), SCENARIOS),
}
"""The layer that is asked first where most faults of an area show."""

ENVIRONMENT = {"CONTRACT_SHRINK": "no"}
"""Of all processes: that a failure is there is enough."""


def mutants() -> Iterator[Mutant]:
    places = places_by_operation(load())
    for fault in faults.all_faults():
        first = SOONER.get(fault.area, STATUSES)
        layers = [first, *(layer for layer in LAYERS if layer is not first)]
        if fault.is_in_contract and (operations := users(places, fault.place)):
            # Only the tests of the operations that the fault is in can notice it.
            tests = (f"{HERE}examples.py::test_derived_examples[{operation}]" for operation in operations)
            layers[layers.index(EXAMPLES)] = Layer(EXAMPLES.name, tuple(tests))
        yield Mutant(fault.name, fault.area, fault.breaks, fault.apply, tuple(layers))


KIND = Kind("faults", "seeded faults of the mock server", mutants, LAYERS, 1.0)
