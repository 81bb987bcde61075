"""Every operation, in every phase but the stateful one, against the application in this process."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from conformance.cases import FORM, Luck
from conformance.desk import Desk, fit_part
from conformance.late import LateApplication
from conformance.run import Run
from conformance.samples import BEARER, md5

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conformance.cases import AnyCase

RUN = Run.from_environment()
SCHEMA = RUN.schema()
SCHEMA.app = APPLICATION = LateApplication()
FUZZED: set[str] = set()


@pytest.fixture(scope="module")
def desk() -> Iterator[Desk]:
    yield Desk(SCHEMA, Run.from_environment(), APPLICATION.close)
    # The state was opened by the first request, and nobody else knows that it is no longer needed.
    APPLICATION.close()


def fuzz(operation: str) -> Any:
    """The test of one operation.

    Each needs a name of its own: all tests of one parametrized function have the same id, and where tests are shared
    out by id, only the first of them would run.
    """

    # All others are excluded, since an include would be one more choice beside those that the configuration makes.
    @SCHEMA.exclude(operation_id_regex=f"^(?!{operation}$)").parametrize()
    @pytest.mark.floor(20, operations=[operation])
    def test(case: AnyCase, desk: Desk) -> None:
        desk.check(case)

    FUZZED.add(operation)
    return test


test_contract_create_video = fuzz("createVideo")
test_contract_list_videos = fuzz("listVideos")
test_contract_get_transcode_cost = fuzz("getTranscodeCost")
test_contract_get_video = fuzz("getVideo")
test_contract_update_video = fuzz("updateVideo")
test_contract_delete_video = fuzz("deleteVideo")
test_contract_upload_video_part = fuzz("uploadVideoPart")
test_contract_complete_video_upload = fuzz("completeVideoUpload")
test_contract_upload_video_thumbnail = fuzz("uploadVideoThumbnail")


def test_contract_has_no_other_operations() -> None:
    # Beside its operations, a path has a list of parameters.
    entries = [entry for path in SCHEMA.raw_schema["paths"].values() for entry in path.values()]
    assert {entry["operationId"] for entry in entries if isinstance(entry, dict)} == FUZZED


@pytest.mark.parametrize(("index", "status"), [("892496", 200), (892496, 400)])
def test_contract_number_in_a_form_is_wrong_as_it_is_sent(index: str | int, status: int, desk: Desk) -> None:
    """Sent as it is, a number would be the very text that it should have been."""
    case = SCHEMA["/videos/{video_id}/part"]["POST"].Case(
        path_parameters={"video_id": desk.create()},
        body={"index": index, "hash": md5(b"bytes"), "file": "bytes"},
        media_type=FORM,
    )
    fit_part(case, Luck(case))
    assert case.call(headers=dict(BEARER)).status_code == status
