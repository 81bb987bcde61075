"""Parameters in the path, the query, headers and cookies."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from contract_changes.changes import Change, Weight
from contract_changes.containment import Side
from contract_changes.documents import Document, Json, Path, pointer
from contract_changes.schemas import differ, text
from contract_changes.twins import Twin

if TYPE_CHECKING:
    from collections.abc import Iterator

Key: TypeAlias = tuple[str, str]
"""Where a parameter stands and how it is called; headers are called the same in capitals."""


def parameters(document: Document, *lists: Path) -> dict[Key, Path]:
    """The parameters in some lists; a later one of the same key takes the place of an earlier one."""
    found: dict[Key, Path] = {}
    for at in lists:
        for index in range(len(document.raw(at))):
            place = document.place(*at, index)
            name, where = str(place.value["name"]), str(place.value["in"])
            found[where, name.lower() if where == "header" else name] = place.path
    return found


def compare(old: Document, new: Document, before: dict[Key, Path], after: dict[Key, Path]) -> Iterator[Change]:
    for key, path in before.items():
        if key not in after:
            yield Change(Weight.BREAKING, pointer(path), f"{_name(key)}: is gone{_elsewhere(key, after)}")
        else:
            yield from _one(_name(key), key[0], Twin(old, new, path, after[key]))
    for key, path in after.items():
        if key not in before:
            if _required(new.raw(path)):
                says = f"{_name(key)}: is new and required; requests without it are refused"
                yield Change(Weight.BREAKING, pointer(path), says)
            else:
                yield Change(Weight.ADDITION, pointer(path), f"{_name(key)}: is new")


def _one(name: str, where: str, twin: Twin) -> Iterator[Change]:
    was, now = _required(twin.was), _required(twin.now)
    if now and not was:
        says = f"{name}: becomes required; requests without it are refused"
        yield Change(Weight.BREAKING, twin.at("required"), says)
    if was and not now:
        yield Change(Weight.ADDITION, twin.gone("required"), f"{name}: is no longer required")
    before, after = _manner(twin.was, where), _manner(twin.now, where)
    for key, value in before.items():
        if differ(value, after[key]):
            says = f"{name}: `{key}` was {text(value)}, is {text(after[key])}; it is written in another way"
            yield Change(Weight.BREAKING, twin.at(key) if key in twin.now else twin.gone(key), says)
    if twin.now.get("deprecated") and not twin.was.get("deprecated"):
        yield Change(Weight.ADDITION, twin.at("deprecated"), f"{name}: is deprecated")
    yield from twin.wording(name, "description", "example", "examples")
    shared = twin.names("content")[1]
    for media in [twin.inside("content", one) for one in shared] or [twin]:
        yield from media.schema(Side.REQUEST, name)


def _required(parameter: Json) -> bool:
    return bool(parameter.get("required", False))


def _manner(parameter: Json, where: str) -> Json:
    """How a value is written down, with the defaults that OpenAPI gives."""
    style = parameter.get("style", "simple" if where in {"path", "header"} else "form")
    manner: dict[str, Any] = {
        "style": style,
        "explode": parameter.get("explode", style == "form"),
        "allowReserved": parameter.get("allowReserved", False),
        "allowEmptyValue": parameter.get("allowEmptyValue", False),
        "content": sorted(parameter.get("content", {})),
    }
    return manner


def _name(key: Key) -> str:
    return f"{key[0]} parameter `{key[1]}`"


def _elsewhere(key: Key, others: dict[Key, Path]) -> str:
    places = [where for where, name in others if name.lower() == key[1].lower()]
    return f", and stands in the {places[0]} now" if places else "; requests with it may be refused"
