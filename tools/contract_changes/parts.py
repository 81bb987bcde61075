"""The parts of an operation, each compared by rules: parameters, request body, responses, credentials, servers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from contract_changes.changes import Change, Weight
from contract_changes.containment import Side
from contract_changes.documents import Document, Place, Steps, pointer
from contract_changes.pairs import Effect, Pair, Places, compare_members
from contract_changes.schemas import differ, text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from contract_document import Json

Alternative: TypeAlias = dict[str, set[str]]
"""Credentials that suffice together: each scheme, by its meaning and not by its name, with the scopes that it needs."""

_REWRITTEN = (Weight.BREAKING, "it is written in another way")
_REQUIRED = (Weight.BREAKING, "becomes required; requests without it are refused")
_NOT_REQUIRED = (Weight.ADDITION, "is no longer required")
_REMOVED_INPUT = (Weight.BREAKING, "is gone; requests with it may be refused")


def _added_input(place: Place) -> Effect:
    if place.value.get("required", False):
        return Weight.BREAKING, "is new and required; requests without it are refused"
    return Weight.ADDITION, "is new and may be left out"


# --- Parameters ---


def compare_parameters(old: Places, new: Places) -> Iterator[Change]:
    return compare_members(old, new, removed=_REMOVED_INPUT, added=_added_input, compare=_compare_parameter)


def parameters(*owners: Place) -> dict[str, Place]:
    """By title; one of a later owner takes the place of the same one of an earlier owner."""
    found: dict[str, Place] = {}
    for place in (place for owner in owners for place in owner.listed("parameters")):
        name, where = str(place.value["name"]), str(place.value["in"])
        found[f"{where} parameter `{name.lower() if where == 'header' else name}`"] = place
    return found


def _compare_parameter(pair: Pair) -> Iterator[Change]:
    yield from pair.flag("required", on=_REQUIRED, off=_NOT_REQUIRED)
    yield from pair.flag("deprecated", on=(Weight.ADDITION, "is deprecated"))
    was, now = _serialization(pair.old.value), _serialization(pair.new.value)
    yield from (pair.change(key, _REWRITTEN) for key in was if differ(was[key], now[key]))
    yield from pair.wording("description", "example", "examples")
    yield from pair.schema(Side.REQUEST)
    yield from _compare_content(pair, Side.REQUEST, removed=_REWRITTEN, added=_REWRITTEN)


def _serialization(parameter: Json) -> Json:
    """How a value is written down, with the defaults that OpenAPI gives."""
    style = parameter.get("style", "simple" if parameter["in"] in {"path", "header"} else "form")
    return {
        "style": style,
        "explode": parameter.get("explode", style == "form"),
        "allowReserved": parameter.get("allowReserved", False),
        "allowEmptyValue": parameter.get("allowEmptyValue", False),
    }


# --- Bodies ---


def compare_request_body(operation: Pair) -> Iterator[Change]:
    old, new = (
        {"request body": side.document.place(*side.steps, "requestBody")} if "requestBody" in side.value else {}
        for side in (operation.old, operation.new)
    )
    return compare_members(old, new, removed=_REMOVED_INPUT, added=_added_input, compare=_compare_body)


def _compare_body(pair: Pair) -> Iterator[Change]:
    yield from pair.flag("required", on=_REQUIRED, off=_NOT_REQUIRED)
    yield from pair.wording("description")
    refused, accepted = (Weight.BREAKING, "is accepted no more"), (Weight.ADDITION, "is accepted as well")
    yield from _compare_content(pair, Side.REQUEST, removed=refused, added=accepted)


def _compare_content(pair: Pair, side: Side, *, removed: Effect, added: Effect) -> Iterator[Change]:
    """The media types of a body, a parameter or a response."""

    def compare(media: Pair) -> Iterator[Change]:
        yield from media.schema(side)
        yield from media.wording("example", "examples")
        fields = (_titled(f"{media.title}, `{{}}`", one.members("encoding")) for one in (media.old, media.new))
        other = (Weight.BREAKING, "it is encoded in another way")
        yield from compare_members(*fields, removed=other, added=other, compare=_compare_encoding)

    old, new = (_titled(pair.title + " as {}", one.members("content")) for one in (pair.old, pair.new))
    return compare_members(old, new, removed=removed, added=added, compare=compare)


def _compare_encoding(field: Pair) -> Iterator[Change]:
    was, now = map(_media_types, field.values("contentType", ""))
    if was != now:
        wider = was and was < now
        effect = (Weight.ADDITION, "more media types are accepted"), (Weight.BREAKING, "other media types are accepted")
        yield field.change("contentType", effect[0 if wider else 1])
    rest = sorted({*field.old.value, *field.new.value} - {"contentType"})
    yield from field.any_of(Weight.BREAKING, *rest, reason="it is encoded in another way")


def _media_types(listed: str) -> set[str]:
    return {one.strip().lower() for one in listed.split(",") if one}


def _titled(template: str, members: Places) -> dict[str, Place]:
    return {template.replace("{}", name): place for name, place in members.items()}


# --- Responses ---


def compare_responses(operation: Pair) -> Iterator[Change]:
    old, new = (_titled("answer {}", one.members("responses")) for one in (operation.old, operation.new))
    removed = (Weight.BREAKING, "is gone; callers wait for it in vain")
    return compare_members(old, new, removed=removed, added=_added_response, compare=_compare_response)


def _added_response(place: Place) -> Effect:
    if str(place.mention[-1]).startswith(("4", "5", "default")):
        return Weight.ADDITION, "is a new failure, which callers must expect anyway"
    return Weight.BREAKING, "is a new success, which callers do not know as one"


def _compare_response(pair: Pair) -> Iterator[Change]:
    yield from pair.wording("description", "summary", "links")
    old, new = (
        {f"{pair.title}, header {name.lower()}": header for name, header in one.members("headers").items()}
        for one in (pair.old, pair.new)
    )
    lost = (Weight.BREAKING, "is gone; callers that read it find nothing")
    yield from compare_members(old, new, removed=lost, added=(Weight.ADDITION, "is new"), compare=_compare_header)
    removed = (Weight.BREAKING, "does not come any more; callers that read it can't read the answer")
    added = (Weight.BREAKING, "may come, which callers that take any answer can't read")
    if not pair.old.value.get("content"):
        added = (Weight.ADDITION, "is a body where there was none")
    yield from _compare_content(pair, Side.RESPONSE, removed=removed, added=added)


def _compare_header(pair: Pair) -> Iterator[Change]:
    missing, certain = (Weight.BREAKING, "need not come any more"), (Weight.ADDITION, "comes always")
    yield from pair.flag("required", on=certain, off=missing)
    yield from pair.any_of(Weight.BREAKING, "explode", "content", reason="it is written in another way")
    yield from pair.wording("description", "example", "examples")
    yield from pair.schema(Side.RESPONSE)


# --- Credentials ---


def compare_security(old: Document, new: Document, before: Steps | None, after: Steps | None) -> Iterator[Change]:
    """Two lists of alternatives, which stand at two places; without a list nothing is needed."""
    known, offered = _alternatives(old, before), _alternatives(new, after)
    at = pointer(after or ("security",))
    for title, alternative in known.items():
        if not any(_suffices(alternative, other) for other in offered.values()):
            says = f"credentials: {title} no longer suffices as it was"
            yield Change(Weight.BREAKING, _changed_scheme(old, new, title) or at, says)
    for title, alternative in offered.items():
        if not any(_suffices(alternative, other) for other in known.values()):
            yield Change(Weight.ADDITION, at, f"credentials: {title} suffices now")


def _alternatives(document: Document, at: Steps | None) -> dict[str, Alternative]:
    listed: list[dict[str, list[str]]] = document.value(at) if at else []
    # No alternative at all is the same as the empty one: nothing is asked for.
    return {
        " with ".join(alternative) or "nothing": {
            _meaning(document, name): set(scopes) for name, scopes in alternative.items()
        }
        for alternative in listed or [{}]
    }


def _suffices(brought: Alternative, wanted: Alternative) -> bool:
    return all(scheme in brought and scopes <= brought[scheme] for scheme, scopes in wanted.items())


def _changed_scheme(old: Document, new: Document, title: str) -> str | None:
    """The first of an alternative's schemes that has another meaning now."""
    schemes = (name for name in title.split(" with ") if name in new.components("securitySchemes"))
    changed = (name for name in schemes if name != "nothing" and _meaning(old, name) != _meaning(new, name))
    return next((pointer(("components", "securitySchemes", name)) for name in changed), None)


def _meaning(document: Document, scheme: str) -> str:
    declared: Json = document.place("components", "securitySchemes", scheme).value
    return text({key: value for key, value in declared.items() if key != "description" and not key.startswith("x-")})


# --- Servers ---


def compare_servers(old: Document, new: Document, before: Steps | None, after: Steps | None) -> Iterator[Change]:
    """Two lists of servers, which stand at two places; without a list the server is the one of the contract."""
    was, now = _servers(old, before), _servers(new, after)
    at = pointer(after or ("servers",))
    for url, variables in was.items():
        if now.get(url) != variables:
            yield Change(Weight.BREAKING, at, f"server {url}: is gone, or its variables have another meaning")
    for url in now:
        if url not in was:
            yield Change(Weight.ADDITION, at, f"server {url}: is new")
    (first, *_), (first_now, *_) = was, now
    if first in now and first != first_now:
        yield Change(Weight.BREAKING, at, f"server {first_now}: is the first one now, which callers use by default")


def _servers(document: Document, at: Steps | None) -> dict[str, str]:
    listed: Any = (document.value(at) if at else []) or [{"url": "/"}]
    return {server["url"]: text(server.get("variables", {})) for server in listed}
