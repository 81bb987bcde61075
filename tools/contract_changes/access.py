"""How a service is reached, in two contracts: credentials and servers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from contract_changes.changes import Change, Weight
from contract_changes.documents import Document, Steps, pointer
from contract_changes.schemas import text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from contract_document import Json

Alternative: TypeAlias = dict[str, set[str]]
"""Credentials that suffice together: each scheme, by its meaning and not by its name, with the scopes that it needs."""


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
    declared: Json = document.follow(("components", "securitySchemes", scheme))[1]
    return text({key: value for key, value in declared.items() if key != "description" and not key.startswith("x-")})


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
