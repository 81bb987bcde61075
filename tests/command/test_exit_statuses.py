"""How a program learns what became of a command: one exit status for each kind of end."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from aioz_stream import errors
from aioz_stream.errors import BY_STATUS, APIStatusError
from aioz_stream_cli.failures import ExitStatus, exit_status
from aioz_stream_mock import MockServer, Settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.command.conftest import Run

SETTINGS = Path(__file__).parents[2] / "docs/settings.md"
STATUSES = {
    "APIConnectionError": 6,
    "APIError": 6,
    "APIResponseError": 6,
    "APIStatusError": 5,
    "APITimeoutError": 6,
    "AiozStreamError": 1,
    "ArgumentError": 2,
    "ArgumentTypeError": 2,
    "AssetMissingError": 4,
    "AssetNotReadyError": 4,
    "AuthenticationError": 3,
    "BadRequestError": 5,
    "BalanceError": 5,
    "ConfigurationError": 2,
    "ConflictError": 5,
    "CreationUnknownError": 6,
    "CredentialsError": 3,
    "DestinationError": 1,
    "DestinationExistsError": 2,
    "DownloadCancelledError": 130,
    "DownloadTimeoutError": 6,
    "EmptySourceError": 2,
    "EncodingError": 5,
    "JournalError": 1,
    "NotFoundError": 4,
    "PaymentRequiredError": 5,
    "PermissionDeniedError": 3,
    "PriceError": 5,
    "RateLimitError": 6,
    "RequestTimeoutError": 6,
    "ServerError": 6,
    "SourceChangedError": 1,
    "SourceError": 2,
    "SourceNotFoundError": 2,
    "TooLargeError": 5,
    "UnexpectedResponseError": 6,
    "UnsupportedMediaTypeError": 5,
    "UploadCancelledError": 130,
    "UploadInProgressError": 1,
    "UploadTimeoutError": 6,
    "VideoCompleteError": 5,
    "WaitTimeoutError": 6,
    "WorkerError": 1,
}
"""Of every public class of error. A new one needs a row: what does a program do that meets it?"""


@pytest.mark.parametrize("name", [name for name in errors.__all__ if name.endswith("Error")])
def test_every_error_has_a_status(name: str) -> None:
    kind: type[errors.AiozStreamError] = getattr(errors, name)
    error = kind("no")
    if isinstance(error, APIStatusError):
        error.status = {kind: status for status, kind in BY_STATUS.items()}.get(type(error), 400)
        if isinstance(error, errors.ServerError):
            error.status = 500
    assert exit_status(error) == STATUSES[name]


def test_all_public_errors_end_with_error() -> None:
    """By this they are found above."""
    found = [name for name in errors.__all__ if isinstance(getattr(errors, name), type)]
    assert {name for name in found if issubclass(getattr(errors, name), BaseException)} == set(STATUSES)


@pytest.mark.parametrize(("status", "ends"), [(402, 5), (410, 5), (425, 6), (500, 6), (520, 6)])
def test_answers_without_a_class_of_their_own(status: int, ends: int) -> None:
    assert exit_status(errors.status_error_class(status)("no", status=status)) == ends


def test_an_error_of_another_program_is_a_failure() -> None:
    assert exit_status(OSError("no")) == 1


@pytest.fixture
def server() -> Iterator[MockServer]:
    with MockServer(Settings(transcode_seconds=0)) as server:
        yield server


def test_0_done(run: Run) -> None:
    assert run("list").returncode == 0


def test_1_this_machine(run: Run, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    done = run("uploads", AIOZ_STREAM_JOURNALS=str(tmp_path / "file"))
    assert done.returncode == 1, done.stderr


@pytest.mark.parametrize(
    "words",
    [
        ["fetch"],
        ["get"],
        ["list", "--limitless"],
        ["list", "--since", "soon"],
        ["upload", "none.mp4"],
        ["upload", __file__, "--concurrency", "0"],
        ["upload", __file__, "--qualities", "none.json"],
    ],
    ids=" ".join,
)
def test_2_usage(words: list[str], run: Run) -> None:
    done = run(*words)
    assert done.returncode == 2, done.stderr
    assert "Traceback" not in done.stderr


def test_2_an_unusable_address(run: Run) -> None:
    assert run("list", AIOZ_STREAM_BASE_URL="nowhere").returncode == 2


def test_3_credentials(run: Run, server: MockServer) -> None:
    assert run("list", AIOZ_STREAM_TOKEN="").returncode == 3
    assert run("list", AIOZ_STREAM_TOKEN="of-no-account").returncode == 3
    server.control.fault("status", status=403)
    assert run("list", AIOZ_STREAM_BASE_URL=server.url).returncode == 3


@pytest.mark.parametrize("words", [["get", "none"], ["wait", "none"], ["delete", "none", "--yes"]], ids=" ".join)
def test_4_no_such_video(words: list[str], run: Run) -> None:
    assert run(*words).returncode == 4


def test_5_refused(run: Run, server: MockServer, tmp_path: Path) -> None:
    (tmp_path / "clip.mp4").write_bytes(b"bytes")
    unpaid = run("upload", str(tmp_path / "clip.mp4"), AIOZ_STREAM_TOKEN="token-b")
    assert "402" in unpaid.stderr
    assert unpaid.returncode == 5
    server.control.fault("status", status=409)
    assert run("list", AIOZ_STREAM_BASE_URL=server.url).returncode == 5
    ladder = '[{"type": "hls", "container_type": "fmp4", "resolution": "720p"}]'
    assert run("check", "-", standard_input=ladder).returncode == 5
    assert run("upload", str(tmp_path / "clip.mp4"), "--qualities", "-", standard_input=ladder).returncode == 5


def test_6_the_service_does_not_answer_well(run: Run, server: MockServer) -> None:
    server.control.fault("status", status=429, headers={"Retry-After": "1000"})
    assert run("get", "any", AIOZ_STREAM_BASE_URL=server.url).returncode == 6
    server.control.fault("status", status=500, times=None)
    assert run("get", "any", AIOZ_STREAM_BASE_URL=server.url).returncode == 6


def test_6_no_answer(run: Run) -> None:
    assert run("list", AIOZ_STREAM_BASE_URL="http://127.0.0.1:9").returncode == 6


def test_6_not_done_in_time(run: Run, tmp_path: Path) -> None:
    (tmp_path / "clip.mp4").write_bytes(b"bytes")
    with MockServer(Settings(transcode_seconds=1000)) as slow:
        uploaded = run("upload", str(tmp_path / "clip.mp4"), "--json", AIOZ_STREAM_BASE_URL=slow.url)
        video_id = re.findall('"id": "(.*)"', uploaded.stdout)[0]
        done = run("wait", video_id, "--timeout", "0.1", AIOZ_STREAM_BASE_URL=slow.url)
        assert done.returncode == 6
        assert f"This command waits on:\naioz-stream wait {video_id} --timeout 0.1\n" in done.stderr
        refused = run("wait", "none", AIOZ_STREAM_BASE_URL=slow.url)
        assert "waits on" not in refused.stderr, "the same command would meet the same answer"


def test_7_transcoding_failed(run: Run, tmp_path: Path) -> None:
    (tmp_path / "clip.mp4").write_bytes(b"no media")
    with MockServer(Settings(transcode=True)) as transcoding:
        done = run("upload", str(tmp_path / "clip.mp4"), "--wait", "--json", AIOZ_STREAM_BASE_URL=transcoding.url)
        assert done.returncode == 7, done.stderr
        video_id = re.findall('"id": "(.*)"', done.stdout)[0]
        assert run("wait", video_id, AIOZ_STREAM_BASE_URL=transcoding.url).returncode == 7


def test_the_page_has_them_all() -> None:
    section = (
        SETTINGS.read_text(encoding="utf-8").partition("## Exit statuses")[2].partition("\n| of `aioz-stream-mock`")[0]
    )
    assert set(map(int, re.findall(r"^\| (\d+) \|", section, re.MULTILINE))) == {0, *ExitStatus}
