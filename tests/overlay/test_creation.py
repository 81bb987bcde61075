"""Making a video exactly once, although answers get lost."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from aioz_stream import (
    AiozStream,
    ArgumentError,
    CreationUnknownError,
    JournalError,
    PartLimits,
    RetryPolicy,
    ServerError,
)
from aioz_stream.http.credentials import resolve
from aioz_stream.upload.creation import check_account
from aioz_stream.upload.journal import Record
from aioz_stream_mock import MockServer, Settings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SMALL: dict[str, Any] = {"part_size": 1000, "part_limits": PartLimits(1, 10**9)}
QUICK = RetryPolicy(first_delay=0.001, longest_delay=0.002)


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[MockServer]:
    monkeypatch.setenv("AIOZ_STREAM_JOURNALS", str(tmp_path / "journals"))
    with MockServer(Settings(transcode_seconds=0.2)) as running:
        yield running


@pytest.fixture
def stream(server: MockServer) -> Iterator[AiozStream]:
    with AiozStream(token="token-a", base_url=server.url, max_retries=QUICK) as client:
        yield client


@pytest.fixture
def path(tmp_path: Path) -> Path:
    file = tmp_path / "clip.mp4"
    file.write_bytes(b"0123456789" * 500)
    return file


def marked(stream: AiozStream) -> list[str]:
    return [video.id for video in stream.videos.list() if "aioz-stream-upload" in str(video.metadata)]


@pytest.mark.parametrize("kind", ["lost_answer", "truncated_json", "cut_before", "cut_during", "cut_after"])
@pytest.mark.parametrize("times", [1, 3])
def test_a_lost_answer_makes_no_second_video(
    stream: AiozStream, server: MockServer, path: Path, kind: str, times: int
) -> None:
    how = {"after_bytes": 10} if kind == "cut_during" else {}
    server.control.add_fault({"kind": kind, "operation": "createVideo", "times": times, **how})
    created: list[str] = []
    video = stream.upload(path, on_created=created.append, **SMALL)
    assert [one.id for one in stream.videos.list()] == [video.id] == created
    assert marked(stream) == created


@pytest.mark.parametrize("effect", [True, False])
def test_a_create_that_failed_makes_no_second_video(
    stream: AiozStream, server: MockServer, path: Path, *, effect: bool
) -> None:
    server.control.fault("status", operation="createVideo", status=503, effect=effect, times=2)
    video = stream.upload(path, **SMALL)
    assert [one.id for one in stream.videos.list()] == [video.id]


def test_two_runs_with_one_title_never_adopt_each_others(stream: AiozStream, server: MockServer, path: Path) -> None:
    other = stream.videos.create(title="clip")
    server.control.fault("lost_answer", operation="createVideo")
    first = stream.upload(path, title="clip", **SMALL)
    server.control.fault("lost_answer", operation="createVideo")
    second = stream.upload(path, title="clip", **SMALL)
    assert len({other.id, first.id, second.id}) == 3


def test_a_run_that_ended_before_it_heard_of_its_video(stream: AiozStream, server: MockServer, path: Path) -> None:
    server.control.fault("lost_answer", operation="createVideo")
    server.control.fault("cut_before", operation="listVideos", times=99)
    with pytest.raises(CreationUnknownError, match="aioz-stream-upload") as caught:
        stream.upload(path, **SMALL)
    assert caught.value.marker
    server.control.clear_faults()
    [unfinished] = stream.uploads.unfinished()
    assert unfinished.video_id is None
    video = stream.upload(path, **SMALL)
    assert [one.id for one in stream.videos.list()] == [video.id]
    assert caught.value.marker in str(video.metadata)


@pytest.mark.parametrize("journal", [True, False])
def test_that_the_same_call_looks_is_said_only_where_it_does(
    stream: AiozStream, server: MockServer, path: Path, *, journal: bool
) -> None:
    server.control.fault("lost_answer", operation="createVideo")
    server.control.fault("cut_before", operation="listVideos", times=99)
    with pytest.raises(CreationUnknownError) as caught:
        stream.upload(path, journal=journal, **SMALL)
    assert ("same call" in "".join([str(caught.value), *getattr(caught.value, "__notes__", ())])) == journal


def test_given_up_before_it_heard_of_its_video(stream: AiozStream, server: MockServer, path: Path) -> None:
    server.control.fault("lost_answer", operation="createVideo")
    server.control.fault("cut_before", operation="listVideos", times=99)
    with pytest.raises(CreationUnknownError):
        stream.upload(path, **SMALL)
    server.control.clear_faults()
    [unfinished] = stream.uploads.unfinished()
    stream.uploads.abort(unfinished)
    assert list(stream.videos.list()) == []


def test_without_a_marker_nothing_is_repeated(stream: AiozStream, server: MockServer, path: Path) -> None:
    server.control.fault("lost_answer", operation="createVideo")
    with pytest.raises(CreationUnknownError, match="look for a video of this title"):
        stream.upload(path, marker=False, **SMALL)
    assert len(list(stream.videos.list())) == 1
    server.control.fault("status", operation="createVideo", status=500, effect=True)
    with pytest.raises(ServerError):
        stream.upload(path, title="Other", marker=False, **SMALL)
    assert len(list(stream.videos.list())) == 2
    assert marked(stream) == []


def test_the_marker_needs_room(stream: AiozStream, server: MockServer, path: Path) -> None:
    full = {str(number): "x" for number in range(50)}
    with pytest.raises(ArgumentError, match="no room for the marker"):
        stream.upload(path, metadata=full, **SMALL)
    assert server.control.requests() == []
    assert stream.upload(path, metadata=full, marker=False, **SMALL).status


@pytest.mark.parametrize(("account", "is_refused"), [("mine", False), ("another", True), ("unknown", False)])
def test_a_video_that_is_gone_may_be_in_the_account_that_the_upload_was_begun_with(
    account: str, is_refused: bool
) -> None:
    mine, another = (resolve(token, None, None) for token in ("token-a", "token-b"))
    marks = {"mine": mine.fingerprint(), "another": another.fingerprint(), "unknown": None}
    record = Record({"source": "/talk.mp4"}, {}, None, 0.0, marks[account], "v")
    if is_refused:
        with pytest.raises(JournalError, match="begun with other credentials"):
            check_account(mine, record)
    else:
        check_account(mine, record)
