"""Mutants of the contract. Whoever reads `openapi.yaml` reads the mutant: client, server, and the tests themselves."""

from __future__ import annotations

import json
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from conformance.run import CONTRACT, ROOT
from conformance.stage import contract

from mutation.edits import edits
from mutation.mutants import Layer, Mutant

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mutation.edits import Edit

CLIENT = Layer("client's limits", ("tests/overlay/test_arguments.py::TestAgainstTheContract",))
BORDERS = Layer("lines by hand", ("tests/contract/test_contract_borders.py",))
DOCUMENT = Layer("contract itself", ("tests/generated/test_contract_document.py",))
ENCODING = Layer("encoding rules", ("tests/encoding/test_rules.py", "tests/encoding/test_differential.py"))
STATUSES = Layer("provoked statuses", ("tests/contract/test_contract_statuses.py",))
LAYERS = (CLIENT, BORDERS, DOCUMENT, ENCODING, STATUSES)

ROOMS = (ROOT / "tests", ROOT / "tools" / "conformance")
QUALITIES = tuple(f"/components/schemas/{name}/" for name in ("Quality", "VideoConfig", "AudioConfig", "Resolution"))


def mutants() -> Iterator[Mutant]:
    for edit in edits(contract()):
        yield Mutant(edit.name, edit.kind, edit.about, partial(make, edit), tuple(layers(edit)))


def layers(edit: Edit) -> Iterator[Layer]:
    """What can have to do with the place of an edit: the rules about encoding are about qualities only."""
    for layer in LAYERS:
        if layer is not ENCODING or edit.pointer.startswith(QUALITIES):
            yield layer


def make(edit: Edit) -> None:
    """Give this process another contract, and make it forget what it has read of the true one."""
    # JSON is YAML.
    text = json.dumps(edit.applied(contract()))
    read = Path.read_text

    def read_text(self: Path, encoding: str | None = None, errors: str | None = None) -> str:
        return text if self.resolve() == CONTRACT else read(self, encoding, errors)

    Path.read_text = read_text  # type: ignore[method-assign]  # that is the point
    for name in [name for name, module in sys.modules.items() if is_of_tests(getattr(module, "__file__", None))]:
        del sys.modules[name]


def is_of_tests(file: str | None) -> bool:
    """Whether a module may have read the contract when it was imported."""
    return file is not None and any(Path(file).is_relative_to(room) for room in ROOMS)
