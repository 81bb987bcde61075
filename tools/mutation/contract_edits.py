"""Everything that a contract holds requests and answers to, removed or made a step wider, one at a time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from conformance.faults import BOUNDS
from contract_document import REMOVED, changed, is_list, is_object, operations

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from contract_document import Json

END = r"$(?!\n)"


@dataclass(frozen=True)
class ContractEdit:
    """One change of one place."""

    pointer: str
    area: str
    about: str = "is taken out"
    value: Json = REMOVED
    """What stands there then."""

    @property
    def name(self) -> str:
        return f"{self.pointer} {self.about}"

    def apply(self, contract: Json) -> Json:
        """A contract with the change; the one that is given stays as it is."""
        return changed(contract, self.pointer, self.value)


def edits(contract: Json) -> Iterator[ContractEdit]:
    components = contract["components"]
    for name, schema in components["schemas"].items():
        yield from _of_schema(schema, f"/components/schemas/{name}")
    for group in ("parameters", "headers"):
        for name, parameter in components[group].items():
            yield from _of_parameter(parameter, f"/components/{group}/{name}")
    for operation in operations(contract):
        for index, parameter in enumerate(operation.definition.get("parameters", ())):
            yield from _of_parameter(parameter, f"{operation.pointer}/parameters/{index}")
        if "requestBody" in operation.definition:
            yield ContractEdit(f"{operation.pointer}/requestBody/required", "required")


def _of_parameter(parameter: Json, here: str) -> Iterator[ContractEdit]:
    # In a path it is no choice: OpenAPI demands it.
    if parameter.get("required") and parameter["in"] != "path":
        yield ContractEdit(f"{here}/required", "required")
    if "schema" in parameter:
        yield from _of_schema(parameter["schema"], f"{here}/schema")


def _of_schema(schema: Json, here: str) -> Iterator[ContractEdit]:
    for keyword, value in schema.items():
        there = f"{here}/{keyword}"
        if keyword in STEPS:
            loose = value + STEPS[keyword]
            yield ContractEdit(there, "bounds", f"is {loose}", loose)
        elif keyword == "type" and "enum" not in schema:
            # Beside a list of words it would change nothing: null is none of them.
            yield _of_type(value, there)
        elif keyword in MAKERS:
            yield from MAKERS[keyword](value, there)


def _of_type(types: Json, here: str) -> ContractEdit:
    if is_list(types):
        return ContractEdit(here, "nulls", "null is taken out", next(one for one in types if one != "null"))
    return ContractEdit(here, "nulls", "null is added", [types, "null"])


def _of_required(names: Json, here: str) -> Iterator[ContractEdit]:
    for index, name in enumerate(names):
        yield ContractEdit(f"{here}/{index}", "required", f"{name} may be missing")


def _of_words(words: Json, here: str) -> Iterator[ContractEdit]:
    yield ContractEdit(here, "words")
    if len(words) > 1:
        yield from _without_words(words, here, "words")
    another = words[-1] + 1 if isinstance(words[-1], int) else f"{words[-1]}x"
    yield ContractEdit(here, "words", f"{another!r} is a word", [*words, another])


def _without_words(words: Json, here: str, area: str) -> Iterator[ContractEdit]:
    for index, word in enumerate(words):
        yield ContractEdit(f"{here}/{index}", area, f"{word!r} is taken out")


def _of_pattern(pattern: Json, here: str) -> Iterator[ContractEdit]:
    yield ContractEdit(here, "patterns")
    yield ContractEdit(here, "patterns", "may go on", pattern.removesuffix(END))
    yield ContractEdit(here, "patterns", "may have a line break at its end", pattern.removesuffix(r"(?!\n)"))
    yield ContractEdit(here, "patterns", "may begin earlier", pattern.removeprefix("^"))


def _of_closed_object(_: Json, here: str) -> Iterator[ContractEdit]:
    yield ContractEdit(here, "closed objects")


def _of_format(name: Json, here: str) -> Iterator[ContractEdit]:
    yield ContractEdit(here, "formats", f"{name} is taken out")


def _of_properties(properties: Json, here: str) -> Iterator[ContractEdit]:
    for name, schema in properties.items():
        yield from _of_schema(schema, f"{here}/{name}")


def _of_alternatives(branches: Json, here: str) -> Iterator[ContractEdit]:
    for index, branch in enumerate(branches):
        there = f"{here}/{index}"
        if branch == {"type": "null"}:
            yield ContractEdit(there, "nulls", "null is taken out")
        else:
            yield ContractEdit(there, "alternatives")
            # The alternatives beside it say whether it may be null.
            yield from (edit for edit in _of_schema(branch, there) if edit.pointer != f"{there}/type")


def _of_conditions(conditions: Json, here: str) -> Iterator[ContractEdit]:
    for index, condition in enumerate(conditions):
        there, then = f"{here}/{index}", condition["then"]
        yield ContractEdit(there, "conditions")
        yield ContractEdit(f"{there}/if", "conditions", "holds always", {})
        if len(then) > 1:
            yield from (ContractEdit(f"{there}/then/{keyword}", "conditions") for keyword in then)
        yield from _of_consequence(then, f"{there}/then")


def _of_consequence(node: Json, here: str) -> Iterator[ContractEdit]:
    for keyword, value in node.items():
        there = f"{here}/{keyword}"
        if keyword == "maximum":
            yield ContractEdit(there, "conditions", f"is {value + 1}", value + 1)
        elif keyword == "enum":
            yield from _without_words(value, there, "conditions")
        elif is_object(value):
            yield from _of_consequence(value, there)


STEPS: Mapping[str, int] = {**BOUNDS, "exclusiveMinimum": -1}
"""Per bound, what makes it a step wider."""
MAKERS: Mapping[str, Callable[[Json, str], Iterator[ContractEdit]]] = {
    "required": _of_required,
    "enum": _of_words,
    "pattern": _of_pattern,
    "additionalProperties": _of_closed_object,
    "format": _of_format,
    "properties": _of_properties,
    "items": _of_schema,
    "anyOf": _of_alternatives,
    "allOf": _of_conditions,
}
"""Per keyword, the edits of its value."""
