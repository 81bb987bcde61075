"""How two schemas differ: a list of differences, each of which can be made to the older schema by itself."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import zip_longest
from typing import TYPE_CHECKING, Any, TypeAlias

from contract_document import is_list, is_object

from contract_changes.generated_code import NAME, class_name, fields, has_code, makes_class
from contract_changes.schemas import (
    ABSENT,
    BY_NAME,
    IN_LISTS,
    SINGLE,
    Schema,
    differ,
    is_annotation,
    members,
    text,
    without_annotations,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from contract_changes.documents import Steps

# Lists of words in no order, of which each counts by itself.
_WORD_LISTS = {"enum", "required", "type"}
_UNIONS = {"anyOf", "oneOf"}
_LONGEST = 80

Step: TypeAlias = str | int | None
END_OF_LIST = "-"
"""The step of a member that is added to a list."""


@dataclass(frozen=True)
class Difference:
    steps: Steps
    """What is set in the older tree."""
    value: Any
    """To what; ABSENT takes it out."""
    keyword: str
    pointer: str
    """Where to look: in the newer document, or in the older one for what is gone."""
    says: str
    was: Any = ABSENT
    now: Any = ABSENT

    @property
    def is_about_word(self) -> bool:
        """Whether it is about one word of a list and not about the list."""
        return self.keyword in _WORD_LISTS and not (is_list(self.was) or is_list(self.now))

    def apply(self, tree: Any) -> Any:
        """A copy of the older tree with this one difference."""
        return _set(tree, self.steps, self.value)


def _set(tree: Any, steps: Steps, value: Any) -> Any:
    if not steps:
        return value
    inside = dict(members(tree))
    inner = _set(inside.get(steps[0], {}), steps[1:], value)
    if inner is ABSENT:
        del inside[steps[0]]
    else:
        inside[steps[0]] = inner
    # A list of schemas may not be empty.
    return inside if is_object(tree) else list(inside.values()) or ABSENT


def differences(old: Schema, new: Schema) -> list[Difference]:
    return list(_Comparison(old, new).schemas((), ()))


class _Comparison:
    """Walks through two trees side by side, along a path in each: members of a list may have moved."""

    def __init__(self, old: Schema, new: Schema) -> None:
        self._old = old
        self._new = new

    def schemas(self, before: Steps, after: Steps) -> Iterator[Difference]:
        was, now = self._old.at(before), self._new.at(after)
        if (form := _form_of(self._new, after, self._old, before)) is not None:
            # It was this form alone, such as an object that may be null now.
            yield from self.schemas(before, (*after, *form))
            for where, other in _other_forms(now, *form):
                says, at = f"may also be {show(other)}", self._new.pointer((*after, *where))
                yield Difference(before, now, form[0], at, says, ABSENT, other)
        elif (form := _form_of(self._old, before, self._new, after)) is not None:
            yield from self.schemas((*before, *form), after)
            for where, other in _other_forms(was, *form):
                says, at = f"is no longer {show(other)}", self._old.pointer((*before, *where))
                yield Difference((*before, *where), ABSENT, form[0], at, says, other)
        else:
            yield from self._name(before, after)
            if is_object(was) and is_object(now):
                for keyword in sorted({*was, *now}):
                    yield from self._keyword(keyword, before, after)
            elif was is not now:
                says = _turned("schema", was, now)
                yield Difference(before, now, "schema", self._new.pointer(after), says, was, now)

    def _name(self, before: Steps, after: Steps) -> Iterator[Difference]:
        was, now = class_name(self._old, before), class_name(self._new, after)
        if was != now and has_code(before) and makes_class(self._old, before):
            says = f"the generated class was called after {was}, is called after {now}"
            yield Difference(before, self._old.at(before), NAME, self._new.pointer(after), says, was, now)

    def _keyword(self, keyword: str, before: Steps, after: Steps) -> Iterator[Difference]:
        missing: Any = {} if keyword in BY_NAME else ABSENT
        was, now = self._old.at(before).get(keyword, missing), self._new.at(after).get(keyword, missing)
        if keyword in SINGLE and ABSENT not in (was, now):
            yield from self.schemas((*before, keyword), (*after, keyword))
        elif matches := _matches(keyword, was, now):
            for left, right in matches:
                if left is None or right is None:
                    yield self._lone_member(keyword, before, after, left, right)
                elif keyword not in _WORD_LISTS:
                    yield from self.schemas((*before, keyword, left), (*after, keyword, right))
        elif differ(was, now):
            where = self._old.pointer(before, keyword) if now is ABSENT else self._new.pointer(after, keyword)
            yield Difference((*before, keyword), now, keyword, where, _turned(keyword, was, now), was, now)

    def _lone_member(self, keyword: str, before: Steps, after: Steps, left: Any, right: Any) -> Difference:
        """What only one of two lists or mappings has, at the step `left` or `right`."""
        is_lost, is_named = right is None, keyword in BY_NAME
        schema, at, step = (self._old, before, left) if is_lost else (self._new, after, right)
        member, where = members(schema.at(at)[keyword])[step], schema.pointer(at, keyword, step)
        is_moved = is_lost and keyword == "properties" and step in fields(self._new.at(after))
        if is_named:
            says = f"`{step}` is " + ("described elsewhere" if is_moved else "gone" if is_lost else "new")
        else:
            says = f"`{keyword}` {'loses' if is_lost else 'gains'} {show(member)}"
        if is_lost:
            kind = "moved" if is_moved else keyword
            return Difference((*before, keyword, step), ABSENT, kind, where, says, member)
        steps = (*before, keyword, step if is_named else END_OF_LIST)
        return Difference(steps, member, keyword, where, says, ABSENT, member)


def _matches(keyword: str, was: Any, now: Any) -> list[tuple[Step, Step]]:
    """Which member of an old list or mapping is which of the new one, by their steps; None for no member."""
    if keyword in BY_NAME:
        return [(name if name in was else None, name if name in now else None) for name in sorted({*was, *now})]
    if keyword not in IN_LISTS | _WORD_LISTS or ABSENT in (was, now):
        return []
    left, right = list[Step](members(was)), list[Step](members(now))
    pairs: list[tuple[Step, Step]] = []
    for likeness in _LIKENESSES.get(keyword, (_meaning, _condition)):
        keys = {new: likeness(members(now)[new]) for new in right}
        for old in tuple(left):
            key = likeness(members(was)[old])
            if key and (new := next((one for one in right if keys[one] == key), None)) is not None:
                pairs.append((old, new))
                left.remove(old)
                right.remove(new)
    if keyword in IN_LISTS:
        return [*pairs, *zip_longest(left, right)]
    # Lists that have no word in common differ as a whole.
    return pairs and [*pairs, *((old, None) for old in left), *((None, new) for new in right)]


def _form_of(union: Schema, at: Steps, single: Schema, place: Steps) -> tuple[str, int] | None:
    """Which form of a union a schema that is none is, if it is one of them: the one of its name, or of its meaning."""
    forms, one = union.at(at), single.at(place)
    if not (is_object(forms) and is_object(one)) or _UNIONS & {*one}:
        return None
    told = [keyword for keyword in forms if not is_annotation(keyword)]
    if len(told) != 1 or told[0] not in _UNIONS:
        return None
    for index, form in enumerate(forms[told[0]]):
        name = union.names.get((*at, told[0], index))
        if name == single.names.get(place) if name else _meaning(form) == _meaning(one):
            return told[0], index
    return None


def _other_forms(union: Any, keyword: str, index: int) -> Iterator[tuple[Steps, Any]]:
    return (((keyword, place), form) for place, form in enumerate(union[keyword]) if place != index)


def _turned(keyword: str, was: Any, now: Any) -> str:
    if was is ABSENT:
        return f"`{keyword}` is new: {show(now)}"
    if now is ABSENT:
        return f"`{keyword}` is gone: {show(was)}"
    return f"`{keyword}` was {show(was)}, is {show(now)}"


def show(value: Any) -> str:
    """A value as short as it can be told; a condition by what it says of itself."""
    if is_object(value) and "$comment" in value:
        return f'"{value["$comment"]}"'
    words = text(value)
    return words if len(words) <= _LONGEST else f"{words[:_LONGEST]}…"


def _meaning(schema: Any) -> str:
    return text(without_annotations(schema))


def _condition(schema: Any) -> str:
    return _meaning(schema["if"]) if is_object(schema) and "if" in schema else ""


# How members of a list are found again: the same, or with the same condition; what is left is matched in turn.
_LIKENESSES: dict[str, tuple[Callable[[Any], str], ...]] = {**dict.fromkeys(_WORD_LISTS, (text,)), "prefixItems": ()}
