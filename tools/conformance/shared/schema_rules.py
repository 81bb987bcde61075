"""Which rules of the contract a value breaks."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote, unquote

import jsonschema_rs
from contract_document import find

if TYPE_CHECKING:
    from contract_document import Json


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
