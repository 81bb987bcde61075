"""Two contracts, operation by operation."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import contract_document
from contract_document import Operation, schema_names, steps

from contract_changes.access import compare_security, compare_servers
from contract_changes.changes import Change, Weight
from contract_changes.documents import Document, Steps, pointer
from contract_changes.generated_code import makes_class
from contract_changes.parts import Part, compare_parts, parts_of
from contract_changes.schemas import differ, expand, text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from contract_document import Json

WHOLE = "the contract as a whole"


@dataclass(frozen=True)
class Subject:
    """An operation, or the contract as a whole, and what changed about it."""

    name: str
    changes: list[Change]


def compare(old: Document, new: Document) -> list[Subject]:
    """All operations of either document, and what changed; nothing for those that are as they were."""
    subjects: list[Subject] = []
    added = list(contract_document.operations(new.tree))
    for operation in contract_document.operations(old.tree):
        found = _successor(operation, added)
        if found is None:
            changes = [Change(Weight.BREAKING, operation.pointer, "is gone")]
        else:
            added.remove(found)
            changes = _without_repeats(_compare_operation(old, operation, new, found))
        subjects.append(Subject(_name(operation), changes))
    subjects += [Subject(_name(one), [Change(Weight.ADDITION, one.pointer, "is new")]) for one in added]
    whole = [*compare_parts(_whole(old), _whole(new)), *_compare_classes(old, new)]
    if not whole and not any(subject.changes for subject in subjects) and differ(_unversioned(old), _unversioned(new)):
        whole = [Change(Weight.WORDING, "", "is written in another way, which has the same meaning")]
    return [*subjects, Subject(WHOLE, whole)]


def _name(operation: Operation) -> str:
    return f"{operation.id} ({operation.method} {operation.path})"


def _unversioned(document: Document) -> Json:
    return {**document.tree, "info": {**document.tree["info"], "version": ""}}


def _whole(document: Document) -> dict[str, Part]:
    return {WHOLE: Part("contract", document, (), (), _unversioned(document))}


def _successor(operation: Operation, others: list[Operation]) -> Operation | None:
    """The operation of the same id, else the one that is called in the same way."""
    by_id = (other for other in others if operation.id and other.id == operation.id)
    by_call = (other for other in others if (other.method, other.path) == (operation.method, operation.path))
    return next(by_id, None) or next(by_call, None)


def _without_repeats(changes: Iterator[Change]) -> list[Change]:
    """One line a place: answers of several status codes often have one schema."""
    seen: dict[tuple[Weight, str], Change] = {}
    for change in changes:
        seen.setdefault((change.weight, change.pointer), change)
    return list(seen.values())


def _compare_operation(old: Document, was: Operation, new: Document, now: Operation) -> Iterator[Change]:
    yield from _compare_identity(was, now)
    yield from compare_security(old, new, _setting(old, was, "security"), _setting(new, now, "security"))
    yield from compare_servers(old, new, _setting(old, was, "servers"), _setting(new, now, "servers"))
    yield from compare_parts(parts_of(old, was), parts_of(new, now))


def _setting(document: Document, operation: Operation, key: str) -> Steps | None:
    """Where a setting stands that the operation, its path or the contract has, the first of them to have it."""
    here = steps(operation.pointer)
    return next(((*owner, key) for owner in (here, here[:-1], ()) if key in document.value(owner)), None)


def _compare_identity(was: Operation, now: Operation) -> Iterator[Change]:
    if was.id != now.id:
        says = f"operationId was {was.id}, is {now.id}; generated code has another name"
        yield Change(Weight.BREAKING, f"{now.pointer}/operationId", says)
    if (was.method, was.path) != (now.method, now.path):
        same = was.method == now.method and _template(was.path) == _template(now.path)
        reason = "generated code has other arguments" if same else "calls of the old one reach nothing"
        yield Change(Weight.BREAKING, now.pointer, f"is {now.method} {now.path} now; {reason}")
    # Generated code is sorted into modules by the first tag.
    module, module_now = (next(iter(one.definition.get("tags", ())), "") for one in (was, now))
    if module != module_now:
        says = f"the first tag was {module!r}, is {module_now!r}; generated code is in another module"
        yield Change(Weight.BREAKING, f"{now.pointer}/tags", says)


def _template(route: str) -> str:
    return re.sub(r"\{[^}]*\}", "{}", route)


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
    sent, received = _schemas_by_use(old)
    sent_now, received_now = _schemas_by_use(new)
    for name in sorted(received & received_now & (sent ^ sent_now)):
        absent = "`UNSET`, as in requests" if name in sent_now else "`None`, as in answers"
        says = f"a field that is left out of `{name}` is {absent}, in generated code now"
        yield Change(Weight.BREAKING, pointer(("components", "schemas", name)), says)


def _schemas_by_use(document: Document) -> tuple[set[str], set[str]]:
    """The named schemas that are in requests, and those that are in answers."""
    sent: list[Json] = []
    received: list[Json] = []
    for one in contract_document.operations(document.tree):
        shared = document.tree["paths"][one.path].get("parameters")
        sent += [shared, one.definition.get("parameters"), one.definition.get("requestBody")]
        received.append(one.definition.get("responses"))
    return schema_names(document.tree, sent), schema_names(document.tree, received)
