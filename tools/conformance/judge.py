"""The contract, asked about single values: which of its rules they break, and which rules there are."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote, unquote

import jsonschema_rs

from conformance.shapes import is_list

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conformance.shapes import Json

SCHEMAS = "/components/schemas"
METHODS = {"get", "post", "patch", "put", "delete"}
KEYWORDS = (
    *("minLength", "maxLength", "minItems", "maxItems", "minimum", "maximum", "exclusiveMinimum"),
    *("enum", "pattern", "required", "anyOf"),
)


class Judge:
    """One schema of the contract, asked which rules a value breaks."""

    def __init__(self, contract: Json, pointer: str) -> None:
        self._contract = contract
        reference = "#" + quote(pointer, safe="/~")
        root: Json = {"$ref": reference, "components": contract["components"], "paths": contract["paths"]}
        self._root = root
        self._validator = jsonschema_rs.Draft202012Validator(root)

    def broken(self, value: Json) -> frozenset[str]:
        return frozenset(self._home(error.schema_path) for error in self._validator.iter_errors(value))

    def _home(self, path: list[str | int]) -> str:
        """Where a rule stands in the contract, whichever references lead there."""
        node, home = self._root, ""
        for step in path:
            if step == "$ref":
                home = unquote(node["$ref"]).removeprefix("#")
                node = at(self._contract, home)
            else:
                node, home = node[step], f"{home}/{step}"
        return home


def at(contract: Json, pointer: str) -> Json:
    node = contract
    for step in pointer[1:].split("/"):
        node = node[int(step)] if is_list(node) else node[step.replace("~1", "/")]
    return node


def resolve(contract: Json, schema: Json) -> Json:
    while "$ref" in schema:
        schema = at(contract, schema["$ref"].removeprefix("#"))
    return schema


def rules(contract: Json) -> set[str]:
    """Every rule about requests that a single value can break: JSON Pointers, or a parameter and its keyword."""
    operations = [path[method] for path in contract["paths"].values() for method in METHODS & set(path)]
    return {rule for operation in operations for rule in _operation_rules(contract, operation)}


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
    yield from (f"{here}/{keyword}" for keyword in KEYWORDS if keyword in schema)
    if schema.get("additionalProperties") is False:
        yield f"{here}/additionalProperties"
    if "type" in schema:
        yield f"{here}/type"
    for name, inner in schema.get("properties", {}).items():
        yield from _rules(contract, inner, f"{here}/properties/{name}")
    if "items" in schema:
        yield from _rules(contract, schema["items"], f"{here}/items")
    for place, condition in enumerate(schema.get("allOf", ())):
        yield from _rules(contract, condition["then"], f"{here}/allOf/{place}/then")
