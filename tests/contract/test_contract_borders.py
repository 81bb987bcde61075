"""The contract, and the server that reads it, held to lines that are drawn by hand."""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING, Any

import jsonschema
import jsonschema_rs
import pytest
from conformance.borders import ANSWERS, HEADERS, MISSING, PARAMETERS, QUALITIES, REQUESTS
from conformance.judge import METHODS
from conformance.stage import contract
from conformance.strict import narrow

from aioz_stream_mock.contract import Contract
from aioz_stream_mock.errors import ApiError

if TYPE_CHECKING:
    from collections.abc import Callable

    from conformance.borders import Shape


class Reading:
    """The contract as it is read: by JSON Schema with formats, and by the server, which knows integers' widths.

    Implementations differ on whether `$` is before a line break too, so of what has one, a second has to say the same.
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
def wide() -> Reading:
    """As a reader must, who is to survive what the service adds."""
    return Reading(contract())


@pytest.fixture(scope="module")
def documented() -> Reading:
    """Of an open list of words the words, and all that is described."""
    components = contract()["components"]
    schemas = {name: narrow(schema) for name, schema in components["schemas"].items()}
    return Reading({**contract(), "components": {**components, "schemas": schemas}})


@pytest.mark.parametrize("name", [*REQUESTS, *ANSWERS])
def test_fields(name: str, wide: Reading) -> None:
    shape = {**REQUESTS, **ANSWERS}[name]
    takes = wide.named(name)
    assert takes(shape.whole)
    assert not takes(None)
    for field, line in shape.lines.items():
        for value in (*line.takes, *line.survives):
            assert takes(shape.having(field, value)), (field, value)
        for value in line.refuses:
            assert not takes(shape.having(field, value)), (field, value)


@pytest.mark.parametrize("name", ANSWERS)
def test_what_is_documented_of_answers(name: str, documented: Reading) -> None:
    shape: Shape = ANSWERS[name]
    takes = documented.named(name)
    assert takes(shape.whole)
    for field, line in shape.lines.items():
        for value in line.takes:
            assert takes(shape.having(field, value)), (field, value)
        for value in (*line.survives, *line.refuses):
            assert not takes(shape.having(field, value)), (field, value)


def test_all_schemas_with_fields_have_lines() -> None:
    schemas = contract()["components"]["schemas"]
    shapes = {**REQUESTS, **ANSWERS}
    assert set(shapes) == {name for name, schema in schemas.items() if "properties" in schema}
    for name, shape in shapes.items():
        assert set(shape.lines) - {"more"} == set(schemas[name]["properties"]), name


def test_qualities(wide: Reading) -> None:
    takes = wide.named("Quality")
    for quality in QUALITIES.takes:
        assert takes(quality), quality
    for quality in QUALITIES.refuses:
        assert not takes(quality), quality


def test_parameters(wide: Reading) -> None:
    declared = [
        *contract()["components"]["parameters"].values(),
        *(parameter for operation in operations() for parameter in operation.get("parameters", ())),
    ]
    assert {parameter["name"] for parameter in declared} == set(PARAMETERS)
    for parameter in declared:
        takes, line = wide.of(parameter["schema"]), PARAMETERS[parameter["name"]]
        for value in line.takes:
            assert takes(value), (parameter["name"], value)
        for value in line.refuses:
            assert value is MISSING or not takes(value), (parameter["name"], value)


def test_no_parameter_may_be_missing(wide: Reading) -> None:
    parameters = [parameter for operation in wide.server.operations.values() for parameter in operation.parameters]
    assert {parameter.name for parameter in parameters} == {
        name for name, line in PARAMETERS.items() if MISSING in line.refuses
    }
    for parameter in parameters:
        assert not passes(partial(parameter.read, [])), parameter.name


def test_headers(wide: Reading) -> None:
    headers = contract()["components"]["headers"]
    assert set(headers) == set(HEADERS)
    for name, line in HEADERS.items():
        takes = wide.of(headers[name]["schema"])
        for value in line.takes:
            assert takes(value), (name, value)
        for value in line.refuses:
            assert not takes(value), (name, value)


def test_bodies(wide: Reading) -> None:
    """Where there is a body it is no choice, and of its fields only files are files."""
    for operation in operations():
        assert operation.get("requestBody", {"required": True}).get("required"), operation["operationId"]
    bodies = {name: operation.body for name, operation in wide.server.operations.items() if operation.body}
    files = {name: set(body.files) for name, body in bodies.items() if body.files}
    assert files == {"uploadVideoPart": {"file"}, "uploadVideoThumbnail": {"file"}}


def operations() -> list[Any]:
    return [path[method] for path in contract()["paths"].values() for method in METHODS & set(path)]
