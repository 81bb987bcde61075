"""Asks a deployment, and collects the differences of its answers from the contract."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from contract_document import is_list, is_object

from conformance.deployment.client import CredentialsError, UnreachableError
from conformance.deployment.findings import (
    BREAKS,
    Finding,
    ResponseChecker,
    consequence_of,
    consequence_of_status,
    parsed,
)
from conformance.shared.requests import Request, request_to

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

    import httpx
    from contract_document import Json

    from conformance.deployment.client import DeploymentClient
    from conformance.deployment.statements import Statement

SUCCESSES = (200, 201)
LOOKS = 3
"""How often a difference must show, a second apart: others change videos, and lists may be late."""


class NotExaminedError(Exception):
    """A statement cannot be examined here; the message says why."""


@dataclass
class Difference:
    """A difference from the contract, with the first exchange that shows it."""

    operation: str
    where: str
    what: str
    weight: str
    about: str
    curl: str
    answer: str
    client: str
    """What a client of this contract will see."""
    statements: list[Statement] = field(default_factory=list["Statement"])
    times: int = 0


class Inspection:
    """Asks one deployment, and remembers the differences."""

    def __init__(
        self,
        deployment: DeploymentClient,
        contract: Json,
        table: Sequence[Statement] = (),
        *,
        wait: Callable[[float], object],
    ) -> None:
        self.answers: Counter[tuple[str, int]] = Counter()
        self.notes: list[str] = []
        """What a reader of the report has to know beside its differences."""
        self.seen: set[tuple[str, str]] = set()
        """The places of all answers, with their operations."""
        self.statement: Statement | None = None
        """The one that is examined."""
        self.last: httpx.Response
        """The last answer."""
        self._deployment = deployment
        self._checker = ResponseChecker(contract)
        self._shapes = [one for one in table if one.probe == "answers"]
        self.wait = wait
        self._found: dict[tuple[str, str, str], Difference] = {}
        self._exchanges: list[tuple[str, str]] = []

    @property
    def differences(self) -> list[Difference]:
        """Those that break the contract first."""
        return sorted(self._found.values(), key=lambda one: (one.weight != BREAKS, one.operation, one.where))

    def connect(self) -> None:
        """Check that a deployment answers and takes the credentials."""
        answer = self._deployment.send(self._with_credentials(request_to("listVideos", json={"limit": 1})))
        if answer.status_code in (401, 403):
            raise CredentialsError(f"the credentials are refused: {self._deployment.excerpt(answer)}")
        if answer.status_code >= 300 or parsed(answer) is None:
            raise UnreachableError(f"POST /videos is no list of videos: {self._deployment.excerpt(answer)}")

    def ask(
        self,
        operation: str,
        request: Request,
        expected: Collection[int] = SUCCESSES,
        about: str = "",
        *,
        who: Mapping[str, str] | None = None,
        is_repeatable: bool = True,
    ) -> Json:
        """Send a request, and note all findings about its answer; returns the JSON of a success, expected or not."""
        answer = self.send(request, who=who, is_repeatable=is_repeatable)
        self.answers[operation, answer.status_code] += 1
        body = parsed(answer)
        if answer.is_success:
            self.seen |= {(operation, place) for place in places_in(body)}
        # Whether a status is right is said here, by those that are expected.
        findings = [one for one in self._checker.findings(operation, answer) if one.where != "status"]
        if answer.status_code not in expected:
            wanted = " or ".join(map(str, sorted(expected)))
            where = f"status for {place_of(about)}" if about else "status"
            what = f"{answer.status_code} instead of {wanted}"
            self.note(operation, where, what, about, client=consequence_of_status(answer.status_code, expected))
        for finding in findings:
            self._note_shape(operation, finding, about)
        return body if answer.is_success else None

    def send(
        self, request: Request, *, who: Mapping[str, str] | None = None, is_repeatable: bool = True
    ) -> httpx.Response:
        """Send a request and remember the exchange as evidence."""
        request = self._with_credentials(request) if who is None else replace(request, who=who)
        answer = self.last = self._deployment.send(request, is_repeatable=is_repeatable)
        self._exchanges = [*self._exchanges[-2:], (self._deployment.curl(request), self._deployment.excerpt(answer))]
        return answer

    def fetch(self, url: str, who: Mapping[str, str] | None = None) -> httpx.Response:
        """Get a file behind an address of a video; credentials go to the API's own origin only."""
        if urlsplit(url)[:2] != urlsplit(self._deployment.base_url)[:2]:
            who = {}
        return self.send(Request("GET", url), who=who)

    def note(
        self, operation: str, where: str, what: str, about: str = "", weight: str = BREAKS, *, client: str = "",
        exchanges: int = 1,
    ) -> None:  # fmt: skip
        """Note a difference that the last exchanges show; one that is known already is counted."""
        self._note(self.statement, operation, Finding(where, what, weight), about, client, exchanges)

    def _note_shape(self, operation: str, finding: Finding, about: str) -> None:
        """What an answer looks like is the matter of another statement than the one that asks for it."""
        place = finding.where.replace("/data/videos/*", "/data")
        owners = [one for one in self._shapes if operation in one.parameters["of"]]
        owner = max(
            (one for one in owners if f"{place}/".startswith(one.parameters["place"] + "/")),
            key=lambda one: len(one.parameters["place"]),
            default=next((one for one in owners if one.parameters["place"] == "*"), self.statement),
        )
        self._note(owner, operation, finding, about, consequence_of(finding), 1)

    def _note(
        self, statement: Statement | None, operation: str, finding: Finding, about: str, client: str, exchanges: int
    ) -> None:
        curl = "\n".join(line for line, _ in self._exchanges[-exchanges:])
        what = self._deployment.hide(finding.what)
        seen = client or (statement.client if statement else "")
        first = Difference(operation, finding.where, what, finding.weight, about, curl, self._exchanges[-1][1], seen)
        difference = self._found.setdefault((operation, finding.where, finding.weight), first)
        difference.times += 1
        if statement and statement not in difference.statements:
            difference.statements.append(statement)

    def confirm(self, operation: str, look: Callable[[], Mapping[str, str]], about: str = "") -> None:
        """Note what is wrong each time: other users may change videos between two requests, and lists be late."""
        wrong = look()
        for _ in range(LOOKS - 1):
            if wrong:
                self.wait(1)
                again = look()
                wrong = {where: what for where, what in again.items() if where in wrong}
        for where, what in wrong.items():
            self.note(operation, where, what, about)

    def _with_credentials(self, request: Request) -> Request:
        return replace(request, who=self._deployment.credentials.headers)


def places_in(value: Json, here: str = "") -> Iterator[str]:
    """The places of a JSON value, as differences name them."""
    if is_object(value):
        for name, inner in value.items():
            yield f"{here}/{name}"
            yield from places_in(inner, f"{here}/{name}")
    elif is_list(value):
        # The first ones stand for all of them.
        for inner in value[:5]:
            yield from places_in(inner, f"{here}/*")
    elif isinstance(value, str):
        yield f"{here}={value[:20]}"


def place_of(about: str) -> str:
    """The field that a request is about, where it is about one: `/limit` of `/limit is 101`, else what it is."""
    field = re.match("/[^ :,/]+", about)
    return field[0] if field else about.partition(":")[0]


def page_in(answer: Json) -> tuple[list[Json], int]:
    """The videos of a page and the total; without those whose shape is wrong, which has been noted."""
    data = answer.get("data") if is_object(answer) else None
    if not is_object(data):
        return [], 0
    videos, total = data.get("videos"), data.get("total")
    shown = [one for one in videos if is_object(one) and isinstance(one.get("id"), str)] if is_list(videos) else []
    return shown, total if isinstance(total, int) else len(shown)


def video_in(answer: Json) -> Json:
    """The video of an answer, if it has one."""
    data = answer.get("data") if is_object(answer) else None
    return data if is_object(data) and isinstance(data.get("id"), str) else None
