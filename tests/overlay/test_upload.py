"""Uploading real files to a real server, and what happens when something goes wrong on the way."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import threading
import time
import tracemalloc
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aioz_stream import (
    AiozStream,
    APIConnectionError,
    ArgumentError,
    ArgumentTypeError,
    AsyncAiozStream,
    AuthenticationError,
    BadRequestError,
    EmptySourceError,
    NotFoundError,
    Part,
    PartLimits,
    PermissionDeniedError,
    Progress,
    ServerError,
    SourceChangedError,
    SourceError,
    SourceNotFoundError,
    TooLargeError,
    plan,
)
from aioz_stream.upload.plan import DEFAULT_PART_SIZE, PART_LIMITS, parts_to_repeat

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from aioz_stream_mock import MockServer

ANY = PartLimits(1, 10**9)


class TestPlan:
    @given(st.integers(1, 10_000), st.integers(1, 1000))
    def test_parts_cover_the_file_once(self, file_size: int, part_size: int) -> None:
        parts = plan(file_size, part_size, ANY)
        covered = [byte for part in parts for byte in range(part.start, part.end + 1)]
        assert covered == list(range(file_size))
        assert [part.index for part in parts] == list(range(1, len(parts) + 1))
        assert all(part.size == part_size for part in parts[:-1])
        assert all(part.content_range == f"bytes {part.start}-{part.end}/{file_size}" for part in parts)

    def test_limits_are_the_services(self) -> None:
        assert (PART_LIMITS.smallest, PART_LIMITS.largest, DEFAULT_PART_SIZE) == (52_428_800, 200_000_000, 52_428_800)
        for size in (52_428_800, 200_000_000):
            assert plan(10**9, size)[0].size == size
        for size in (52_428_799, 200_000_001):
            with pytest.raises(ArgumentError, match="part_size"):
                plan(10**9, size)

    @pytest.mark.parametrize("size", [0, -1, 2**63, 1.5, True, None])
    def test_sizes_are_checked(self, size: Any) -> None:
        with pytest.raises(ArgumentError):
            plan(size)

    def test_a_huge_file(self) -> None:
        parts = plan(64 * 2**30)
        assert len(parts) == 1311
        assert parts[-1].end == 64 * 2**30 - 1
        assert parts[2:5:2] == [parts[2], parts[4]]

    def test_takes_no_memory_for_each_part(self) -> None:
        tracemalloc.start()
        try:
            assert len(plan(10**9, 1000, ANY)) == 1_000_000
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        assert peak < 10_000

    @pytest.mark.parametrize("size", [10**9 + 1, 10**18, 2**63 - 1])
    def test_more_parts_than_that_are_refused_at_once(self, size: int) -> None:
        with pytest.raises(ArgumentError, match="it may have 1,000,000"):
            plan(size, 1000, ANY)

    @pytest.mark.parametrize(
        ("says", "missing"),
        [
            ("Missing bytes: 10-19 of 45.", [2]),
            ("Missing bytes: 9-10, 44-44 of 45.", [1, 2, 5]),
            ("19-20", [2, 3]),
            ("fehlende Bytes: 10 bis 19", [1, 2, 3, 4, 5]),
            ("", [1, 2, 3, 4, 5]),
            ("Missing bytes: 0-45 of 46.", [1, 2, 3, 4, 5]),
            ("Missing bytes: 10-19, 45-45.", [1, 2, 3, 4, 5]),
            ("Missing bytes: 19-10.", [1, 2, 3, 4, 5]),
            (f"Missing bytes: 0-{10**18}.", [1, 2, 3, 4, 5]),
            (f"Missing bytes: 0-{'9' * 5000}.", [1, 2, 3, 4, 5]),
            ("video 1-2-3 is not whole (2026-11-26, a1-19)", [1, 2, 3, 4, 5]),
        ],
    )
    def test_what_is_sent_once_more(self, says: str, missing: list[int]) -> None:
        """What complete names, where that is of this file; all otherwise."""
        assert [part.index for part in parts_to_repeat(plan(45, 10, ANY), says)] == missing

    def test_a_file_of_one_part_is_sent_once_more(self) -> None:
        assert [part.index for part in parts_to_repeat(plan(5, 10, ANY), "Missing bytes: 3-4 of 5.")] == [1]


FORGED = (
    b'\r\n--+++\r\nContent-Disposition: form-data; name="hash"\r\n\r\n00000000000000000000000000000000\r\n'
    b'--+++\r\nContent-Disposition: form-data; name="index"\r\n\r\n7\r\n--+++--\r\n'
)


@pytest.mark.parametrize(
    "content",
    [b"\0", b"x", FORGED * 50, b"\r\n--+++--\r\n", b"\r\n" * 999, bytes(range(256)) * 40],
    ids=["zero", "one byte", "forged form", "end of form", "line ends", "all bytes"],
)
@pytest.mark.parametrize("part_size", [7, 1000, 10**6])
def test_every_byte_arrives(
    content: bytes,
    part_size: int,
    stream: AiozStream,
    server: MockServer,
    stored: Callable[[str, str], bytes],
    make_file: Callable[..., Path],
) -> None:
    if len(content) > 100 * part_size:
        content = content[: 100 * part_size]
    video = stream.upload(make_file(content), title="Exact", part_size=part_size, part_limits=ANY)
    assert stored(server.url, video.id) == content


def test_several_parts_at_once(
    stream: AiozStream,
    server: MockServer,
    stored: Callable[[str, str], bytes],
    make_file: Callable[..., Path],
    noise: Callable[[int], bytes],
) -> None:
    content = noise(3_000_000)
    video = stream.upload(make_file(content), part_size=70_001, part_limits=ANY, concurrency=8)
    assert video.title == "clip"
    assert video.size == len(content)
    assert stored(server.url, video.id) == content


@pytest.mark.anyio
async def test_async(
    server: MockServer,
    stored: Callable[[str, str], bytes],
    make_file: Callable[..., Path],
    noise: Callable[[int], bytes],
) -> None:
    content, threads = noise(500_000), set[int]()
    async with AsyncAiozStream(token="token-a", base_url=server.url) as stream:
        video = await stream.upload(
            make_file(content),
            title="Async",
            part_size=100_000,
            part_limits=ANY,
            on_progress=lambda _: threads.add(threading.get_ident()),
        )
        other = await stream.videos.create(title="Second")
        await stream.videos.upload(other.id, make_file(content), part_limits=ANY)
    assert stored(server.url, video.id) == stored(server.url, other.id) == content
    assert threads == {threading.get_ident()}


class TestProgress:
    def test_never_decreases_and_ends_complete(
        self,
        bad_stream: AiozStream,
        misbehaving: Any,
        fault: Callable[..., Any],
        make_file: Callable[..., Path],
        noise: Callable[[int], bytes],
    ) -> None:
        misbehaving.faults = [fault(path_ends="/part", times=4, status=503)]
        seen: list[Progress] = []
        content = noise(2_000_000)
        bad_stream.upload(make_file(content), part_size=300_000, part_limits=ANY, on_progress=seen.append)
        assert [reading.sent for reading in seen] == sorted(reading.sent for reading in seen)
        assert (seen[-1].sent, seen[-1].total, seen[-1].fraction) == (len(content), len(content), 1)

    def test_what_a_callback_raises_stops_the_upload(
        self, bad_stream: AiozStream, misbehaving: Any, make_file: Callable[..., Path]
    ) -> None:
        def fail(_: Progress) -> None:
            raise RuntimeError("enough")

        with pytest.raises(RuntimeError, match="enough") as caught:
            bad_stream.upload(make_file(b"x" * 100), part_size=1, part_limits=ANY, on_progress=fail)
        assert "of 100 bytes." in caught.value.__notes__[0]
        assert not any(request.endswith("/complete") for request in misbehaving.requests)
        assert not [thread for thread in threading.enumerate() if thread.name.startswith("aioz-stream-upload")]

    @pytest.mark.anyio
    async def test_the_same_for_async(
        self, bad_server: MockServer, misbehaving: Any, make_file: Callable[..., Path]
    ) -> None:
        def fail(_: Progress) -> None:
            raise RuntimeError("enough")

        async with AsyncAiozStream(token="token-a", base_url=bad_server.url) as stream:
            with pytest.raises(RuntimeError, match="enough"):
                await stream.upload(make_file(b"x" * 100), part_size=1, part_limits=ANY, on_progress=fail)
        assert not any(request.endswith("/complete") for request in misbehaving.requests)


class TestFailures:
    def test_a_part_is_sent_again_from_its_beginning(
        self,
        bad_stream: AiozStream,
        bad_server: MockServer,
        misbehaving: Any,
        fault: Callable[..., Any],
        make_file: Callable[..., Path],
        stored: Callable[[str, str], bytes],
    ) -> None:
        # Four in all: one unlucky part may meet every one of them, and a fifth would end the upload.
        misbehaving.faults = [
            fault(path_ends="/part", status=502),
            fault(path_ends="/part"),
            fault(path_ends="/part", times=2, after_effect=True),
            fault(path_ends="/complete", after_effect=True),
        ]
        content = FORGED * 200
        video = bad_stream.upload(make_file(content), part_size=9_999, part_limits=ANY)
        assert stored(bad_server.url, video.id) == content

    @pytest.mark.parametrize(
        ("status", "kind"),
        [
            (400, BadRequestError),
            (401, AuthenticationError),
            (403, PermissionDeniedError),
            (404, NotFoundError),
            (413, TooLargeError),
            (500, ServerError),
        ],
    )
    def test_a_part_that_fails_for_good_ends_the_upload(
        self,
        status: int,
        kind: type[Exception],
        bad_stream: AiozStream,
        misbehaving: Any,
        fault: Callable[..., Any],
        make_file: Callable[..., Path],
    ) -> None:
        misbehaving.faults = [fault(path_ends="/part", times=999, status=status)]
        with pytest.raises(kind) as caught:
            bad_stream.upload(make_file(b"x" * 1000), part_size=1, part_limits=ANY, concurrency=2)
        assert not any(request.endswith("/complete") for request in misbehaving.requests)
        parts = [request for request in misbehaving.requests if request.endswith("/part")]
        assert len(parts) <= (2 if status < 500 else 10)
        error: Any = caught.value
        created = parts[0].split("/")[-2]
        assert error.video_id == created
        assert created in "".join(error.__notes__)
        assert (error.part.size, error.attempt) == (1, 1 if status < 500 else 5)
        assert (error.status, error.response.json()["message"]) == (status, "made to fail")

    def test_a_failure_to_complete_names_the_video(self, server: MockServer, make_file: Callable[..., Path]) -> None:
        with AiozStream(token="token-b", base_url=server.url) as poor, pytest.raises(Exception, match="402") as caught:
            poor.upload(make_file(b"bytes"))
        assert caught.value.video_id  # type: ignore[attr-defined]  # pytest knows no more than Exception

    def test_a_missing_answer_is_a_connection_error(self, make_file: Callable[..., Path]) -> None:
        with (
            AiozStream(token="t", base_url="http://127.0.0.1:9", max_retries=0) as stream,
            pytest.raises(APIConnectionError),
        ):
            stream.videos.upload("x", make_file(b"bytes"))


class TestSource:
    @pytest.fixture
    def silent(self) -> AiozStream:
        """A client that must send nothing."""

        def refuse(request: httpx.Request) -> httpx.Response:
            raise AssertionError(f"sent {request.method} {request.url}")

        return AiozStream(token="t", transport=httpx.MockTransport(refuse))

    def test_missing(self, silent: AiozStream, tmp_path: Path) -> None:
        with pytest.raises(SourceNotFoundError, match="There is no file") as caught:
            silent.upload(tmp_path / "none.mp4")
        assert isinstance(caught.value, FileNotFoundError)

    def test_empty(self, silent: AiozStream, make_file: Callable[..., Path]) -> None:
        with pytest.raises(EmptySourceError, match="is empty"):
            silent.upload(make_file(b""))

    def test_only_regular_files_are_taken(self, silent: AiozStream, tmp_path: Path) -> None:
        os.mkfifo(tmp_path / "pipe")
        for path in (tmp_path, tmp_path / "pipe", "/dev/null", "a\0b", tmp_path / ("n" * 300)):
            with pytest.raises(SourceError):
                silent.upload(path)

    @pytest.mark.parametrize("wrong", [None, 5, b"x", ["a"]])
    def test_a_wrong_source_is_refused(self, silent: AiozStream, wrong: Any) -> None:
        with pytest.raises(ArgumentTypeError, match="source must be a path"):
            silent.upload(wrong)

    @pytest.mark.parametrize(
        "options",
        [
            *({"concurrency": wrong} for wrong in (0, 65, "4", True)),
            {"on_progress": "x"},
            {"on_created": 5},
            {"cancel": "x"},
            *({"journal": wrong} for wrong in (None, 7, "", "a\0b")),
            *({"part_size": 1}, {"title": ""}, {"title": 5}, {"tags": "talk"}),
        ],
    )
    def test_options(self, silent: AiozStream, make_file: Callable[..., Path], options: Any) -> None:
        with pytest.raises(ArgumentError, match=next(iter(options))):
            silent.upload(make_file(b"bytes"), **options)

    def test_names_that_can_not_be_sent(
        self, stream: AiozStream, server: MockServer, tmp_path: Path, stored: Callable[[str, str], bytes]
    ) -> None:
        for name in (b'quo"te.mp4', b"new\nline.mp4", b"\xff\xfe.mp4", "ü.mp4".encode(), b"x" * 200):
            path = tmp_path / os.fsdecode(name)
            path.write_bytes(b"bytes")
            assert stored(server.url, stream.upload(path).id) == b"bytes"

    @pytest.mark.parametrize("how", ["append", "truncate", "rewrite", "replace", "remove"])
    @pytest.mark.parametrize("when", ["/part", "last"])
    def test_changed_on_the_way(
        self, how: str, when: str, server: MockServer, make_file: Callable[..., Path], tmp_path: Path
    ) -> None:
        path: Path = make_file(b"0123456789" * 10)
        sent: list[str] = []

        def change() -> None:
            if how == "append":
                with path.open("ab") as file:
                    file.write(b"more")
            elif how == "truncate":
                os.truncate(path, 5)
            elif how == "rewrite":
                before = path.stat()
                path.write_bytes(b"9876543210" * 10)
                os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
            elif how == "replace":
                (tmp_path / "new").write_bytes(b"9876543210" * 10)
                (tmp_path / "new").replace(path)
            else:
                path.unlink()

        def watch(request: httpx.Request) -> None:
            sent.append(request.url.path.rsplit("/", 1)[-1])
            if sent.count("part") == (1 if when == "/part" else 10) and sent[-1] == "part":
                change()

        with httpx.Client(event_hooks={"request": [watch]}) as http:
            stream = AiozStream(token="token-a", base_url=server.url, http_client=http, max_retries=0)
            with pytest.raises(SourceChangedError) as caught:
                stream.upload(path, part_size=10, part_limits=ANY, concurrency=1)
        assert "complete" not in sent
        assert caught.value.video_id


class TestOnePart:
    def test_limits(self, stream: AiozStream, make_file: Callable[..., Path]) -> None:
        video, file = stream.videos.create(title="Parts"), make_file(b"0123456789")
        for part in (Part(1, 0, 3, 10), Part(0, 0, 9, 10), Part(1, 5, 4, 10), Part(1, 0, 10, 10), Part(1, 0, 8, 9)):
            with pytest.raises(ArgumentError, match="part"):
                stream.videos.upload_part(video.id, file, part)
        stream.videos.upload_part(video.id, file, Part(3, 4, 9, 10))
        stream.videos.upload_part(stream.videos.create(title="First").id, file, Part(1, 0, 9, 10))
        with pytest.raises(BadRequestError, match="0-3"):
            stream.videos.complete(video.id)


class TestCancel:
    def test_a_loop_that_stops_hangs_nothing(self, server: MockServer, tmp_path: Path) -> None:
        """The engine waits for the loop to report progress; once the loop is gone, it must give up."""
        script = """
import asyncio, sys
from aioz_stream import AsyncAiozStream, PartLimits

stream = AsyncAiozStream(token="token-a", base_url=sys.argv[1])
loop = asyncio.new_event_loop()
upload = stream.upload(sys.argv[2], part_size=1, part_limits=PartLimits(1, 9), on_progress=lambda _: loop.stop())
try:
    loop.run_until_complete(upload)
except RuntimeError as error:
    print(error)
"""
        (tmp_path / "clip.mp4").write_bytes(b"x" * 5000)
        command = [sys.executable, "-c", script, server.url, str(tmp_path / "clip.mp4")]
        done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
        assert "stopped before" in done.stdout

    @pytest.mark.anyio
    async def test_progress_may_be_a_coroutine(self, server: MockServer, make_file: Callable[..., Path]) -> None:
        seen: list[int] = []

        async def on_progress(reading: Progress) -> None:
            await asyncio.sleep(0)
            seen.append(reading.sent)

        async with AsyncAiozStream(token="token-a", base_url=server.url) as stream:
            await stream.upload(make_file(b"bytes"), on_progress=on_progress)
        assert seen[-1] == 5

    @pytest.mark.anyio
    async def test_a_cancelled_task_stops_the_upload(
        self, server: MockServer, make_file: Callable[..., Path], noise: Callable[[int], bytes]
    ) -> None:
        seen: list[str] = []
        begun = threading.Event()

        def watch(request: httpx.Request) -> None:
            seen.append(request.url.path)
            begun.set()
            time.sleep(0.02)

        with httpx.Client(event_hooks={"request": [watch]}) as http:
            async with AsyncAiozStream(token="token-a", base_url=server.url, upload_client=http) as stream:
                video = await stream.videos.create(title="Cancelled")
                task = asyncio.create_task(
                    stream.videos.upload(video.id, make_file(noise(2000)), part_size=1, part_limits=ANY)
                )
                assert await asyncio.to_thread(begun.wait, 5)
                task.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await task
                await asyncio.sleep(0.3)
                after = len(seen)
                await asyncio.sleep(0.2)
        assert len(seen) == after < 200
        assert not any(path.endswith("/complete") for path in seen)
