"""Requests derived from the contract, each just inside or just outside of one of its rules, against a real server."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING

import pytest
from conformance.mock_tests.test_server import TestServer
from conformance.shared.examples import ExampleMaker
from contract_document import load, operations
from mutation.contract_edits import edits

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conformance.shared.examples import Example

EXAMPLES: dict[str, list[Example]] = defaultdict(list)
for one in ExampleMaker(load()).all():
    EXAMPLES[one.operation].append(one)


@pytest.fixture(scope="module")
def server() -> Iterator[TestServer]:
    with TestServer() as running:
        yield running


@pytest.mark.parametrize("operation", EXAMPLES)
def test_derived_examples(operation: str, server: TestServer) -> None:
    server.reset()
    for example in EXAMPLES[operation]:
        server.replay.forget()
        request = example.request
        if "{video_id}" in request.path:
            request = request.about(server.create()["id"])
        expected = (200, 201) if example.is_valid else (400,)
        server.ask(operation, request, expected, f"{example.about} ({', '.join(sorted(example.rules)) or 'valid'})")


def request_rules() -> set[str]:
    """The keywords of the schemas that requests have, and parameters with the keywords of theirs."""
    broken = {rule for examples in EXAMPLES.values() for example in examples for rule in example.rules}
    schemas = {"/".join(rule.split("/")[:4]) for rule in broken if rule.startswith("/components/schemas/")}
    assert len(schemas) > 10
    places = {re.sub(r"/\d+$", "", edit.pointer) for edit in edits(load())}
    # A condition has no keyword; what follows from it has. In a form everything is a text.
    found = {place for place in places if place.startswith(tuple(f"{schema}/" for schema in schemas))}
    found = {
        rule for rule in found if not re.search(r"/(format|if|allOf|then/properties)$|/anyOf/|Upload.*/type$", rule)
    }
    for operation in operations(load()):
        for one in operation.definition.get("parameters", ()):
            keywords = one["schema"].keys() & {"pattern", "exclusiveMinimum", "minimum", "maximum"}
            found |= {f"{one['name']} is required", *(f"{one['name']}: {keyword}" for keyword in keywords)}
    return found


def test_every_rule_is_kept_and_broken() -> None:
    broken = {rule for examples in EXAMPLES.values() for example in examples for rule in example.rules}
    assert request_rules() - broken == set()
    assert len(request_rules()) > 90
    for operation, examples in EXAMPLES.items():
        assert any(example.is_valid for example in examples), operation


def test_every_rule_is_broken_alone() -> None:
    """Otherwise the server could refuse the request for another rule."""
    examples = [example for each in EXAMPLES.values() for example in each]
    alone = {rule for example in examples for rule in example.rules if len(example.rules) == 1}
    together = {rule for rule in request_rules() - alone if not rule.endswith("/type")}
    # An unknown container suits neither format. And a value of the wrong type is no word of a list either.
    assert together == {"/components/schemas/Quality/properties/container_type/enum"}
