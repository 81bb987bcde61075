"""openapi.yaml by itself: valid, complete, and its examples true to their schemas."""

from __future__ import annotations

import json
from typing import Any

import generate
import jsonschema_rs
import pytest
import yaml
from openapi_spec_validator import validate

# By way of JSON: what YAML knows beyond it (dates, aliases) has no place in the contract.
CONTRACT: dict[str, Any] = json.loads(json.dumps(yaml.safe_load(generate.CONTRACT.read_text(encoding="utf-8"))))


def resolved(node: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in node:
        target: Any = CONTRACT
        for step in node["$ref"].removeprefix("#/").split("/"):
            target = target[step]
        node = target
    return node


OPERATIONS: dict[str, dict[str, Any]] = {
    operation["operationId"]: {**operation, "parameters": path.get("parameters", []) + operation.get("parameters", [])}
    for path in CONTRACT["paths"].values()
    for method, operation in path.items()
    if method != "parameters"
}


def is_valid(schema: dict[str, Any], value: object) -> bool:
    whole = {"allOf": [schema], "components": CONTRACT["components"]}
    return jsonschema_rs.Draft202012Validator(whole, validate_formats=True).is_valid(value)


def bodies(operation: str) -> dict[str, dict[str, Any]]:
    """The media of the request and of every response, by name."""
    described = OPERATIONS[operation]
    found = {f"answer {status}": resolved(answer)["content"] for status, answer in described["responses"].items()}
    if "requestBody" in described:
        found["request"] = described["requestBody"]["content"]
    return {name: next(iter(content.values())) for name, content in found.items()}


def test_it_is_openapi() -> None:
    validate(CONTRACT)
    assert CONTRACT["openapi"].startswith("3.1.")


@pytest.mark.parametrize("operation", OPERATIONS)
def test_examples_are_valid(operation: str) -> None:
    for name, media in bodies(operation).items():
        assert media["examples"], f"{operation} has no example of its {name}"
        for title, example in media["examples"].items():
            assert is_valid(media["schema"], resolved(example)["value"]), f"{operation}, {name}, {title}"
    for parameter in map(resolved, OPERATIONS[operation]["parameters"]):
        assert is_valid(parameter["schema"], parameter["example"]), f"{operation}, {parameter['name']}"


@pytest.mark.parametrize("operation", OPERATIONS)
def test_everything_is_described(operation: str) -> None:
    described = OPERATIONS[operation]
    assert described["summary"]
    assert described["description"]
    for parameter in map(resolved, described["parameters"]):
        assert parameter["description"]
    for answer in map(resolved, described["responses"].values()):
        assert answer["description"]
        assert "X-Request-Id" in answer["headers"]
        assert all(name in answer["headers"] for name in CONTRACT["components"]["headers"] if name != "Retry-After")


def test_failures_look_alike() -> None:
    for described in OPERATIONS.values():
        for status, answer in described["responses"].items():
            if status >= "400":
                schema = resolved(answer)["content"]["application/json"]["schema"]
                assert schema == {"$ref": "#/components/schemas/Error"}
    assert "Retry-After" in CONTRACT["components"]["responses"]["TooManyRequests"]["headers"]


def test_requests_are_closed_and_answers_are_open() -> None:
    """A misspelt field must not be taken for a default; a field that the service adds must not break a reader."""
    for name, schema in CONTRACT["components"]["schemas"].items():
        is_request = name.endswith("Request") or name in {"Quality", "VideoConfig", "AudioConfig", "MetadataPair"}
        if schema.get("type") == "object" and name != "MetadataFilter":
            assert (schema.get("additionalProperties") is False) == is_request, name


def test_every_property_is_described() -> None:
    for name, schema in CONTRACT["components"]["schemas"].items():
        assert schema["description"], name
        for field, inner in schema.get("properties", {}).items():
            assert resolved(inner)["description"], f"{name}.{field}"


def test_update_has_no_defaults() -> None:
    properties = CONTRACT["components"]["schemas"]["UpdateVideoRequest"]["properties"]
    assert not [name for name, inner in properties.items() if "default" in resolved(inner)]
