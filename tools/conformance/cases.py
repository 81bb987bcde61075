"""What can be told of a case that schemathesis made."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Any, TypeAlias

from schemathesis.core import NOT_SET
from schemathesis.generation.meta import CONTENT_TYPE_PROBES, CoveragePhaseData
from schemathesis.transport.serialization import Binary

from conformance.book import UUID
from conformance.shapes import is_object

if TYPE_CHECKING:
    from schemathesis.core.parameters import ParameterLocation

AnyCase: TypeAlias = Any
"""A `schemathesis.Case`. Its parts hold JSON of any shape, which its own types make every line take apart."""

FORM = "multipart/form-data"


def operation_id(case: AnyCase) -> str:
    return str(case.operation.definition.raw["operationId"])


def is_own_method(case: AnyCase) -> bool:
    """Whether a case is for its operation at all: some are sent with a method that its path does not have."""
    return bool(case.method.upper() == case.operation.method.upper())


def form(case: AnyCase) -> dict[str, Any]:
    """The fields of a form; none where the body is of another type on purpose."""
    return case.body if is_object(case.body) else {}


def raw(value: object) -> bytes:
    """The bytes that a file field is sent as; none where it is of another type."""
    if isinstance(value, Binary):
        return value.data
    if isinstance(value, str):
        return value.encode()
    return value if isinstance(value, bytes) else b""


def described(case: AnyCase) -> tuple[object, ...]:
    """All that makes a case what it is."""
    # What stands for a missing body shows its address.
    body = None if case.body is NOT_SET else case.body
    return (case.method, case.path, case.path_parameters, case.query, sorted(case.headers.items()), body)


def negated(case: AnyCase) -> set[ParameterLocation]:
    """Where a case is wrong on purpose."""
    meta = case.meta
    if meta is None or not meta.generation.mode.is_negative:
        return set()
    data = meta.phase.data
    if isinstance(data, CoveragePhaseData) and data.parameter_location is not None:
        return {data.parameter_location}
    return {location for location in meta.components if meta.is_negative_at(location)}


def lacks_content_type(case: AnyCase) -> bool:
    """Whether the Content-Type that an operation needs is wrong on purpose, or missing with the whole body."""
    if not case.operation.body:
        return False
    if case.body is NOT_SET:
        return True
    data = case.meta.phase.data if case.meta else None
    return isinstance(data, CoveragePhaseData) and data.scenario in CONTENT_TYPE_PROBES


class Luck:
    """Choices that depend on nothing but a case, so that it replays as it ran.

    Ids that the server made are another each time; they have no say.
    """

    def __init__(self, case: AnyCase) -> None:
        self._content = UUID.sub("id", repr(described(case)))

    def roll(self, sides: int, what: str) -> int:
        return zlib.crc32(f"{what} {self._content}".encode("utf-8", "surrogatepass")) % sides
