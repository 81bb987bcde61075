"""The same call again: what an earlier run sent is not sent again, and nothing is made twice."""

from __future__ import annotations

import io
import json
import os
import re
import threading
import time
import zlib
from contextlib import suppress
from typing import TYPE_CHECKING, Any, ClassVar

import httpx
import pytest

from aioz_stream import (
    AiozStream,
    APIConnectionError,
    AsyncAiozStream,
    AuthenticationError,
    BadRequestError,
    Cancellation,
    CreationUnknownError,
    JournalError,
    JournalWarning,
    NotFoundError,
    PartLimits,
    PaymentRequiredError,
    RetryPolicy,
    SourceChangedError,
    SourceError,
    SourceNotFoundError,
    UploadCancelledError,
    UploadInProgressError,
    VideoCompleteError,
    capture_responses,
    plan,
)
from aioz_stream.upload.journal import default_directory, read_record
from aioz_stream.upload.options import check_options
from aioz_stream_mock import MockServer, Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from aioz_stream import Progress

ANY = PartLimits(1, 10**9)
SMALL: dict[str, Any] = {"part_size": 1000, "part_limits": ANY, "concurrency": 2}


class Bench:
    """A server of the test's own, a client of it, and a file."""

    def __init__(self, server: MockServer, path: Path) -> None:
        self.server, self.path = server, path
        self.stream = self.client()

    def client(self, **options: Any) -> AiozStream:
        quick = RetryPolicy(first_delay=0.001, longest_delay=0.002)
        return AiozStream(base_url=self.server.url, **{"token": "token-a", "max_retries": quick, **options})

    def asked(self, operation: str) -> int:
        return sum(entry.operation == operation for entry in self.server.control.requests())

    def parts_sent(self) -> int:
        return sum(entry.operation == "uploadVideoPart" and entry.status == 200 for entry in self.requests())

    def requests(self) -> list[Any]:
        return self.server.control.requests()

    def videos(self) -> list[str]:
        return [video.id for video in self.stream.videos.list()]

    def stored(self, video: str) -> bytes:
        url = f"{self.server.url}/videos/{video}/source"
        return httpx.get(url, headers={"Authorization": "Bearer token-a"}).raise_for_status().content

    def interrupted(self, after: int = 4, **options: Any) -> None:
        """An upload that ends when so many parts have been sent."""
        cancel = Cancellation()

        def watch(reading: Progress) -> None:
            if reading.parts_done >= after:
                cancel.cancel()

        # Slow enough for the watcher to be called in between.
        self.server.control.fault("delay", operation="uploadVideoPart", times=None, seconds=0.05)
        with pytest.raises(UploadCancelledError):
            self.stream.upload(self.path, cancel=cancel, on_progress=watch, **SMALL | options)
        self.server.control.clear_faults()


@pytest.fixture
def bench(tmp_path: Path, noise: Callable[[int], bytes], monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
    monkeypatch.setenv("AIOZ_STREAM_JOURNALS", str(tmp_path / "journals"))
    path = tmp_path / "talk.mp4"
    path.write_bytes(noise(12_345))
    with MockServer(Settings(transcode_seconds=0.2)) as server:
        made = Bench(server, path)
        with made.stream:
            yield made


def journal_files(bench: Bench) -> list[str]:
    return sorted(path.suffix for path in (bench.path.parent / "journals").iterdir())


def test_the_same_call_goes_on(bench: Bench) -> None:
    bench.interrupted()
    [before] = bench.videos()
    sent = bench.parts_sent()
    assert 4 <= sent < 13
    assert journal_files(bench) == [".journal"]
    readings: list[Progress] = []
    video = bench.stream.upload(bench.path, on_progress=readings.append, **SMALL)
    assert video.id == before
    assert bench.stored(video.id) == bench.path.read_bytes()
    # A part whose answer was cut off may have arrived: it is sent again, and nothing else is.
    assert bench.parts_sent() - 13 <= SMALL["concurrency"] + 1
    assert 4000 <= readings[-1].resumed <= sent * 1000
    assert (readings[-1].parts_done, readings[-1].parts_total, readings[-1].fraction) == (13, 13, 1)
    assert (bench.asked("createVideo"), journal_files(bench)) == (1, [])


def test_the_same_call_after_it_was_complete_is_a_new_one(bench: Bench) -> None:
    first, second = (bench.stream.upload(bench.path, **SMALL) for _ in range(2))
    assert first.id != second.id


@pytest.mark.parametrize(
    "other", [{"title": "Other"}, {"part_size": 2000}, {"tags": ["x"]}, {"is_public": False}], ids=str
)
def test_another_call_is_another_upload(bench: Bench, other: dict[str, Any]) -> None:
    bench.interrupted()
    [first] = bench.videos()
    assert bench.stream.upload(bench.path, **SMALL | other).id != first
    assert bench.stream.upload(bench.path, **SMALL).id == first


def test_into_a_video(bench: Bench) -> None:
    video = bench.stream.videos.create(title="There")
    bench.server.control.fault("status", operation="uploadVideoPart", status=401, after=3)
    with pytest.raises(AuthenticationError) as caught:
        bench.stream.videos.upload(video.id, bench.path, **SMALL)
    assert "The same call resumes its upload." in "".join(caught.value.__notes__)
    sent = bench.parts_sent()
    bench.stream.videos.upload(video.id, bench.path, **SMALL)
    assert bench.stored(video.id) == bench.path.read_bytes()
    assert sent >= 1
    assert bench.parts_sent() - 13 <= SMALL["concurrency"] + 1


def test_into_a_video_that_is_complete(bench: Bench) -> None:
    """Each time: that an earlier call was refused makes nothing of it."""
    video = bench.stream.upload(bench.path, **SMALL)
    other = bench.path.with_name("other.mp4")
    other.write_bytes(b"other bytes")
    before = bench.parts_sent()
    for _ in range(2):
        with pytest.raises(VideoCompleteError, match="takes no more parts") as caught:
            bench.stream.videos.upload(video.id, other, **SMALL)
        assert caught.value.video_id == video.id
    assert (bench.parts_sent(), journal_files(bench)) == (before, [])


def test_an_error_before_the_first_part_names_the_video_too(bench: Bench) -> None:
    with pytest.raises(NotFoundError) as caught:
        bench.stream.videos.upload("unknown", bench.path, **SMALL)
    assert caught.value.video_id == "unknown"


def test_what_somebody_else_completed_is_not_called_ours(bench: Bench) -> None:
    bench.interrupted()
    [video] = bench.videos()
    rest = bench.path.read_bytes()
    for part in plan(len(rest), 1000, ANY):
        with suppress(BadRequestError):
            bench.stream.videos.upload_part(video, bench.path, part, part_limits=ANY)
    bench.stream.videos.complete(video)
    for _ in range(2):
        with pytest.raises(VideoCompleteError, match="by another program") as caught:
            bench.stream.upload(bench.path, **SMALL)
        assert "resumes" not in "".join(caught.value.__notes__)


class TestOtherAccount:
    """One machine, one service, and the credentials of two accounts."""

    def test_its_upload_is_neither_resumed_nor_forgotten(self, bench: Bench) -> None:
        bench.interrupted()
        [video] = bench.videos()
        with bench.client(token="token-b") as other, pytest.raises(JournalError, match="other credentials") as caught:
            other.upload(bench.path, **SMALL)
        assert video in str(caught.value)
        assert bench.stream.upload(bench.path, **SMALL).id == video

    def test_nor_is_one_of_many_that_is_complete(self, bench: Bench) -> None:
        many = [bench.path, bench.path.with_name("gone.mp4")]
        [first] = [one.video.id for one in bench.stream.upload_many(many, **SMALL) if one.video]
        with bench.client(token="token-b") as other:
            with pytest.raises(JournalError, match="one of several files") as caught:
                other.upload(bench.path, **SMALL)
            assert "abort" not in str(caught.value)
            with pytest.raises(PaymentRequiredError):  # so it was sent
                other.upload(bench.path, journal=False, **SMALL)
        again = [one.video.id for one in bench.stream.upload_many(many, **SMALL) if one.video]
        assert again == [first]

    def test_nor_is_it_aborted(self, bench: Bench) -> None:
        bench.interrupted()
        [found] = bench.stream.uploads.unfinished()
        with bench.client(token="token-b") as other, pytest.raises(JournalError, match="other credentials"):
            other.uploads.abort(found)
        bench.stream.uploads.abort(found)
        assert (bench.videos(), journal_files(bench)) == ([], [])

    def test_a_renewed_token_goes_on(self, bench: Bench) -> None:
        bench.interrupted()
        [video] = bench.videos()
        with bench.client(token=None, public_key="public-a", secret_key="secret-a") as renewed:
            assert renewed.upload(bench.path, **SMALL).id == video

    def test_a_renewed_token_gives_up(self, bench: Bench) -> None:
        bench.interrupted()
        [found] = bench.stream.uploads.unfinished()
        with bench.client(token=None, public_key="public-a", secret_key="secret-a") as renewed:
            renewed.uploads.abort(found)
        assert (bench.videos(), journal_files(bench)) == ([], [])

    def test_the_journal_says_nothing_of_the_credentials(self, bench: Bench) -> None:
        bench.interrupted()
        [path] = (bench.path.parent / "journals").glob("*.journal")
        assert "token-a" not in path.read_text(encoding="utf-8")
        record = read_record(path)[0]
        assert record is not None
        assert record.account is not None
        assert re.fullmatch("[0-9a-f]{16}-[0-9a-f]{4}", record.account)


def test_a_create_that_surely_made_nothing_leaves_no_journal(bench: Bench) -> None:
    bench.server.control.fault("status", operation="createVideo", status=402)
    with pytest.raises(PaymentRequiredError):
        bench.stream.upload(bench.path, **SMALL)
    nobody = AiozStream(token="t", base_url="http://127.0.0.1:9/api", max_retries=0)
    with nobody, pytest.raises(APIConnectionError):
        nobody.upload(bench.path, **SMALL)
    assert journal_files(bench) == []


def test_without_a_marker_a_run_that_was_killed_in_its_create_is_not_repeated(bench: Bench) -> None:
    """A second video may be the consequence; only a person can tell."""
    bench.server.control.fault("lost_answer", operation="createVideo")
    for _ in range(2):
        with pytest.raises(CreationUnknownError):
            bench.stream.upload(bench.path, marker=False, **SMALL)
    assert bench.asked("createVideo") == 1
    [found] = bench.stream.uploads.unfinished()
    bench.stream.uploads.abort(found)
    assert bench.stream.upload(bench.path, marker=False, **SMALL).id in bench.videos()


def test_a_video_with_copied_metadata_is_no_duplicate(bench: Bench) -> None:
    """Videos are made like others by copying their metadata, the marker of an upload included."""
    bench.interrupted()
    [video] = bench.videos()
    metadata = bench.stream.videos.get(video).metadata or []
    other = bench.path.with_name("other.mp4")
    other.write_bytes(b"other bytes")
    uploaded = bench.stream.upload(other, metadata=metadata, **SMALL)
    assert uploaded.metadata
    assert uploaded.metadata != metadata
    made = bench.stream.videos.create(title="copied", metadata=metadata)
    bench.stream.videos.upload(made.id, other, **SMALL)
    assert bench.stream.upload(bench.path, **SMALL).id == video
    assert {uploaded.id, made.id, video} == set(bench.videos())


@pytest.mark.parametrize("how", ["edit", "truncate", "append", "replace"])
def test_a_file_that_changed_is_refused(bench: Bench, how: str) -> None:
    bench.interrupted()
    content, path = bench.path.read_bytes(), bench.path
    edited = bytes(byte ^ 1 for byte in content)  # every byte: whichever parts were sent, they are others now
    if how == "edit":
        path.write_bytes(edited)
    elif how == "truncate":
        os.truncate(path, 5000)
    elif how == "append":
        path.write_bytes(content + b"more")
    else:
        (path.parent / "new").write_bytes(edited)
        (path.parent / "new").replace(path)
    # What the client gets, not what the server counts, which may still be busy with parts of the cancelled upload.
    with capture_responses() as answers, pytest.raises(SourceChangedError, match="changed since its upload began"):
        bench.stream.upload(path, **SMALL)
    asked = {answer.request.url.path.rpartition("/")[2] for answer in answers}
    assert not asked & {"part", "complete"}


@pytest.mark.parametrize("how", ["touch", "chmod", "link", "bring back"])
def test_a_file_whose_bytes_are_the_same_goes_on(bench: Bench, how: str) -> None:
    """The message says to bring the old file back: what comes back has another inode and other times."""
    bench.interrupted()
    [before], path = bench.videos(), bench.path
    if how == "touch":
        os.utime(path, (1, 1))
    elif how == "chmod":
        path.chmod(0o600)
    elif how == "link":
        path.with_name("second name").hardlink_to(path)
    else:
        path.with_name("backup").write_bytes(path.read_bytes())
        path.with_name("backup").replace(path)
    video = bench.stream.upload(path, **SMALL)
    assert (video.id, bench.stored(video.id)) == (before, path.read_bytes())
    assert bench.parts_sent() - 13 <= SMALL["concurrency"] + 1


@pytest.mark.parametrize("trust_times", [True, False])
def test_nothing_is_sent_before_what_an_earlier_run_sent_is_compared(bench: Bench, trust_times: bool) -> None:
    """A part of the edited file that is sent would keep the old file from being resumed."""
    bench.server.control.fault("status", operation="uploadVideoPart", status=401, after=3)
    with pytest.raises(AuthenticationError):
        bench.stream.upload(bench.path, trust_times=trust_times, **SMALL | {"concurrency": 1})
    content, sent = bench.path.read_bytes(), bench.parts_sent()
    bench.path.write_bytes(bytes(len(content)))
    with pytest.raises(SourceChangedError, match="are not those that were sent"):
        bench.stream.upload(bench.path, trust_times=trust_times, **SMALL | {"concurrency": 8})
    assert bench.parts_sent() == sent
    bench.path.write_bytes(content)
    video = bench.stream.upload(bench.path, trust_times=trust_times, **SMALL)
    assert bench.stored(video.id) == content


def test_times_that_lie(bench: Bench) -> None:
    """With times left out, the bytes decide: those that were sent must be those of now."""
    bench.interrupted(trust_times=False)
    content = bench.path.read_bytes()
    bench.path.write_bytes(b"!" + content[1:])
    with pytest.raises(SourceChangedError, match="are not those that were sent"):
        bench.stream.upload(bench.path, trust_times=False, **SMALL)
    assert bench.asked("completeVideoUpload") == 0
    bench.path.write_bytes(content)
    video = bench.stream.upload(bench.path, trust_times=False, **SMALL)
    assert bench.stored(video.id) == content


def test_a_lost_answer_to_complete_is_no_second_upload(bench: Bench) -> None:
    """Ended between the service's completing and the client's hearing of it."""
    bench.server.control.fault("lost_answer", operation="completeVideoUpload")
    bench.server.control.fault("cut_before", operation="getVideo", times=99)
    with pytest.raises(ConnectionError):
        bench.stream.upload(bench.path, **SMALL)
    bench.server.control.clear_faults()
    video = bench.stream.upload(bench.path, **SMALL)
    assert video.status in ("transcoding", "done")
    assert (len(bench.videos()), bench.asked("completeVideoUpload"), bench.parts_sent()) == (1, 1, 13)


def test_success_is_about_bytes_that_were_read(bench: Bench) -> None:
    """The video is complete with the old bytes, and the file has others: of the same size, at the same time."""
    bench.server.control.fault("lost_answer", operation="completeVideoUpload")
    bench.server.control.fault("cut_before", operation="getVideo", times=99)
    with pytest.raises(ConnectionError):
        bench.stream.upload(bench.path, trust_times=False, **SMALL)
    bench.server.control.clear_faults()
    content = bench.path.read_bytes()
    bench.path.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    for _ in range(2):
        with pytest.raises(SourceChangedError, match="give the upload up"):
            bench.stream.upload(bench.path, trust_times=False, **SMALL)
    bench.path.write_bytes(content)
    assert bench.stream.upload(bench.path, trust_times=False, **SMALL).id in bench.videos()
    assert (len(bench.videos()), bench.parts_sent()) == (1, 13)


def test_a_video_that_is_gone_is_made_anew(bench: Bench) -> None:
    bench.interrupted()
    [gone] = bench.videos()
    bench.stream.videos.delete(gone)
    video = bench.stream.upload(bench.path, **SMALL)
    assert video.id != gone
    assert bench.stored(video.id) == bench.path.read_bytes()


def test_an_upload_that_is_being_done(bench: Bench) -> None:
    began, go_on = threading.Event(), threading.Event()

    def hold(_: str) -> None:
        began.set()
        go_on.wait(30)

    first = threading.Thread(target=lambda: bench.stream.upload(bench.path, on_created=hold, **SMALL))
    first.start()
    assert began.wait(30)
    with pytest.raises(UploadInProgressError, match="another process or thread"):
        bench.stream.upload(bench.path, **SMALL)
    [running] = bench.stream.uploads.unfinished()
    assert running.is_running
    with pytest.raises(UploadInProgressError):
        bench.stream.uploads.abort(running)
    go_on.set()
    first.join()
    assert len(bench.videos()) == 1


class TestJournal:
    def test_where_it_is_kept(self, bench: Bench, tmp_path: Path) -> None:
        bench.interrupted(journal=tmp_path / "mine" / "talk.journal")
        text = (tmp_path / "mine" / "talk.journal").read_text()
        assert bench.videos()[0] in text
        assert "token-a" not in text
        assert (tmp_path / "mine").stat().st_mode & 0o77 == 0
        assert (tmp_path / "mine" / "talk.journal").stat().st_mode & 0o77 == 0
        assert not (tmp_path / "journals").exists()
        with pytest.raises(JournalError, match="of another upload"):
            bench.stream.upload(bench.path, title="Other", journal=tmp_path / "mine" / "talk.journal", **SMALL)
        bench.stream.upload(bench.path, journal=tmp_path / "mine" / "talk.journal", **SMALL)
        assert len(bench.videos()) == 1

    def test_the_journal_can_be_switched_off(self, bench: Bench) -> None:
        bench.interrupted(journal=False)
        assert not (bench.path.parent / "journals").exists()
        bench.stream.upload(bench.path, journal=False, **SMALL)
        assert len(bench.videos()) == 2

    @pytest.mark.parametrize("content", [b"something else", b"\0" * 100, b'{"format": 1}\n'])
    def test_what_is_no_journal_is_left_alone(self, bench: Bench, content: bytes) -> None:
        other = bench.path.parent / "notes.txt"
        other.write_bytes(content)
        with pytest.raises(JournalError, match="no journal"):
            bench.stream.upload(bench.path, journal=other, **SMALL)
        assert other.read_bytes() == content
        assert bench.videos() == []

    def test_a_place_that_cannot_be_written_to(self, bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
        blocked = bench.path.parent / "blocked"
        blocked.write_bytes(b"")
        with pytest.raises(JournalError, match="can't be kept"):
            bench.stream.upload(bench.path, journal=blocked / "a.journal", **SMALL)
        monkeypatch.setenv("AIOZ_STREAM_JOURNALS", str(blocked / "b"))
        with pytest.warns(JournalWarning, match="goes on without"):
            bench.stream.upload(bench.path, **SMALL)

    def test_a_torn_last_line_is_ignored(self, bench: Bench) -> None:
        bench.interrupted()
        [path] = (bench.path.parent / "journals").iterdir()
        content = path.read_bytes()
        known, *_ = read_record(path)
        assert known is not None
        for torn in (content[:-1], content[:-20], content + b"0badbad0 {}\n", content + b"\0" * 50):
            path.write_bytes(torn)
            record, size, _ = read_record(path)
            assert record is not None
            assert 0 <= len(known.parts) - len(record.parts) <= 1
            assert size <= len(content)
        bench.stream.upload(bench.path, **SMALL)
        assert len(bench.videos()) == 1

    def test_the_usual_place(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        monkeypatch.delenv("AIOZ_STREAM_JOURNALS")
        monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
        if os.name == "posix" and os.uname().sysname == "Linux":
            assert default_directory() == tmp_path / "aioz-stream" / "journals"
        assert default_directory().is_absolute()


class TestUnfinished:
    def test_listed_and_given_up(self, bench: Bench) -> None:
        assert bench.stream.uploads.unfinished() == []
        bench.interrupted(title="A talk")
        [one] = bench.stream.uploads.unfinished()
        assert (one.source, one.size, one.title, one.is_running) == (str(bench.path), 12_345, "A talk", False)
        assert [one.video_id] == bench.videos()
        assert 4000 <= one.sent < 12_345
        assert abs(one.begun.timestamp() - time.time()) < 600
        bench.stream.uploads.abort(one)
        assert (bench.stream.uploads.unfinished(), bench.videos(), journal_files(bench)) == ([], [], [])
        bench.stream.uploads.abort(one)

    def test_a_folder_that_can_not_be_read_is_no_empty_one(self, bench: Bench) -> None:
        assert bench.stream.uploads.unfinished(bench.path.parent / "none") == []
        with pytest.raises(JournalError, match="can't be listed"):
            bench.stream.uploads.unfinished(bench.path)

    def test_what_can_not_be_read_is_named_beside_the_others(self, bench: Bench) -> None:
        bench.interrupted(title="A talk")
        (bench.path.parent / "journals" / "damaged.journal").write_bytes(b"this is no journal\n")
        with pytest.warns(JournalWarning, match=r"damaged\.journal"):
            [one] = bench.stream.uploads.unfinished()
        assert one.title == "A talk"

    def test_a_lock_that_can_not_be_opened_is_not_held(self, bench: Bench) -> None:
        bench.interrupted()
        [one] = bench.stream.uploads.unfinished()
        one.journal.with_name(one.journal.name + ".lock").mkdir()
        assert not bench.stream.uploads.unfinished()[0].is_running

    def test_forgotten(self, bench: Bench) -> None:
        bench.interrupted()
        [one] = bench.stream.uploads.unfinished()
        bench.stream.uploads.forget(one)
        assert bench.stream.uploads.unfinished() == []
        assert len(bench.videos()) == 1

    def test_a_complete_video_stays(self, bench: Bench) -> None:
        bench.interrupted()
        [one] = bench.stream.uploads.unfinished()
        assert one.video_id is not None
        bench.stream.videos.upload(one.video_id, bench.path, journal=False, **SMALL)
        bench.stream.uploads.abort(one)
        assert (bench.videos(), bench.stream.uploads.unfinished()) == ([one.video_id], [])

    def test_those_of_another_service_are_not_shown(self, bench: Bench) -> None:
        bench.interrupted()
        with AiozStream(token="t", base_url="http://127.0.0.1:9/api") as other:
            assert other.uploads.unfinished() == []

    @pytest.mark.anyio
    async def test_async(self, bench: Bench) -> None:
        bench.interrupted()
        bench.interrupted(title="Other")
        async with AsyncAiozStream(token="token-a", base_url=bench.server.url) as stream:
            one, other = await stream.uploads.unfinished()
            await stream.uploads.abort(one)
            await stream.uploads.forget(other)
            assert await stream.uploads.unfinished() == []
        assert bench.videos() == [other.video_id]


class TestResumedByItsJournal:
    """Without the call that began it."""

    EVERYTHING: ClassVar[dict[str, Any]] = {
        "title": "A talk",
        "description": "About it",
        "is_public": False,
        "tags": ["one", "two"],
        "metadata": {"key": "value"},
        "qualities": [{"type": "hls", "container_type": "mpegts", "resolution": "360p"}],
    }

    def test_with_all_that_was_said(self, bench: Bench) -> None:
        bench.interrupted(**self.EVERYTHING)
        [one] = bench.stream.uploads.unfinished()
        assert one.is_resumable
        bench.server.control.clear_requests()
        video = bench.stream.uploads.resume(one, part_limits=ANY)
        assert (bench.videos(), video.id) == ([one.video_id], one.video_id)
        assert bench.parts_sent() == 13 - one.sent // 1000
        assert bench.stored(video.id) == bench.path.read_bytes()
        assert (video.title, video.is_public, video.tags) == ("A talk", False, ["one", "two"])
        assert journal_files(bench) == []
        with pytest.raises(JournalError, match="is over"):
            bench.stream.uploads.resume(one)

    def test_into_a_video(self, bench: Bench) -> None:
        given = bench.stream.videos.create(title="There").id
        bench.server.control.fault("status", operation="completeVideoUpload", status=401)
        with pytest.raises(AuthenticationError):
            bench.stream.videos.upload(given, bench.path, **SMALL)
        [one] = bench.stream.uploads.unfinished()
        assert bench.stream.uploads.resume(one, part_limits=ANY).id == given
        assert bench.stored(given) == bench.path.read_bytes()

    def test_as_it_was_asked_for(self, bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
        """Without a marker, and without trust in times."""
        bench.interrupted(marker=False, trust_times=False)
        [one] = bench.stream.uploads.unfinished()
        seen: list[Any] = []

        def note(how: Any) -> Any:
            seen.append(how)
            return check_options(how)

        monkeypatch.setattr("aioz_stream.upload.uploads.check_options", note)
        bench.stream.uploads.resume(one, part_limits=ANY)
        assert (seen[0]["marker"], seen[0]["trust_times"], seen[0]["part_size"]) == (False, False, 1000)

    def test_one_of_many_is_passed_over_by_the_call_of_all(self, bench: Bench) -> None:
        other = bench.path.with_name("other.mp4")
        other.write_bytes(b"another")
        bench.server.control.fault("status", operation="completeVideoUpload", times=2, status=401)
        assert [one.video for one in bench.stream.upload_many([bench.path, other], **SMALL)] == [None, None]
        for one in bench.stream.uploads.unfinished():
            bench.stream.uploads.resume(one, part_limits=ANY)
        assert bench.stream.uploads.unfinished() == []
        for result in bench.stream.upload_many([bench.path, other], **SMALL):
            result.unwrap()
        assert len(bench.videos()) == 2
        assert journal_files(bench) == []

    def test_a_source_that_is_gone_is_named(self, bench: Bench) -> None:
        bench.interrupted()
        [one] = bench.stream.uploads.unfinished()
        bench.path.unlink()
        with pytest.raises(SourceNotFoundError, match=re.escape(str(bench.path))):
            bench.stream.uploads.resume(one)
        assert bench.stream.uploads.unfinished() == [one]

    @pytest.mark.anyio
    async def test_async(self, bench: Bench) -> None:
        bench.interrupted(title="A talk")
        async with AsyncAiozStream(token="token-a", base_url=bench.server.url) as stream:
            [one] = await stream.uploads.unfinished()
            video = await stream.uploads.resume(one, part_limits=ANY)
        assert (video.id, bench.stored(video.id)) == (one.video_id, bench.path.read_bytes())


@pytest.mark.parametrize("kind", ["open file", "pipe"])
def test_a_journal_does_not_open_what_was_handed_over_open(kind: str, bench: Bench, tmp_path: Path) -> None:
    pipe, journal = tmp_path / "pipe", tmp_path / "journals" / "named.journal"
    source: str | io.BytesIO = io.BytesIO(b"bytes")
    if kind == "pipe":
        source = str(pipe)
        os.mkfifo(pipe)
        writer = threading.Thread(target=pipe.write_bytes, args=(b"bytes",), daemon=True)
        writer.start()
    bench.server.control.fault("status", operation="completeVideoUpload", status=401)
    with pytest.raises(AuthenticationError):
        bench.stream.upload(source, title="T", journal=journal, size=5, **SMALL)
    [one] = bench.stream.uploads.unfinished()
    assert not one.is_resumable
    with pytest.raises(SourceError, match="Only the call that began"):
        bench.stream.uploads.resume(one)


def test_an_older_journal_is_taken_for_one_that_opens_its_source(bench: Bench) -> None:
    bench.interrupted()
    [one] = bench.stream.uploads.unfinished()
    _, *others = one.journal.read_bytes().splitlines(keepends=True)
    record, *_ = read_record(one.journal)
    assert record is not None
    head = {"format": 1, "call": record.call, "source": record.source, "marker": record.marker, "begun": record.begun}
    text = json.dumps(head, separators=(",", ":")).encode()
    one.journal.write_bytes(b"%08x %s\n" % (zlib.crc32(text), text) + b"".join(others))
    [older] = bench.stream.uploads.unfinished()
    assert older.is_resumable
    assert bench.stream.uploads.resume(older, part_limits=ANY).id == one.video_id
