"""Whether a schema still takes, or still promises, what it did."""

from __future__ import annotations

import json
from enum import Enum
from functools import lru_cache
from typing import Any

import jsonschema_rs
from jsonschema_rs.canonical import CanonicalizationError, Containment

from contract_changes.documents import ContractError, is_object
from contract_changes.schemas import essence, listed, rebuild, text

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


class Side(Enum):
    """Who sends what a schema describes."""

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
    """Whether two schemas take exactly the same values, as far as that can be proved."""
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
    bare = {keyword: value for keyword, value in essence(schema).items() if keyword not in _SILENT}
    named = bare.get("format")
    if named is not None and named not in _FORMATS:
        del bare["format"]
    plain = rebuild(bare, lambda _, inner: _plain(inner))
    if named in _BITS and "integer" in listed(schema.get("type", [])):
        width = {"minimum": -(2 ** (_BITS[named] - 1)), "maximum": 2 ** (_BITS[named] - 1) - 1}
        plain["allOf"] = [*plain.get("allOf", []), width]
    return plain
