"""Whether a schema still accepts, or still promises, what it did."""

from __future__ import annotations

import json
import re
from enum import Enum
from functools import lru_cache
from typing import Any

import jsonschema_rs
from contract_document import is_object
from greenery import Fsm, parse  # pyright: ignore[reportMissingTypeStubs] - it is annotated, but does not say so
from greenery.parse import NoMatch  # pyright: ignore[reportMissingTypeStubs] - annotated, and does not say so
from jsonschema_rs.canonical import CanonicalizationError, Containment

from contract_changes.documents import ContractError
from contract_changes.schemas import is_annotation, listed, rebuild, text

_BITS = {"int32": 32, "int64": 64}
# What canonical forms do not know: these say how a value is sent or typed, not which values there are.
_SILENT = {
    *("contentEncoding", "contentMediaType", "contentSchema", "default", "discriminator", "readOnly", "writeOnly")
}
# Formats that narrow a string; the others are remarks.
_FORMATS = {
    *("date", "date-time", "duration", "email", "hostname", "idn-email", "idn-hostname", "ipv4", "ipv6", "iri"),
    *("iri-reference", "json-pointer", "regex", "relative-json-pointer", "time", "uri", "uri-reference"),
    *("uri-template", "uuid"),
}
# `$` alone means the end in JSON Schema, but not to every implementation; the contract says it so that all understand.
_ENDS = ("$(?!\\n)", "$")
# An anchor inside, and a dot, which is not the same everywhere.
_UNSURE = re.compile(r"(?<!\[)\^|\$|(?<!\\)\.")


class Side(Enum):
    """Which side sends what a schema describes."""

    REQUEST = "request"
    RESPONSE = "response"


def covers(side: Side, old: Any, new: Any) -> Containment:
    """Whether requests may still be all that they could be, or answers are nothing that they could not be."""
    wide, narrow = (new, old) if side is Side.REQUEST else (old, new)
    try:
        return _canonical(text(_plain(wide))).covers(_canonical(text(_plain(narrow))))
    except CanonicalizationError:
        return Containment.UNKNOWN


def is_same(old: Any, new: Any) -> bool:
    """Whether two schemas accept exactly the same values, as far as that can be proved."""
    return _canonical(text(_plain(old))) == _canonical(text(_plain(new)))


# Conditions take a fifth of a second each, and a contract has the same schema in many places.
@lru_cache(maxsize=512)
def _canonical(schema: str) -> jsonschema_rs.CanonicalSchema:
    try:
        return jsonschema_rs.canonicalize(json.loads(schema), draft=jsonschema_rs.Draft202012, validate_formats=True)
    except jsonschema_rs.ValidationError as error:
        raise ContractError(f"a schema is not valid: {error.message}") from error


def _plain(schema: Any) -> Any:
    """Only keywords that tell values apart, with the width of an integer as bounds."""
    if not is_object(schema):
        return schema
    named = schema.get("format")
    silent = _SILENT if named in _FORMATS else _SILENT | {"format"}
    bare = {keyword: value for keyword, value in schema.items() if keyword not in silent and not is_annotation(keyword)}
    plain = rebuild(bare, lambda _, inner: _plain(inner))
    if named in _BITS and "integer" in listed(schema.get("type", [])):
        width = {"minimum": -(2 ** (_BITS[named] - 1)), "maximum": 2 ** (_BITS[named] - 1) - 1}
        plain["allOf"] = [*plain.get("allOf", []), width]
    return plain


def is_wider(wide: str, narrow: str) -> bool:
    """Whether one regular expression accepts all that another one does, if that can be proved."""
    try:
        return _language(narrow) <= _language(wide)
    except (NoMatch, ValueError):
        return False


@lru_cache(maxsize=64)
def _language(pattern: str) -> Fsm:
    end = next((end for end in _ENDS if pattern.endswith(end)), "")
    inside = pattern.removeprefix("^").removesuffix(end)
    if _UNSURE.search(inside) or (inside != pattern and len(parse(inside).concs) > 1):
        raise ValueError(f"{pattern}: what its anchors or dots mean is not sure")
    return parse(("" if pattern.startswith("^") else ".*") + f"({inside})" + ("" if end else ".*")).to_fsm()
