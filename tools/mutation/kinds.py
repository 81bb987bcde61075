"""The kinds of mutants that there are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mutation import encoding, loosened, seeded

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from mutation.mutants import Layer, Mutant


@dataclass(frozen=True)
class Kind:
    """Mutants of one kind, and the share of them that tests have to notice."""

    name: str
    title: str
    mutants: Callable[[], Iterable[Mutant]]
    layers: Sequence[Layer]
    wanted: float
    """Of all, whatever is explained."""

    @property
    def tests(self) -> list[str]:
        return [test for layer in self.layers for test in layer.tests]


KINDS = (
    Kind("faults", "seeded faults of the mock server", seeded.mutants, seeded.LAYERS, 1.0),
    Kind("contract", "mutants of openapi.yaml", loosened.mutants, loosened.LAYERS, 0.95),
    Kind("encoding", "encoding rules and conditions taken out", encoding.mutants, encoding.LAYERS, 1.0),
)
