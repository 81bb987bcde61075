"""The contract, and the server that reads it, held to boundary values that are written by hand."""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING, Any

import jsonschema
import jsonschema_rs
import pytest
from conformance.mock_tests.boundary_values import (
    ANSWERS,
    HEADERS,
    MISSING,
    PARAMETERS,
    QUALITIES,
    REQUESTS,
    valid,
    with_field,
)
from conformance.shared.response_schemas import narrowed
from contract_document import load, operations

from aioz_stream_mock.contract import Contract
from aioz_stream_mock.errors import ApiError

if TYPE_CHECKING:
    from collections.abc import Callable


class ContractReading:
    """The contract as JSON Schema reads it, with formats, and as the server does, which knows the widths of integers.

    Implementations differ on whether `$` matches before a boundary break, so two have to agree on values with one.
    """

    def __init__(self, document: Any) -> None:
        self.document, self.server = document, Contract(document)

    def of(self, schema: Any) -> Callable[[object], bool]:
        whole = {"allOf": [schema], "components": self.document["components"]}
        validator = jsonschema_rs.Draft202012Validator(whole, validate_formats=True)
        rule, second = self.server.compile(schema), jsonschema.Draft202012Validator(whole)

        def takes(value: object) -> bool:
            is_right = validator.is_valid(value) and passes(lambda: rule.check(value))
            if has_line_break(value):
                assert second.is_valid(value) == is_right, f"implementations differ on {value!r}"
            return is_right

        return takes

    def named(self, name: str) -> Callable[[object], bool]:
        return self.of({"$ref": f"#/components/schemas/{name}"})


def has_line_break(value: object) -> bool:
    return "\\n" in json.dumps(value)


def passes(check: Callable[[], object]) -> bool:
    try:
        check()
    except ApiError:
        return False
    return True


@pytest.fixture(scope="module")
def wide() -> ContractReading:
    """As a client has to, which must tolerate what the service adds."""
    return ContractReading(load())


@pytest.fixture(scope="module")
def documented() -> ContractReading:
    """In the narrow reading, which takes documented words only."""
    components = load()["components"]
    schemas = {name: narrowed(schema) for name, schema in components["schemas"].items()}
    for name, fields in ANSWERS.items():
        # A new optional field needs no boundary values, so the valid objects lack it.
        schemas[name]["required"] = sorted(fields)
    return ContractReading({**load(), "components": {**components, "schemas": schemas}})


@pytest.mark.parametrize("name", [*REQUESTS, *ANSWERS])
def test_fields_take_and_refuse_their_boundary_values(name: str, wide: ContractReading) -> None:
    fields = {**REQUESTS, **ANSWERS}[name]
    takes = wide.named(name)
    assert takes(valid(fields))
    assert not takes(None)
    for field, boundary in fields.items():
        for value in (*boundary.accepted, *boundary.tolerated):
            assert takes(with_field(fields, field, value)), (boundary.line, field, value)
        for value in boundary.rejected:
            assert not takes(with_field(fields, field, value)), (boundary.line, field, value)


@pytest.mark.parametrize("name", REQUESTS)
def test_requests_have_no_other_fields(name: str, wide: ContractReading) -> None:
    assert not wide.named(name)({**valid(REQUESTS[name]), "more": "x"})


@pytest.mark.parametrize("name", ANSWERS)
def test_the_narrow_reading_takes_documented_values_only(name: str, documented: ContractReading) -> None:
    fields = ANSWERS[name]
    takes = documented.named(name)
    assert takes(valid(fields))
    for field, boundary in fields.items():
        for value in boundary.accepted:
            assert takes(with_field(fields, field, value)), (boundary.line, field, value)
        for value in (*boundary.tolerated, *boundary.rejected):
            assert not takes(with_field(fields, field, value)), (boundary.line, field, value)


def test_every_schema_has_boundary_values() -> None:
    """A new optional field needs none; a required one does."""
    schemas = {name: schema for name, schema in load()["components"]["schemas"].items() if "properties" in schema}
    shapes = {**REQUESTS, **ANSWERS}
    assert set(shapes) == set(schemas)
    for name, fields in shapes.items():
        drawn = set(fields)
        assert set(schemas[name].get("required", ())) <= drawn <= set(schemas[name]["properties"]), name


def test_rules_about_several_fields_of_a_quality(wide: ContractReading) -> None:
    takes = wide.named("Quality")
    for quality in QUALITIES.accepted:
        assert takes(quality), (QUALITIES.line, quality)
    for quality in QUALITIES.rejected:
        assert not takes(quality), (QUALITIES.line, quality)


def test_parameters_take_and_refuse_their_boundary_values(wide: ContractReading) -> None:
    declared = [
        *load()["components"]["parameters"].values(),
        *(parameter for operation in operations(load()) for parameter in operation.definition.get("parameters", ())),
    ]
    assert {parameter["name"] for parameter in declared} == set(PARAMETERS)
    for parameter in declared:
        takes, boundary = wide.of(parameter["schema"]), PARAMETERS[parameter["name"]]
        for value in boundary.accepted:
            assert takes(value), (boundary.line, parameter["name"], value)
        for value in boundary.rejected:
            assert value is MISSING or not takes(value), (boundary.line, parameter["name"], value)


def test_no_parameter_may_be_missing(wide: ContractReading) -> None:
    parameters = [parameter for operation in wide.server.operations.values() for parameter in operation.parameters]
    assert {parameter.name for parameter in parameters} == {
        name for name, boundary in PARAMETERS.items() if MISSING in boundary.rejected
    }
    for parameter in parameters:
        assert not passes(partial(parameter.read, [])), parameter.name


def test_headers_take_and_refuse_their_boundary_values(wide: ContractReading) -> None:
    headers = load()["components"]["headers"]
    assert set(headers) == set(HEADERS)
    for name, boundary in HEADERS.items():
        takes = wide.of(headers[name]["schema"])
        for value in boundary.accepted:
            assert takes(value), (boundary.line, name, value)
        for value in boundary.rejected:
            assert not takes(value), (boundary.line, name, value)


def test_request_bodies_are_required_and_only_files_are_files(wide: ContractReading) -> None:
    """Where there is a body it is no choice, and of its fields only files are files."""
    for operation in operations(load()):
        assert operation.definition.get("requestBody", {"required": True}).get("required"), operation.id
    bodies = {name: operation.body for name, operation in wide.server.operations.items() if operation.body}
    files = {name: set(body.files) for name, body in bodies.items() if body.files}
    assert files == {"uploadVideoPart": {"file"}, "uploadVideoThumbnail": {"file"}}
