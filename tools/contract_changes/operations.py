"""Two contracts, operation by operation."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from contract_document import METHODS

from contract_changes import parts
from contract_changes.changes import Change, Weight
from contract_changes.documents import Document, Place, Steps, pointer
from contract_changes.generated_code import makes_class
from contract_changes.pairs import Pair
from contract_changes.schemas import differ, expand, text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from contract_document import Json

WHOLE = "the contract as a whole"
_UNDERSTOOD = {
    *("deprecated", "description", "externalDocs", "operationId", "parameters", "requestBody", "responses"),
    *("security", "servers", "summary", "tags"),
}


@dataclass(frozen=True)
class Operation:
    """One method on one path."""

    item: Place
    route: str
    method: str
    declared: Place

    @property
    def id(self) -> str:
        return str(self.declared.value.get("operationId", ""))

    @property
    def module(self) -> str:
        """Generated code is sorted into modules by the first tag."""
        return str(next(iter(self.declared.value.get("tags", ())), ""))

    def __str__(self) -> str:
        return f"{self.id} ({self.method.upper()} {self.route})"

    def setting(self, key: str) -> Steps | None:
        """Where a setting stands that the operation, its path or the contract has, the first of them to have it."""
        document = self.item.document
        owners = (self.declared.steps, self.item.steps, ())
        return next(((*owner, key) for owner in owners if key in document.value(owner)), None)


@dataclass(frozen=True)
class Subject:
    """An operation, or the contract as a whole, and what changed about it."""

    name: str
    changes: list[Change]


def operations(document: Document) -> list[Operation]:
    items = ((route, document.place("paths", route)) for route in document.tree["paths"] if not route.startswith("x-"))
    return [
        Operation(item, route, method, document.place(*item.steps, method))
        for route, item in items
        for method in METHODS
        if method in item.value
    ]


def compare(old: Document, new: Document) -> list[Subject]:
    """All operations of either document, and what changed; nothing for those that are as they were."""
    subjects: list[Subject] = []
    added = operations(new)
    for operation in operations(old):
        found = _successor(operation, added)
        if found is None:
            changes = [Change(Weight.BREAKING, operation.declared.pointer(), "is gone")]
        else:
            added.remove(found)
            changes = _without_repeats(_compare_operation(operation, found))
        subjects.append(Subject(str(operation), changes))
    subjects += [Subject(str(one), [Change(Weight.ADDITION, one.declared.pointer(), "is new")]) for one in added]
    whole = list(_compare_rest(old, new))
    if not whole and not any(subject.changes for subject in subjects) and differ(_unversioned(old), _unversioned(new)):
        whole = [Change(Weight.WORDING, "", "is written in another way, which has the same meaning")]
    return [*subjects, Subject(WHOLE, whole)]


def _unversioned(document: Document) -> Json:
    return {**document.tree, "info": {**document.tree["info"], "version": ""}}


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


def _compare_operation(was: Operation, now: Operation) -> Iterator[Change]:
    pair = Pair("operation", was.declared, now.declared)
    yield from _compare_identity(was, now)
    yield from pair.flag("deprecated", on=(Weight.ADDITION, "is deprecated"))
    old, new = was.item.document, now.item.document
    yield from parts.compare_security(old, new, was.setting("security"), now.setting("security"))
    yield from parts.compare_servers(old, new, was.setting("servers"), now.setting("servers"))
    yield from parts.compare_parameters(
        parts.parameters(was.item, was.declared), parts.parameters(now.item, now.declared)
    )
    yield from parts.compare_request_body(pair)
    yield from parts.compare_responses(pair)
    yield from pair.wording("summary", "description", "externalDocs")
    for key in sorted({*was.declared.value, *now.declared.value} - _UNDERSTOOD):
        # A key that no rule knows is taken to break something, so that a person looks at it.
        weight = Weight.WORDING if key.startswith("x-") else Weight.BREAKING
        yield from pair.any_of(weight, key)


def _compare_identity(was: Operation, now: Operation) -> Iterator[Change]:
    at = now.declared.pointer
    if was.id != now.id:
        says = f"operationId was {was.id}, is {now.id}; generated code has another name"
        yield Change(Weight.BREAKING, at("operationId"), says)
    if (was.method, was.route) != (now.method, now.route):
        same = was.method == now.method and _template(was.route) == _template(now.route)
        reason = "generated code has other arguments" if same else "calls of the old one reach nothing"
        yield Change(Weight.BREAKING, at(), f"is {now.method.upper()} {now.route} now; {reason}")
    if was.module != now.module:
        says = f"the first tag was {was.module!r}, is {now.module!r}; generated code is in another module"
        yield Change(Weight.BREAKING, at("tags"), says)


def _template(route: str) -> str:
    return re.sub(r"\{[^}]*\}", "{}", route)


def _compare_rest(old: Document, new: Document) -> Iterator[Change]:
    """What stands outside of all operations."""
    pair = Pair(WHOLE, old.place(), new.place())
    yield from pair.any_of(Weight.BREAKING, "jsonSchemaDialect", "webhooks")
    yield from pair.wording("openapi", "tags", "externalDocs")
    if differ(_unversioned(old)["info"], _unversioned(new)["info"]):
        yield pair.change("info", (Weight.WORDING, "`info` changed"))
    yield from _compare_classes(old, new)


def _compare_classes(old: Document, new: Document) -> Iterator[Change]:
    """Named schemas are classes of the generated code, which programs import."""
    schemas = new.components("schemas")
    alike = {text(schema): name for name, schema in schemas.items() if name not in old.components("schemas")}
    for name, schema in old.components("schemas").items():
        at = ("components", "schemas", name)
        if name not in schemas and makes_class(expand(old, at), ()):
            other = alike.get(text(schema))
            says = f"the generated class of `{name}` is gone" + (f"; `{other}` is what it was" if other else "")
            yield Change(Weight.BREAKING, pointer(at), says)
