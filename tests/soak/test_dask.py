"""Many files over a Dask cluster of real processes, one of which is killed on the way.

`make test` has a few files and two workers, `make soak-uploads` two hundred files and three.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import threading
import time
from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Any

import httpx
import psutil
import pytest
from distributed import Client, LocalCluster

from aioz_stream import (
    AiozStream,
    APIConnectionError,
    ArgumentTypeError,
    AuthenticationError,
    BadRequestError,
    Cancellation,
    PartLimits,
    RetryPolicy,
    UploadCancelledError,
    WorkerError,
)
from aioz_stream_mock import Control, MockServer, Settings, create_app

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from starlette.types import Message, Receive, Scope, Send

pytestmark = pytest.mark.xdist_group("dask")  # they share a cluster

FILES, WORKERS = 12, 2
PART_SIZE, PARTS = 10_000, 3
SMALL: dict[str, Any] = {"part_size": PART_SIZE, "part_limits": PartLimits(1, 10**9)}
TOKEN = "token-a"
PATIENCE = 60.0


class Service:
    """The mock server's application. It counts parts, kills who sends a certain one, and refuses or holds others."""

    def __init__(self) -> None:
        self._app = create_app(Settings())
        self.control = Control(self._app.state.mock)
        self.parts: dict[str, Counter[str]] = defaultdict(Counter)
        """How often each range of bytes of a path was sent."""
        self.kill_at = 0
        """The part, counted from 1, whose sender is killed."""
        self.pids: list[int] = []
        """Who may be killed."""
        self.killed: list[int] = []
        self.refused = 0
        """So many parts get `refusal`."""
        self.refusal = 400
        self.go_on = threading.Event()
        self.go_on.set()
        self.is_holding = threading.Event()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].endswith("/part"):
            await self._app(scope, receive, send)
            return
        self.parts[scope["path"]].update(value.decode() for name, value in scope["headers"] if name == b"content-range")
        if sum(ranges.total() for ranges in self.parts.values()) == self.kill_at:
            self._kill(scope["client"][1])
        if not self.go_on.is_set():
            self.is_holding.set()
            await asyncio.to_thread(self.go_on.wait, PATIENCE)
        if self.refused:
            self.refused -= 1
            await self._refuse(receive, send)
            return
        await self._app(scope, receive, send)

    def _kill(self, port: int) -> None:
        for pid in self.pids:
            if any(connection.laddr.port == port for connection in psutil.Process(pid).net_connections("tcp")):
                os.kill(pid, 9)
                self.killed.append(pid)

    async def _refuse(self, receive: Receive, send: Send) -> None:
        while (await receive()).get("more_body"):
            pass
        body = f'{{"message": "{TOKEN} is refused"}}'.encode()
        start: Message = {"type": "http.response.start", "status": self.refusal}
        await send({**start, "headers": [(b"content-length", str(len(body)).encode())]})
        await send({"type": "http.response.body", "body": body})

    def sent_twice(self) -> dict[str, int]:
        """By path, how many parts were sent more than once."""
        twice = {path: ranges.total() - len(ranges) for path, ranges in self.parts.items()}
        return {path: count for path, count in twice.items() if count}


@pytest.fixture(scope="module")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All that the workers may write to."""
    return tmp_path_factory.mktemp("dask")


@pytest.fixture(scope="module")
def client(request: pytest.FixtureRequest, scratch: Path) -> Iterator[Client]:
    workers: int = request.config.getoption("--workers", WORKERS)
    with (
        LocalCluster(
            n_workers=workers,
            processes=True,
            threads_per_worker=1,
            host="127.0.0.1",
            dashboard_address="127.0.0.1:0",
            local_directory=str(scratch),
        ) as cluster,
        Client(cluster) as client,
    ):
        yield client


@pytest.fixture
def service() -> Service:
    return Service()


@pytest.fixture
def url(service: Service) -> Iterator[str]:
    with MockServer(app=service) as server:
        yield server.url


@pytest.fixture
def stream(url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[AiozStream]:
    monkeypatch.setenv("AIOZ_STREAM_JOURNALS", str(tmp_path / "journals"))
    with AiozStream(token=TOKEN, base_url=url, max_retries=RetryPolicy(first_delay=0.01)) as stream:
        yield stream


@pytest.fixture
def files(tmp_path: Path) -> Callable[[int], list[Path]]:
    def make(count: int) -> list[Path]:
        paths = [tmp_path / f"file {number:03}.mp4" for number in range(count)]
        for path in paths:
            if not path.exists():
                path.write_bytes(hashlib.shake_128(path.name.encode()).digest(PARTS * PART_SIZE - 1))
        return paths

    return make


@pytest.fixture
def stored(url: str) -> Iterator[Callable[[str], bytes]]:
    """The bytes that the service gives back for a video."""
    with httpx.Client(base_url=url, headers={"Authorization": f"Bearer {TOKEN}"}) as http:
        yield lambda video_id: http.get(f"/videos/{video_id}/source").raise_for_status().content


def tasks(client: Client) -> list[str]:
    """What the scheduler knows of tasks, as text."""

    def texts(dask_scheduler: Any) -> list[str]:
        return [f"{key} {task!r} {task.run_spec!r} {task.exception_text}" for key, task in dask_scheduler.tasks.items()]

    found: list[str] = client.run_on_scheduler(texts)
    return found


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.mark.timeout(600)  # two hundred files are many for a slow machine
def test_all_files_arrive_although_a_worker_is_killed(
    request: pytest.FixtureRequest,
    client: Client,
    service: Service,
    stream: AiozStream,
    stored: Callable[[str], bytes],
    files: Callable[[int], list[Path]],
    tmp_path: Path,
    struck: Callable[..., None],
) -> None:
    paths = files(request.config.getoption("--files", FILES))
    service.pids = [*client.run(os.getpid).values()]
    service.kill_at = len(paths) * PARTS // 2
    begun = time.monotonic()
    executor = client.get_executor(pure=False)
    results = list(stream.upload_many(paths, files=2 * len(service.pids), executor=executor, **SMALL))
    seconds = time.monotonic() - begun
    assert len(service.killed) == 1
    assert sorted(result.index for result in results) == list(range(len(paths)))
    for result in results:
        assert stored(result.unwrap().id) == paths[result.index].read_bytes()
    listed = [(video.title, video.id) for video in stream.videos.list()]
    assert sorted(listed) == sorted((paths[one.index].stem, one.unwrap().id) for one in results)
    # Of what had arrived, nothing is sent again: only the job that the worker had, since it had a single thread.
    twice = service.sent_twice()
    assert len(twice) <= 1
    assert sum(twice.values()) <= PARTS
    assert not [*(tmp_path / "journals").glob("*.journal")]
    until(lambda: not tasks(client))
    struck(f"Dask, {len(service.pids)} workers", f"files in {seconds:.0f} s", len(paths))
    struck(f"Dask, {len(service.pids)} workers", "parts sent twice", sum(twice.values()))


def test_a_failure_is_one_files_and_the_same_call_tries_again(
    client: Client,
    service: Service,
    stream: AiozStream,
    stored: Callable[[str], bytes],
    files: Callable[[int], list[Path]],
) -> None:
    """Also where equal calls are run once: Dask would give the first one's failure, as long as that is kept."""
    paths, executor = files(4), client.get_executor()
    service.refused = 1
    first = list(stream.upload_many(paths, executor=executor, concurrency=1, **SMALL))
    [failed] = [result for result in first if result.error]
    assert isinstance(failed.error, BadRequestError)
    assert failed.error.part is not None
    again = list(stream.upload_many(paths, executor=executor, concurrency=1, **SMALL))
    assert [stored(result.unwrap().id) for result in sorted(again, key=lambda result: result.index)] == [
        path.read_bytes() for path in paths
    ]
    assert len(list(stream.videos.list())) == 4
    assert service.sent_twice().keys() <= {f"/api/videos/{failed.error.video_id}/part"}


def test_nothing_of_an_upload_stays_with_the_cluster(
    client: Client, service: Service, stream: AiozStream, files: Callable[[int], list[Path]]
) -> None:
    """Neither results nor failures, even while the caller keeps what came of them."""
    service.refused = 1
    results = list(stream.upload_many(files(3), executor=client.get_executor(pure=False), **SMALL))
    until(lambda: not tasks(client))
    assert len([result for result in results if result.error]) == 1


def test_a_lost_connection_is_told(
    client: Client, service: Service, stream: AiozStream, files: Callable[[int], list[Path]]
) -> None:
    """An error that can't be pickled, cause included, would never come back."""
    service.control.fault("cut_before", operation="uploadVideoPart", times=None)
    [result] = stream.upload_many(files(1), executor=client.get_executor(pure=False), **SMALL)
    assert isinstance(result.error, APIConnectionError)
    assert result.error.part is not None
    assert result.error.attempt == 5
    assert result.error.video_id


def test_cancelling_waits_for_no_worker(
    client: Client,
    service: Service,
    stream: AiozStream,
    stored: Callable[[str], bytes],
    files: Callable[[int], list[Path]],
) -> None:
    """What a worker is sending, it goes on with. That does no harm: the same call resumes."""
    service.go_on.clear()
    cancel, executor = Cancellation(), client.get_executor(pure=False)

    def cancel_it() -> None:
        service.is_holding.wait(PATIENCE)
        cancel.cancel()

    watcher = threading.Thread(target=cancel_it)
    watcher.start()
    results = list(stream.upload_many(files(3), files=2, executor=executor, cancel=cancel, **SMALL))
    watcher.join()
    assert {type(result.error) for result in results} == {UploadCancelledError}
    service.go_on.set()
    again = list(stream.upload_many(files(3), executor=executor, **SMALL))
    assert {stored(result.unwrap().id) for result in again} == {path.read_bytes() for path in files(3)}
    assert len(list(stream.videos.list())) == 3


def test_credentials_show_nowhere(
    client: Client,
    service: Service,
    stream: AiozStream,
    files: Callable[[int], list[Path]],
    scratch: Path,
) -> None:
    """Neither in what the scheduler says of tasks, nor in any log, nor on a disk, although the service repeats them."""
    service.go_on.clear()
    service.refused, service.refusal = 3, 401
    seen: list[str] = []

    def look() -> None:
        assert service.is_holding.wait(PATIENCE)
        seen.extend(tasks(client))
        service.go_on.set()

    watcher = threading.Thread(target=look)
    watcher.start()
    [result] = stream.upload_many(files(1), executor=client.get_executor(pure=False), **SMALL)
    watcher.join()
    assert isinstance(result.error, AuthenticationError)
    [task] = seen
    assert "send_parts" in task
    logs = f"{client.get_worker_logs(nanny=False)} {client.get_worker_logs(nanny=True)} {client.get_scheduler_logs()}"
    assert "AuthenticationError" in logs
    for text in (task, logs, repr(result), repr(result.error.__cause__)):
        assert TOKEN not in text
    on_disk = [path for path in scratch.rglob("*") if path.is_file() and TOKEN.encode() in path.read_bytes()]
    assert on_disk == []


def test_open_files_are_refused(
    client: Client, service: Service, stream: AiozStream, files: Callable[[int], list[Path]]
) -> None:
    [path] = files(1)
    with path.open("rb") as handle:
        [result] = stream.upload_many([handle], executor=client.get_executor(pure=False), **SMALL)
    assert isinstance(result.error, ArgumentTypeError)
    assert not service.parts
    assert list(stream.videos.list()) == []


def test_a_cluster_that_goes(
    client: Client, service: Service, stream: AiozStream, files: Callable[[int], list[Path]]
) -> None:
    """Its files fail, and those after them make no videos. The same call, with another executor, resumes."""
    service.go_on.clear()
    other = Client(client.scheduler.address)

    def close() -> None:
        assert service.is_holding.wait(PATIENCE)
        other.close()
        service.go_on.set()

    closing = threading.Thread(target=close)
    closing.start()
    results = list(stream.upload_many(files(10), files=2, executor=other.get_executor(pure=False), **SMALL))
    closing.join()
    assert {type(result.error) for result in results} == {WorkerError}
    made = {video.id for video in stream.videos.list()}
    assert 1 <= len(made) <= 4
    resumed = list(stream.upload_many(files(10), executor=client.get_executor(pure=False), **SMALL))
    assert made < {result.unwrap().id for result in resumed} == {video.id for video in stream.videos.list()}
