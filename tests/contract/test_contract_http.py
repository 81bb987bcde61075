"""Every operation over a real connection: what a request is on the wire, another program has to read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from conformance.desk import Desk
from conformance.run import Run

from aioz_stream_mock import MockServer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conformance.cases import AnyCase

RUN = Run.from_environment()
SCHEMA = RUN.schema()
# The coverage phase repeats what it sends in-process, one case after the other; of the rest a smaller share will do.
SCHEMA.config.generation.update(max_examples=RUN.amount(25, 60))
for each in SCHEMA.config.operations.operations:
    each.generation.update(max_examples=RUN.amount(60, 150))


@pytest.fixture(scope="module")
def desk() -> Iterator[Desk]:
    with MockServer() as server:
        yield Desk(SCHEMA, RUN, server.control.reset, server.url)


def fuzz(operation: str) -> Any:
    """The test of one operation.

    Each needs a name of its own: all tests of one parametrized function have the same id, and where tests are shared
    out by id, only the first of them would run.
    """

    # All others are excluded, since an include would be one more choice beside those that the configuration makes.
    @SCHEMA.exclude(operation_id_regex=f"^(?!{operation}$)").parametrize()
    @pytest.mark.floor(5, operations=[operation])
    def test(case: AnyCase, desk: Desk) -> None:
        desk.check(case)

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
