"""Two readings of one guide: overlay and contract must agree on every quality, pointers included.

`conformance.shared.qualities` makes the qualities.
"""

from __future__ import annotations

import itertools
import random
from collections import Counter
from typing import TYPE_CHECKING, Any

import jsonschema
import jsonschema_rs
import pytest
from conformance.shared.qualities import each_broken_alone, products, random_ladders, valid

from aioz_stream.encoding import check
from aioz_stream.encoding.catalogue import RULES

if TYPE_CHECKING:
    from collections.abc import Callable

Json = Any

# What only the overlay can say; everything else must be the same. Warnings are no business of the contract.
ONLY_IN_THE_OVERLAY = {"unsendable-text", "nothing-left", "no-such-track"}
IN_CONTRACT = {rule.code for rule in RULES if rule.in_contract}


@pytest.fixture(scope="module")
def broken_alone() -> dict[str, list[Json]]:
    """Per rule, 220 different ladders that break it and, says the overlay, no other."""
    return each_broken_alone(random.Random(20261123), 220)


@pytest.fixture(scope="module")
def ladders(broken_alone: dict[str, list[Json]]) -> list[Json]:
    pick = random.Random(7)
    each = itertools.chain.from_iterable(broken_alone.values())
    accepted = ([valid(pick)] for _ in range(2000))
    return [*each, *accepted, *products(), *random_ladders(pick, 12_000)]


def said_by_overlay(ladder: Json) -> set[str]:
    return {finding.pointer for finding in check(ladder) if finding.code in IN_CONTRACT}


@pytest.fixture(scope="module")
def schema(contract: Json) -> Json:
    return {"$ref": "#/components/schemas/CreateVideoRequest", "components": contract["components"]}


@pytest.fixture(scope="module")
def said_by_contract(schema: Json) -> Callable[[Json], set[str]]:
    validator = jsonschema_rs.Draft202012Validator(schema)

    def pointers(ladder: Json) -> set[str]:
        errors = validator.iter_errors({"title": "t", "qualities": ladder})
        return {"/" + "/".join(map(str, error.instance_path)) for error in errors}

    return pointers


def test_the_two_readings_agree(ladders: list[Json], said_by_contract: Callable[[Json], set[str]]) -> None:
    # None is no list for the contract, and for the overlay the absence of one: the service chooses.
    different = [one for one in ladders if one is not None and said_by_overlay(one) != said_by_contract(one)]
    shown = [(one, sorted(said_by_overlay(one)), sorted(said_by_contract(one))) for one in different[:5]]
    assert not different, f"{len(different)} of {len(ladders)} differ, such as (ladder, overlay, contract): {shown}"
    assert len(ladders) >= 20_000


def test_a_second_implementation_agrees(ladders: list[Json], schema: Json) -> None:
    """On a sample, since it takes a hundred times as long."""
    validator = jsonschema.Draft202012Validator(schema)
    for ladder in random.Random(3).sample([one for one in ladders if one is not None], 700):
        errors = validator.iter_errors({"title": "t", "qualities": ladder})
        assert {"/" + "/".join(map(str, error.absolute_path)) for error in errors} == said_by_overlay(ladder), ladder


def test_every_rule_is_broken_alone(broken_alone: dict[str, list[Json]]) -> None:
    assert set(broken_alone) == IN_CONTRACT
    for code, ladders in broken_alone.items():
        for ladder in ladders:
            found = {finding.code for finding in check(ladder) if finding.severity == "error"}
            assert found == {code}, ladder
    # There is only one empty list.
    counts = {code: len(ladders) for code, ladders in broken_alone.items() if code != "empty-list"}
    assert min(counts.values()) >= 200, counts


def test_every_error_stands_in_the_contract_or_in_the_list() -> None:
    errors = {rule.code for rule in RULES if rule.severity == "error"}
    assert errors - IN_CONTRACT == ONLY_IN_THE_OVERLAY
    assert not {rule.code for rule in RULES if rule.severity == "warning" and rule.in_contract}


def test_the_material_is_broad(ladders: list[Json]) -> None:
    """Both answers are common, and so are ladders with several things wrong."""
    counts = Counter(min(len(said_by_overlay(one)), 3) for one in ladders if one is not None)
    assert min(counts[amount] for amount in range(4)) >= 1500, counts
