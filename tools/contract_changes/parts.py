"""What an operation consists of, and what each difference of a part weighs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

from contract_document import steps

from contract_changes.changes import Change, Weight
from contract_changes.containment import Side
from contract_changes.documents import Document, Steps, pointer
from contract_changes.schema_changes import compare_schemas
from contract_changes.schemas import Schema, differ, expand

if TYPE_CHECKING:
    from contract_document import Json, Operation

Effect: TypeAlias = tuple[Weight, str]
"""What a difference weighs, and how it is said."""
Member: TypeAlias = Effect | Callable[[Any, Any], Effect]
"""The effect of another value of a member, or what finds it from the old and the new value."""

_WORDS = {"description", "example", "examples", "externalDocs", "links", "openapi", "summary", "tags"}


@dataclass(frozen=True)
class Part:
    """A part of an operation as one document has it."""

    kind: str
    document: Document
    mention: Steps
    """Where it is mentioned; a reference may stand there."""
    steps: Steps
    """Where it stands."""
    value: Json
    parent: str = ""
    """The title of the part that it belongs to."""

    @property
    def schema(self) -> Schema:
        if "schema" in self.value:
            return expand(self.document, (*self.steps, "schema"))
        return Schema(tree=True, sources={(): self.steps}, names={})


@dataclass(frozen=True)
class Kind:
    """What differences of such a part weigh."""

    lost: Effect
    gained: Effect | Callable[[Part, Part], Effect]
    """It may depend on the part, and on what it belongs to in the old document."""
    members: Mapping[str, Member] = field(default_factory=dict[str, Member])
    """All others are words for people, or else break something, so that a person looks at them."""
    children: Mapping[str, tuple[str, str]] = field(default_factory=dict[str, tuple[str, str]])
    """Members that hold parts by name: their kind, and their title."""
    side: Side = Side.REQUEST
    apart: frozenset[str] = frozenset()
    """Members that are compared elsewhere."""


def compare_parts(old: Mapping[str, Part], new: Mapping[str, Part]) -> Iterator[Change]:
    """The changes of all parts, by their titles. Of what is lost or new, its own parts are not told."""
    for title, part in old.items():
        if title in new:
            yield from _compare(title, part, new[title])
        elif not part.parent or part.parent in new:
            yield _change(KINDS[part.kind].lost, part.mention, title)
    for title, part in new.items():
        if title not in old and (not part.parent or part.parent in old):
            gained = KINDS[part.kind].gained
            effect = gained(part, old.get(part.parent, part)) if callable(gained) else gained
            yield _change(effect, part.mention, title)


def _change(effect: Effect, at: Steps, title: str) -> Change:
    return Change(effect[0], pointer(at), f"{title}: {effect[1]}")


def _compare(title: str, was: Part, now: Part) -> Iterator[Change]:
    kind = KINDS[was.kind]
    for key in sorted({*was.value, *now.value} - {"schema", *kind.children, *kind.apart}):
        before, after = was.value.get(key), now.value.get(key)
        if differ(before, after):
            is_words = key in _WORDS or key.startswith("x-")
            effect = kind.members.get(key, (Weight.WORDING if is_words else Weight.BREAKING, f"`{key}` changed"))
            effect = effect(before, after) if callable(effect) else effect
            holder = now if key in now.value else was
            yield _change(effect, (*holder.steps, key), title)
    yield from compare_schemas(kind.side, title, was.schema, now.schema)


def parts_of(document: Document, operation: Operation) -> dict[str, Part]:
    """By title; a parameter of the operation takes the place of the same one of its path."""
    found: dict[str, Part] = {}
    here: Steps = steps(operation.pointer)
    _add(found, document, "operation", "operation", here)
    for owner in (here[:-1], here):
        for index in range(len(document.value(owner).get("parameters", ()))):
            mention = (*owner, "parameters", index)
            declared = document.follow(mention)[1]
            name, where = str(declared["name"]), str(declared["in"])
            title = f"{where} parameter `{name.lower() if where == 'header' else name}`"
            _add(found, document, "parameter", title, mention)
    if "requestBody" in operation.definition:
        _add(found, document, "body", "request body", (*here, "requestBody"))
    return found


def _add(found: dict[str, Part], document: Document, kind: str, title: str, mention: Steps, parent: str = "") -> None:
    at, value = document.follow(mention)
    found[title] = Part(kind, document, mention, at, {**_defaults(kind, value), **value}, parent)
    for key, (child, template) in KINDS[kind].children.items():
        for name in value.get(key, ()):
            shown = name.lower() if child == "header" else name
            _add(found, document, child, template.format(title, shown), (*at, key, name), title)


def _defaults(kind: str, value: Json) -> Json:
    """What OpenAPI says of members that are missing."""
    if kind == "parameter":
        style = value.get("style", "simple" if value["in"] in {"path", "header"} else "form")
        rest = {"allowReserved": False, "allowEmptyValue": False, "deprecated": False, "required": False}
        return {"style": style, "explode": style == "form", **rest}
    return {"operation": {"deprecated": False}, "body": {"required": False}, "header": {"required": False}}.get(
        kind, {}
    )


_REWRITTEN = (Weight.BREAKING, "it is written in another way")
_RECODED = (Weight.BREAKING, "it is encoded in another way")
_REMOVED_INPUT = (Weight.BREAKING, "is gone; requests with it may be refused")


def _added_input(part: Part, _: Part) -> Effect:
    if part.value["required"]:
        return Weight.BREAKING, "is new and required; requests without it are refused"
    return Weight.ADDITION, "is new and may be left out"


def _added_response(part: Part, _: Part) -> Effect:
    if str(part.mention[-1]).startswith(("4", "5", "default")):
        return Weight.ADDITION, "is a new failure, which callers must expect anyway"
    return Weight.BREAKING, "is a new success, which callers do not know as one"


def _added_answer_content(_: Part, response: Part) -> Effect:
    if response.value.get("content"):
        return Weight.BREAKING, "may come, which callers that take any answer can't read"
    return Weight.ADDITION, "is a body where there was none"


def _switched(on: Effect, off: Effect) -> Member:
    return lambda _, now: on if now else off


def _content_type(was: str | None, now: str | None) -> Effect:
    before, after = ({one.strip().lower() for one in (listed or "").split(",") if one} for listed in (was, now))
    if before and before <= after:
        return Weight.ADDITION, "more media types are accepted"
    return Weight.BREAKING, "other media types are accepted"


_REQUIRED = _switched(
    (Weight.BREAKING, "becomes required; requests without it are refused"), (Weight.ADDITION, "is no longer required")
)
_DEPRECATED = _switched((Weight.ADDITION, "is deprecated"), (Weight.WORDING, "is no longer deprecated"))
_ENCODING = {"encoding": ("encoding", "{}, `{}`")}
KINDS: dict[str, Kind] = {
    "contract": Kind(
        _REWRITTEN,
        _REWRITTEN,
        {"info": (Weight.WORDING, "`info` changed")},
        apart=frozenset({"components", "paths", "security", "servers"}),
    ),
    "operation": Kind(
        _REWRITTEN,
        _REWRITTEN,
        {"deprecated": _DEPRECATED},
        {"responses": ("answer", "answer {1}")},
        apart=frozenset({"operationId", "parameters", "requestBody", "security", "servers", "tags"}),
    ),
    "parameter": Kind(
        _REMOVED_INPUT,
        _added_input,
        {
            "required": _REQUIRED,
            "deprecated": _DEPRECATED,
            **dict.fromkeys(("style", "explode", "allowReserved", "allowEmptyValue"), _REWRITTEN),
        },
        {"content": ("content of a parameter", "{} as {}")},
        apart=frozenset({"name", "in"}),
    ),
    "content of a parameter": Kind(_REWRITTEN, _REWRITTEN, children=_ENCODING),
    "body": Kind(_REMOVED_INPUT, _added_input, {"required": _REQUIRED}, {"content": ("content of a body", "{} as {}")}),
    "content of a body": Kind(
        (Weight.BREAKING, "is accepted no more"), (Weight.ADDITION, "is accepted as well"), children=_ENCODING
    ),
    "encoding": Kind(_RECODED, _RECODED, {"contentType": _content_type}),
    "answer": Kind(
        (Weight.BREAKING, "is gone; callers wait for it in vain"),
        _added_response,
        children={"headers": ("header", "{}, header {}"), "content": ("content of an answer", "{} as {}")},
    ),
    "header": Kind(
        (Weight.BREAKING, "is gone; callers that read it find nothing"),
        (Weight.ADDITION, "is new"),
        {"required": _switched((Weight.ADDITION, "comes always"), (Weight.BREAKING, "need not come any more"))},
        side=Side.RESPONSE,
    ),
    "content of an answer": Kind(
        (Weight.BREAKING, "does not come any more; callers that read it can't read the answer"),
        _added_answer_content,
        children=_ENCODING,
        side=Side.RESPONSE,
    ),
}
