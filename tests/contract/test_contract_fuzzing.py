"""Every operation, with cases that schemathesis generates from the contract."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from conformance.mock_tests.fuzzing import FORM, Fuzzer, expected_statuses, fit_part
from conformance.mock_tests.run_options import RunOptions
from conformance.mock_tests.test_server import TestServer
from conformance.shared.documented import operation_ids
from conformance.shared.sample_data import BEARER, JPEG, PNG, md5

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conformance.mock_tests.fuzzing import AnyCase

SCHEMA = RunOptions.from_environment().schema()


@pytest.fixture(scope="module")
def server() -> Iterator[TestServer]:
    with TestServer() as running:
        yield running


@pytest.fixture(scope="module")
def fuzzer(server: TestServer) -> Fuzzer:
    return Fuzzer(server)


def fuzz_test(operation: str) -> Any:
    # All others are excluded, since an include would be one more choice beside those that the configuration makes.
    @SCHEMA.exclude(operation_id_regex=f"^(?!{operation}$)").parametrize()
    @pytest.mark.floor(20, operations=[operation])
    def test(case: AnyCase, fuzzer: Fuzzer) -> None:
        fuzzer.check(case)

    return test


# Each operation needs a test of its own name: all tests of one parametrized function have the same id, and where tests
# are shared out by id, only the first of them would run.
for name in operation_ids():
    globals()[f"test_{name}"] = fuzz_test(name)


@pytest.mark.parametrize(("index", "status"), [("892496", 200), (892496, 400), ("0", 200), (0, 400)])
def test_a_number_in_a_form_is_sent_as_a_wrong_one(index: str | int, status: int, server: TestServer) -> None:
    """Sent as it is, a number would be the very text that the field takes."""
    case: Any = SCHEMA["/videos/{video_id}/part"]["POST"].Case(
        path_parameters={"video_id": server.create()["id"]},
        body={"index": index, "hash": md5(b"bytes"), "file": "bytes"},
        media_type=FORM,
    )
    fit_part(case)
    assert case.call(base_url=server.url, headers=dict(BEARER)).status_code == status


EXAMPLE = "(the bytes of a PNG or JPEG file)"


@pytest.mark.parametrize(("file", "expected"), [(PNG, set[int]()), (JPEG, set[int]()), (EXAMPLE, {400})])
def test_the_example_of_a_thumbnail_is_a_text_and_no_picture(
    file: str | bytes, expected: set[int], server: TestServer, fuzzer: Fuzzer
) -> None:
    """JSON has no bytes, so the contract's example only says what belongs there, and is refused when it is sent."""
    body: Any = {"file": file}
    case: Any = SCHEMA["/videos/{video_id}/thumbnail"]["POST"].Case(
        path_parameters={"video_id": server.create()["id"]}, body=body, media_type=FORM
    )
    assert expected_statuses(case) == expected
    fuzzer.check(case)
