"""Many files in one call: how much happens at a time, what becomes of each, and how the whole goes on after its end."""

from __future__ import annotations

import asyncio
import io
import os
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, cast

import pytest

from aioz_stream import (
    AiozStream,
    ArgumentError,
    ArgumentTypeError,
    AsyncAiozStream,
    BadRequestError,
    Cancellation,
    EmptySourceError,
    PartLimits,
    Progress,
    SourceError,
    SourceNotFoundError,
    UploadCancelledError,
    UploadItem,
    UploadResult,
)
from aioz_stream_mock import MockServer, Settings, create_app

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator

    from starlette.types import ASGIApp, Receive, Scope, Send

pytestmark = pytest.mark.usefixtures("journals")

ANY = PartLimits(1, 10**9)
PATIENCE = 60
FILES, CONCURRENCY = 3, 4


def kept(journals: Path) -> list[str]:
    return sorted(path.name for path in journals.glob("*.journal"))


def test_so_many_parts_and_files_at_once_and_no_more(
    clips: Callable[..., list[Path]], stored: Callable[[str, str], bytes], counting_together: Any
) -> None:
    counting = counting_together(CONCURRENCY)
    with MockServer(app=counting) as server, AiozStream(token="token-a", base_url=server.url) as stream:
        results = list(
            stream.upload_many(clips(7), files=FILES, concurrency=CONCURRENCY, part_size=30, part_limits=ANY)
        )
        assert (counting.most_parts, counting.most_videos) == (CONCURRENCY, FILES)
        assert counting.count("/part") == 21
        for result in results:
            assert stored(server.url, result.unwrap().id) == bytes([result.index]) * 90


def test_one_slow_file_holds_up_no_other(clips: Callable[..., list[Path]]) -> None:
    """The first file's part is answered only when all the others have a result."""
    others_done = threading.Event()

    class Slow:
        def __init__(self, app: ASGIApp) -> None:
            self._app, self._is_first = app, True

        async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] == "http" and scope["path"].endswith("/part") and self._is_first:
                self._is_first = False
                await asyncio.to_thread(others_done.wait, PATIENCE)
            await self._app(scope, receive, send)

    with MockServer(app=Slow(create_app(Settings()))) as server:
        stream = AiozStream(token="token-a", base_url=server.url)
        indices: list[int] = []
        for result in stream.upload_many(clips(5), files=2, concurrency=2):
            indices.append(result.index)
            assert result.error is None
            if len(indices) == 4:
                others_done.set()
        assert sorted(indices) == [0, 1, 2, 3, 4]
        assert indices[-1] in (0, 1)
        stream.close()


def test_all_files_together_keep_to_the_speed(stream: AiozStream, clips: Callable[..., list[Path]]) -> None:
    """Never faster; how much slower, is the machine's business."""
    size, parts, speed = 30_000, 3, 100_000
    begin = time.monotonic()
    results = stream.upload_many(clips(4, size), part_size=size // parts, part_limits=ANY, max_speed=speed)
    assert all(result.error is None for result in results)
    # The first part goes at once; each of the others after the time that those before it take.
    assert time.monotonic() - begin >= (4 * size - size / parts) / speed


@pytest.mark.parametrize(
    "items", ["talk.mp4", b"talk.mp4", Path("talk.mp4"), io.BytesIO(b"talk"), 5], ids=lambda one: type(one).__name__
)
def test_one_source_is_not_many(stream: AiozStream, items: Any) -> None:
    with pytest.raises(ArgumentTypeError, match="items must be several sources"):
        stream.upload_many(items)


class TestResults:
    def test_each_item_has_one(
        self, stream: AiozStream, server: MockServer, stored: Callable[[str, str], bytes], tmp_path: Path
    ) -> None:
        (tmp_path / "good.mp4").write_bytes(b"good")
        (tmp_path / "empty.mp4").touch()
        items: list[Any] = [
            tmp_path / "good.mp4",
            tmp_path / "missing.mp4",
            UploadItem(source=str(tmp_path / "good.mp4"), title="Named", tags=["a"], metadata={"k": "v"}),
            tmp_path,
            tmp_path / "empty.mp4",
            UploadItem(source=tmp_path / "good.mp4", title=""),
            io.BytesIO(b"from memory"),
            5,
            UploadItem(source=tmp_path / "good.mp4", qualities=[{"type": "hls"}]),
        ]
        results = sorted(stream.upload_many(items), key=lambda result: result.index)
        assert [result.index for result in results] == list(range(len(items)))
        sources = [item.source if isinstance(item, UploadItem) else item for item in items]
        assert [result.item.source for result in results] == sources
        kinds = [type(result.error) for result in results]
        none = type(None)
        assert kinds[:6] == [none, SourceNotFoundError, none, SourceError, EmptySourceError, ArgumentError]
        assert kinds[6:8] == [none, ArgumentTypeError]
        assert isinstance(results[8].error, ArgumentError)
        assert results[0].unwrap().title == "good"
        named = results[2].unwrap()
        assert (named.title, named.tags) == ("Named", ["a"])
        assert stored(server.url, results[6].unwrap().id) == b"from memory"
        with pytest.raises(SourceNotFoundError):
            results[1].unwrap()

    def test_a_failure_at_the_service_is_one_files(
        self,
        bad_stream: AiozStream,
        misbehaving: Any,
        fault: Callable[..., Any],
        clips: Callable[..., list[Path]],
        journals: Path,
    ) -> None:
        misbehaving.faults = [fault(path_ends="/part", status=400)]
        results = list(bad_stream.upload_many(clips(6)))
        [failed] = [result for result in results if result.error]
        assert isinstance(failed.error, BadRequestError)
        assert failed.error.video_id
        assert len(kept(journals)) == 6
        # The same call passes over the complete ones, and needs to make no video for the other.
        misbehaving.requests.clear()
        again = list(bad_stream.upload_many(clips(6)))
        assert {result.unwrap().id for result in again} == {video.id for video in bad_stream.videos.list()}
        asked = [request.rsplit("/", 1)[-1] for request in misbehaving.requests if not request.endswith("/videos")]
        assert (asked.count("create"), asked.count("part"), asked.count("complete")) == (0, 1, 1)
        assert kept(journals) == []

    def test_what_a_callback_raises_ends_all(self, stream: AiozStream, clips: Callable[..., list[Path]]) -> None:
        def fail(_: object) -> NoReturn:
            raise RuntimeError("enough")

        with pytest.raises(RuntimeError, match="enough"):
            list(stream.upload_many(clips(3), on_progress=fail))

    def test_an_item_has_progress_of_its_own(self, stream: AiozStream, clips: Callable[..., list[Path]]) -> None:
        own: list[Progress] = []
        others: list[Progress] = []
        first, second, third = clips(3)
        wrong = UploadItem(source=third, on_progress=cast("Any", "print"))
        items: list[Any] = [UploadItem(source=first, on_progress=own.append), second, wrong]
        results = {result.index: result for result in stream.upload_many(items, on_progress=others.append)}
        assert (own[-1].fraction, others[-1].fraction) == (1, 1)
        assert all(reading.sent <= reading.total == 90 for reading in (*own, *others))
        assert isinstance(results[2].error, ArgumentTypeError)
        assert [bool(results[index].video) for index in range(3)] == [True, True, False]

    def test_what_the_items_raise_ends_all(
        self, stream: AiozStream, clips: Callable[..., list[Path]], journals: Path
    ) -> None:
        def items() -> Iterator[Path]:
            yield from clips(2)
            raise LookupError("no more of them")

        with pytest.raises(LookupError, match="no more"):
            list(stream.upload_many(items(), files=1))
        assert kept(journals)

    def test_nothing_at_all(self, stream: AiozStream) -> None:
        assert list(stream.upload_many([])) == []

    @pytest.mark.parametrize(
        "wrong", [{"files": 0}, {"files": True}, {"files": 10_001}, {"concurrency": 0}, {"journal": "one.journal"}]
    )
    def test_arguments_are_checked_at_once(self, stream: AiozStream, wrong: Any) -> None:
        with pytest.raises(ArgumentError, match=next(iter(wrong))):
            stream.upload_many([], **wrong)

    def test_unknown_arguments(self, stream: AiozStream) -> None:
        wrong: Any = {"speed": 5}
        with pytest.raises(TypeError, match="speed"):
            stream.upload_many([], **wrong)


class TestLaziness:
    def test_items_are_taken_when_there_is_room(self, stream: AiozStream, clips: Callable[..., list[Path]]) -> None:
        taken = done = 0

        def items() -> Iterator[Path]:
            nonlocal taken
            for path in clips(12):
                taken += 1
                yield path

        results = stream.upload_many(items(), files=FILES)
        assert taken == 0
        for _ in results:
            assert taken <= done + FILES
            done += 1
        assert (taken, done) == (12, 12)

    def test_items_without_end(self, stream: AiozStream, clips: Callable[..., list[Path]]) -> None:
        [path] = clips(1)
        endless = (UploadItem(source=path, title=f"Number {number}") for number in iter(int, 1))
        results = stream.upload_many(endless, journal=False)
        assert [next(results).unwrap().status for _ in range(5)]

    def test_leaving_the_loop_ends_the_rest(
        self,
        counted: AiozStream,
        counting: Any,
        clips: Callable[..., list[Path]],
        journals: Path,
        working: Callable[[], list[str]],
    ) -> None:
        for result in counted.upload_many(clips(12), files=2, part_size=10, part_limits=ANY):
            assert result.error is None
            break
        assert working() == []
        assert counting.count("/create") <= 4
        asked = len(counting.requests)
        # What was sent counts: the same call makes only the videos that there are not yet.
        assert all(result.error is None for result in counted.upload_many(clips(12), part_size=10, part_limits=ANY))
        assert counting.count("/create") == 12
        assert len(list(counted.videos.list())) == 12
        assert asked < len(counting.requests)
        assert kept(journals) == []

    def test_a_cancellation_ends_all(
        self, counted: AiozStream, counting: Any, clips: Callable[..., list[Path]]
    ) -> None:
        cancel, results = Cancellation(), list[UploadResult]()
        for result in counted.upload_many(clips(12), files=2, cancel=cancel):
            results.append(result)
            cancel.cancel()
        assert [result.index for result in sorted(results, key=lambda result: result.index)] == list(range(12))
        assert results[0].error is None
        # The other one that was under way may have been over; when it says so, nobody knows.
        ended = [type(result.error) for result in results if result.error is not None]
        assert len(ended) >= 10
        assert set(ended) == {UploadCancelledError}
        assert counting.count("/create") <= 4


KILLED = """
import sys
from aioz_stream import AiozStream, PartLimits

with AiozStream(token="token-a", base_url=sys.argv[1]) as stream:
    for result in stream.upload_many(sys.argv[2:], files=2, concurrency=2, part_size=10, part_limits=PartLimits(1, 99)):
        print(result.index, result.unwrap().id, flush=True)
"""


def test_a_run_that_was_killed_goes_on(
    counted: AiozStream,
    counted_server: MockServer,
    counting: Any,
    clips: Callable[..., list[Path]],
    journals: Path,
    stored: Callable[[str, str], bytes],
) -> None:
    paths = [str(path) for path in clips(8)]
    command = [sys.executable, "-c", KILLED, counted_server.url, *paths]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        before = dict(process.stdout.readline().split() for _ in range(3))
        process.kill()
    assert counting.count("/create") < 8
    sent = counting.count("/part")
    assert kept(journals)
    again = counted.upload_many(paths, files=2, concurrency=2, part_size=10, part_limits=ANY)
    videos = {str(result.index): result.unwrap().id for result in again}
    assert before.items() <= videos.items()
    assert {video.id for video in counted.videos.list()} == set(videos.values())
    assert [stored(counted_server.url, videos[str(number)])[:1] for number in range(8)] == [
        bytes([n]) for n in range(8)
    ]
    # Nothing is sent again but what was on its way.
    assert sent < counting.count("/part") <= 8 * 9 + 2
    # A killed process leaves its locks behind, empty and open to anybody.
    assert not [name for name in kept(journals) if name.endswith(".journal")]


class TestAsync:
    @pytest.mark.anyio
    async def test_results(
        self, server: MockServer, clips: Callable[..., list[Path]], stored: Callable[[str, str], bytes]
    ) -> None:
        async with AsyncAiozStream(token="token-a", base_url=server.url) as stream:
            paths: list[str | Path] = [*clips(4), "missing.mp4"]
            results = [result async for result in stream.upload_many(paths, files=2, part_size=30, part_limits=ANY)]
        assert sorted(result.index for result in results) == [0, 1, 2, 3, 4]
        for result in results:
            if result.index == 4:
                assert isinstance(result.error, SourceNotFoundError)
            else:
                assert stored(server.url, result.unwrap().id) == bytes([result.index]) * 90

    @pytest.mark.anyio
    async def test_leaving_the_loop_ends_the_rest(
        self,
        counted_server: MockServer,
        counting: Any,
        clips: Callable[..., list[Path]],
        working: Callable[[], list[str]],
    ) -> None:
        async with AsyncAiozStream(token="token-a", base_url=counted_server.url) as stream:
            results = stream.upload_many(clips(12), files=2)
            async for result in results:
                assert result.error is None
                break
            await results.aclose()
        assert working() == []
        assert counting.count("/create") <= 4

    @pytest.mark.anyio
    async def test_cancelling_the_task_ends_the_rest(
        self, clips: Callable[..., list[Path]], counting_together: Any, working: Callable[[], list[str]]
    ) -> None:
        holding = counting_together(99)
        with MockServer(app=holding) as server:
            async with AsyncAiozStream(token="token-a", base_url=server.url) as stream:

                async def upload() -> None:
                    async for _ in stream.upload_many(clips(12), files=2):
                        pytest.fail("no part is ever answered")

                task = asyncio.create_task(upload())
                while holding.parts < 2:  # noqa: ASYNC110 - on another thread
                    await asyncio.sleep(0.01)
                task.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await task
                await _until(lambda: working() == [])
            assert holding.count("/create") == 2
            assert holding.count("/complete") == 0


async def _until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not condition():  # noqa: ASYNC110 - on another thread
            await asyncio.sleep(0.01)


def test_what_is_complete_is_not_unfinished(
    stream: AiozStream, clips: Callable[..., list[Path]], journals: Path, tmp_path: Path
) -> None:
    """Its journal stays until all of the call are."""
    [good] = clips(1)
    results = list(stream.upload_many([good, tmp_path / "missing.mp4"]))
    assert [result.error is None for result in sorted(results, key=lambda one: one.index)] == [True, False]
    assert len(kept(journals)) == 1
    assert stream.uploads.unfinished() == []
    [first] = [result.unwrap().id for result in results if result.error is None]
    good.write_bytes(b"edited since")
    [again, _] = sorted(stream.upload_many([good, tmp_path / "missing.mp4"]), key=lambda one: one.index)
    assert again.unwrap().id != first


@pytest.mark.parametrize("trust_times", [True, False])
def test_what_was_edited_since_it_was_complete_is_uploaded_anew(
    server: MockServer,
    stream: AiozStream,
    stored: Callable[[str, str], bytes],
    clips: Callable[..., list[Path]],
    tmp_path: Path,
    trust_times: bool,
) -> None:
    """Also where neither its size nor its times show it; and what is the same is passed over."""
    edited, same = clips(2)
    items = [edited, same, tmp_path / "missing.mp4"]
    how: dict[str, Any] = {"part_size": 30, "part_limits": ANY, "trust_times": trust_times}
    first, second = (one.unwrap().id for one in sorted_results(stream.upload_many(items, **how))[:2])
    before = edited.stat()
    edited.write_bytes(b"!" + edited.read_bytes()[1:])
    os.utime(edited, ns=(before.st_atime_ns, before.st_mtime_ns))
    again, passed_over = (one.unwrap().id for one in sorted_results(stream.upload_many(items, **how))[:2])
    assert (again != first, passed_over == second) == (True, True)
    assert stored(server.url, again) == edited.read_bytes()


def sorted_results(results: Iterator[UploadResult]) -> list[UploadResult]:
    return sorted(results, key=lambda one: one.index)


@pytest.mark.anyio
async def test_sources_that_are_read_with_await(server: MockServer, stored: Callable[[str, str], bytes]) -> None:
    async def blocks() -> AsyncIterator[bytes]:
        yield b"some "
        yield b"bytes"

    async with AsyncAiozStream(token="token-a", base_url=server.url) as stream:
        items = [UploadItem(source=blocks(), title=title) for title in "ab"]
        results = [result async for result in stream.upload_many(items, size=10, part_size=3, part_limits=ANY)]
    assert [stored(server.url, result.unwrap().id) for result in results] == [b"some bytes"] * 2


def test_spooling_is_not_for_workers(stream: AiozStream) -> None:
    with ThreadPoolExecutor(1) as executor, pytest.raises(ArgumentError, match="workers read it"):
        stream.upload_many(["talk.mp4"], executor=executor, spool=True)
