"""What a schema means beyond the values that it accepts: defaults, and the code that is generated from it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from contract_document import is_object

from contract_changes.containment import Side
from contract_changes.schemas import ABSENT, BY_NAME, IN_LISTS, Schema, listed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from contract_changes.documents import Steps
    from contract_changes.schema_differences import Difference

NAME = "(name)"
"""In place of a keyword, where the name of a generated class differs."""

# Below these a schema tests a value, but no code is generated for it.
_TESTS = {"contains", "dependentSchemas", "else", "if", "not", "propertyNames", "then"}
# A string of such a format is no string in generated code.
_TYPED_FORMATS = {"binary", "byte", "date", "date-time", "uuid"}
_CONTENT = {"contentEncoding", "contentMediaType", "contentSchema", "discriminator"}
_UNIONS = {"anyOf", "oneOf"}
_OTHER_TYPE = "it is another type in generated code"


def keywords(steps: Steps) -> Iterator[str]:
    """The keywords on a path, without the names and indexes between them: a field may be called `not`."""
    remaining = iter(steps)
    for step in remaining:
        if isinstance(step, str):
            yield step
        if step in BY_NAME:
            next(remaining, None)


def has_code(steps: Steps) -> bool:
    """Whether code is generated for what stands at a path, other than a mere test of values."""
    return _TESTS.isdisjoint(keywords(steps))


def makes_class(schema: Schema, steps: Steps) -> bool:
    """Whether a class or an alias is generated for what stands at a path, so that programs may import its name."""
    tree = schema.at(steps)
    if not is_object(tree):
        return False
    if "enum" in tree or "properties" in tree or "object" in listed(tree.get("type", [])):
        return True
    inner = [(*steps, keyword, index) for keyword in IN_LISTS for index in range(len(tree.get(keyword, ())))]
    return any(one not in schema.names and makes_class(schema, one) for one in inner)


def class_name(schema: Schema, steps: Steps) -> str:
    """What a class is called after: its title, or else the name of its schema, or else its place."""
    tree = schema.at(steps)
    title = tree.get("title") if is_object(tree) else None
    return str(title or schema.names.get(steps) or f"its place, {steps[-1] if steps else 'the whole'}")


def fields(tree: Any) -> set[str]:
    """The fields that a generated class has."""
    if not is_object(tree):
        return set()
    return {*tree.get("properties", {})}.union(*(fields(part) for part in tree.get("allOf", ())))


def harm(side: Side, difference: Difference) -> str | None:
    """Why a difference breaks something even if the same values are accepted, or None."""
    if not has_code(difference.steps):
        return None
    of_side = _harm_to_senders if side is Side.REQUEST else _harm_to_readers
    return next(_harm_to_both(difference), None) or next(of_side(difference), None)


def _harm_to_both(difference: Difference) -> Iterator[str]:
    keyword, was, now = difference.keyword, difference.was, difference.now
    if keyword == NAME:
        yield "imports of it fail"
    if keyword == "properties" and now is ABSENT:
        yield "code that names the field fails"
    if (keyword == "format" and {was, now} & _TYPED_FORMATS) or (keyword in _UNIONS and _is_typed(was)):
        yield _OTHER_TYPE
    if keyword in _CONTENT:
        yield "it is to be read in another way"


def _harm_to_senders(difference: Difference) -> Iterator[str]:
    if difference.keyword == "default":
        yield "leaving it out has another meaning"
    if difference.keyword == "readOnly" and difference.now is True:
        yield "it must not be sent any more"


def _harm_to_readers(difference: Difference) -> Iterator[str]:
    keyword, now = difference.keyword, difference.now
    if keyword == "additionalProperties" and now is False:
        yield "what is not described can't be read any more"
    if keyword == "writeOnly" and now is True:
        yield "it does not come any more"
    # What is sent may have one more form, but what is read turns into it.
    becomes_class = keyword in {"items", "type"} and difference.was is ABSENT and _is_class(now)
    if becomes_class or (keyword in _UNIONS and _is_typed(now)):
        yield _OTHER_TYPE


def _is_typed(form: Any) -> bool:
    return is_object(form) and form.get("format") in _TYPED_FORMATS


def _is_class(described: Any) -> bool:
    """Whether what was any JSON becomes an object of a generated class."""
    return "object" in listed(described.get("type") if is_object(described) else described)
