"""The overlay's encoding rules, and all that the contract says of a quality, one at a time taken out."""

from __future__ import annotations

import os
from functools import partial
from typing import TYPE_CHECKING

from contract_document import load

from aioz_stream.encoding.catalogue import RULES
from mutation.contract_edits import edits
from mutation.contract_mutants import QUALITIES, mutant
from mutation.mutants import Kind, Layer, Mutant

if TYPE_CHECKING:
    from collections.abc import Iterator

CASES = Layer("cases of each rule", ("tests/encoding/test_rules.py",))
DIFFERENTIAL = Layer("overlay against contract", ("tests/encoding/test_differential.py",))
LAYERS = (CASES, DIFFERENTIAL)


def mutants() -> Iterator[Mutant]:
    for rule in RULES:
        # The tests leave out the rule that their environment names: see tests/encoding/conftest.py.
        make = partial(os.environ.update, {"WITHOUT_RULE": rule.code})
        yield Mutant(rule.code, "rules", "is taken out", make, LAYERS)
    for edit in edits(load()):
        if edit.pointer.startswith((*QUALITIES, "/components/schemas/CreateVideoRequest/properties/qualities/")):
            yield mutant(edit, *LAYERS)


KIND = Kind("encoding", "encoding rules and conditions taken out", mutants, LAYERS, 1.0)
