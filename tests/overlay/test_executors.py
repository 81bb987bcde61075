"""Parts that an executor's workers send: of threads, of processes, and of executors that fail."""

from __future__ import annotations

import io
import logging
import os
import pickle
import threading
import time
import traceback
from concurrent.futures import BrokenExecutor, Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from attrs import evolve

from aioz_stream import (
    AiozStream,
    APITimeoutError,
    ArgumentTypeError,
    AuthenticationError,
    BadRequestError,
    Cancellation,
    ConfigurationError,
    PartLimits,
    SourceChangedError,
    UploadCancelledError,
    WorkerError,
)
from aioz_stream.upload.workers import Job, refusal, send_parts
from aioz_stream_mock import MockServer, Settings, create_app

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from starlette.types import Receive, Scope, Send

pytestmark = pytest.mark.usefixtures("journals")

ANY = PartLimits(1, 10**9)


def kept(journals: Path) -> list[str]:
    return sorted(path.name for path in journals.glob("*.journal"))


@pytest.fixture(params=["threads", "processes"])
def executor(request: pytest.FixtureRequest) -> Iterator[Executor]:
    if request.param == "threads":
        with ThreadPoolExecutor(2) as threads:
            yield threads
        return
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as processes:
        yield processes


class Wrong(Executor):
    """An executor whose futures end as it is told."""

    def __init__(self, error: BaseException | None = None) -> None:
        self._error = error
        self.submitted = 0

    def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:  # noqa: ARG002 - of the interface
        self.submitted += 1
        future = Future[Any]()
        if self._error is None:
            raise RuntimeError("cannot schedule new futures after shutdown")
        future.set_exception(self._error)
        return future


class TestExecutors:
    def test_they_send_the_parts(
        self,
        executor: Executor,
        counted: AiozStream,
        counted_server: MockServer,
        counting: Any,
        clips: Callable[..., list[Path]],
        stored: Callable[[str, str], bytes],
        journals: Path,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        paths = clips(5)
        monkeypatch.chdir(tmp_path)
        results = counted.upload_many([path.name for path in paths], executor=executor, part_size=30, part_limits=ANY)
        for result in results:
            assert stored(counted_server.url, result.unwrap().id) == bytes([result.index]) * 90
        assert counting.count("/part") == 15
        assert len(list(counted.videos.list())) == 5
        assert kept(journals) == []

    def test_open_files_are_refused(self, server: MockServer, tmp_path: Path) -> None:
        """They are this process's; nothing is sent of them."""
        (tmp_path / "clip.mp4").write_bytes(b"bytes")
        with (
            AiozStream(token="token-a", base_url=server.url) as stream,
            (tmp_path / "clip.mp4").open("rb") as handle,
            ThreadPoolExecutor(1) as executor,
        ):
            before = len(list(stream.videos.list()))
            for result in stream.upload_many([handle, io.BytesIO(b"bytes")], executor=executor):
                assert isinstance(result.error, ArgumentTypeError)
                assert "pass a path" in str(result.error)
            assert len(list(stream.videos.list())) == before

    def test_clients_that_can_not_be_made_anew_are_refused(self) -> None:
        transport = httpx.MockTransport(lambda _: httpx.Response(500))
        with (
            AiozStream(token="t", transport=transport) as stream,
            ThreadPoolExecutor(1) as executor,
            pytest.raises(ConfigurationError, match="executor"),
        ):
            stream.upload_many([], executor=executor)

    def test_what_fails_at_a_worker_is_one_files(
        self,
        executor: Executor,
        bad_stream: AiozStream,
        misbehaving: Any,
        fault: Callable[..., Any],
        clips: Callable[..., list[Path]],
    ) -> None:
        misbehaving.faults = [fault(path_ends="/part", status=400)]
        results = list(bad_stream.upload_many(clips(4), executor=executor))
        [failed] = [result for result in results if result.error]
        assert isinstance(failed.error, BadRequestError)
        assert failed.error.part is not None
        assert f"/{failed.error.video_id}/" in failed.error.path

    def test_a_worker_with_another_file_is_found_out(
        self, server: MockServer, clips: Callable[..., list[Path]]
    ) -> None:
        [path] = clips(1)
        jobs: list[Job] = []

        class Late(ThreadPoolExecutor):
            def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
                if args:  # without, it is only asked whether it takes jobs
                    jobs.extend(args)
                    path.write_bytes(b"other")
                return super().submit(fn, *args, **kwargs)

        with AiozStream(token="token-a", base_url=server.url) as stream, Late(1) as executor:
            [result] = stream.upload_many([path], executor=executor)
            assert isinstance(result.error, SourceChangedError)
            assert "must have the same file" in str(result.error)
            assert jobs[0].video_id == result.error.video_id
            assert stream.videos.get(jobs[0].video_id).status == "new"

    def test_a_file_that_changes_while_workers_send_it_is_noticed(
        self, server: MockServer, clips: Callable[..., list[Path]]
    ) -> None:
        [path] = clips(1)

        class Done(ThreadPoolExecutor):
            def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
                future = super().submit(fn, *args, **kwargs)
                if args:
                    future.exception()  # the worker is done
                    path.write_bytes(b"other")
                return future

        with AiozStream(token="token-a", base_url=server.url) as stream, Done(1) as executor:
            [result] = stream.upload_many([path], executor=executor)
            assert isinstance(result.error, SourceChangedError)
            assert stream.videos.get(str(result.error.video_id)).status == "new"

    def test_an_executor_that_was_shut_down_is_broken(self) -> None:
        executor = ThreadPoolExecutor(1)
        assert refusal(executor) is None
        executor.shutdown()
        failure = refusal(executor)
        assert failure is not None
        assert failure.executor_is_broken
        assert isinstance(failure.__cause__, RuntimeError)

    @pytest.mark.parametrize("error", [LookupError("no worker"), EOFError()])
    def test_executors_fail_for_one_file(
        self, error: Exception, stream: AiozStream, clips: Callable[..., list[Path]]
    ) -> None:
        """Each has errors of its own."""
        executor = Wrong(error)
        results = list(stream.upload_many(clips(3), executor=executor))
        assert executor.submitted - 1 == len(results) == 3  # one more asks whether it takes jobs
        for result in results:
            assert isinstance(result.error, WorkerError)
            assert "resumes" in "".join(result.error.__notes__)
            assert result.error.video_id

    def test_a_timeout_of_a_worker_is_a_timeout(self, stream: AiozStream, clips: Callable[..., list[Path]]) -> None:
        [result] = stream.upload_many(clips(1), executor=Wrong(APITimeoutError("late")))
        assert type(result.error) is APITimeoutError

    @pytest.mark.parametrize("error", [None, BrokenExecutor("gone")])
    def test_a_broken_executor_makes_no_videos(
        self, error: Exception | None, stream: AiozStream, clips: Callable[..., list[Path]]
    ) -> None:
        """It says so when it gets a job, or when the job is over."""
        before = len(list(stream.videos.list()))
        results = list(stream.upload_many(clips(20), files=2, executor=Wrong(error)))
        assert {type(result.error) for result in results} == {WorkerError}
        assert len(results) == 20
        assert len(list(stream.videos.list())) - before <= 4

    # Python 3.11's pool itself fails on its thread when a job was taken back in the moment in which it breaks.
    @pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
    def test_a_killed_worker_can_be_resumed(
        self, counted: AiozStream, clips: Callable[..., list[Path]], journals: Path
    ) -> None:
        context = get_context("spawn")
        with ProcessPoolExecutor(1, mp_context=context) as processes:
            processes.submit(os.getpid).result()
            processes.submit(os._exit, 1)
            broken = list(counted.upload_many(clips(3), executor=processes))
        assert {type(result.error) for result in broken} == {WorkerError}
        with ProcessPoolExecutor(1, mp_context=context) as processes:
            assert all(result.error is None for result in counted.upload_many(clips(3), executor=processes))
        assert len(list(counted.videos.list())) == 3
        assert not [name for name in kept(journals) if name.endswith(".journal")]

    def test_equal_jobs_can_be_told_apart(self, stream: AiozStream, clips: Callable[..., list[Path]]) -> None:
        """Dask runs equal calls once, and would give the second one what came of the first."""
        jobs: list[Job] = []

        class Spy(Wrong):
            def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
                jobs.extend(args)
                return super().submit(fn, *args, **kwargs)

        for _ in range(2):
            list(stream.upload_many(clips(1), executor=Spy(LookupError())))
        first, second = jobs
        assert first != second
        assert first == evolve(second, name=first.name)

    def test_cancelling_takes_back_a_job_that_no_worker_has_begun(self, clips: Callable[..., list[Path]]) -> None:
        class Full(Executor):
            def __init__(self, cancel: Cancellation) -> None:
                self.jobs, self._cancel = list[Future[Any]](), cancel

            def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
                del fn, args, kwargs
                self.jobs.append(Future())
                if len(self.jobs) > 1:  # the first one asks whether it takes jobs
                    self._cancel.cancel()
                return self.jobs[-1]

        cancel = Cancellation()
        executor = Full(cancel)
        with MockServer() as server, AiozStream(token="token-a", base_url=server.url) as stream:
            [result] = stream.upload_many(clips(1), executor=executor, cancel=cancel)
        assert isinstance(result.error, UploadCancelledError)
        assert [job.cancelled() for job in executor.jobs] == [True, True]

    def test_cancelling_waits_for_no_worker(self, clips: Callable[..., list[Path]], counting_together: Any) -> None:
        holding, cancel = counting_together(99), Cancellation()
        with (
            MockServer(app=holding) as server,
            ThreadPoolExecutor(1) as executor,
            AiozStream(token="token-a", base_url=server.url) as stream,
        ):
            watcher = threading.Thread(target=_cancel_when, args=(lambda: holding.parts > 0, cancel))
            watcher.start()
            [result] = stream.upload_many(clips(1), executor=executor, cancel=cancel)
            watcher.join()
            assert isinstance(result.error, UploadCancelledError)
            assert holding.parts == 1
            holding.open()


def _cancel_when(condition: Callable[[], bool], cancel: Cancellation) -> None:
    while not condition():
        time.sleep(0.01)
    cancel.cancel()


SECRET = "hush-hush-secret"


class TestSecrets:
    """Jobs carry the credentials to their workers. Nothing that people see does."""

    @pytest.fixture
    def secretive(self) -> Iterator[AiozStream]:
        with MockServer() as server, AiozStream(public_key="p-k", secret_key=SECRET, base_url=server.url) as stream:
            yield stream

    def test_errors_and_logs_show_no_secret(
        self, clips: Callable[..., list[Path]], caplog: pytest.LogCaptureFixture, executor: Executor
    ) -> None:
        """The service repeats them, and asks for better ones."""

        async def repeat(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] != "http":
                await app(scope, receive, send)
                return
            if scope["path"].endswith("/part"):
                body = f'{{"message": "{SECRET} is not valid"}}'.encode()
                head = [(b"content-length", str(len(body)).encode())]
                await send({"type": "http.response.start", "status": 401, "headers": head})
                await send({"type": "http.response.body", "body": body})
                return
            scope["headers"] = [(b"authorization", b"Bearer token-a"), *_without_keys(scope)]
            await app(scope, receive, send)

        app = create_app(Settings())
        caplog.set_level(logging.DEBUG)
        with (
            MockServer(app=repeat) as server,
            AiozStream(public_key="p-k", secret_key=SECRET, base_url=server.url) as stream,
        ):
            [result] = stream.upload_many(clips(1), executor=executor)
        assert isinstance(result.error, AuthenticationError)
        assert "*** is not valid" in str(result.error)
        for shown in (
            repr(result),
            repr(result.error),
            "".join(traceback.format_exception(result.error)),
            caplog.text,
        ):
            assert SECRET not in shown

    def test_jobs_show_no_secret(self, clips: Callable[..., list[Path]], server: MockServer) -> None:
        jobs: list[Job] = []

        class Spy(Wrong):
            def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
                jobs.extend(args)
                return super().submit(fn, *args, **kwargs)

        with AiozStream(token="token-a", base_url=server.url) as stream:
            [result] = stream.upload_many(clips(1), executor=Spy(LookupError("token-a is lost")))
        [job] = jobs
        assert "token-a" not in repr(job)
        assert "token-a" not in str(result.error)
        assert "token-a" not in repr(result)
        # It is of use all the same.
        [sent] = send_parts(pickle.loads(pickle.dumps(job)))
        assert sent[0].size == 90

    def test_clients_are_not_pickled(self, secretive: AiozStream) -> None:
        with pytest.raises(TypeError, match="can't be pickled"):
            pickle.dumps(secretive)


def _without_keys(scope: Scope) -> list[tuple[bytes, bytes]]:
    return [(name, value) for name, value in scope["headers"] if not name.startswith(b"stream-")]
