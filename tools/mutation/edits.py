"""All that a contract holds requests and answers to, taken out or made a step wider, one at a time."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from conformance.faults import BOUNDS
from conformance.judge import METHODS
from conformance.shapes import is_list, is_object

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from conformance.shapes import Json

TAKEN_OUT = object()
END = r"$(?!\n)"


@dataclass(frozen=True)
class Edit:
    """One change of one place."""

    pointer: str
    kind: str
    about: str
    value: Json = TAKEN_OUT
    """What stands there then."""

    @property
    def name(self) -> str:
        return f"{self.pointer} {self.about}"

    def applied(self, contract: Json) -> Json:
        """A contract with the change; the one that is given stays as it is."""
        copy = json.loads(json.dumps(contract))
        *path, last = (step.replace("~1", "/").replace("~0", "~") for step in self.pointer[1:].split("/"))
        holder: Json = copy
        for step in path:
            holder = holder[key_in(holder, step)]
        key = key_in(holder, last)
        if self.value is TAKEN_OUT:
            del holder[key]
        else:
            holder[key] = self.value
        return copy


def key_in(holder: Json, step: str) -> Json:
    """A step of a pointer is a name in an object, and a number in a list."""
    return int(step) if is_list(holder) else step


def edits(contract: Json) -> Iterator[Edit]:
    components = contract["components"]
    for name, schema in components["schemas"].items():
        yield from _of_schema(schema, f"/components/schemas/{name}")
    for group in ("parameters", "headers"):
        for name, parameter in components[group].items():
            yield from _of_parameter(parameter, f"/components/{group}/{name}")
    for path, item in contract["paths"].items():
        for method in sorted(METHODS & set(item)):
            here = f"/paths/{path.replace('/', '~1')}/{method}"
            for place, parameter in enumerate(item[method].get("parameters", ())):
                yield from _of_parameter(parameter, f"{here}/parameters/{place}")
            if "requestBody" in item[method]:
                yield Edit(f"{here}/requestBody/required", "required", "is taken out")


def _of_parameter(parameter: Json, here: str) -> Iterator[Edit]:
    # In a path it is no choice: OpenAPI demands it.
    if parameter.get("required") and parameter["in"] != "path":
        yield Edit(f"{here}/required", "required", "is taken out")
    if "schema" in parameter:
        yield from _of_schema(parameter["schema"], f"{here}/schema")


def _of_schema(schema: Json, here: str) -> Iterator[Edit]:
    for keyword in schema:
        if keyword in MAKERS:
            yield from MAKERS[keyword](schema, keyword, f"{here}/{keyword}")


def _of_bound(schema: Json, keyword: str, there: str) -> Iterator[Edit]:
    loose = schema[keyword] + BOUNDS.get(keyword, -1)
    yield Edit(there, "bounds", f"is {loose}", loose)


def _of_required(schema: Json, keyword: str, there: str) -> Iterator[Edit]:
    for place, name in enumerate(schema[keyword]):
        yield Edit(f"{there}/{place}", "required", f"{name} may be missing")


def _of_words(schema: Json, keyword: str, there: str) -> Iterator[Edit]:
    words = schema[keyword]
    yield Edit(there, "words", "is taken out")
    for place, word in enumerate(words):
        if len(words) > 1:
            yield Edit(f"{there}/{place}", "words", f"{word!r} is taken out")
    another = words[-1] + 1 if isinstance(words[-1], int) else f"{words[-1]}x"
    yield Edit(there, "words", f"{another!r} is a word", [*words, another])


def _of_pattern(schema: Json, keyword: str, there: str) -> Iterator[Edit]:
    pattern = schema[keyword]
    yield Edit(there, "patterns", "is taken out")
    yield Edit(there, "patterns", "may go on", pattern.removesuffix(END))
    yield Edit(there, "patterns", "may have a line break at its end", pattern.removesuffix(r"(?!\n)"))
    yield Edit(there, "patterns", "may begin earlier", pattern.removeprefix("^"))


def _of_members(_: Json, __: str, there: str) -> Iterator[Edit]:
    yield Edit(there, "closed objects", "is taken out")


def _of_format(schema: Json, keyword: str, there: str) -> Iterator[Edit]:
    yield Edit(there, "formats", f"{schema[keyword]} is taken out")


def _of_type(schema: Json, keyword: str, there: str) -> Iterator[Edit]:
    kind = schema[keyword]
    if is_list(kind):
        yield Edit(there, "nulls", "null is taken out", next(one for one in kind if one != "null"))
    elif "enum" not in schema:
        # Beside a list of words it would change nothing: null is none of them.
        yield Edit(there, "nulls", "null is added", [kind, "null"])


def _of_properties(schema: Json, keyword: str, there: str) -> Iterator[Edit]:
    for name, inner in schema[keyword].items():
        yield from _of_schema(inner, f"{there}/{name}")


def _of_items(schema: Json, keyword: str, there: str) -> Iterator[Edit]:
    yield from _of_schema(schema[keyword], there)


def _of_alternatives(schema: Json, keyword: str, there: str) -> Iterator[Edit]:
    for place, branch in enumerate(schema[keyword]):
        here = f"{there}/{place}"
        if branch == {"type": "null"}:
            yield Edit(here, "nulls", "null is taken out")
        else:
            yield Edit(here, "alternatives", "is taken out")
            # Whether it may be null, the alternatives beside it say.
            yield from (edit for edit in _of_schema(branch, here) if edit.pointer != f"{here}/type")


def _of_conditions(schema: Json, keyword: str, there: str) -> Iterator[Edit]:
    for place, condition in enumerate(schema[keyword]):
        yield from _of_condition(condition, f"{there}/{place}")


def _of_condition(condition: Json, here: str) -> Iterator[Edit]:
    yield Edit(here, "conditions", "is taken out")
    yield Edit(f"{here}/if", "conditions", "holds always", {})
    if len(condition["then"]) > 1:
        for word in condition["then"]:
            yield Edit(f"{here}/then/{word}", "conditions", "is taken out")
    for pointer, value in _inside(condition["then"], f"{here}/then"):
        keyword = pointer.rpartition("/")[2]
        if keyword == "maximum":
            yield Edit(pointer, "conditions", f"is {value + 1}", value + 1)
        elif keyword == "enum":
            for place, word in enumerate(value):
                yield Edit(f"{pointer}/{place}", "conditions", f"{word!r} is taken out")


def _inside(node: Json, here: str) -> Iterator[tuple[str, Json]]:
    if is_object(node):
        for name, value in node.items():
            yield f"{here}/{name}", value
            yield from _inside(value, f"{here}/{name}")


MAKERS: Mapping[str, Callable[[Json, str, str], Iterator[Edit]]] = {
    **dict.fromkeys((*BOUNDS, "exclusiveMinimum"), _of_bound),
    "required": _of_required,
    "enum": _of_words,
    "pattern": _of_pattern,
    "additionalProperties": _of_members,
    "format": _of_format,
    "type": _of_type,
    "properties": _of_properties,
    "items": _of_items,
    "anyOf": _of_alternatives,
    "allOf": _of_conditions,
}
"""Per keyword, the changes of a schema that has it."""
