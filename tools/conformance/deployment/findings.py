"""What is wrong with an answer, field by field.

The contract is open on purpose: fields may be added, words may be new, most fields may be missing. So findings have two
weights. An answer breaks the contract if a client that follows it may fail, or else goes beyond what is documented.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from contract_document import is_object

from conformance.shared.response_schemas import ResponseSchemas

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    import httpx
    import jsonschema_rs
    from contract_document import Json

BREAKS, BEYOND = "breaks the contract", "beyond what is documented"
LONGEST = 160


@dataclass(frozen=True)
class Finding:
    """One difference from the contract."""

    where: str
    what: str
    weight: str = BREAKS


def consequence_of(finding: Finding) -> str:
    """What a client of this contract sees of an answer that has another shape."""
    if finding.weight == BEYOND:
        return "Nothing breaks: the value is kept as it came, and no program expects it."
    if finding.where.startswith("/data"):
        return "The value cannot be read as the contract says: an UnexpectedResponseError, or another type."
    return "The answer is not what the contract says: an UnexpectedResponseError, or an error without its message."


def consequence_of_status(status: int, expected: Collection[int]) -> str:
    """What a client of this contract sees of a status that was not expected."""
    if status < 400:
        return "A mistake goes unnoticed: the request succeeds, and does something else than was written."
    if status >= 500:
        return "A ServerError, after several tries; the request can never succeed."
    if min(expected) < 400:
        return f"A request that the contract allows fails with {status}."
    return f"Another error than documented: programs that handle {min(expected)} do not handle {status}."


class ResponseChecker:
    """Compares answers with the contract."""

    def __init__(self, contract: Json) -> None:
        self._strict, self._open = ResponseSchemas(contract), ResponseSchemas(contract, lambda schema: schema)
        self._headers = contract["components"]["headers"]

    def findings(self, operation: str, answer: httpx.Response) -> list[Finding]:
        status = answer.status_code
        if not self._open.documents(operation, status):
            return [Finding("status", f"{status} is not documented")]
        found = list(self._on_headers(answer))
        kind = answer.headers.get("content-type", "")
        if kind.partition(";")[0].strip().lower() != "application/json":
            found.append(Finding("header Content-Type", f"{kind or 'none'} instead of application/json"))
        body = parsed(answer)
        if body is None:
            return [*found, Finding("body", "is no JSON object")]
        return found + self._on_body(operation, status, body)

    def _on_body(self, operation: str, status: int, body: Json) -> list[Finding]:
        breaks = [one for error in self._open.errors(operation, status, body) for one in _each(error, BREAKS)]
        beyond = [one for error in self._strict.errors(operation, status, body) for one in _each(error, BEYOND)]
        if status >= 400 and body.get("status") == "success":
            breaks.append(Finding("/status", "a failure says that it is a success"))
        places = {one.where for one in breaks}
        return list(dict.fromkeys([*breaks, *(one for one in beyond if one.where not in places)]))

    def _on_headers(self, answer: httpx.Response) -> Iterator[Finding]:
        for name, header in self._headers.items():
            text, kind = answer.headers.get(name), header["schema"]["type"]
            if text is not None and kind != "string" and not _is_number(text, whole=kind == "integer"):
                yield Finding(f"header {name}", f"{shortened(text)} is no {kind} from 0")


def parsed(answer: httpx.Response) -> Json:
    """The JSON object that an answer is; None if it is none."""
    try:
        body: Json = answer.json()
    except ValueError:
        return None
    return body if is_object(body) else None


def member(value: Json, name: str) -> Json:
    """A member of a JSON object; None where there is none, or no object."""
    return value.get(name) if is_object(value) else None


def shortened(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"


def _is_number(text: str, *, whole: bool) -> bool:
    try:
        return (int(text) if whole else float(text)) >= 0
    except ValueError:
        return False


def _each(error: jsonschema_rs.ValidationError, weight: str) -> Iterator[Finding]:
    """An error of a choice is those of the branch that was meant: the one whose type fits."""
    path = "/" + "/".join("*" if isinstance(step, int) else str(step) for step in error.instance_path)
    kind = error.kind.as_dict()
    branches: list[list[jsonschema_rs.ValidationError]] = getattr(error.kind, "context", [])
    for branch in branches:
        if not any(one.kind.name == "type" and one.instance_path == error.instance_path for one in branch):
            for one in branch:
                yield from _each(one, weight)
            return
    match error.kind.name:
        case "required":
            yield Finding(f"{path.rstrip('/')}/{kind['property']}", "is missing", weight)
        case "additionalProperties":
            for name in kind["unexpected"]:
                yield Finding(f"{path.rstrip('/')}/{name}", "is not documented", weight)
        case "anyOf":
            yield Finding(path, f"{_said(error)} is none of what is documented", weight)
        case _:
            yield Finding(path, shortened(error.message), weight)


def _said(error: jsonschema_rs.ValidationError) -> str:
    return shortened(json.dumps(error.instance, ensure_ascii=False))
