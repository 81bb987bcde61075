"""The seeded faults of the mock server, for the contract tests to notice."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conformance import faults
from conformance.stage import contract

from mutation.affected import Reach
from mutation.mutants import Layer, Mutant

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from conformance.faults import Fault

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
    reach = Reach(contract())
    for fault in faults.all_faults():
        yield Mutant(fault.name, fault.area, fault.breaks, fault.apply, tuple(layers(fault, reach)))


def layers(fault: Fault, reach: Reach) -> Iterator[Layer]:
    """What can notice a fault: where the operations are known that it is in, only tests of these."""
    affected = reach.affected(fault.place) if fault.is_in_contract else ()
    for layer in sorted(LAYERS, key=lambda one: one is not SOONER.get(fault.area)):
        yield narrowed(layer, affected) if affected and layer is EXAMPLES else layer


def narrowed(layer: Layer, operations: Sequence[str]) -> Layer:
    """Only the tests of some operations."""
    [module] = layer.tests
    chosen = tuple(f"{module}::test_derived_examples[{operation}]" for operation in operations)
    return Layer(layer.name, chosen, layer.environment)
