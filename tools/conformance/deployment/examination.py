"""What probes work with, and the order in which statements are examined."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from contract_document import is_list, is_object

from conformance.deployment.client import UnreachableError
from conformance.deployment.inspection import NotExaminedError
from conformance.deployment.statements import Mode

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from contract_document import Json

    from conformance.deployment.client import Credentials
    from conformance.deployment.inspection import Inspection
    from conformance.deployment.own_videos import OwnVideos
    from conformance.deployment.statements import Statement

T = TypeVar("T")
PATIENCE = 3
"""So many statements in a row without an answer, and the deployment is taken for lost."""
HELD, DIFFERS, NOT_EXAMINED = "held", "differs", "not examined"


@dataclass(frozen=True)
class Result:
    """What became of one statement."""

    statement: Statement
    outcome: str
    reason: str = ""
    """Why it was not examined."""


@dataclass
class Examination:
    """One inspection at work: what it may do, what it has made, and what it has found out."""

    inspection: Inspection
    own: OwnVideos
    credentials: Credentials
    second: Credentials | None = None
    may_write: bool = False
    may_transcode: bool = False
    media: bytes = b""
    """A real video, for transcodings."""
    seed: int = 0
    results: list[Result] = field(default_factory=list[Result])
    _once: dict[str, Any] = field(default_factory=dict[str, Any])

    def run(self, table: Iterable[Statement], probes: Mapping[str, Callable[..., None]]) -> None:
        """Examine every statement; what was made is removed in any case."""
        # What answers look like is judged by all of them.
        ordered = sorted(table, key=lambda one: one.probe == "answers")
        unanswered = 0
        try:
            for statement in ordered:
                self.inspection.statement = statement
                reason = self._why_not(statement)
                try:
                    if not reason:
                        probes[statement.probe](self, **statement.parameters)
                    unanswered = 0
                except NotExaminedError as error:
                    reason = str(error)
                except UnreachableError as error:
                    unanswered += 1
                    if unanswered == PATIENCE:
                        raise
                    reason = f"no answer came: {error}"
                except (AttributeError, LookupError, TypeError, ValueError) as error:
                    # An answer of another shape, which its own statement tells.
                    reason = f"the answers have another shape than it needs: {error!r}"
                self.results.append(Result(statement, NOT_EXAMINED if reason else HELD, reason))
        finally:
            self.inspection.statement = None
            self.own.clean_up()
            examined = {one.statement.id for one in self.results}
            rest = [one for one in ordered if one.id not in examined]
            self.results += [Result(one, NOT_EXAMINED, "the inspection ended early") for one in rest]
            self._judge()

    def _judge(self) -> None:
        different = {one.id for found in self.inspection.differences for one in found.statements}
        self.results = [
            Result(one.statement, DIFFERS) if one.statement.id in different else one for one in self.results
        ]

    def _why_not(self, statement: Statement) -> str:
        mode = statement.mode
        if mode is not Mode.READ and not self.may_write:
            return "read-only: needs WRITE=1"
        if mode is Mode.TWO_ACCOUNTS and self.second is None:
            return "no second account: needs TOKEN_B, or PUBLIC_KEY_B and SECRET_KEY_B"
        if mode is Mode.TRANSCODE and not self.may_transcode:
            return "transcoding costs money: needs TRANSCODE=1"
        if mode is Mode.TRANSCODE and not self.media:
            return "needs real media: MEDIA=file"
        return ""

    def once(self, name: str, make: Callable[[], T]) -> T:
        """What several statements need, made for the first of them; a failure holds for the others too."""
        if name not in self._once:
            try:
                self._once[name] = make()
            except NotExaminedError as error:
                self._once[name] = error
        made: Any = self._once[name]
        if isinstance(made, NotExaminedError):
            raise made
        return made  # type: ignore[no-any-return]  # as it was made

    def random(self) -> random.Random:
        """Choices for the statement at hand, the same for the same seed whatever else is examined."""
        statement = self.inspection.statement
        return random.Random(f"{self.seed}/{statement.id if statement else ''}")  # noqa: S311 - no secret

    def filled(self, value: Json) -> Json:
        """A value of the table with the mark in place of `{mark}`, and its end in place of `{tail}`."""
        if is_object(value):
            return {self.filled(name): self.filled(inner) for name, inner in value.items()}
        if is_list(value):
            return [self.filled(one) for one in value]
        if value == "{media size}":
            return len(self.media)
        if not isinstance(value, str):
            return value
        return value.replace("{mark}", self.own.mark).replace("{tail}", self.own.mark[-8:])

    def counts(self) -> Counter[str]:
        return Counter(one.outcome for one in self.results)

    def reasons(self) -> Iterator[tuple[str, list[Statement]]]:
        """Why statements were not examined, with those that each reason is about."""
        for reason in dict.fromkeys(one.reason for one in self.results if one.outcome == NOT_EXAMINED):
            yield reason, [one.statement for one in self.results if one.reason == reason]
