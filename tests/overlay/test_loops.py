"""Event loops and threads: a client works on each loop, and uploads on as many threads as there are."""

from __future__ import annotations

import asyncio
import gc
import threading
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from aioz_stream import (
    AiozStream,
    AiozStreamError,
    APIConnectionError,
    AsyncAiozStream,
    ConfigurationError,
    NotFoundError,
    PartLimits,
    UploadCancelledError,
)
from aioz_stream.upload.background import Threads, run_here
from aioz_stream.upload.sources.awaited import call_on_loop

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from aioz_stream_mock import MockServer

ANY = PartLimits(1, 10**9)


def stream_of(server: MockServer, **options: Any) -> AsyncAiozStream:
    return AsyncAiozStream(token="token-a", base_url=server.url, **options)


class TestLoops:
    def test_each_has_a_client_which_is_closed_with_it(self, server: MockServer) -> None:
        stream = stream_of(server, max_retries=0)
        clients: list[httpx.AsyncClient] = []

        async def use() -> None:
            await stream.videos.page(limit=1)
            clients.append(await stream._session.clients.get())
            assert await stream._session.clients.get() is clients[-1]
            assert not clients[-1].is_closed

        for _ in range(3):
            asyncio.run(use())
        assert len(set(clients)) == 3
        assert all(client.is_closed for client in clients)
        asyncio.run(stream.close())

    def test_closing_closes_those_of_running_loops(self, server: MockServer) -> None:
        stream = stream_of(server)
        is_used, is_over = threading.Event(), threading.Event()
        clients: list[httpx.AsyncClient] = []

        async def use() -> None:
            await stream.videos.page(limit=1)
            clients.append(await stream._session.clients.get())
            is_used.set()
            await asyncio.to_thread(is_over.wait, 30)

        thread = threading.Thread(target=lambda: asyncio.run(use()))
        thread.start()
        assert is_used.wait(30)
        asyncio.run(stream.close())
        assert clients[0].is_closed
        is_over.set()
        thread.join()

    def test_a_closed_client_opens_on_no_other_loop(self, server: MockServer) -> None:
        stream = stream_of(server)
        asyncio.run(stream.close())
        with pytest.raises(ConfigurationError, match="closed"):
            asyncio.run(stream.videos.page(limit=1))

    @pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # asyncio's, about such loops
    def test_loops_that_were_closed_by_hand_are_forgotten(self, server: MockServer) -> None:
        stream = stream_of(server, max_retries=0)
        for _ in range(3):
            loop = asyncio.new_event_loop()
            loop.run_until_complete(stream.videos.page(limit=1))
            loop.close()
        assert len(stream._session.clients._by_loop) == 1
        left = [client for client, _ in stream._session.clients._by_loop.values()]
        asyncio.run(stream.close())
        assert [client.is_closed for client in left] == [True]
        left.clear()  # here, where they are expected, and not in a later test
        gc.collect()

    def test_an_upload_that_fails_while_a_callback_is_awaited_says_why(self, server: MockServer, path: Path) -> None:
        async def upload() -> None:
            async with stream_of(server, max_retries=0) as stream:
                video = await stream.videos.create(title="x")

                async def delete(_: object) -> None:
                    await stream.videos.delete(video.id)
                    await asyncio.sleep(30)

                how: Any = {"on_progress": delete, "journal": False, "part_size": 1, "part_limits": ANY}
                await stream.videos.upload(video.id, path, concurrency=1, max_speed=5, **how)

        with pytest.raises(NotFoundError):
            asyncio.run(upload())

    def test_a_loop_that_stops_takes_back_what_it_was_to_call(self) -> None:
        """Such as reading a source with await, when the interpreter ends."""
        loop, is_cancelled = asyncio.new_event_loop(), threading.Event()
        stops = iter([loop.stop])

        async def never() -> None:
            try:
                await asyncio.Event().wait()
            finally:
                is_cancelled.set()

        def stop() -> None:
            for once in stops:
                loop.call_soon_threadsafe(once)

        thread = threading.Thread(target=loop.run_forever)
        thread.start()
        with pytest.raises(UploadCancelledError):
            call_on_loop(never, loop, stop)
        thread.join(30)
        loop.run_until_complete(asyncio.sleep(0))
        loop.close()
        assert is_cancelled.is_set()

    def test_a_transport_that_was_passed_in_is_used_on_all(self) -> None:
        transport = httpx.MockTransport(lambda _: httpx.Response(500))
        stream = AsyncAiozStream(token="t", transport=transport, max_retries=0)
        for _ in range(2):
            with pytest.raises(AiozStreamError, match="500"):
                asyncio.run(stream.videos.page(limit=1))
        asyncio.run(stream.close())
        with pytest.raises(ConfigurationError, match="closed"):
            asyncio.run(stream.videos.page(limit=1))

    def test_what_asyncio_refuses_is_typed(self) -> None:
        def refuse(_: httpx.Request) -> httpx.Response:
            raise RuntimeError("Event loop is closed")

        stream = AsyncAiozStream(token="t", transport=httpx.MockTransport(refuse), max_retries=0)
        with pytest.raises(APIConnectionError, match="event loop can't send the request: Event loop is closed"):
            asyncio.run(stream.videos.page(limit=1))

    def test_without_asyncio_the_first_call_says_so(self, path: Path) -> None:
        stream = AsyncAiozStream(token="t")
        for call in (stream.videos.page(), stream.upload(path), stream.uploads.unfinished()):
            with pytest.raises(ConfigurationError, match="needs asyncio"):
                call.send(None)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    file = tmp_path / "talk.mp4"
    file.write_bytes(b"0123456789" * 10)
    return file


@pytest.fixture
def few_threads(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], list[str]]:
    """Lets so many threads of the client start, and no more. Returns the names of those that did."""

    def limit(count: int) -> list[str]:
        started: list[str] = []
        real = threading.Thread.start

        def start(thread: threading.Thread) -> None:
            if thread.name.startswith("aioz-stream") or isinstance(thread, threading.Timer):
                if len(started) >= count:
                    raise RuntimeError("can't start new thread")
                started.append(thread.name)
            real(thread)

        monkeypatch.setattr(threading.Thread, "start", start)
        return started

    return limit


class TestThreads:
    @pytest.mark.parametrize("count", [0, 1, 2])
    def test_an_upload_takes_those_there_are(
        self, count: int, server: MockServer, path: Path, few_threads: Callable[[int], list[str]]
    ) -> None:
        seen: list[int] = []
        with AiozStream(token="token-a", base_url=server.url) as stream:
            started = few_threads(count)
            video = stream.upload(
                path, part_size=10, part_limits=ANY, on_progress=lambda progress: seen.append(progress.sent)
            )
        assert (video.status, video.size) != ("new", 0)
        assert len(started) == count
        assert seen[-1] == 100

    def test_what_fails_without_threads_is_raised(
        self, server: MockServer, path: Path, few_threads: Callable[[int], list[str]]
    ) -> None:
        few_threads(0)
        with AiozStream(token="token-a", base_url=server.url, max_retries=0) as stream:
            server.control.fault("status", operation="uploadVideoPart", status=400)
            with pytest.raises(AiozStreamError, match="400"):
                stream.upload(path, part_limits=ANY, journal=False)

    def test_many_files_take_those_there_are(
        self, server: MockServer, path: Path, few_threads: Callable[[int], list[str]]
    ) -> None:
        with AiozStream(token="token-a", base_url=server.url) as stream:
            few_threads(0)
            results = list(stream.upload_many([path, path.parent / "none"], part_limits=ANY))
        assert {result.index: result.error is None for result in results} == {0: True, 1: False}

    def test_a_deadline_needs_one_before_a_video_is_made(
        self, server: MockServer, path: Path, few_threads: Callable[[int], list[str]]
    ) -> None:
        with AiozStream(token="token-a", base_url=server.url) as stream:
            before = stream.videos.page(limit=1).total
            few_threads(0)
            with pytest.raises(AiozStreamError, match="deadline= needs a thread"):
                stream.upload(path, deadline=60)
            assert stream.videos.page(limit=1).total == before

    def test_asyncio_needs_one_before_a_video_is_made(
        self, server: MockServer, path: Path, few_threads: Callable[[int], list[str]]
    ) -> None:
        async def upload() -> None:
            async with stream_of(server) as stream:
                before = (await stream.videos.page(limit=1)).total
                few_threads(0)
                with pytest.raises(AiozStreamError, match="no more threads"):
                    await stream.upload(path)
                assert (await stream.videos.page(limit=1)).total == before

        asyncio.run(upload())

    def test_joined_threads_are_over(self) -> None:
        threads, go_on = Threads("some"), threading.Event()
        future = threads.start(lambda: go_on.wait(30))
        assert future is not None
        assert not future.cancel()
        go_on.set()
        threads.join()
        assert future.done()
        assert not any(one.name == "some" for one in threading.enumerate())

    def test_an_interruption_is_the_results(self) -> None:
        def interrupt() -> None:
            raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            run_here(interrupt).result()
