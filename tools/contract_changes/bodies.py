"""Request bodies: whether one is needed, in which media types, and how its fields are encoded."""

from __future__ import annotations

from typing import TYPE_CHECKING

from contract_changes.changes import Change, Weight
from contract_changes.containment import Side
from contract_changes.schemas import text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from contract_changes.twins import Twin

BODY = "requestBody"


def compare(operation: Twin) -> Iterator[Change]:
    was, now = operation.setting(BODY)
    if was is None and now is None:
        return
    if now is None:
        says = "request body: is gone; what is sent in it may be refused"
        yield Change(Weight.BREAKING, operation.gone(BODY), says)
    elif was is None:
        required = operation.new.place(*operation.after, BODY).value.get("required", False)
        weight, says = (Weight.BREAKING, "and required") if required else (Weight.ADDITION, "and may be left out")
        yield Change(weight, operation.at(BODY), f"request body: is new {says}")
    else:
        yield from _both(operation.inside(BODY))


def _both(body: Twin) -> Iterator[Change]:
    was, now = body.setting("required", default=False)
    if now and not was:
        says = "request body: becomes required; requests without it are refused"
        yield Change(Weight.BREAKING, body.at("required"), says)
    if was and not now:
        yield Change(Weight.ADDITION, body.at(), "request body: is no longer required")
    yield from body.wording("request body", "description")
    gone, kept, added = body.names("content")
    for media in gone:
        yield Change(Weight.BREAKING, body.gone("content", media), f"request body: {media} is taken no more")
    for media in added:
        yield Change(Weight.ADDITION, body.at("content", media), f"request body: may also be {media}")
    for media in kept:
        where = f"request body as {media}" if len(kept) > 1 else "request body"
        twin = body.inside("content", media)
        yield from twin.schema(Side.REQUEST, where)
        yield from twin.wording(where, "example", "examples")
        yield from _encoding(where, twin)


def _encoding(where: str, media: Twin) -> Iterator[Change]:
    was, now = media.setting("encoding", default={})
    for field in sorted({*was, *now}):
        before, after = was.get(field, {}), now.get(field, {})
        at = media.at("encoding", field) if field in now else media.gone("encoding", field)
        types, others = _types(before), _types(after)
        if types != others:
            wider = types is not None and others is not None and types < others
            weight, says = (Weight.ADDITION, "more") if wider else (Weight.BREAKING, "other")
            yield Change(weight, at, f"{where}, `{field}`: {says} media types are taken")
        if _rest(before) != _rest(after):
            yield Change(Weight.BREAKING, at, f"{where}, `{field}`: it is encoded in another way")


def _types(encoding: dict[str, str]) -> set[str] | None:
    named = encoding.get("contentType")
    return None if named is None else {one.strip().lower() for one in named.split(",")}


def _rest(encoding: dict[str, str]) -> str:
    return text({key: value for key, value in encoding.items() if key != "contentType"})
