"""Who may call an operation, and where."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from contract_changes.changes import Change, Weight
from contract_changes.documents import Document, Json, Path, pointer
from contract_changes.schemas import text

if TYPE_CHECKING:
    from collections.abc import Iterator

_SCHEMES = "securitySchemes"
_AND = " with "

Alternative: TypeAlias = dict[str, set[str]]
"""What one has to bring: each scheme, by what it means and not by its name, with the scopes that it needs."""


def effective(document: Document, key: str, *owners: Path) -> Path | None:
    """Where a setting stands that the first owner to have it decides."""
    return next(((*owner, key) for owner in owners if key in document.raw(owner)), None)


def compare_security(old: Document, new: Document, before: Path | None, after: Path | None) -> Iterator[Change]:
    known, offered = _alternatives(old, before), _alternatives(new, after)
    at = pointer(after or ("security",))
    for names, alternative in known:
        if not any(_is_enough(other, alternative) for _, other in offered):
            where = _turned(old, new, names.split(_AND)) or at
            yield Change(Weight.BREAKING, where, f"credentials: {names} no longer suffices as it was")
    for names, alternative in offered:
        if not any(_is_enough(other, alternative) for _, other in known):
            yield Change(Weight.ADDITION, at, f"credentials: {names} suffices now")


def _alternatives(document: Document, at: Path | None) -> list[tuple[str, Alternative]]:
    listed: list[dict[str, list[str]]] = document.raw(at) if at else []
    # No alternative at all is the same as the empty one: nothing is asked for.
    return [
        (
            _AND.join(alternative) or "nothing",
            {_meaning(document, name): set(scopes) for name, scopes in alternative.items()},
        )
        for alternative in listed or [{}]
    ]


def _turned(old: Document, new: Document, names: list[str]) -> str | None:
    """The first of some schemes that means something else now."""
    known = (old.tree.get("components", {}).get(_SCHEMES, {}), new.tree.get("components", {}).get(_SCHEMES, {}))
    both = (name for name in names if all(name in schemes for schemes in known))
    changed = (name for name in both if _meaning(old, name) != _meaning(new, name))
    return next((pointer(("components", _SCHEMES, name)) for name in changed), None)


def _meaning(document: Document, scheme: str) -> str:
    declared: Json = document.place("components", _SCHEMES, scheme).value
    return text({key: value for key, value in declared.items() if key != "description" and not key.startswith("x-")})


def _is_enough(wanted: Alternative, brought: Alternative) -> bool:
    return all(scheme in brought and scopes <= brought[scheme] for scheme, scopes in wanted.items())


def compare_servers(old: Document, new: Document, before: Path | None, after: Path | None) -> Iterator[Change]:
    was, now = _servers(old, before), _servers(new, after)
    at = pointer(after or ("servers",))
    for url, meaning in was.items():
        if now.get(url) != meaning:
            yield Change(Weight.BREAKING, at, f"server {url}: is gone, or its variables mean something else")
    for url in now:
        if url not in was:
            yield Change(Weight.ADDITION, at, f"server {url}: is new")
    if next(iter(was)) in now and next(iter(was)) != next(iter(now)):
        says = f"server {next(iter(now))}: is the first one now, where all go who name none"
        yield Change(Weight.BREAKING, at, says)


def _servers(document: Document, at: Path | None) -> dict[str, str]:
    listed: list[Json] = (document.raw(at) if at else []) or [{"url": "/"}]
    return {server["url"]: text(server.get("variables", {})) for server in listed}
