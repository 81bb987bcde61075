"""Asks a deployment, and collects the differences of its answers from the contract."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from contract_document import is_list, is_object

from conformance.deployment.client import CredentialsError, UnreachableError
from conformance.deployment.findings import BREAKS, Finding, ResponseChecker, parsed
from conformance.shared.requests import request_to

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from contract_document import Json

    from conformance.deployment.client import DeploymentClient
    from conformance.shared.requests import Request

SUCCESSES = (200, 201)


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
    times: int = 0


class Inspection:
    """Asks one deployment, and remembers the differences."""

    def __init__(self, deployment: DeploymentClient, contract: Json) -> None:
        self.answers: Counter[tuple[str, int]] = Counter()
        self.notes: list[str] = []
        """What could not be checked, and why."""
        self._deployment = deployment
        self._checker = ResponseChecker(contract)
        self._found: dict[tuple[str, str, str], Difference] = {}
        self._evidence = ("", "")

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

    def run(self, checks: Mapping[str, Callable[[], None]]) -> None:
        """Run groups of checks, and print how many requests each takes."""
        for name, check in checks.items():
            before = self.answers.total()
            check()
            print(f"  {name}: {self.answers.total() - before} requests", flush=True)

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
        request = self._with_credentials(request) if who is None else replace(request, who=who)
        answer = self._deployment.send(request, is_repeatable=is_repeatable)
        self.answers[operation, answer.status_code] += 1
        self._evidence = (self._deployment.curl(request), self._deployment.excerpt(answer))
        findings = self._checker.findings(operation, answer)
        if answer.status_code not in expected:
            wanted = " or ".join(map(str, sorted(expected)))
            findings = [one for one in findings if one.where != "status"]
            where = f"status for {place_of(about)}" if about else "status"
            findings.insert(0, Finding(where, f"{answer.status_code} instead of {wanted}"))
        for finding in findings:
            self.note(operation, finding.where, finding.what, about, finding.weight)
        return parsed(answer) if answer.is_success else None

    def note(self, operation: str, where: str, what: str, about: str = "", weight: str = BREAKS) -> None:
        """Note a difference that the last exchange shows; one that is known already is counted."""
        first = Difference(operation, where, self._deployment.hide(what), weight, about, *self._evidence)
        self._found.setdefault((operation, where, weight), first).times += 1

    def confirm(self, operation: str, look: Callable[[], Mapping[str, str]], about: str = "") -> None:
        """Note what is wrong twice in a row: other users may change videos between two requests."""
        first = look()
        second = look() if first else first
        for where, what in second.items():
            if where in first:
                self.note(operation, where, what, about)

    def _with_credentials(self, request: Request) -> Request:
        return replace(request, who=self._deployment.credentials.headers)


def place_of(about: str) -> str:
    """The field that an example is about, where it is about one: `/limit` of `/limit is 101`."""
    place = about.partition(" is ")[0]
    return about if " " in place else place


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
