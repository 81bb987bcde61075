"""What a schema means beyond the values that it accepts: defaults, and the code that is generated from it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from contract_document import is_object

from contract_changes.containment import Side
from contract_changes.schemas import ABSENT, BY_NAME, IN_LISTS, Schema, listed

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

    from contract_changes.documents import Steps
    from contract_changes.schema_differences import Difference

NAME = "(name)"
"""In place of a keyword, where the name of a generated class differs."""

# Below these a schema tests a value, but no code is generated for it.
_TESTS = {"contains", "dependentSchemas", "else", "if", "not", "propertyNames", "then"}
# A string of such a format is no string in generated code.
_TYPED_FORMATS = {"binary", "byte", "date", "date-time", "uuid"}
_UNIONS = {"anyOf", "oneOf"}


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
    reasons = (
        harm.reason
        for harm in _HARMS
        if difference.keyword in harm.keywords and side in harm.sides and harm.applies(difference)
    )
    return next(reasons, None)


def _is_typed(form: Any) -> bool:
    return is_object(form) and form.get("format") in _TYPED_FORMATS


def _becomes_class(difference: Difference) -> bool:
    """Whether what was any JSON becomes an object of a generated class."""
    now = difference.now
    return difference.was is ABSENT and "object" in listed(now.get("type") if is_object(now) else now)


@dataclass(frozen=True)
class _Harm:
    """Differences of some keywords that break code on some sides."""

    reason: str
    keywords: Collection[str]
    sides: Collection[Side] = tuple(Side)
    applies: Callable[[Difference], bool] = lambda _: True


_OTHER_TYPE = "it is another type in generated code"
_SENDERS, _READERS = {Side.REQUEST}, {Side.RESPONSE}
_HARMS = (
    _Harm("imports of it fail", {NAME}),
    _Harm("code that names the field fails", {"properties"}, applies=lambda one: one.now is ABSENT),
    _Harm(_OTHER_TYPE, {"format"}, applies=lambda one: not _TYPED_FORMATS.isdisjoint({one.was, one.now})),
    _Harm(_OTHER_TYPE, _UNIONS, applies=lambda one: _is_typed(one.was)),
    # What is sent may have one more form, but what is read turns into it.
    _Harm(_OTHER_TYPE, _UNIONS, _READERS, lambda one: _is_typed(one.now)),
    _Harm(_OTHER_TYPE, {"items", "type"}, _READERS, _becomes_class),
    _Harm("it is to be read in another way", {"contentEncoding", "contentMediaType", "contentSchema", "discriminator"}),
    _Harm("leaving it out has another meaning", {"default"}, _SENDERS),
    _Harm("it must not be sent any more", {"readOnly"}, _SENDERS, lambda one: one.now is True),
    _Harm("it does not come any more", {"writeOnly"}, _READERS, lambda one: one.now is True),
    _Harm(
        "what is not described can't be read any more",
        {"additionalProperties"},
        _READERS,
        lambda one: one.now is False,
    ),
)
