"""Two contracts, operation by operation."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from contract_changes import access, answers, bodies, parameters
from contract_changes.changes import Change, Weight
from contract_changes.documents import Document, Json, Path, pointer
from contract_changes.schemas import differ, expand, makes_class, text
from contract_changes.twins import Twin

if TYPE_CHECKING:
    from collections.abc import Iterator

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
WHOLE = "the contract as a whole"
_UNDERSTOOD = {
    *("callbacks", "deprecated", "description", "externalDocs", "operationId", "parameters", "requestBody"),
    *("responses", "security", "servers", "summary", "tags"),
}


@dataclass(frozen=True)
class Operation:
    """One method on one path."""

    document: Document
    item: Path
    """The path item, references followed."""
    route: str
    method: str

    @property
    def at(self) -> Path:
        return (*self.item, self.method)

    @property
    def declared(self) -> Json:
        found: Json = self.document.raw(self.at)
        return found

    @property
    def id(self) -> str:
        return str(self.declared.get("operationId", ""))

    @property
    def module(self) -> str:
        """Generated code is sorted into modules by the first tag."""
        return str(next(iter(self.declared.get("tags", ())), ""))

    def __str__(self) -> str:
        return f"{self.id} ({self.method.upper()} {self.route})"

    def parameters(self) -> dict[parameters.Key, Path]:
        lists = [(*owner, "parameters") for owner in (self.item, self.at)]
        return parameters.parameters(self.document, *(at for at in lists if at[-1] in self.document.raw(at[:-1])))

    def setting(self, key: str) -> Path | None:
        return access.effective(self.document, key, self.at, self.item, ())


@dataclass(frozen=True)
class Subject:
    """An operation, or the contract as a whole, and what changed about it."""

    name: str
    changes: list[Change]


def operations(document: Document) -> list[Operation]:
    return [
        Operation(document, document.place("paths", route).path, route, method)
        for route in document.tree["paths"]
        if not route.startswith("x-")
        for method in METHODS
        if method in document.place("paths", route).value
    ]


def compare(old: Document, new: Document) -> list[Subject]:
    """All operations of either document, and what changed; nothing for those that are as they were."""
    subjects: list[Subject] = []
    left = operations(new)
    for operation in operations(old):
        found = _successor(operation, left)
        if found is None:
            gone = Change(Weight.BREAKING, pointer(operation.at), "is gone")
            subjects.append(Subject(str(operation), [gone]))
        else:
            left.remove(found)
            subjects.append(Subject(str(operation), _without_repeats(_changes(operation, found))))
    added = [Subject(str(one), [Change(Weight.ADDITION, pointer(one.at), "is new")]) for one in left]
    whole = list(_whole(old, new))
    if not any([*added, *whole, *(subject.changes for subject in subjects)]) and _reads_otherwise(old, new):
        whole = [Change(Weight.WORDING, "", "is written in another way, which means the same")]
    return [*subjects, *added, Subject(WHOLE, whole)]


def _reads_otherwise(old: Document, new: Document) -> bool:
    return differ({**old.tree, "info": _about(old)}, {**new.tree, "info": _about(new)})


def _about(document: Document) -> Json:
    """What the contract says of itself but for the version."""
    return {key: value for key, value in document.tree["info"].items() if key != "version"}


def _successor(operation: Operation, others: list[Operation]) -> Operation | None:
    """The operation of the same id, else the one that is called in the same way."""
    by_id = (other for other in others if operation.id and other.id == operation.id)
    by_call = (other for other in others if (other.method, other.route) == (operation.method, operation.route))
    return next(by_id, None) or next(by_call, None)


def _without_repeats(changes: Iterator[Change]) -> list[Change]:
    """One line a place: answers of several status codes often have one schema."""
    seen: dict[tuple[Weight, str], Change] = {}
    for change in changes:
        seen.setdefault((change.weight, change.pointer), change)
    return list(seen.values())


def _changes(was: Operation, now: Operation) -> Iterator[Change]:
    twin = Twin(was.document, now.document, was.at, now.at)
    yield from _identity(was, now)
    yield from access.compare_security(twin.old, twin.new, was.setting("security"), now.setting("security"))
    yield from access.compare_servers(twin.old, twin.new, was.setting("servers"), now.setting("servers"))
    yield from parameters.compare(twin.old, twin.new, was.parameters(), now.parameters())
    yield from bodies.compare(twin)
    yield from answers.compare(twin)
    yield from twin.wording("operation", "summary", "description", "externalDocs")
    yield from _others(twin)


def _identity(was: Operation, now: Operation) -> Iterator[Change]:
    if was.id != now.id:
        says = f"operationId was {was.id}, is {now.id}; generated code has another name"
        yield Change(Weight.BREAKING, pointer((*now.at, "operationId")), says)
    if (was.method, was.route) != (now.method, now.route):
        same = was.method == now.method and _template(was.route) == _template(now.route)
        reason = "generated code has other arguments" if same else "calls of the old one reach nothing"
        says = f"is {now.method.upper()} {now.route} now; {reason}"
        yield Change(Weight.BREAKING, pointer(now.at), says)
    if was.module != now.module:
        says = f"the first tag was {was.module!r}, is {now.module!r}; generated code is in another module"
        yield Change(Weight.BREAKING, pointer((*now.at, "tags")), says)
    if now.declared.get("deprecated") and not was.declared.get("deprecated"):
        yield Change(Weight.ADDITION, pointer((*now.at, "deprecated")), "is deprecated")


def _template(route: str) -> str:
    return re.sub(r"\{[^}]*\}", "{}", route)


def _others(twin: Twin) -> Iterator[Change]:
    """What is not understood here is taken to break something: somebody must look at it."""
    for key in sorted({*twin.was, *twin.now} - _UNDERSTOOD | {"callbacks"}):
        was, now = twin.setting(key)
        if differ(was, now):
            weight = Weight.WORDING if key.startswith("x-") else Weight.BREAKING
            yield Change(weight, twin.at(key) if key in twin.now else twin.gone(key), f"`{key}` changed")


def _whole(old: Document, new: Document) -> Iterator[Change]:
    twin = Twin(old, new, (), ())
    for key in ("jsonSchemaDialect", "webhooks"):
        was, now = twin.setting(key)
        if differ(was, now):
            yield Change(Weight.BREAKING, pointer((key,)), f"`{key}` changed")
    yield from twin.wording(WHOLE, "openapi", "tags", "externalDocs")
    if differ(_about(old), _about(new)):
        yield Change(Weight.WORDING, pointer(("info",)), f"{WHOLE}: `info`")
    yield from _classes(old, new)


def _classes(old: Document, new: Document) -> Iterator[Change]:
    """Named schemas are classes of the generated code, which people import."""
    alike = {text(new.raw(("components", "schemas", name))): name for name in new.schemas if name not in old.schemas}
    for name in old.schemas:
        at = ("components", "schemas", name)
        if name not in new.schemas and makes_class(expand(old, at), ()):
            other = alike.get(text(old.raw(at)))
            says = f"the generated class of `{name}` is gone" + (f"; `{other}` is what it was" if other else "")
            yield Change(Weight.BREAKING, pointer(at), says)
