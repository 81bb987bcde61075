"""How two schemas differ: a list of edits, each of which can be made to the older one by itself."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any, TypeAlias

from contract_changes.documents import is_list, is_object
from contract_changes.schemas import (
    ANNOTATIONS,
    BY_NAME,
    IN_LISTS,
    SINGLE,
    Schema,
    attributes,
    differ,
    essence,
    is_described,
    listed,
    makes_class,
    text,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from contract_changes.documents import Json, Path

Pairs: TypeAlias = "list[tuple[int, int]]"

# Lists whose members count one by one, in no order.
MEMBERS = {"enum", "required", "type"}
NAME = "(name)"
_UNIONS = {"anyOf", "oneOf"}
LONGEST = 80


class Absent(Enum):
    ABSENT = "absent"


ABSENT = Absent.ABSENT


@dataclass(frozen=True)
class Edit:
    """One difference."""

    path: Path
    """What is set in the older tree."""
    after: Any
    """To what; ABSENT takes it out."""
    keyword: str
    pointer: str
    """Where to look: in the newer document, or in the older one for what is gone."""
    says: str
    was: Any = ABSENT
    now: Any = ABSENT


def is_member(edit: Edit) -> bool:
    """Whether it is about one member of a list and not about the list."""
    return edit.keyword in MEMBERS and not (is_list(edit.was) or is_list(edit.now))


def applied(tree: Any, edit: Edit) -> Any:
    """A copy of the older tree with one edit made."""
    return _set(tree, edit.path, edit.after)


def _set(tree: Any, path: Path, after: Any) -> Any:
    if not path:
        return after
    step, rest = path[0], path[1:]
    if is_list(tree):
        return [_set(inner, rest, after) if place == step else inner for place, inner in enumerate(tree)]
    if not rest and after is ABSENT:
        return {key: value for key, value in tree.items() if key != step}
    return {**tree, step: _set(tree.get(step, {}), rest, after)}


def differences(old: Schema, new: Schema) -> list[Edit]:
    return list(_Walk(old, new).schema((), ()))


class _Walk:
    """Looks at two trees side by side, along a path in each: members of a list may have moved."""

    def __init__(self, old: Schema, new: Schema) -> None:
        self._old = old
        self._new = new

    def schema(self, before: Path, after: Path) -> Iterator[Edit]:
        was, now = self._old.at(before), self._new.at(after)
        if (union := _branch(self._new, after, self._old, before)) is not None:
            yield from self._gains_forms(before, after, *union)
            return
        if (union := _branch(self._old, before, self._new, after)) is not None:
            yield from self._loses_forms(before, after, *union)
            return
        yield from self._name(before, after)
        if not (is_object(was) and is_object(now)):
            if was is not now:
                yield Edit(before, now, "schema", self._new.pointer(after), _turned("schema", was, now), was, now)
            return
        for keyword in sorted({*was, *now}):
            yield from self._keyword(keyword, before, after)

    def _keyword(self, keyword: str, before: Path, after: Path) -> Iterator[Edit]:
        was, now = self._old.at(before).get(keyword, ABSENT), self._new.at(after).get(keyword, ABSENT)
        if keyword in BY_NAME:
            yield from self._by_name(keyword, before, after)
        elif ABSENT in (was, now):
            yield self._edit(keyword, before, after)
        elif keyword in IN_LISTS:
            yield from self._in_list(keyword, before, after)
        elif keyword in SINGLE:
            yield from self.schema((*before, keyword), (*after, keyword))
        elif keyword in MEMBERS and _shared(was, now):
            yield from self._members(keyword, before, after)
        elif differ(was, now):
            yield self._edit(keyword, before, after)

    def _gains_forms(self, before: Path, after: Path, keyword: str, branch: int) -> Iterator[Edit]:
        """It was this branch alone, such as an object that may be null now."""
        yield from self.schema(before, (*after, keyword, branch))
        whole = self._new.at(after)
        for place, other in enumerate(whole[keyword]):
            if place != branch:
                where = self._new.pointer((*after, keyword, place))
                yield Edit(before, whole, keyword, where, f"may also be {show(other)}", ABSENT, other)

    def _loses_forms(self, before: Path, after: Path, keyword: str, branch: int) -> Iterator[Edit]:
        """It is this branch alone now."""
        yield from self.schema((*before, keyword, branch), after)
        forms: list[Any] = self._old.at(before)[keyword]
        for place, other in enumerate(forms):
            if place != branch:
                left = [form for index, form in enumerate(forms) if index != place]
                where = self._old.pointer((*before, keyword, place))
                yield Edit((*before, keyword), left, keyword, where, f"is no longer {show(other)}", other)

    def _name(self, before: Path, after: Path) -> Iterator[Edit]:
        was, now = _title(self._old, before), _title(self._new, after)
        if was != now and is_described(before) and makes_class(self._old, before):
            says = f"the generated class was called after {was}, is called after {now}"
            yield Edit(before, self._old.at(before), NAME, self._new.pointer(after), says, was, now)

    def _edit(self, keyword: str, before: Path, after: Path) -> Edit:
        was = self._old.at(before).get(keyword, ABSENT)
        now = self._new.at(after).get(keyword, ABSENT)
        where = self._old.pointer(before, keyword) if now is ABSENT else self._new.pointer(after, keyword)
        return Edit((*before, keyword), now, keyword, where, _turned(keyword, was, now), was, now)

    def _by_name(self, keyword: str, before: Path, after: Path) -> Iterator[Edit]:
        value: Json = self._old.at(before).get(keyword, {})
        other: Json = self._new.at(after).get(keyword, {})
        for name in sorted({*value, *other}):
            path, where = (*before, keyword, name), (*after, keyword, name)
            if name in value and name in other:
                yield from self.schema(path, where)
            elif name in other:
                yield Edit(path, other[name], keyword, self._new.pointer(where), f"`{name}` is new", ABSENT, name)
            elif name not in attributes(self._new.at(after)):
                yield Edit(path, ABSENT, keyword, self._old.pointer(path), f"`{name}` is gone", name)
            else:
                yield Edit(path, ABSENT, "moved", self._old.pointer(path), f"`{name}` is described elsewhere", name)

    def _members(self, keyword: str, before: Path, after: Path) -> Iterator[Edit]:
        value, other = listed(self._old.at(before)[keyword]), listed(self._new.at(after)[keyword])
        path = (*before, keyword)
        for member in _without(value, other):
            left, where = _without(value, [member]), self._old.pointer(before, keyword)
            yield Edit(path, left, keyword, where, f"`{keyword}` loses {show(member)}", member)
        for member in _without(other, value):
            where = self._new.pointer(after, keyword)
            yield Edit(path, [*value, member], keyword, where, f"`{keyword}` gains {show(member)}", ABSENT, member)

    def _in_list(self, keyword: str, before: Path, after: Path) -> Iterator[Edit]:
        value: list[Any] = self._old.at(before)[keyword]
        other: list[Any] = self._new.at(after)[keyword]
        pairs = _pairs(value, other, ordered=keyword == "prefixItems")
        path = (*before, keyword)
        for was, now in pairs:
            yield from self.schema((*path, was), (*after, keyword, now))
        for place in sorted({*range(len(value))} - {was for was, _ in pairs}):
            left = [one for index, one in enumerate(value) if index != place]
            where, says = self._old.pointer((*path, place)), f"one of `{keyword}` is gone: {show(value[place])}"
            yield Edit(path, left or ABSENT, keyword, where, says, value[place])
        for place in sorted({*range(len(other))} - {now for _, now in pairs}):
            where = self._new.pointer((*after, keyword, place))
            says = f"one of `{keyword}` is new: {show(other[place])}"
            yield Edit(path, [*value, other[place]], keyword, where, says, ABSENT, other[place])


def _branch(union: Schema, at: Path, single: Schema, place: Path) -> tuple[str, int] | None:
    """Which form of a union a schema that is none is, if it is one of them: the one of its name, or of its meaning."""
    forms, one = union.at(at), single.at(place)
    if not (is_object(forms) and is_object(one)) or _UNIONS & {*one}:
        return None
    keywords = {*forms} - ANNOTATIONS
    if len(keywords) != 1 or not keywords <= _UNIONS:
        return None
    keyword = keywords.pop()
    for index, form in enumerate(forms[keyword]):
        name = union.names.get((*at, keyword, index))
        if name == single.names.get(place) if name else _meaning(form) == _meaning(one):
            return keyword, index
    return None


def _title(schema: Schema, path: Path) -> str:
    """What a class is called after: its title, or else the name of its schema, or else its place."""
    tree = schema.at(path)
    title = tree.get("title") if is_object(tree) else None
    return str(title or schema.names.get(path) or f"its place, {path[-1] if path else 'the whole'}")


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
    return words if len(words) <= LONGEST else f"{words[:LONGEST]}…"


def _without(value: list[Any], other: list[Any]) -> list[Any]:
    known = {text(one) for one in other}
    return [one for one in value if text(one) not in known]


def _shared(value: Any, other: Any) -> bool:
    return len(_without(listed(value), listed(other))) < len(listed(value))


def _pairs(value: list[Any], other: list[Any], *, ordered: bool) -> Pairs:
    """Which of the old schemas is which of the new ones: the same, or under the same condition, or next in turn."""
    if ordered:
        return [(place, place) for place in range(min(len(value), len(other)))]
    left, right = list(range(len(value))), list(range(len(other)))
    pairs: Pairs = []
    for likeness in (_meaning, _condition):
        for was in tuple(left):
            alike = [now for now in right if likeness(value[was]) and likeness(value[was]) == likeness(other[now])]
            if alike:
                pairs.append((was, alike[0]))
                left.remove(was)
                right.remove(alike[0])
    return sorted([*pairs, *zip(left, right, strict=False)])


def _meaning(schema: Any) -> str:
    return text(essence(schema))


def _condition(schema: Any) -> str:
    return text(essence(schema["if"])) if is_object(schema) and "if" in schema else ""
