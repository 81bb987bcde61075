"""The table of statements: it leaves nothing of the contract out, and says nothing that does not exist."""

from __future__ import annotations

import re
from collections import Counter
from inspect import signature
from typing import TYPE_CHECKING

import pytest
from conformance.deployment.command import PROBES
from conformance.deployment.scenarios import ACTIONS
from conformance.deployment.statements import Statement, statements
from contract_document import ROOT, load, operations, resolve

if TYPE_CHECKING:
    from collections.abc import Iterator

    from contract_document import Json

CODE = re.compile(r"^\| ([A-Z][0-9]+|Assets) \|", re.MULTILINE)


def readings() -> list[str]:
    return CODE.findall((ROOT / "docs" / "contract.md").read_text(encoding="utf-8"))


def parts_of(contract: Json) -> Iterator[str]:
    """Operations, statuses, parameters, fields and words of a contract, as the table names them."""
    for operation in operations(contract):
        yield operation.id
        yield from (f"{operation.id} {status}" for status in operation.statuses)
        for parameter in operation.definition.get("parameters", ()):
            schema = resolve(contract, parameter)["schema"]
            yield f"{operation.id}.{parameter['name']}"
            yield from words_of(f"{operation.id}.{parameter['name']}", schema.get("x-separated", schema))
    for name, schema in contract["components"]["schemas"].items():
        words = list(words_of(name, schema))
        yield from (name, *words) if words else ()
        for field, inner in schema.get("properties", {}).items():
            yield f"{name}.{field}"
            yield from words_of(f"{name}.{field}", inner)


def words_of(name: str, schema: Json) -> Iterator[str]:
    for one in (schema, *schema.get("anyOf", ())):
        yield from (f"{name}={word}" for word in one.get("enum", ()))


def test_every_part_of_the_contract_is_in_a_statement() -> None:
    covered = {name for statement in statements() for name in statement.about}
    wanted = {*readings(), *parts_of(load())}
    assert len(readings()) > 60
    assert len(wanted) > 250
    assert wanted - covered == set()
    assert covered - wanted == set(), "the table is about something that does not exist"


def test_a_new_word_in_the_contract_would_be_missed() -> None:
    """The test above reads the contract, and no list of its own."""
    grown = {
        "paths": {},
        "components": {"schemas": {"New": {"enum": ["a"], "properties": {"b": {"anyOf": [{"enum": ["c"]}]}}}}},
    }
    assert list(parts_of(grown)) == ["New", "New=a", "New.b", "New.b=c"]


def test_there_are_about_two_hundred_statements_and_each_has_a_name_of_its_own() -> None:
    names = Counter(one.id for one in statements())
    assert len(names) > 200
    assert names.most_common(1)[0][1] == 1


@pytest.mark.parametrize("statement", statements(), ids=lambda one: one.id)
def test_a_statement_can_be_examined(statement: Statement) -> None:
    signature(PROBES[statement.probe]).bind(None, **statement.parameters)
    assert statement.says.endswith(".")
    assert statement.about
    assert statement.client
    for step in (*statement.parameters.get("given", ()), *statement.parameters.get("steps", ())):
        assert next(iter(step)) in ACTIONS
    if operation := statement.parameters.get("operation"):
        assert operation in {one.id for one in operations(load())}
