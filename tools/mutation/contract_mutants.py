"""Mutants of the contract. Every reader of `openapi.yaml` reads the mutant: client, server, and tests too."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from contract_document import CONTRACT, ROOT, load

from mutation.contract_edits import edits
from mutation.mutants import Kind, Layer, Mutant
from mutation.runner import forget_modules

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mutation.contract_edits import ContractEdit

CLIENT = Layer("client's limits", ("tests/overlay/test_arguments.py::TestAgainstTheContract",))
BOUNDARIES = Layer("boundary values", ("tests/contract/test_contract_boundary_values.py",))
DOCUMENT = Layer("contract itself", ("tests/generated/test_contract_document.py",))
ENCODING = Layer("encoding rules", ("tests/encoding/test_rules.py", "tests/encoding/test_contract_rules.py"))
STATUSES = Layer("status triggers", ("tests/contract/test_contract_statuses.py",))

QUALITIES = tuple(f"/components/schemas/{name}/" for name in ("Quality", "VideoConfig", "AudioConfig", "Resolution"))


def mutants() -> Iterator[Mutant]:
    for edit in edits(load()):
        # The rules about encoding are about qualities only.
        encoding = (ENCODING,) if edit.pointer.startswith(QUALITIES) else ()
        yield mutant(edit, CLIENT, BOUNDARIES, DOCUMENT, *encoding, STATUSES)


def mutant(edit: ContractEdit, *layers: Layer) -> Mutant:
    return Mutant(edit.name, edit.area, edit.about, partial(replace_contract, edit), layers)


def replace_contract(edit: ContractEdit) -> None:
    """Give this process another contract, and make it forget what it has read of the true one."""
    # JSON is YAML.
    text = json.dumps(edit.apply(load()))
    read = Path.read_text

    def read_text(self: Path, encoding: str | None = None, errors: str | None = None) -> str:
        return text if self.resolve() == CONTRACT else read(self, encoding, errors)

    Path.read_text = read_text  # type: ignore[method-assign]  # that is the point
    load.cache_clear()
    forget_modules(ROOT / "tests", ROOT / "tools" / "conformance")


KIND = Kind("contract", "mutants of openapi.yaml", mutants, (CLIENT, BOUNDARIES, DOCUMENT, ENCODING, STATUSES), 0.95)
