"""What a schema means beyond the values it takes: defaults, and the code that is generated from it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from contract_changes.containment import Side
from contract_changes.documents import is_object
from contract_changes.edits import ABSENT, NAME
from contract_changes.schemas import is_described, listed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from contract_changes.edits import Edit

# A string of such a format is no string in generated code.
_TYPED = {"binary", "byte", "date", "date-time", "uuid"}
_CONTENT = {"contentEncoding", "contentMediaType", "contentSchema", "discriminator"}
_UNIONS = {"anyOf", "oneOf"}
_OTHER_TYPE = "it is another type in generated code"


def harm(side: Side, edit: Edit) -> str | None:
    """Why an edit breaks something even if the same values are taken, or None."""
    if not is_described(edit.path):
        return None
    return next(_both(edit), None) or next(_request(edit) if side is Side.REQUEST else _response(edit), None)


def _both(edit: Edit) -> Iterator[str]:
    if edit.keyword == NAME:
        yield "imports of it fail"
    if edit.keyword == "properties" and edit.now is ABSENT:
        yield "code that names the field fails"
    if edit.keyword == "format" and {edit.was, edit.now} & _TYPED:
        yield _OTHER_TYPE
    if edit.keyword in _UNIONS and _is_typed(edit.was):
        yield _OTHER_TYPE
    if edit.keyword in _CONTENT:
        yield "it is to be read in another way"


def _request(edit: Edit) -> Iterator[str]:
    if edit.keyword == "default":
        yield "leaving it out means something else"
    if edit.keyword == "readOnly" and edit.now is True:
        yield "it must not be sent any more"


def _response(edit: Edit) -> Iterator[str]:
    if edit.keyword == "additionalProperties" and edit.now is False:
        yield "what is not described can't be read any more"
    if edit.keyword == "writeOnly" and edit.now is True:
        yield "it does not come any more"
    # What is sent may be of one more form, but what is read turns into it.
    if edit.keyword in _UNIONS and _is_typed(edit.now):
        yield _OTHER_TYPE
    if edit.keyword in {"items", "type"} and edit.was is ABSENT and _is_class(edit.now):
        yield _OTHER_TYPE


def _is_typed(form: Any) -> bool:
    return is_object(form) and form.get("format") in _TYPED


def _is_class(described: Any) -> bool:
    """Whether what was any JSON becomes an object of a generated class."""
    return "object" in listed(described.get("type") if is_object(described) else described)
