"""The response schemas of the contract, as they are written or in a narrow reading.

The schemas of responses are open: a documented word stands beside "any other string", and hardly a field is required.
A schema alone lets nearly everything pass. The narrow reading takes only the documented words and formats, and of an
object all properties and no others. The mock server follows it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import jsonschema_rs
from contract_document import is_list, is_object, operations, resolve

if TYPE_CHECKING:
    from collections.abc import Callable

    from contract_document import Json


def narrowed(schema: Json) -> Json:
    """A schema of responses without the alternatives that it keeps for the future."""
    if is_list(schema):
        return [narrowed(one) for one in schema]
    if not is_object(schema):
        return schema
    copy = {name: narrowed(value) for name, value in schema.items()}
    if any(is_documented(one) for one in copy.get("anyOf", ())):
        copy["anyOf"] = [one for one in copy["anyOf"] if one.get("type") != "string" or is_documented(one)]
    if copy.get("type") == "object" and "properties" in copy and "additionalProperties" not in copy:
        copy |= {"required": sorted(copy["properties"]), "additionalProperties": False}
    return copy


def is_documented(branch: Json) -> bool:
    """Whether a branch of an `anyOf` says which strings exist, beside another branch that takes all strings."""
    return branch.get("type") == "string" and ("enum" in branch or "format" in branch)


class ResponseSchemas:
    """A validator for each documented response of each operation."""

    def __init__(self, contract: Json, reading: Callable[[Json], Json] = narrowed) -> None:
        schemas = {name: reading(one) for name, one in contract["components"]["schemas"].items()}
        self._validators: dict[tuple[str, int], jsonschema_rs.Draft202012Validator] = {}
        for operation in operations(contract):
            for status in operation.statuses:
                response = resolve(contract, operation.definition["responses"][str(status)])
                body = response["content"]["application/json"]["schema"]
                schema = {"allOf": [body], "components": {"schemas": schemas}}
                validator = jsonschema_rs.Draft202012Validator(schema, validate_formats=True)
                self._validators[operation.id, status] = validator

    def errors(self, operation: str, status: int, body: Json) -> list[jsonschema_rs.ValidationError]:
        """The errors of a response; none for a status that is not documented."""
        validator = self._validators.get((operation, status))
        return list(validator.iter_errors(body)) if validator else []

    def documents(self, operation: str, status: int) -> bool:
        return (operation, status) in self._validators
