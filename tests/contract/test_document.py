"""The module that all tools read the contract with."""

from __future__ import annotations

from typing import TYPE_CHECKING

import contract_document
import pytest

if TYPE_CHECKING:
    from pathlib import Path

DOCUMENT = {
    "paths": {
        "/a/{b}": {
            "parameters": [{"$ref": "#/components/parameters/B"}],
            "get": {"operationId": "getB", "responses": {"200": {}, "default": {}}},
            "delete": {"operationId": "deleteB", "responses": {"204": {}}},
        }
    },
    "components": {"parameters": {"B": {"$ref": "#/components/parameters/~0C"}, "~C": {"name": "b"}}},
}


def test_operations_come_in_the_order_of_the_contract() -> None:
    get, delete = contract_document.operations(DOCUMENT)
    assert (get.id, get.method, get.path, get.statuses) == ("getB", "GET", "/a/{b}", [200])
    assert delete.pointer == contract_document.pointer("paths", "/a/{b}", "delete") == "/paths/~1a~1{b}/delete"
    assert contract_document.find(DOCUMENT, delete.pointer) is delete.definition


def test_references_are_followed_to_their_end() -> None:
    first = contract_document.find(DOCUMENT, "/paths/~1a~1{b}/parameters/0")
    assert contract_document.resolve(DOCUMENT, first) == {"name": "b"}


def test_a_change_leaves_the_document_as_it_is() -> None:
    place = "/paths/~1a~1{b}/parameters/0"
    assert contract_document.find(contract_document.changed(DOCUMENT, place, 5), place) == 5
    without = contract_document.changed(DOCUMENT, place)
    assert contract_document.find(without, "/paths/~1a~1{b}/parameters") == []
    assert contract_document.find(DOCUMENT, "/paths/~1a~1{b}/parameters/0/$ref")


@pytest.mark.parametrize("place", ["/paths/~1nowhere", "/paths/~1a~1{b}/parameters/1"])
def test_a_place_that_does_not_exist_is_an_error(place: str) -> None:
    for use in (contract_document.find, contract_document.changed):
        with pytest.raises(LookupError, match=f"nothing stands at {place}".replace("{", r"\{")):
            use(DOCUMENT, place)
    assert contract_document.steps(place)[0] == "paths"


def test_a_contract_is_read_once(tmp_path: Path) -> None:
    file = tmp_path / "openapi.yaml"
    file.write_text("info: &one {version: '1'}\nagain: *one\n", encoding="utf-8")
    document = contract_document.load(file)
    assert document == {"info": {"version": "1"}, "again": {"version": "1"}}
    assert document["info"] is not document["again"]
    assert contract_document.load(file) is document
