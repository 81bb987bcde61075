"""Operations one after the other, along the links of the contract: what one answers is what the next one asks for."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import schemathesis

from aioz_stream_mock import create_app

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from schemathesis import CheckFunction, Response

    from tests.contract.conftest import AnyCase, Desk

HERE = Path(__file__).parent
SCHEMA = schemathesis.openapi.from_path(
    HERE.parents[1] / "openapi.yaml", config=schemathesis.Config.from_path(HERE / "schemathesis.toml")
)
SCHEMA.app = create_app()
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
def desk(desk_for: Callable[..., Desk]) -> Iterator[Desk]:
    yield desk_for(SCHEMA)
    SCHEMA.app.state.mock.close()


# Few, since here a part meets whatever the scenario has already uploaded to the same video.
@pytest.mark.floor(2, operations=LINKED)
def test_contract_links(desk: Desk) -> None:
    class Scenario(SCHEMA.as_state_machine()):  # type: ignore[misc]  # a base made at run time
        def before_call(self, case: AnyCase) -> None:
            desk.arrange_step(case)

        def get_call_kwargs(self, case: AnyCase) -> dict[str, Any]:
            return {"headers": desk.credentials_of(case)}

        def after_call(self, response: Response, case: AnyCase) -> None:
            super().after_call(response, case)
            desk.book.note(case, response)

        def validate_response(
            self,
            response: Response,
            case: AnyCase,
            additional_checks: list[CheckFunction] | None = None,
            **kwargs: Any,
        ) -> None:
            # As in the base class, but the checks are told which headers are credentials that somebody gave.
            case.validate_response(
                response,
                headers=kwargs["headers"],
                additional_checks=additional_checks,
                transport_kwargs=kwargs,
                recorder=self.recorder,
            )

    Scenario.run(settings=SCHEMA.config.get_hypothesis_settings(phase="stateful"))
