"""The rules of the contract about requests: which exist, and which of them a value breaks."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote, unquote

import jsonschema_rs
from contract_document import find, operations, resolve

if TYPE_CHECKING:
    from collections.abc import Iterator

    from contract_document import Json

KEYWORDS = (
    *("minLength", "maxLength", "minItems", "maxItems", "minimum", "maximum", "exclusiveMinimum"),
    *("enum", "pattern", "required", "anyOf"),
)


class SchemaRules:
    """The rules of one schema of the contract."""

    def __init__(self, contract: Json, pointer: str) -> None:
        self._contract = contract
        reference = "#" + quote(pointer, safe="/~")
        self._root: Json = {"$ref": reference, "components": contract["components"], "paths": contract["paths"]}
        self._validator = jsonschema_rs.Draft202012Validator(self._root)

    def broken_by(self, value: Json) -> frozenset[str]:
        """The pointers of the rules that a value breaks."""
        return frozenset(self._pointer(error.schema_path) for error in self._validator.iter_errors(value))

    def _pointer(self, path: list[str | int]) -> str:
        """Where a rule stands in the contract, whichever references lead there."""
        node, pointer = self._root, ""
        for step in path:
            if step == "$ref":
                pointer = unquote(node["$ref"]).removeprefix("#")
                node = find(self._contract, pointer)
            else:
                node, pointer = node[step], f"{pointer}/{step}"
        return pointer


def request_rules(contract: Json) -> set[str]:
    """Every rule about requests that one value can break: a JSON Pointer, or a parameter and its keyword."""
    return {rule for operation in operations(contract) for rule in _operation_rules(contract, operation.definition)}


def _operation_rules(contract: Json, operation: Json) -> Iterator[str]:
    for media_type, media in operation.get("requestBody", {}).get("content", {}).items():
        for rule in _rules(contract, media["schema"], ""):
            # In a form everything is a text, and the whole always an object.
            if media_type != "multipart/form-data" or not rule.endswith("/type"):
                yield rule
    for parameter in operation.get("parameters", ()):
        yield f"{parameter['name']} is required"
        yield from (f"{parameter['name']}: {keyword}" for keyword in KEYWORDS if keyword in parameter["schema"])


def _rules(contract: Json, schema: Json, here: str) -> Iterator[str]:
    if "$ref" in schema:
        yield from _rules(contract, resolve(contract, schema), schema["$ref"].removeprefix("#"))
        return
    yield from (f"{here}/{keyword}" for keyword in (*KEYWORDS, "type") if keyword in schema)
    if schema.get("additionalProperties") is False:
        yield f"{here}/additionalProperties"
    for name, inner in schema.get("properties", {}).items():
        yield from _rules(contract, inner, f"{here}/properties/{name}")
    if "items" in schema:
        yield from _rules(contract, schema["items"], f"{here}/items")
    for place, condition in enumerate(schema.get("allOf", ())):
        yield from _rules(contract, condition["then"], f"{here}/allOf/{place}/then")
