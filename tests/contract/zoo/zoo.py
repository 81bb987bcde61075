"""The services of `deviants.yaml`, one at a time, and inspections of them."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from conformance.deployment.client import Credentials, DeploymentClient
from conformance.deployment.command import PROBES
from conformance.deployment.examination import Examination
from conformance.deployment.inspection import Inspection
from conformance.deployment.own_videos import OwnVideos
from conformance.deployment.statements import Mode, statements
from conformance.shared.sample_data import mp4
from contract_document import load, parse

from aioz_stream_mock import Account, MockServer, Settings
from aioz_stream_mock.app import create_app
from aioz_stream_mock.control.control import Control
from tests.contract.zoo import deviations
from tests.contract.zoo.service import Answer, Call, DeviantService

if TYPE_CHECKING:
    from collections.abc import Collection, Generator, Mapping

OWN = Credentials.from_environment({"TOKEN": "token-a", "PUBLIC_KEY": "public-a", "SECRET_KEY": "secret-a"})
SECOND = Credentials.from_environment({"TOKEN_B": "token-b"}, "_B")


@dataclass(frozen=True)
class Deviant:
    """One deviation, as the table has it."""

    name: str
    breaks: str
    do: str
    parameters: Mapping[str, Any]
    seen: Mode
    by: tuple[str, ...]
    """The statements that find it; none where no inspection can."""


@lru_cache
def deviants() -> tuple[Deviant, ...]:
    table = parse(Path(__file__).with_name("deviants.yaml").read_text(encoding="utf-8"))
    return tuple(
        Deviant(name, one["breaks"], one["do"], one.get("with", {}), Mode(one["seen"]), tuple(one.get("by", ())))
        for name, one in table.items()
    )


async def nothing(call: Call, service: DeviantService) -> Answer:
    """Deviates in nothing."""
    return await service.true_answer(call)


class Zoo:
    """One server, whose deviation changes; its state is that of a server in use, each time."""

    def __init__(self) -> None:
        accounts = [Account.named("a", 1000), Account.named("b", 1000)]
        app = create_app(Settings(accounts=accounts, transcode_seconds=0.2))
        self._control = Control(app.state.mock)
        self.service = DeviantService(app, nothing, {})
        self.server = MockServer(app=self.service)

    def become(self, deviant: Deviant | None) -> None:
        """Deviate in one way, or in none, with the videos of a server in use."""
        self._control.reset()
        self._control.clear_faults()
        furnish(self._control)
        self.service.memory.clear()
        self.service.parameters = deviant.parameters if deviant else {}
        self.service.deviation = getattr(deviations, deviant.do) if deviant else nothing

    def inspect(
        self, ids: Collection[str] | None = None, *, write: bool = True, seed: int = 0, second: bool = True
    ) -> Examination:
        """Examine the statements with these ids, or all; everything that costs time waits for nothing."""
        client = DeploymentClient(self.server.url, OWN, SECOND if second else None, per_second=1e6, wait=lambda _: None)
        inspection = Inspection(client, load(), statements(), wait=lambda _: None)
        examination = Examination(
            inspection, OwnVideos(inspection), OWN, SECOND if second else None, write, write, mp4(2), seed
        )
        table = statements() if ids is None else [one for one in statements() if one.id in ids]
        try:
            examination.run(table, PROBES)
        finally:
            client.close()
        return examination


@contextmanager
def open_zoo() -> Generator[Zoo]:
    zoo = Zoo()
    with zoo.server:
        yield zoo


def furnish(control: Control) -> None:
    """Videos of all kinds, also of another account."""
    control.seed(
        [
            {
                "title": f"{'aBc'[number % 3]} video {number % 7}",
                "description": "At dawn" * (number % 2),
                "tags": ["sea", "b", "c, d"][: number % 4],
                "metadata": [{"key": "genre", "value": "text"}] * (number % 3 == 1),
                "status": ("done", "new", "transcoding", "deleted")[number % 4],
                "size": 1000 + number * 37 % 11,
                "is_public": number % 2 == 0,
                "account": "ab"[number % 5 == 4],
            }
            for number in range(60)
        ]
    )
