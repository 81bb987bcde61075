"""Ending an upload from outside: at once, leaving nothing behind but what can be resumed."""

from __future__ import annotations

import asyncio
import gc
import os
import pickle
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from itertools import count
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aioz_stream import (
    AiozStream,
    APIConnectionError,
    APITimeoutError,
    ArgumentError,
    AsyncAiozStream,
    Cancellation,
    ConfigurationError,
    PartLimits,
    Progress,
    RetryPolicy,
    ServerError,
    UploadCancelledError,
    UploadTimeoutError,
)
from aioz_stream.http.cancel_signal import CancelSignal
from aioz_stream.http.connections import Connection, Connections
from aioz_stream.http.network import Network
from aioz_stream.http.retry import Attempts, repeat
from aioz_stream_mock import MockServer, Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

ANY = PartLimits(1, 10**9)
SMALL: dict[str, Any] = {"part_size": 100_000, "part_limits": ANY, "concurrency": 3}
INSTANT = Settings(transcode_seconds=0)
# Far longer than a second, and far shorter than any timeout that would end it otherwise.
SOON = 8.0


def test_a_signal_that_is_set_lets_no_call_begin() -> None:
    cancelled, connection = CancelSignal(), Connection(httpx.Client(), is_own=True)
    cancelled.set()
    with pytest.raises(UploadCancelledError), cancelled.cutting(connection):
        pytest.fail("it began")
    assert not connection.is_cut


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells what was acknowledged")
def test_what_the_other_side_has_acknowledged_is_counted() -> None:
    connection, size = Connection(httpx.Client(), is_own=True), 300_000
    with socket.create_server(("127.0.0.1", 0)) as listener, socket.create_connection(listener.getsockname()) as own:
        stream = SimpleNamespace(get_extra_info=lambda _: own, read=own.recv)
        connection.trace("connection.connect_tcp.complete", {"return_value": stream})
        other, _ = listener.accept()
        with other:
            assert connection.acknowledged() <= 1, "the handshake"
            own.sendall(bytes(size))
            read = 0
            while read < size:
                read += len(other.recv(size))
            end = time.monotonic() + SOON
            while connection.acknowledged() < size and time.monotonic() < end:
                time.sleep(0.01)
            assert size <= connection.acknowledged() <= size + 1
            assert 0 < connection.round_trip(is_least=True) <= connection.round_trip() < SOON


def test_a_connection_is_used_again_unless_it_was_cut() -> None:
    with closing(Connections(None, None, Network(None, None))) as connections:
        with connections.connection() as first, connections.connection() as second:
            assert first is not second
        with connections.connection() as third:
            assert third in (first, second)
            third.cut()
        with connections.connection() as fourth, connections.connection() as fifth:
            assert third not in (fourth, fifth)
            assert {first, second} & {fourth, fifth}


def test_a_connection_that_was_cut_before_it_connected_sends_nothing() -> None:
    connection = Connection(httpx.Client(), is_own=True)
    connection.cut()
    own, other = socket.socketpair()
    with own, other:
        stream = SimpleNamespace(get_extra_info=lambda _: own, read=own.recv)
        connection.trace("connection.connect_tcp.complete", {"return_value": stream})
        assert other.recv(1) == b"", "it is shut down"


class Silent:
    """A service that has a new video, takes connections, reads what it is told to, and never answers a part."""

    def __init__(self, reads: bool) -> None:
        self._reads = reads
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}/api"
        self.connections: list[socket.socket] = []
        self.got_some = threading.Event()
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.connections.append(connection)
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        while True:
            try:
                data = connection.recv(65536 if self._reads else 1000)
            except OSError:
                return
            if not data:
                connection.close()
                return
            if data.startswith(b"GET "):
                body = b'{"status": "success", "data": {"id": "video", "title": "t", "status": "new"}}'
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body))
                continue
            self.got_some.set()
            if not self._reads:
                time.sleep(60)

    def heard_the_end(self) -> None:
        """Returns when each connection that it has had was ended by the other side."""
        for connection in self.connections:
            try:
                connection.settimeout(30)
                while connection.recv(1_000_000):
                    pass
            except TimeoutError:
                raise
            except OSError:
                pass  # It was reset, or closed by the thread that heard of the end first.

    def close(self) -> None:
        self._listener.close()
        for connection in self.connections:
            connection.close()


@pytest.fixture(params=[True, False], ids=["no answer", "no reading"])
def silent(request: pytest.FixtureRequest) -> Iterator[Silent]:
    service = Silent(request.param)
    yield service
    service.close()


@pytest.fixture
def path(tmp_path: Path, noise: Callable[[int], bytes]) -> Path:
    file = tmp_path / "talk.mp4"
    # More than the buffers of a connection take, so that sending waits too.
    file.write_bytes(noise(1_000_000) * 40)
    return file


def large() -> dict[str, Any]:
    return {"part_size": 10_000_000, "part_limits": ANY, "concurrency": 3, "journal": False}


def open_sockets() -> set[socket.socket]:
    """All of this process, half-closed ones too."""
    return {one for one in gc.get_objects() if type(one) is socket.socket and one.fileno() != -1}


def workers() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name.startswith("aioz-stream-upload")]


@contextmanager
def ends_soon() -> Iterator[None]:
    begin = time.monotonic()
    yield
    assert time.monotonic() - begin < SOON
    assert workers() == []


def cancelled_when_sending(service: Silent) -> Cancellation:
    cancel = Cancellation()

    def wait() -> None:
        service.got_some.wait(30)
        time.sleep(0.2)
        cancel.cancel()

    threading.Thread(target=wait).start()
    return cancel


class TestCancel:
    def test_from_another_thread(self, silent: Silent, path: Path) -> None:
        before, cancel = open_sockets(), cancelled_when_sending(silent)
        with AiozStream(token="t", base_url=silent.url) as stream, ends_soon():
            with pytest.raises(UploadCancelledError):
                stream.videos.upload("video", path, cancel=cancel, **large())
            assert len(silent.connections) >= 3
            assert open_sockets() - before - set(silent.connections) == set()
            silent.heard_the_end()
            with pytest.raises(UploadCancelledError):
                stream.videos.upload("video", path, cancel=cancel, **large())

    def test_through_a_client_that_was_passed_in(self, silent: Silent, path: Path) -> None:
        cancel = cancelled_when_sending(silent)
        with httpx.Client() as http, ends_soon(), pytest.raises(UploadCancelledError):
            AiozStream(token="t", base_url=silent.url, http_client=http).videos.upload(
                "video", path, cancel=cancel, **large()
            )

    def test_while_the_video_is_being_made(self, silent: Silent, path: Path) -> None:
        cancel = cancelled_when_sending(silent)
        with AiozStream(token="t", base_url=silent.url) as stream, ends_soon(), pytest.raises(UploadCancelledError):
            stream.upload(path, cancel=cancel, **large())

    def test_while_it_waits_for_another_try(self, path: Path) -> None:
        cancel = Cancellation()
        with MockServer() as server, ends_soon():
            server.control.fault("status", operation="uploadVideoPart", status=503, times=None)
            stream = AiozStream(
                token="token-a", base_url=server.url, max_retries=RetryPolicy(first_delay=100, longest_delay=100)
            )
            video = stream.videos.create(title="x").id
            threading.Timer(0.5, cancel.cancel).start()
            with stream, pytest.raises(UploadCancelledError):
                stream.videos.upload(video, path, cancel=cancel, **large())

    @pytest.mark.anyio
    async def test_a_task(self, silent: Silent, path: Path) -> None:
        async with AsyncAiozStream(token="t", base_url=silent.url) as stream:
            task = asyncio.create_task(stream.videos.upload("video", path, **large()))
            await asyncio.to_thread(silent.got_some.wait, 30)
            await asyncio.sleep(0.2)
            begin = time.monotonic()
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            while workers() and time.monotonic() - begin < SOON:  # noqa: ASYNC110 - threads, not the loop, end here
                await asyncio.sleep(0.02)
        assert workers() == []

    def test_one_cancellation_ends_several_uploads(self, silent: Silent, path: Path) -> None:
        cancel, errors = Cancellation(), list[Exception]()

        def upload() -> None:
            try:
                stream.videos.upload("video", path, cancel=cancel, **large())
            except UploadCancelledError as error:
                errors.append(error)

        with AiozStream(token="t", base_url=silent.url) as stream, ends_soon():
            threads = [threading.Thread(target=upload) for _ in range(2)]
            for thread in threads:
                thread.start()
            silent.got_some.wait(30)
            cancel.cancel()
            for thread in threads:
                thread.join()
        assert len(errors) == 2

    @pytest.mark.skipif(os.name == "nt", reason="Windows sends no SIGINT to one process alone")
    def test_ctrl_c(self, silent: Silent, path: Path) -> None:
        script = (
            "import sys, threading; from aioz_stream import AiozStream, PartLimits\n"
            "try:\n"
            "    AiozStream(token='t', base_url=sys.argv[1]).videos.upload(\n"
            "        'video', sys.argv[2], part_size=10**7, part_limits=PartLimits(1, 10**9), journal=False)\n"
            "except KeyboardInterrupt:\n"
            "    print('interrupted', [t.name for t in threading.enumerate() if t is not threading.main_thread()])\n"
        )
        command = [sys.executable, "-c", script, silent.url, str(path)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            assert silent.got_some.wait(30)
            time.sleep(0.3)
            begin = time.monotonic()
            process.send_signal(signal.SIGINT)
            said, _ = process.communicate(timeout=30)
        assert time.monotonic() - begin < SOON
        assert said == "interrupted []\n"


@settings(max_examples=20)
@given(event=st.integers(1, 22), part_size=st.integers(10, 40), concurrency=st.integers(1, 4))
def test_cancelled_at_any_moment_the_same_call_goes_on(
    server: MockServer,
    stored: Callable[[str, str], bytes],
    tmp_path_factory: pytest.TempPathFactory,
    event: int,
    part_size: int,
    concurrency: int,
) -> None:
    """At each request, and when its answer is there: right bytes, one video, and complete only for what is whole."""
    file, cancel, events = tmp_path_factory.mktemp("any") / f"{uuid.uuid4()}.mp4", Cancellation(), count(1)
    file.write_bytes(os.urandom(100))

    def pass_by(_: httpx.Request | httpx.Response) -> None:
        if next(events) == event:
            cancel.cancel()

    how: dict[str, Any] = {"part_size": part_size, "part_limits": ANY, "concurrency": concurrency}
    hooks: Any = {"request": [pass_by], "response": [pass_by]}
    with httpx.Client(event_hooks=hooks, verify=False) as http:  # certificates take longer to read than all of this
        stream = AiozStream(token="token-a", base_url=server.url, http_client=http)
        try:
            video = stream.upload(file, cancel=cancel, **how)
        except UploadCancelledError:
            assert workers() == []
            video = stream.upload(file, **how)
        assert [video.id] == [one.id for one in stream.videos.list(search=file.stem)]
        assert (video.status == "new", stored(server.url, video.id)) == (False, file.read_bytes())


def test_a_connection_is_given_back_only_once_it_is_cut() -> None:
    """Cut later, it would be cut under the next upload that has it."""
    signal, is_inside, is_ending, was_cut = CancelSignal(), threading.Event(), threading.Event(), list[bool]()

    class Slow(Connection):
        def cut(self) -> None:
            is_ending.set()
            time.sleep(0.1)
            super().cut()

    def use(connection: Slow) -> None:
        with signal.cutting(connection):
            is_inside.set()
            is_ending.wait(SOON)
        was_cut.append(connection.is_cut)

    thread = threading.Thread(target=use, args=(Slow(httpx.Client(), is_own=True),))
    thread.start()
    is_inside.wait(SOON)
    signal.set()
    thread.join(SOON)
    assert was_cut == [True]


def test_cancelled_again_and_again_the_same_client_goes_on(server: MockServer, make_file: Callable[..., Path]) -> None:
    path = make_file(bytes(100_000))
    with AiozStream(token="token-a", base_url=server.url, max_retries=0) as stream:
        for title in map(str, range(12)):
            cancel = Cancellation()
            threading.Timer(0.05, cancel.cancel).start()
            how: dict[str, Any] = {"part_size": 10_000, "part_limits": ANY, "title": title}
            with pytest.raises(UploadCancelledError):
                stream.upload(path, cancel=cancel, max_speed=20_000, **how)
            assert stream.upload(path, **how).status != "new"


@pytest.mark.anyio
async def test_a_cancelled_task_names_its_video_and_leaves_the_journal_to_the_next(
    server: MockServer, path: Path
) -> None:
    created = asyncio.Event()
    how: dict[str, Any] = {"part_size": 100_000, "part_limits": ANY, "title": "again"}
    async with AsyncAiozStream(token="token-a", base_url=server.url) as stream:
        task = asyncio.create_task(stream.upload(path, on_created=lambda _: created.set(), max_speed=100_000, **how))
        await created.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError) as caught:
            await task
        video = await stream.upload(path, **how)
    assert f"Video {video.id} exists" in "".join(getattr(caught.value, "__notes__", []))


@pytest.mark.anyio
async def test_uploads_leave_the_loops_threads_to_others(server: MockServer, path: Path) -> None:
    """A callback may need one: to look up a host, for one."""
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(1))
    called = list[str]()

    async def on_created(video: str) -> None:
        await asyncio.to_thread(called.append, video)

    async with AsyncAiozStream(token="token-a", base_url=server.url) as stream, asyncio.timeout(SOON):
        videos = await asyncio.gather(
            *(stream.upload(path, title=title, on_created=on_created, journal=False) for title in "abc")
        )
    assert sorted(called) == sorted(video.id for video in videos)


@pytest.mark.anyio
async def test_a_deadline_is_the_error_also_while_a_callback_runs(server: MockServer, path: Path) -> None:
    async def on_created(_: str) -> None:
        await asyncio.sleep(3)

    async with AsyncAiozStream(token="token-a", base_url=server.url) as stream:
        with pytest.raises(UploadTimeoutError):
            await stream.upload(path, on_created=on_created, deadline=0.5, journal=False)


def test_a_connection_that_is_cut_while_idle_is_closed(server: MockServer) -> None:
    """Httpx closes a connection that breaks while it is used, and only then."""
    connections = Connections(None, None, Network())
    with closing(connections), connections.connection() as connection:
        connection.http.get(server.url, extensions={"trace": connection.trace})
        [used] = connection._sockets
        connection.cut()
    assert used.fileno() == -1


def test_all_sockets_of_a_redirected_connection_are_cut() -> None:
    """Redirects lead to other hosts; which of its connections is being waited for is not known."""

    class Connected:
        def __init__(self, own: socket.socket) -> None:
            self._own = own

        def read(self, max_bytes: int) -> bytes:
            return self._own.recv(max_bytes)

        def get_extra_info(self, _: str) -> socket.socket:
            return self._own

    pairs = [socket.socketpair() for _ in range(3)]
    pairs[0][0].close()
    connection = Connection(httpx.Client(verify=False), is_own=True)
    for ours, _ in pairs:
        connection.trace("connection.connect_tcp.complete", {"return_value": Connected(ours)})
    connection.cut()
    with closing(connection.http):
        assert [theirs.recv(1) for _, theirs in pairs] == [b"", b"", b""]
    for ours, theirs in pairs:
        ours.close()
        theirs.close()


class TestDeadline:
    @pytest.mark.parametrize("is_kept", [True, False])
    def test_a_deadline_ends_the_upload(self, silent: Silent, path: Path, *, is_kept: bool) -> None:
        """That the same call resumes is said only where it does."""
        journal = path.with_suffix(".journal") if is_kept else False
        with AiozStream(token="t", base_url=silent.url) as stream, ends_soon():
            with pytest.raises(UploadTimeoutError, match="not over after") as caught:
                stream.videos.upload("video", path, deadline=0.5, **(large() | {"journal": journal}))
            assert isinstance(caught.value, TimeoutError)
            assert ("same call resumes" in "".join(caught.value.__notes__)) == is_kept

    def test_an_upload_in_time_leaves_no_timer(self, path: Path) -> None:
        with MockServer() as server, AiozStream(token="token-a", base_url=server.url) as stream:
            assert stream.upload(path, deadline=100, **large()).status != "new"
        assert [thread for thread in threading.enumerate() if isinstance(thread, threading.Timer)] == []

    @pytest.mark.parametrize("wrong", [0, -1, "soon", True, float("nan")])
    def test_the_deadline_is_checked(self, path: Path, wrong: Any) -> None:
        with AiozStream(token="t") as stream, pytest.raises(ArgumentError, match="deadline"):
            stream.upload(path, deadline=wrong)


class TestFailure:
    def test_a_part_that_fails_for_good_waits_for_no_other(self, path: Path) -> None:
        """The others may be stuck in sending."""
        with MockServer() as server, AiozStream(token="token-a", base_url=server.url) as stream, ends_soon():
            video = stream.videos.create(title="x").id
            server.control.fault("slow_read", operation="uploadVideoPart", bytes_per_second=1000, times=2)
            server.control.fault("status", operation="uploadVideoPart", status=500, times=None)
            with pytest.raises(ServerError, match=r"part \d+, attempt 3") as caught:
                stream.with_options(max_retries=RetryPolicy(max_retries=2, first_delay=0)).videos.upload(
                    video, path, **large()
                )
            server.control.reset()
        assert caught.value.part is not None
        assert (caught.value.video_id, caught.value.attempt) == (video, 3)

    def test_the_error_of_a_part_is_no_attempt_of_another(self) -> None:
        """The threads of the others end while they send, and must neither count nor name it."""
        signal, error = CancelSignal(), APIConnectionError("It failed.", method="POST", path="/part")
        error.attempt, retries = 3, list[float]()
        signal.set(error)
        attempts = Attempts(RetryPolicy(), on_retry=lambda _, delay: retries.append(delay))
        with pytest.raises(UploadCancelledError):
            repeat(signal.check, attempts, signal.pause)
        with pytest.raises(UploadCancelledError):
            signal.pause(0)
        assert (error.attempt, retries) == (3, [])
        with pytest.raises(APIConnectionError) as caught:
            signal.raise_reason()
        assert caught.value is error

    def test_one_429_slows_all_parts(self, tmp_path: Path) -> None:
        file = tmp_path / "a.mp4"
        file.write_bytes(bytes(1000))
        with (
            MockServer(INSTANT) as server,
            AiozStream(token="token-a", base_url=server.url) as stream,
        ):
            server.control.fault("rate_limit", operation="uploadVideoPart", retry_after=1, after=10)
            stream.upload(file, part_size=10, part_limits=ANY, concurrency=4)
            parts = [entry for entry in server.control.requests() if entry.operation == "uploadVideoPart"]
        refused = next(number for number, entry in enumerate(parts) if entry.status == 429)
        assert [entry.status for entry in parts].count(429) == 1
        times = [float(entry.at[17:-1]) for entry in parts]
        # The other three were on their way; then nobody asks for a second.
        pauses = [
            (after - before) % 60
            for before, after in zip(times[refused:], times[refused + 1 : refused + 5], strict=False)
        ]
        assert max(pauses) > 0.9


class TestSpeed:
    def test_the_speed_can_be_limited(self, tmp_path: Path) -> None:
        file = tmp_path / "a.mp4"
        file.write_bytes(bytes(3_000_000))
        with (
            MockServer(INSTANT) as server,
            AiozStream(token="token-a", base_url=server.url) as stream,
        ):
            begin = time.monotonic()
            stream.upload(file, part_size=1_000_000, part_limits=ANY, max_speed=2_000_000)
            assert time.monotonic() - begin > 1.2

    @pytest.mark.parametrize("wrong", [0, -1, 1.5, "fast", True])
    def test_the_speed_is_checked(self, path: Path, wrong: Any) -> None:
        with AiozStream(token="t") as stream, pytest.raises(ArgumentError, match="max_speed"):
            stream.upload(path, max_speed=wrong)


class TestTimeout:
    def test_a_slow_link_is_no_timeout(self, tmp_path: Path) -> None:
        """It means: no progress for so long. A part may take longer in all."""
        file = tmp_path / "a.mp4"
        file.write_bytes(bytes(8_000_000))
        timeout = httpx.Timeout(10, write=0.8, read=60)
        with MockServer(INSTANT) as server:
            server.control.fault("slow_read", operation="uploadVideoPart", bytes_per_second=2_000_000, times=None)
            with AiozStream(token="token-a", base_url=server.url, timeout=timeout, max_retries=0) as stream:
                begin = time.monotonic()
                stream.upload(file, part_limits=ANY, part_size=10**7)
        assert time.monotonic() - begin > 2

    def test_a_connection_without_progress_times_out(self, silent: Silent, path: Path) -> None:
        timeout = httpx.Timeout(30, write=0.3, read=0.3)
        with (
            AiozStream(token="t", base_url=silent.url, timeout=timeout, max_retries=0) as stream,
            ends_soon(),
            pytest.raises(APITimeoutError) as caught,
        ):
            stream.videos.upload("video", path, **large())
        assert caught.value.part is not None

    def test_the_last_answer_and_complete_may_take_longer(self, tmp_path: Path) -> None:
        """The service hashes and stores a whole part before it answers."""
        file = tmp_path / "a.mp4"
        file.write_bytes(b"bytes")
        waits: dict[str, float] = {}

        def note(request: httpx.Request) -> None:
            timeout = request.extensions["timeout"]
            waits[request.url.path.rpartition("/")[2]] = timeout["read"]
            assert (timeout["connect"], timeout["write"]) == (10, 60)

        with MockServer(INSTANT) as server, httpx.Client(event_hooks={"request": [note]}) as http:
            AiozStream(token="token-a", base_url=server.url, http_client=http).upload(file, journal=False)
        assert {name: waits[name] for name in ("create", "part", "complete")} == {
            "create": 60,
            "part": 300,
            "complete": 300,
        }


def test_unknown_options_are_refused(path: Path) -> None:
    with (
        AiozStream(token="t") as stream,
        pytest.raises(TypeError, match="an upload has no keyword argument 'chunk_size'"),
    ):
        stream.upload(path, chunk_size=1)  # type: ignore[call-arg]  # as the type checker says too


def test_a_closed_client_uploads_nothing(path: Path) -> None:
    with MockServer() as server:
        with AiozStream(token="token-a", base_url=server.url) as stream:
            pass
        with pytest.raises(ConfigurationError, match="is closed"):
            stream.upload(path, **large())
        assert server.control.requests() == []


def test_certificates_are_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """By all connections of a client: it takes longer than a small upload."""
    contexts: list[ssl.SSLContext] = []
    read = ssl.SSLContext.load_verify_locations

    def counted(context: ssl.SSLContext, *places: Any, **named: Any) -> None:
        contexts.append(context)
        read(context, *places, **named)

    monkeypatch.setattr(ssl.SSLContext, "load_verify_locations", counted)
    network = Network()
    for _ in range(2):
        network.check("https://service.test")
    assert len(contexts) == 1


def test_certificates_are_not_read_where_they_are_not_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", "/nowhere")
    with MockServer(INSTANT) as server, AiozStream(token="token-a", base_url=server.url) as stream:
        assert list(stream.videos.list()) == []


@pytest.mark.parametrize("kind", [AiozStream, AsyncAiozStream])
def test_clients_are_not_pickled(kind: Any) -> None:
    with pytest.raises(TypeError, match="one in each process"):
        pickle.dumps(kind(token="t"))


@pytest.mark.skipif(sys.platform != "linux", reason="fork is the usual start of a process on Linux alone")
def test_a_fork_has_connections_of_its_own(path: Path) -> None:
    with MockServer(INSTANT) as server:
        script = (
            "import os, sys; from aioz_stream import AiozStream, PartLimits\n"
            "how = dict(part_size=10**6, part_limits=PartLimits(1, 10**9), journal=False)\n"
            "with AiozStream(token='token-a', base_url=sys.argv[1]) as stream:\n"
            "    stream.upload(sys.argv[2], title='before', **how)\n"
            "    child = os.fork()\n"
            "    stream.upload(sys.argv[2], title='after', **how)\n"
            "    if child: sys.exit(os.waitpid(child, 0)[1])\n"
        )
        subprocess.run([sys.executable, "-c", script, server.url, str(path)], check=True, timeout=60)
        with AiozStream(token="token-a", base_url=server.url) as stream:
            videos = list(stream.videos.list())
        assert sorted(video.title for video in videos) == ["after", "after", "before"]
        assert all(video.size == path.stat().st_size for video in videos)


@pytest.fixture
def server_elsewhere() -> Iterator[str]:
    """In a process of its own, so that the server's work does not count."""
    command = [sys.executable, "-m", "aioz_stream_mock", "--port", "0", "--no-transcode", "--transcode-seconds", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as server:
        assert server.stdout is not None
        yield server.stdout.readline().split()[-1]
        server.terminate()
        server.communicate()


@pytest.mark.anyio
async def test_the_loop_is_never_blocked(path: Path, server_elsewhere: str) -> None:
    """What the loop's thread works between two turns of the loop while an upload runs, and how long a turn takes."""
    most_work, longest, seen = 0.0, 0.0, list[Progress]()

    async def turn() -> None:
        nonlocal longest, most_work
        while True:
            begin, work = time.monotonic(), time.thread_time()
            await asyncio.sleep(0)
            longest = max(longest, time.monotonic() - begin)
            await asyncio.sleep(0.001)
            most_work = max(most_work, time.thread_time() - work)

    turning = asyncio.create_task(turn())
    async with AsyncAiozStream(token="token-a", base_url=server_elsewhere) as stream:
        await stream.videos.page()  # with what is loaded and made once
        most_work = longest = 0.0
        await stream.upload(path, on_progress=seen.append, **large())
    turning.cancel()
    assert seen[-1].fraction == 1
    # Its own work, so that other programs on the machine don't count. Reading and hashing a part takes longer.
    assert most_work < 0.05
    # Time by the clock is measured on an idle machine (`make bench`); here it only must not be the sending of a part.
    assert longest < 1
