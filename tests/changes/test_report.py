"""What people are told of a change: operation by operation, where, what, and what for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import jsonpatch
import pytest
from contract_changes.changes import Change, Weight
from contract_changes.containment import is_wider
from contract_changes.documents import ContractError, Document
from contract_changes.operations import compare
from contract_changes.report import lines

if TYPE_CHECKING:
    from collections.abc import Callable

MAXIMUM = "/components/schemas/Quality/allOf/4/then/properties/video_config/properties/bitrate/maximum"


@pytest.fixture(scope="session")
def edited(contract: Document) -> Callable[..., Document]:
    def edit(*steps: dict[str, Any]) -> Document:
        return Document(jsonpatch.apply_patch(contract.tree, list(steps)))

    return edit


def changes(old: Document, new: Document) -> dict[str, list[Change]]:
    """By operation, with its id alone."""
    return {subject.name.split(" (")[0]: subject.changes for subject in compare(old, new) if subject.changes}


def test_a_condition_is_named(contract: Document, edited: Callable[..., Document]) -> None:
    new = edited({"op": "replace", "path": MAXIMUM, "value": 600_000})
    operation, pointer, says = lines(compare(contract, new))
    assert operation == "createVideo (POST /videos/create): breaking"
    assert pointer.split() == ["breaking", MAXIMUM]
    where, what = says.strip().split(": ")
    body, field, condition = where.split(", ", 2)
    assert (body, field) == ("request body as application/json", "`qualities[].video_config.bitrate`")
    assert condition == 'under "240p takes up to 700,000 bits per second."'
    assert what == "`maximum` was 700000, is 600000; requests that were fine may be refused"


def test_a_shared_schema_is_told_of_each_operation(contract: Document, edited: Callable[..., Document]) -> None:
    found = changes(contract, edited({"op": "replace", "path": "/components/schemas/Title/maxLength", "value": 100}))
    assert set(found) == {"createVideo", "updateVideo"}
    for [change] in found.values():
        assert change.pointer == "/components/schemas/Title/maxLength"
        assert change.says.endswith("`maxLength` was 255, is 100; requests that were fine may be refused")


def test_one_line_a_place(contract: Document, edited: Callable[..., Document]) -> None:
    """201 and 200 of create have one schema."""
    found = changes(contract, edited({"op": "remove", "path": "/components/schemas/Video/properties/tags"}))
    assert [change.pointer for change in found["createVideo"]] == ["/components/schemas/Video/properties/tags"]


def test_what_all_have_in_common_is_said_once(contract: Document, edited: Callable[..., Document]) -> None:
    said = list(lines(compare(contract, edited({"op": "remove", "path": "/security/1"}))))
    assert said[0] == "every operation: breaking"
    assert said[2].strip() == "credentials: publicKey with secretKey no longer suffices as it was"
    assert len(said) == 3


def test_safe_and_breaking_in_one_operation(contract: Document, edited: Callable[..., Document]) -> None:
    """The safe edit stays safe beside the other, and what breaks is told first."""
    new = edited(
        {"op": "add", "path": "/components/schemas/ListVideosRequest/properties/a", "value": {"type": "string"}},
        {"op": "replace", "path": "/components/schemas/ListVideosRequest/properties/limit/maximum", "value": 50},
    )
    [(name, found)] = changes(contract, new).items()
    assert name == "listVideos"
    assert {change.pointer.rsplit("/", 1)[1]: change.weight for change in found} == {
        "a": Weight.ADDITION,
        "maximum": Weight.BREAKING,
    }
    assert list(lines(compare(contract, new)))[1].split() == ["breaking", found[-1].pointer]


def test_safe_one_by_one_but_not_together(edited: Callable[..., Document]) -> None:
    """Either branch may take more, but of `oneOf` only one may."""
    path = "/components/schemas/ListVideosRequest/properties/search"
    forms = [{"type": "string", "maxLength": 9}, {"type": "string", "minLength": 12}]
    old = edited({"op": "replace", "path": path, "value": {"oneOf": forms}})
    new = edited(
        {"op": "replace", "path": path, "value": {"oneOf": [{"type": "string", "maxLength": 15}, {"minLength": 6}]}}
    )
    assert max(change.weight for change in changes(old, new)["listVideos"]) is Weight.BREAKING


def test_in_other_words_is_no_addition(contract: Document, edited: Callable[..., Document]) -> None:
    status = "/components/schemas/Error/properties/status"
    for step in ({"path": f"{status}/type", "value": ["string"]}, {"path": f"{status}/minLength", "value": 0}):
        found = changes(contract, edited({"op": "add", **step}))
        assert {change.weight for told in found.values() for change in told} == {Weight.WORDING}


def test_what_takes_part_in_itself_can_be_compared(edited: Callable[..., Document]) -> None:
    def nested(limit: int) -> Document:
        tree = {
            "type": "object",
            "properties": {
                "name": {"type": "string", "maxLength": limit},
                "inside": {"type": "array", "items": {"$ref": "#/components/schemas/Folder"}},
            },
        }
        return edited(
            {"op": "add", "path": "/components/schemas/Folder", "value": tree},
            {
                "op": "add",
                "path": "/components/schemas/CreateVideoRequest/properties/folder",
                "value": {"$ref": "#/components/schemas/Folder"},
            },
        )

    assert changes(nested(5), nested(5)) == {}
    [(name, [change])] = changes(nested(5), nested(4)).items()
    assert (name, change.weight) == ("createVideo", Weight.BREAKING)
    assert change.pointer == "/components/schemas/Folder/properties/name/maxLength"
    [(name, [change])] = changes(nested(4), nested(5)).items()
    assert (name, change.weight) == ("createVideo", Weight.ADDITION)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("a: [", "can't be read"),
        ("[]", "no OpenAPI document"),
        ("info: {}", "no OpenAPI document"),
        ("a: 2026-01-01", "can't be read"),
    ],
)
def test_what_is_no_contract(text: str, says: str) -> None:
    with pytest.raises(ContractError, match=says):
        Document.parse(text)


@pytest.mark.parametrize(
    ("reference", "says"),
    [
        ("other.yaml#/a", "only references inside"),
        ("#/components/schemas/Nobody", "nothing stands at /components/schemas/Nobody"),
    ],
)
def test_references_that_lead_nowhere(
    reference: str, says: str, contract: Document, edited: Callable[..., Document]
) -> None:
    new = edited({"op": "add", "path": "/components/schemas/Video/properties/tags", "value": {"$ref": reference}})
    with pytest.raises(ContractError, match=says):
        compare(contract, new)


@pytest.mark.parametrize(
    ("wide", "narrow", "is_proved"),
    [
        ("^[ab]$", "^a$", True),
        ("^a$", "^[ab]$", False),
        ("a", "^a$", True),
        ("^a$", "a", False),
        (r"^a$(?!\n)", "^a$", True),
        (r"^[0-9]{1,3}$", r"^\d{2}$", True),
        ("^a|b$", "^a$", False),  # either anchor holds for one branch
        ("^(a$|b)$", "^b$", False),
        ("^.$", "^a$", False),  # what a dot leaves out is not the same everywhere
        ("(?=a)a", "a", False),
        ("(", "a", False),
    ],
)
def test_patterns(wide: str, narrow: str, is_proved: bool) -> None:
    assert is_wider(wide, narrow) is is_proved
