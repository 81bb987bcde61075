"""Requests derived from the contract, each just inside or just outside of one of its rules, against a real server."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from conformance import judge
from conformance.examples import Deriver
from conformance.stage import Stage, contract

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conformance.examples import Example

EXAMPLES: dict[str, list[Example]] = defaultdict(list)
for one in Deriver(contract()).all():
    EXAMPLES[one.operation].append(one)


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    with Stage() as running:
        yield running


@pytest.mark.parametrize("operation", EXAMPLES)
def test_derived_examples(operation: str, stage: Stage) -> None:
    stage.begin()
    for example in EXAMPLES[operation]:
        stage.wire.forget()
        request = example.request
        if "{video_id}" in request.path:
            request = replace(request, path=request.path.replace("{video_id}", stage.create()["id"]))
        expected = (200, 201) if example.is_valid else (400,)
        stage.ask(operation, request, expected, f"{example.about} ({', '.join(sorted(example.rules)) or 'valid'})")


def test_every_rule_is_kept_and_broken() -> None:
    broken = {rule for examples in EXAMPLES.values() for example in examples for rule in example.rules}
    assert judge.rules(contract()) <= broken
    assert len(judge.rules(contract())) > 90
    for operation, examples in EXAMPLES.items():
        assert any(example.is_valid for example in examples), operation


def test_rules_are_broken_alone() -> None:
    """Else another rule could do the refusing."""
    examples = [example for each in EXAMPLES.values() for example in each]
    alone = {rule for example in examples for rule in example.rules if len(example.rules) == 1}
    together = {rule for rule in judge.rules(contract()) - alone if not rule.endswith("/type")}
    # A container that nobody knows suits neither format. And what is of the wrong type is no word of a list either.
    assert together == {"/components/schemas/Quality/properties/container_type/enum"}
