"""The contract read strictly: what a server says that says all that is documented and nothing else.

Answers are open, because readers must survive what the service adds: a documented word stands beside "any other
string", and hardly a field is required. So a schema alone lets nearly everything pass. A server that follows the
reference is held to the narrow reading: of an open list of words the words, of a moment the date-time, of an object all
properties and no others.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import jsonschema_rs

from conformance.shapes import is_list, is_object

if TYPE_CHECKING:
    from collections.abc import Callable

    from conformance.shapes import Json

METHODS = ("get", "put", "post", "delete", "patch")


def narrow(schema: Json) -> Json:
    """A schema of answers without the ways out that it leaves to the future."""
    if is_list(schema):
        return [narrow(one) for one in schema]
    if not is_object(schema):
        return schema
    copy = {name: narrow(value) for name, value in schema.items()}
    if any(is_documented(one) for one in copy.get("anyOf", ())):
        copy["anyOf"] = [one for one in copy["anyOf"] if one.get("type") != "string" or is_documented(one)]
    if copy.get("type") == "object" and "properties" in copy and "additionalProperties" not in copy:
        copy |= {"required": sorted(copy["properties"]), "additionalProperties": False}
    return copy


def is_documented(branch: Json) -> bool:
    """Whether a branch says which strings there are, beside another that takes all of them."""
    return branch.get("type") == "string" and ("enum" in branch or "format" in branch)


class Answers:
    """A validator for each documented answer of each operation."""

    def __init__(self, contract: Json, reading: Callable[[Json], Json] = narrow) -> None:
        schemas = contract["components"]["schemas"]
        self._components = {"schemas": {name: reading(one) for name, one in schemas.items()}}
        self._validators: dict[tuple[str, int], jsonschema_rs.Draft202012Validator] = {}
        for path in contract["paths"].values():
            for method, operation in path.items():
                if method in METHODS:
                    self._read(contract, operation)

    def _read(self, contract: Json, operation: Json) -> None:
        for status, unresolved in operation["responses"].items():
            answer = unresolved
            if "$ref" in answer:
                answer = contract["components"]["responses"][answer["$ref"].rpartition("/")[2]]
            schema = {"allOf": [answer["content"]["application/json"]["schema"]], "components": self._components}
            validator = jsonschema_rs.Draft202012Validator(schema, validate_formats=True)
            self._validators[operation["operationId"], int(status)] = validator

    def findings(self, operation: str, status: int, body: Json) -> list[str]:
        """What is wrong with an answer; nothing for a status that is not documented, which is another matter."""
        errors = self.errors(operation, status, body)
        return ["/" + "/".join(map(str, error.instance_path)) + f": {error.message}" for error in errors]

    def errors(self, operation: str, status: int, body: Json) -> list[jsonschema_rs.ValidationError]:
        validator = self._validators.get((operation, status))
        return list(validator.iter_errors(body)) if validator else []

    def documents(self, operation: str, status: int) -> bool:
        return (operation, status) in self._validators
