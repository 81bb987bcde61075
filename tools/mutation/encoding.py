"""The overlay's encoding rules and the schema of a quality, one part at a time taken out of either."""

from __future__ import annotations

import os
from functools import partial
from typing import TYPE_CHECKING

from conformance.stage import contract

from aioz_stream.encoding.catalogue import RULES
from mutation.mutants import Layer, Mutant

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conformance.shapes import Json

CASES = Layer("cases of each rule", ("tests/encoding/test_rules.py",))
DIFFERENTIAL = Layer("overlay against contract", ("tests/encoding/test_differential.py",))
LAYERS = (CASES, DIFFERENTIAL)
SCHEMAS = ("Quality", "VideoConfig", "AudioConfig", "Resolution")

# What says nothing about what is accepted.
_SILENT = {"description", "$comment", "default", "format"}
# What can't be taken out by itself: the parts of a condition go with the condition, and a property with its schema.
_WHOLE = {"if", "then"}


def mutants() -> Iterator[Mutant]:
    for rule in RULES:
        yield _without("rule", rule.code)
    for pointer in removals(contract()):
        yield _without("condition", pointer)


def _without(area: str, name: str) -> Mutant:
    """The tests themselves leave out what their environment names: see tests/encoding/conftest.py."""
    make = partial(os.environ.update, {f"WITHOUT_{area.upper()}": name})
    return Mutant(name, f"{area}s", "is taken out", make, LAYERS)


def removals(contract: Json) -> Iterator[str]:
    """JSON Pointers to everything in the schemas of a quality that can be taken out."""
    for name in SCHEMAS:
        pointer = f"/components/schemas/{name}"
        yield from _inside(contract["components"]["schemas"][name], pointer)
    yield "/components/schemas/CreateVideoRequest/properties/qualities/minItems"
    yield "/components/schemas/CreateVideoRequest/properties/qualities/type"
    yield "/components/schemas/CreateVideoRequest/properties/qualities/items"


def _inside(schema: Json, pointer: str) -> Iterator[str]:
    for keyword, value in schema.items():
        here = f"{pointer}/{keyword}"
        if keyword == "allOf":
            for place, condition in enumerate(value):
                yield f"{here}/{place}"
                yield from (f"{here}/{place}/then/{word}" for word in condition["then"] if len(condition["then"]) > 1)
        elif keyword == "properties":
            for name, inner in value.items():
                yield f"{here}/{name}"
                yield from _inside(inner, f"{here}/{name}")
        elif keyword in {"required", "enum"}:
            yield from (f"{here}/{place}" for place in range(len(value)))
            yield here
        elif keyword == "type" and "enum" in schema:
            continue  # it is for the generators: the enum's values are all of that type, so it refuses nothing more
        elif keyword not in _SILENT | _WHOLE:
            yield here
