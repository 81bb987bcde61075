"""What the contract tests share: requests that make sense to the server, and a book of the answers they get.

A case as it is generated fits the contract and little else: its video does not exist, its `Content-Range` has
nothing to do with the file beside it. Such requests are refused before anything interesting happens. So a `Desk`
puts each case in order first. What makes a case negative is never touched.
"""

from __future__ import annotations

import hashlib
import re
import zlib
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

import pytest
import schemathesis
from conformance import faults
from hypothesis import strategies as st
from schemathesis.core import NOT_SET
from schemathesis.core.parameters import ParameterLocation
from schemathesis.generation.meta import CONTENT_TYPE_PROBES, CoveragePhaseData
from schemathesis.specs.openapi.checks import negative_data_rejection, positive_data_acceptance
from schemathesis.transport.serialization import Binary

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Mapping

    from schemathesis import BaseSchema, Case, CheckFunction, Response

    AnyCase: TypeAlias = Case[Any]

# Before any test module makes its application.
faults.apply_from_environment()

BEARER = {"Authorization": "Bearer token-a"}
KEYS = {"stream-public-key": "public-a", "stream-secret-key": "secret-a"}
STRANGER = {"Authorization": "Bearer token-b"}

PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x02\x00\x00\x00rest"
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00rest"
NO_PICTURES = (b"GIF89a starts a picture, but none that is taken", b"\x89PNG\r\n\x1a\n, and then no picture")
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII)
MD5 = re.compile(r"[0-9A-Fa-f]{32}", re.ASCII)

FORM = "multipart/form-data"
PROPERTY = "contract answers"

# Never empty, so that a part can have a range at all; short, since length is not what is tested here.
schemathesis.openapi.format("binary", st.binary(min_size=1, max_size=64).map(Binary))
# Mostly real pictures. The name that a file is sent with follows from its bytes.
schemathesis.openapi.media_type("image/png", st.sampled_from([PNG, PNG, PNG, PNG, *NO_PICTURES]))
schemathesis.openapi.media_type("image/jpeg", st.sampled_from([JPEG, JPEG, JPEG, JPEG, *NO_PICTURES]))


def operation_id(case: AnyCase) -> str:
    return str(case.operation.definition.raw["operationId"])


def form(case: AnyCase) -> dict[str, Any]:
    """The fields of a form; none where the body is of another type on purpose."""
    return case.body if isinstance(case.body, dict) else {}


def md5(data: bytes) -> str:
    return hashlib.md5(data, usedforsecurity=False).hexdigest()


def raw(value: object) -> bytes:
    """The bytes that a file field is sent as; none where it is of another type."""
    if isinstance(value, Binary):
        return value.data
    if isinstance(value, str):
        return value.encode()
    return value if isinstance(value, bytes) else b""


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
        # What stands for a missing body shows its address.
        body = None if case.body is NOT_SET else case.body
        content = (case.method, case.path, case.path_parameters, case.query, dict(case.headers), body)
        self._content = UUID.sub("id", repr(content))

    def roll(self, sides: int, what: str) -> int:
        return zlib.crc32(f"{what} {self._content}".encode("utf-8", "surrogatepass")) % sides


@dataclass
class Book:
    """How often each operation answered with each status, and which videos there are."""

    answers: Counter[tuple[str, int]] = field(default_factory=Counter)
    videos: set[str] = field(default_factory=set)

    def note(self, case: AnyCase, response: Response) -> None:
        name = operation_id(case)
        self.answers[name, response.status_code] += 1
        if name == "createVideo" and response.status_code in (200, 201):
            self.videos.add(str(response.json()["data"]["id"]))

    def judge(self, floor: int, operations: Iterable[str] = ()) -> None:
        """Refuse a run in which an operation never really worked, however rightly all else was refused."""
        counts = dict.fromkeys(operations or [name for name, _ in self.answers], 0)
        assert counts, "nothing was called at all"
        for (name, status), count in self.answers.items():
            if name in counts and 200 <= status < 300:
                counts[name] += count
        short = [f"{name} has {count}" for name, count in sorted(counts.items()) if count < floor]
        assert not short, f"each operation needs {floor} answers of 2xx, but {', '.join(short)}"


@dataclass
class Order:
    """A case that was put in order."""

    case: AnyCase
    headers: dict[str, str]
    """Whose request it is."""

    expected: set[int] | None = None
    """The statuses that alone are right, where they are known more narrowly than the contract has them."""


class Desk:
    """Puts cases in order, sends them to one server, and checks what comes back."""

    def __init__(self, schema: BaseSchema, url: str | None = None) -> None:
        self._schema, self._url = schema, url
        self.book = Book()

    def check(self, case: AnyCase) -> None:
        """Send a case, and hold the answer against the contract and against what the desk knows of the case."""
        order = self.arrange(case)
        response = order.case.call(base_url=self._url, headers=order.headers)
        self.book.note(case, response)
        transport: dict[str, Any] = {"headers": order.headers} | ({"base_url": self._url} if self._url else {})
        excluded: list[CheckFunction] = []
        if order.expected is not None:
            # These two would judge the case by what it was before it was arranged.
            excluded = [positive_data_acceptance, negative_data_rejection]
        order.case.validate_response(
            response, headers=order.headers, excluded_checks=excluded, transport_kwargs=transport
        )
        assert order.expected is None or response.status_code in order.expected, (
            f"expected one of {sorted(order.expected)}, got {response.status_code}: {response.text}\n"
            f"{order.case.as_curl_command(headers=order.headers, base_url=self._url)}"
        )

    def arrange(self, case: AnyCase) -> Order:
        # The metadata is read before the copy is changed: read later, it would follow the changes.
        wrong, untyped, luck = negated(case), lacks_content_type(case), Luck(case)
        is_negative = case.meta is not None and case.meta.generation.mode.is_negative
        # A copy, because cases of the coverage phase share their dictionaries.
        order = Order(case.derive(), credentials(luck))
        if ParameterLocation.PATH in wrong:
            # It may miss the operation altogether, and then the operation's rules say nothing about it.
            order.expected = {400, 404, 405}
        elif is_negative:
            # What is wrong stays wrong. All the rest is made right: a video that does not exist would be the answer
            # to everything, and whether the mistake is found would never be seen.
            if "video_id" in case.path_parameters:
                order.case.path_parameters["video_id"] = self.create()
            if operation_id(case) == "uploadVideoPart":
                fit_part(order.case, luck, wrong)
            order.expected = {400, 415} if untyped else None
        else:
            self._arrange_positive(order, luck)
        return order

    def _arrange_positive(self, order: Order, luck: Luck) -> None:
        """Most cases become what a server must accept; the rest get one thing wrong that no schema can say."""
        trouble = luck.roll(20, "trouble")
        if trouble == 0:
            order.headers = [{}, {"Authorization": "Bearer nobody"}, {**KEYS, **STRANGER}][luck.roll(3, "who")]
            order.expected = {401}
        if "video_id" not in order.case.path_parameters:
            return
        match trouble:
            case 1:
                order.expected = {404}
            case 2:
                order.case.path_parameters["video_id"] = self.create(STRANGER)
                order.expected = {404}
            case _:
                order.case.path_parameters["video_id"] = self.create()
                self._arrange_own(order, luck, trouble)

    def _arrange_own(self, order: Order, luck: Luck, trouble: int) -> None:
        """Make a case about the caller's own video right, or give it the trouble that only this operation knows."""
        video = str(order.case.path_parameters["video_id"])
        match operation_id(order.case):
            case "uploadVideoPart":
                self._arrange_part(order, luck, video, trouble)
            case "completeVideoUpload":
                self._arrange_upload(order, luck, video, trouble)
            case "uploadVideoThumbnail":
                if order.expected is None and raw(form(order.case)["file"]) not in (PNG, JPEG):
                    order.expected = {400}
            case _:
                self._give_history(luck, video)
                if trouble == 3:
                    self.call("DELETE", "/videos/{video_id}", video)
                    order.expected = {404}

    def _arrange_part(self, order: Order, luck: Luck, video: str, trouble: int) -> None:
        case = order.case
        fit_part(case, luck)
        data = raw(form(case)["file"])
        match trouble:
            case 3:
                case.headers["Content-Range"] = content_range(0, len(data) + 1, len(data) + 1)
            case 4:
                case.headers["Content-Range"] = content_range(1, len(data), len(data))
            case 5:
                form(case)["hash"] = md5(data + b"!")
            case 6:
                # The very part that is stored, so that nothing but its being late is wrong with it.
                case.headers["Content-Range"] = content_range(0, len(data), len(data))
                self.upload(video, data, index=form(case)["index"])
                self.call("GET", "/videos/{video_id}/complete", video)
            case 7:
                self.upload(video, data + b"!", size=len(data) + 9)
            case _:
                return
        order.expected = {400}

    def _arrange_upload(self, order: Order, luck: Luck, video: str, trouble: int) -> None:
        match trouble:
            case 3:
                order.expected = {400}
            case 4:
                self.upload(video, b"first", 0, 15)
                self.upload(video, b"third", 10, 15)
                order.expected = {400}
            case 5:
                # This account has no money.
                order.case.path_parameters["video_id"] = poor = self.create(STRANGER)
                self.upload(poor, who=STRANGER)
                order.headers, order.expected = dict(STRANGER), {402}
            case _:
                self.upload(video, b"third", 10, 15)
                self.upload(video, b"first", 0, 15)
                self.upload(video, b"other", 5, 15)
                if luck.roll(3, "again") == 0:
                    self.call("GET", "/videos/{video_id}/complete", video)

    def _give_history(self, luck: Luck, video: str) -> None:
        """A video looks different once it has bytes, was completed, or has a picture."""
        if luck.roll(2, "bytes"):
            self.upload(video)
            if luck.roll(2, "complete"):
                self.call("GET", "/videos/{video_id}/complete", video)
        if luck.roll(4, "picture") == 0:
            picture = {"file": JPEG if luck.roll(2, "kind") else PNG}
            self.call("POST", "/videos/{video_id}/thumbnail", video, body=picture, media_type=FORM)

    def arrange_step(self, case: AnyCase) -> None:
        """Put a step of a scenario in order, in place: the scenario remembers the case itself."""
        wrong, luck = negated(case), Luck(case)
        if "video_id" not in case.path_parameters or ParameterLocation.PATH in wrong:
            return
        if case.path_parameters["video_id"] not in self.book.videos:
            case.path_parameters["video_id"] = self.create()
        match operation_id(case):
            case "uploadVideoPart":
                fit_part(case, luck, wrong)
            case "completeVideoUpload":
                # Without a byte it could never succeed. In vain where the scenario has uploaded other bytes, or has
                # completed or deleted the video itself.
                self.upload(case.path_parameters["video_id"], is_sure=False)

    @staticmethod
    def credentials_of(case: AnyCase) -> dict[str, str]:
        return credentials(Luck(case))

    def create(self, who: Mapping[str, str] = BEARER) -> str:
        body = {"title": "made for another case"}
        answer = self.call("POST", "/videos/create", who=who, body=body, media_type="application/json")
        video = str(answer.json()["data"]["id"])
        self.book.videos.add(video)
        return video

    def upload(
        self,
        video: str,
        data: bytes = b"hello world",
        start: int = 0,
        size: int | None = None,
        index: str | None = None,
        **options: Any,
    ) -> None:
        headers = {"Content-Range": content_range(start, len(data), len(data) if size is None else size)}
        body = {"index": index or str(start + 1), "hash": md5(data), "file": data}
        self.call("POST", "/videos/{video_id}/part", video, headers=headers, body=body, media_type=FORM, **options)

    def call(
        self,
        method: str,
        path: str,
        video: str = "",
        *,
        who: Mapping[str, str] = BEARER,
        is_sure: bool = True,
        **request: Any,
    ) -> Response:
        """A call on the way to a case: it has to succeed where that is sure, and it stays out of the book."""
        case = self._schema[path][method].Case(path_parameters={"video_id": video} if video else {}, **request)
        answer = case.call(base_url=self._url, headers=dict(who))
        assert not is_sure or 200 <= answer.status_code < 300, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer


def credentials(luck: Luck) -> dict[str, str]:
    """Mostly the token, and the pair of keys for every third case."""
    return dict(BEARER if luck.roll(3, "credentials") else KEYS)


def content_range(start: int, length: int, size: int) -> str:
    return f"bytes {start}-{start + length - 1}/{size}"


def fit_part(case: AnyCase, luck: Luck, wrong: Iterable[ParameterLocation] = ()) -> None:
    """Make the range and the hash of a part follow from its bytes, except for what is wrong on purpose."""
    body = form(case)
    data = raw(body.get("file"))
    if not data:
        return
    if ParameterLocation.HEADER not in wrong:
        start, more = luck.roll(2, "start") * 5, luck.roll(2, "more") * 5
        case.headers["Content-Range"] = content_range(start, len(data), start + len(data) + more)
    # In a wrong form, a hash of the right shape is not what is wrong: replacing it keeps the form as wrong as it was.
    if MD5.fullmatch(str(body.get("hash", ""))):
        body["hash"] = md5(data)


@pytest.fixture(scope="session")
def desk_for() -> type[Desk]:
    """The class itself: test modules can't import from here."""
    return Desk


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers",
        "floor(count, operations): each operation that is called, or each of these, must succeed that often",
    )


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    """Judge the floor where the cases ran, so that neither order nor distribution of tests matters."""
    desk = getattr(item, "funcargs", {}).get("desk")
    if not isinstance(desk, Desk):
        return (yield)
    desk.book = Book()
    try:
        result = yield
    finally:
        rows = [[name, status, count] for (name, status), count in sorted(desk.book.answers.items())]
        item.user_properties.append((PROPERTY, rows))
    floor = item.get_closest_marker("floor")
    if floor is not None:
        desk.book.judge(*floor.args, **floor.kwargs)
    return result


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Which documented statuses were seen. What was never seen is no failure here."""
    runs: dict[str, dict[str, Counter[int]]] = {}
    for report in (report for reports in terminalreporter.stats.values() for report in reports):
        if getattr(report, "when", "") != "call":
            continue
        for rows in (value for key, value in report.user_properties if key == PROPERTY):
            run = runs.setdefault(report.nodeid.partition("::")[0], {})
            for operation, status, count in rows:
                run.setdefault(operation, Counter())[status] += count
    for name, run in sorted(runs.items()):
        terminalreporter.section(f"answers in {name}")
        for operation, statuses in sorted(run.items()):
            seen = "  ".join(f"{status} × {count}" for status, count in sorted(statuses.items()))
            terminalreporter.write_line(f"{operation:<22}{seen}")
