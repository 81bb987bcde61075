"""The desk that cases go over: requests that make sense to the server, and checks of the answers they get.

A case as it is generated fits the contract and little else: its video does not exist, its `Content-Range` has
nothing to do with the file beside it. Such requests are refused before anything interesting happens. So a `Desk`
puts each case in order first. What makes a case negative is never touched.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import anyio
import httpx
import schemathesis
from hypothesis import strategies as st
from schemathesis.core.parameters import ParameterLocation
from schemathesis.specs.openapi import checks as built_in
from schemathesis.transport.serialization import Binary

from conformance.book import Book
from conformance.cases import FORM, Luck, described, form, lacks_content_type, negated, operation_id, raw
from conformance.meaning import Meaning
from conformance.samples import BEARER, JPEG, KEYS, NO_PICTURES, PNG, STRANGER, content_range, md5
from conformance.script import Script
from conformance.shapes import is_object
from conformance.wire import Request

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from schemathesis import HookContext, Response
    from schemathesis.checks import CheckResult
    from schemathesis.specs.openapi.schemas import OpenApiSchema

    from conformance.cases import AnyCase
    from conformance.run import Run
    from conformance.shapes import Json

# Their types are partly unknown to pyright.
JUDGES: Any = built_in
MD5 = re.compile(r"[0-9A-Fa-f]{32}", re.ASCII)
IN_PROCESS = "http://testserver/api"
"""What `schemathesis.toml` has as the base URL."""
OF_THE_TOOL = {"user-agent", "accept-encoding", "accept", "connection", "content-length", "x-schemathesis-testcaseid"}
"""Headers that say nothing about a case."""
CROWD = 40

# Never empty, so that a part can have a range at all; short, since length is not what is tested here.
schemathesis.openapi.format("binary", st.binary(min_size=1, max_size=64).map(Binary))
# Mostly real pictures. The name that a file is sent with follows from its bytes.
schemathesis.openapi.media_type("image/png", st.sampled_from([PNG, PNG, PNG, PNG, *NO_PICTURES]))
schemathesis.openapi.media_type("image/jpeg", st.sampled_from([JPEG, JPEG, JPEG, JPEG, *NO_PICTURES]))


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

    def __init__(self, schema: OpenApiSchema, run: Run, anew: Callable[[], None], url: str | None = None) -> None:
        self._schema: Any = schema
        self._begin_server_anew = anew
        self._layers, self._url = run.layers, url
        self._contract = schema.raw_schema
        self._schema.hook("after_validate")(counting(self))
        self.begin()

    def begin(self) -> None:
        """For a test of its own: as if neither the server nor the desk had seen another."""
        self._begin_server_anew()
        self.book = Book()
        self.videos: dict[str, Mapping[str, str]] = {}
        """All that were made by this desk and its cases, and whose they are."""
        self.meaning = Meaning(self, self._contract)
        self.done = Script(self._url or IN_PROCESS)
        self._is_crowded = False

    def check(self, case: AnyCase) -> None:
        """Send a case, and hold the answer against the contract and against what the desk knows of the case."""
        if operation_id(case) != "listVideos":
            # A list shows what all cases before it have made; all else depends on its own video alone.
            self.done.forget()
        order = self.arrange(case)
        if "meaning" in self._layers:
            self.meaning.look(order.case, is_positive=not negated(case))
        response = self._send(order.case, order.headers)
        self.note(order.case, response)
        self.validate(order, response)
        if "built-in" in self._layers:
            assert order.expected is None or response.status_code in order.expected, (
                f"expected one of {sorted(order.expected)}, got {response.status_code}: {response.text}\n"
                f"{order.case.as_curl_command(headers=order.headers, base_url=self._url)}"
            )

    def _send(self, case: AnyCase, headers: Mapping[str, str]) -> Response:
        answer: Response = case.call(base_url=self._url, headers=headers)
        self.remember(answer)
        return answer

    def remember(self, response: Response) -> None:
        """Write down what was sent, for whoever wants to send it again."""
        asked, base_url = response.request, self._url or IN_PROCESS
        path = str(asked.url).removeprefix(base_url)
        headers = {name: str(value) for name, value in asked.headers.items() if name.lower() not in OF_THE_TOOL}
        # Always bytes or a text in the end, whatever it was made of.
        body: Any = asked.body
        content = body.encode() if isinstance(body, str) else body
        request = Request(str(asked.method), path, headers=headers, content=content, who={})
        self.done.add(request).note(response.status_code, response.content)

    def validate(self, order: Order, response: Response, **more: Any) -> None:
        """Let all checks look at an answer that are to."""
        transport: dict[str, Any] = {"headers": order.headers} | ({"base_url": self._url} if self._url else {})
        if order.expected is not None:
            # These two would judge the case by what it was before it was arranged.
            more["excluded_checks"] = [JUDGES.positive_data_acceptance, JUDGES.negative_data_rejection]
        own = self.meaning.checks if "meaning" in self._layers else []
        if "built-in" not in self._layers:
            more["checks"] = own
        else:
            more["additional_checks"] = own
        order.case.validate_response(response, headers=order.headers, transport_kwargs=transport, **more)

    def note(self, case: AnyCase, response: Response) -> None:
        name = operation_id(case)
        self.book.note(name, response.status_code, described(case))
        if name == "createVideo" and response.status_code in (200, 201):
            # What is wrong with an answer without an id is for the checks to say.
            data = response.json().get("data")
            if is_object(data) and "id" in data:
                self.videos[str(data["id"])] = BEARER

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
        if operation_id(case) == "listVideos" and not self._is_crowded:
            self._is_crowded = True
            self._make_a_crowd()
        return order

    def _make_a_crowd(self) -> None:
        """Videos for lists to show: more than one page has, alike and unlike, and some of somebody else's."""
        for number in range(CROWD):
            who = STRANGER if number % 9 == 8 else BEARER
            pairs = [{"key": "k", "value": str(number % 2)}] * (number % 3 > 0)
            tags = ["a", "b", "a,b"][: number % 4]
            video = self.create(who, title=f"{'aBb'[number % 3]}{number % 5}", metadata=pairs, tags=tags)
            if number % 2:
                self.upload(video, b"x" * (1 + number % 7), who=who)
            if number % 4 == 1 and who == BEARER:
                self.call("GET", "/videos/{video_id}/complete", video)
            if number % 8 == 7:
                self.call("DELETE", "/videos/{video_id}", video, who=who)

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
        if case.path_parameters["video_id"] not in self.videos:
            case.path_parameters["video_id"] = self.create()
        match operation_id(case):
            case "uploadVideoPart":
                fit_part(case, luck, wrong)
            case "completeVideoUpload":
                # Without a byte it could never succeed. In vain where the scenario has uploaded other bytes, or has
                # completed or deleted the video itself.
                self.upload(case.path_parameters["video_id"], is_sure=False)
            case _:
                pass

    def create(self, who: Mapping[str, str] = BEARER, **fields: Json) -> str:
        body = {"title": "made for another case", **fields}
        answer = self.call("POST", "/videos/create", who=who, body=body, media_type="application/json")
        video = str(answer.json()["data"]["id"])
        self.videos[video] = who
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
        answer = self._send(case, dict(who))
        assert not is_sure or 200 <= answer.status_code < 300, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer

    def fetch(self, address: str, who: Mapping[str, str] = BEARER) -> httpx.Response:
        """What is behind an address that an answer names."""
        app = self._schema.app
        if app is None:
            return httpx.get(address, headers=dict(who))

        async def get() -> httpx.Response:
            async with httpx.AsyncClient(transport=httpx.ASGITransport(app)) as client:
                return await client.get(address, headers=dict(who))

        return anyio.run(get)


def counting(desk: Desk) -> Callable[[HookContext, AnyCase, Response, list[CheckResult]], None]:
    """A hook for schemathesis; it takes functions only."""

    def count(context: HookContext, case: AnyCase, response: Response, results: list[CheckResult]) -> None:
        del context, response
        for result in results:
            desk.book.note_check(operation_id(case), result.name)

    return count


def credentials(luck: Luck) -> dict[str, str]:
    """Mostly the token, and the pair of keys for every third case."""
    return dict(BEARER if luck.roll(3, "credentials") else KEYS)


def fit_part(case: AnyCase, luck: Luck, wrong: Iterable[ParameterLocation] = ()) -> None:
    """Make the range and the hash of a part follow from its bytes, except for what is wrong on purpose."""
    body = form(case)
    # A form sends a number as its digits, which may be right. Below zero it is as wrong as it was meant to be.
    body.update({name: -abs(value) for name, value in body.items() if isinstance(value, int)})
    data = raw(body.get("file"))
    if not data:
        return
    if ParameterLocation.HEADER not in wrong:
        start, more = luck.roll(2, "start") * 5, luck.roll(2, "more") * 5
        case.headers["Content-Range"] = content_range(start, len(data), start + len(data) + more)
    # In a wrong form, a hash of the right shape is not what is wrong: replacing it keeps the form as wrong as it was.
    if MD5.fullmatch(str(body.get("hash", ""))):
        body["hash"] = md5(data)
