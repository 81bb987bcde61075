"""Cases of schemathesis: completed so that they mean something to the server, sent, and checked.

A case that schemathesis generates fits the contract and little else: its video does not exist, its `Content-Range` has
nothing to do with the file beside it. The server would refuse it before anything interesting happens. So the `Fuzzer`
completes each case first. It never touches what makes a case negative.
"""

from __future__ import annotations

import re
import zlib
from typing import TYPE_CHECKING, Any, TypeAlias

import httpx
import schemathesis
from contract_document import is_object
from hypothesis import strategies as st
from schemathesis.core import NOT_SET
from schemathesis.core.parameters import ParameterLocation
from schemathesis.generation.meta import CONTENT_TYPE_PROBES, CoveragePhaseData
from schemathesis.specs.openapi import checks as built_in
from schemathesis.transport.serialization import Binary

from conformance.mock_tests.results import UUID
from conformance.shared.sample_data import BEARER, JPEG, KEYS, PNG, content_range, md5

if TYPE_CHECKING:
    from collections.abc import Iterable

    from schemathesis import Response

    from conformance.mock_tests.test_server import TestServer

AnyCase: TypeAlias = Any
"""A `schemathesis.Case`. Its parts hold JSON of any shape, which its own types make every line take apart."""

FORM = "multipart/form-data"
# Their types are partly unknown to pyright.
CHECKS: Any = built_in
MD5 = re.compile(r"[0-9A-Fa-f]{32}", re.ASCII)

# Never empty, so that a part can have a range at all; short, since length is not what is tested here.
schemathesis.openapi.format("binary", st.binary(min_size=1, max_size=64).map(Binary))
# The name that a file is sent with follows from its bytes.
schemathesis.openapi.media_type("image/png", st.just(PNG))
schemathesis.openapi.media_type("image/jpeg", st.just(JPEG))


class Fuzzer:
    """Completes cases, sends them to one server, and checks the answers."""

    def __init__(self, server: TestServer) -> None:
        self.server = server

    def check(self, case: AnyCase) -> None:
        """Send a case, and hold the answer to the contract."""
        # Each case uses a video of its own, so a failure needs no other requests to be seen again.
        self.server.replay.forget()
        headers = dict(BEARER if choose(case, 3, "credentials") else KEYS)
        completed, expected = self.complete(case), expected_statuses(case)
        response = completed.call(base_url=self.server.url, headers=headers)
        self.server.exchanges.note(operation_id(case), response.status_code, content_of(completed))
        self.server.replay.add(sent_request(response), response.status_code, response.content)
        excluded = [CHECKS.positive_data_acceptance, CHECKS.negative_data_rejection] if expected else []
        completed.validate_response(
            response,
            headers=headers,
            transport_kwargs={"headers": headers, "base_url": self.server.url},
            excluded_checks=excluded,
        )
        assert not expected or response.status_code in expected, (
            f"expected one of {sorted(expected)}, got {response.status_code}: {response.text}"
        )

    def complete(self, case: AnyCase) -> AnyCase:
        """A copy of a case about a video that exists and allows it, in which everything fits that is not negative."""
        # The metadata is read before the copy is changed: read later, it would follow the changes.
        wrong, name = negative_locations(case), operation_id(case)
        # Cases of the coverage phase share their dictionaries.
        copy = case.derive()
        if "video_id" in case.path_parameters and ParameterLocation.PATH not in wrong:
            copy.path_parameters["video_id"] = video = self.server.create()["id"]
            if name == "completeVideoUpload":
                self.server.upload(video)
        if name == "uploadVideoPart":
            fit_part(copy, wrong)
        return copy


def operation_id(case: AnyCase) -> str:
    return str(case.operation.definition.raw["operationId"])


def content_of(case: AnyCase) -> tuple[object, ...]:
    """All that makes a case what it is."""
    # What stands for a missing body shows its address.
    body = None if case.body is NOT_SET else case.body
    return (case.method, case.path, case.path_parameters, case.query, sorted(case.headers.items()), body)


def negative_locations(case: AnyCase) -> set[ParameterLocation]:
    """Where a case is wrong on purpose."""
    meta = case.meta
    if meta is None or not meta.generation.mode.is_negative:
        return set()
    data = meta.phase.data
    if isinstance(data, CoveragePhaseData) and data.parameter_location is not None:
        return {data.parameter_location}
    return {location for location in meta.components if meta.is_negative_at(location)}


def expected_statuses(case: AnyCase) -> set[int]:
    """The statuses for a case that the checks of schemathesis do not know; none for all other cases."""
    if ParameterLocation.PATH in negative_locations(case):
        # It may miss the operation altogether, and then the operation's rules say nothing about it.
        return {400, 404, 405}
    if case.meta is not None and case.meta.generation.mode.is_negative:
        return {400, 415} if lacks_content_type(case) else set()
    # No schema can say which bytes are a picture.
    is_thumbnail = operation_id(case) == "uploadVideoThumbnail"
    return {400} if is_thumbnail and file_of(form_of(case)) not in (PNG, JPEG) else set()


def lacks_content_type(case: AnyCase) -> bool:
    """Whether the Content-Type that an operation needs is wrong on purpose, or missing with the whole body."""
    if not case.operation.body:
        return False
    data = case.meta.phase.data if case.meta else None
    return case.body is NOT_SET or (isinstance(data, CoveragePhaseData) and data.scenario in CONTENT_TYPE_PROBES)


def choose(case: AnyCase, choices: int, what: str) -> int:
    """A choice that depends on nothing but a case, so that a replay makes the same one.

    Ids that the server made differ each time and have no influence.
    """
    content = UUID.sub("id", repr(content_of(case)))
    return zlib.crc32(f"{what} {content}".encode("utf-8", "surrogatepass")) % choices


def form_of(case: AnyCase) -> dict[str, Any]:
    """The fields of a form; none where the body is of another type on purpose."""
    return case.body if is_object(case.body) else {}


def file_of(form: dict[str, Any]) -> bytes:
    """The bytes that the file of a form is sent as; none where it is of another type."""
    file = form.get("file")
    data = file.data if isinstance(file, Binary) else file.encode() if isinstance(file, str) else file
    return data if isinstance(data, bytes) else b""


def fit_part(case: AnyCase, wrong: Iterable[ParameterLocation] = ()) -> None:
    """Make the range and the hash of a part follow from its bytes, except for what is wrong on purpose."""
    body = form_of(case)
    # A form sends a number as its digits, which may be right. Below zero it is as wrong as it was meant to be.
    body.update({name: -1 - abs(value) for name, value in body.items() if isinstance(value, int)})
    data = file_of(body)
    if not data:
        return
    if ParameterLocation.HEADER not in wrong:
        start, more = choose(case, 2, "start") * 5, choose(case, 2, "more") * 5
        case.headers["Content-Range"] = content_range(start, len(data), start + len(data) + more)
    # In a wrong form, a hash of the right shape is not what is wrong: replacing it keeps the form as wrong as it was.
    if MD5.fullmatch(str(body.get("hash", ""))):
        body["hash"] = md5(data)


def sent_request(response: Response) -> httpx.Request:
    """The request of an answer as `requests` sent it."""
    asked: Any = response.request
    content = asked.body.encode() if isinstance(asked.body, str) else asked.body
    headers = {name: str(value) for name, value in asked.headers.items() if name.lower() != "transfer-encoding"}
    return httpx.Request(asked.method, str(asked.url), headers=headers, content=content)
