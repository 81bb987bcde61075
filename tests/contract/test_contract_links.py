"""Operations one after the other, along the links of the contract: what one answers is what the next one asks for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from conformance.cases import Luck
from conformance.desk import Desk, Order, credentials
from conformance.late import LateApplication
from conformance.run import Run

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conformance.cases import AnyCase
    from schemathesis import CheckFunction, Response

RUN = Run.from_environment()
SCHEMA = RUN.schema()
SCHEMA.app = APPLICATION = LateApplication()
LINKED = (
    "createVideo",
    "getVideo",
    "updateVideo",
    "uploadVideoPart",
    "completeVideoUpload",
    "uploadVideoThumbnail",
    "deleteVideo",
)


@pytest.fixture(scope="module")
def desk() -> Iterator[Desk]:
    yield Desk(SCHEMA, Run.from_environment(), APPLICATION.close)
    APPLICATION.close()


# Few, since here a part meets whatever the scenario has already uploaded to the same video.
@pytest.mark.floor(2, operations=LINKED)
def test_contract_links(desk: Desk) -> None:
    class Scenario(SCHEMA.as_state_machine()):  # type: ignore[misc]  # a base made at run time
        def setup(self) -> None:
            super().setup()
            desk.done.forget()

        def before_call(self, case: AnyCase) -> None:
            desk.arrange_step(case)

        def get_call_kwargs(self, case: AnyCase) -> dict[str, Any]:
            return {"headers": credentials(Luck(case))}

        def after_call(self, response: Response, case: AnyCase) -> None:
            super().after_call(response, case)
            desk.remember(response)
            desk.note(case, response)

        def validate_response(
            self,
            response: Response,
            case: AnyCase,
            additional_checks: list[CheckFunction] | None = None,
            **kwargs: Any,
        ) -> None:
            # As in the base class, but the checks are told which headers are credentials that somebody gave, and are
            # only those that need not know what was there before.
            del additional_checks
            desk.validate(Order(case, kwargs["headers"]), response, recorder=self.recorder)

    RUN.seeded(Scenario)
    Scenario.run(settings=SCHEMA.config.get_hypothesis_settings(phase="stateful"))
