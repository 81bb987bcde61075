"""Responses: which status codes, in which media types, with which headers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from contract_changes.changes import Change, Weight
from contract_changes.containment import Side
from contract_changes.schemas import differ

if TYPE_CHECKING:
    from collections.abc import Iterator

    from contract_changes.twins import Twin

_FAILURES = ("4", "5", "default")


def compare(operation: Twin) -> Iterator[Change]:
    gone, kept, added = operation.names("responses")
    for status in gone:
        says = f"answer {status}: is gone; whoever waits for it waits in vain"
        yield Change(Weight.BREAKING, operation.gone("responses", status), says)
    for status in added:
        at = operation.at("responses", status)
        if status.lower().startswith(_FAILURES):
            yield Change(Weight.ADDITION, at, f"answer {status}: is a new failure, which callers must expect anyway")
        else:
            says = f"answer {status}: is a new success, which callers do not know as one"
            yield Change(Weight.BREAKING, at, says)
    for status in kept:
        yield from _one(f"answer {status}", operation.inside("responses", status))


def _one(where: str, answer: Twin) -> Iterator[Change]:
    yield from answer.wording(where, "description", "summary", "links")
    yield from _headers(where, answer)
    gone, kept, added = answer.names("content")
    for media in gone:
        says = f"{where}: is {media} no more; whoever reads that can't read the answer"
        yield Change(Weight.BREAKING, answer.gone("content", media), says)
    for media in added:
        if answer.was.get("content"):
            says = f"{where}: may be {media}, which callers that take anything can't read"
            yield Change(Weight.BREAKING, answer.at("content", media), says)
        else:
            yield Change(Weight.ADDITION, answer.at("content", media), f"{where}: has a body now, {media}")
    for media in kept:
        twin = answer.inside("content", media)
        yield from twin.schema(Side.RESPONSE, where)
        yield from twin.wording(where, "example", "examples")


def _headers(where: str, answer: Twin) -> Iterator[Change]:
    was, now = ({name.lower(): name for name in one} for one in answer.setting("headers", default={}))
    for key, name in was.items():
        if key not in now:
            says = f"{where}: the header {name} is gone; whoever reads it finds nothing"
            yield Change(Weight.BREAKING, answer.gone("headers", name), says)
        else:
            yield from _header(f"{where}, header {name}", answer.across(("headers", name), ("headers", now[key])))
    for key, name in now.items():
        if key not in was:
            yield Change(Weight.ADDITION, answer.at("headers", name), f"{where}: the header {name} is new")


def _header(where: str, header: Twin) -> Iterator[Change]:
    was, now = header.setting("required", default=False)
    if was and not now:
        yield Change(Weight.BREAKING, header.at(), f"{where}: need not come any more")
    if now and not was:
        yield Change(Weight.ADDITION, header.at("required"), f"{where}: comes always")
    for key in ("explode", "content"):
        before, after = header.setting(key)
        if differ(before, after):
            yield Change(Weight.BREAKING, header.at(), f"{where}: `{key}` changed; it is written in another way")
    yield from header.wording(where, "description", "example", "examples")
    yield from header.schema(Side.RESPONSE, where)
