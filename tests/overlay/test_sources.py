"""What can be uploaded from this machine: paths, binary file objects, streams."""

from __future__ import annotations

import errno
import hashlib
import io
import os
import random
import socket
import sys
import tempfile
import threading
import time
import zipfile
from contextlib import closing, suppress
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aioz_stream import (
    AiozStream,
    ArgumentError,
    ArgumentTypeError,
    AsyncAiozStream,
    AuthenticationError,
    Cancellation,
    EmptySourceError,
    Part,
    PartLimits,
    RetryPolicy,
    SourceChangedError,
    SourceError,
    UploadCancelledError,
    UploadItem,
    UploadTimeoutError,
    capture_responses,
    plan,
)
from aioz_stream.http.cancel_signal import CancelSignal
from aioz_stream.upload.sources.file import FileSource
from aioz_stream.upload.sources.part_source import PartReader
from aioz_stream.upload.sources.source import open_source
from aioz_stream_mock import MockServer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from aioz_stream.upload.sources.part_source import PartSource


ANY = PartLimits(1, 10**9)
PATIENCE = 30.0


NO_SESSION: Any = None
"""Only URLs are fetched with the options of a session."""


def open_any(source: object, *, size: int | None = None, spool: bool = False, trust_times: bool = True) -> PartSource:
    return open_source(source, NO_SESSION, CancelSignal(), size=size, to_spool=spool, trust_times=trust_times)


def reassembled(source: PartSource, part_size: int) -> bytes:
    """The bytes of all parts together. Each part is read twice, as for its MD5 and its sending."""
    content = bytearray()
    for part in plan(source.size, part_size, ANY):
        with closing(source.reader(part, lambda _: None)) as reader:
            digest = reader.md5()
            data = b"".join(iter(reader.read, b""))
        assert (len(data), hashlib.md5(data).hexdigest()) == (part.size, digest)
        content += data
    return bytes(content)


class Dribble:
    """A stream that gives what it likes of what it is asked for, as sockets do, and can't seek."""

    def __init__(self, content: bytes, pieces: list[int]) -> None:
        self._content, self._pieces, self._turn = io.BytesIO(content), pieces, 0
        self.closed = False

    def read(self, size: int = -1) -> bytes:
        self._turn += 1
        piece = self._pieces[self._turn % len(self._pieces)]
        return self._content.read(min(size, piece) if size >= 0 else piece)

    def seekable(self) -> bool:
        return False

    def close(self) -> None:
        self.closed = True


class Grudging(io.BytesIO):
    """A file object that gives one to seven bytes at a time."""

    def read(self, size: int | None = -1, /) -> bytes:
        return super().read(min(7, size or 7) if size != -1 else 7)


content_and_split = st.tuples(st.binary(min_size=1, max_size=300), st.integers(1, 320))


class TestAnySplitReassembles:
    """Through the readers that an upload uses, whatever kind the source is of."""

    @given(content_and_split)
    def test_of_a_path(self, case: tuple[bytes, int]) -> None:
        content, part_size = case
        with tempfile.NamedTemporaryFile() as file:
            file.write(content)
            file.flush()
            with closing(open_any(file.name)) as source:
                assert reassembled(source, part_size) == content

    @given(content_and_split, st.binary(max_size=20), st.booleans())
    def test_of_a_file_object_from_where_it_stands(
        self, case: tuple[bytes, int], before: bytes, is_grudging: bool
    ) -> None:
        content, part_size = case
        handle = Grudging(before + content) if is_grudging else io.BytesIO(before + content)
        handle.seek(len(before))
        assert reassembled(open_any(handle), part_size) == content
        assert not handle.closed

    @given(content_and_split, st.lists(st.integers(1, 50), min_size=1, max_size=5), st.booleans())
    def test_of_a_stream_however_its_reads_are_cut(
        self, case: tuple[bytes, int], pieces: list[int], spool: bool
    ) -> None:
        content, part_size = case
        stream = Dribble(content, pieces)
        how: dict[str, Any] = {"spool": True} if spool else {"size": len(content)}
        with closing(open_any(stream, **how)) as source:
            assert reassembled(source, part_size) == content
            source.verify()
        assert not stream.closed


class Shared(io.BytesIO):
    """A file object that notices when one thread reads where another one had it seek to."""

    def __init__(self, content: bytes) -> None:
        super().__init__(content)
        self._owner = 0
        self.mixed_up = 0

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        self._owner = threading.get_ident()
        position = super().seek(offset, whence)
        time.sleep(0.001)  # so that the others get their turn right here
        return position

    def read(self, size: int | None = -1, /) -> bytes:
        self.mixed_up += self._owner != threading.get_ident()
        return super().read(size)


class TestFileObjects:
    def test_one_handle_serves_all_workers(
        self, stream: AiozStream, server: MockServer, stored: Callable[[str, str], bytes], noise: Callable[[int], bytes]
    ) -> None:
        content = noise(20_000)
        handle = Shared(b"a header" + content)
        handle.seek(8)
        video = stream.upload(handle, title="Shared", part_size=500, part_limits=ANY, concurrency=8)
        assert handle.mixed_up == 0
        assert stored(server.url, video.id) == content
        assert not handle.closed

    def test_an_open_file_is_named_after_its_path(
        self,
        stream: AiozStream,
        make_file: Callable[..., Path],
        server: MockServer,
        stored: Callable[[str, str], bytes],
    ) -> None:
        with make_file(b"0123456789", "talk one.mp4").open("rb") as handle:
            handle.read(4)
            video = stream.upload(handle)
            assert not handle.closed
        assert (video.title, stored(server.url, video.id)) == ("talk one", b"456789")

    def test_a_handle_has_a_journal_only_where_one_is_named(
        self, stream: AiozStream, journals: Path, tmp_path: Path
    ) -> None:
        kept: list[bool] = []
        chosen = tmp_path / "chosen.journal"
        stream.upload(io.BytesIO(b"bytes"), on_created=lambda _: kept.append(journals.exists()))
        stream.upload(io.BytesIO(b"bytes"), journal=chosen, on_created=lambda _: kept.append(chosen.exists()))
        assert kept == [False, True]

    @pytest.mark.parametrize(
        "handle", [io.StringIO("text"), io.TextIOWrapper(io.BytesIO(b"text"))], ids=["str", "file"]
    )
    def test_text_is_refused(self, silent: AiozStream, handle: Any) -> None:
        with pytest.raises(ArgumentTypeError, match="binary"):
            silent.upload(handle)

    def test_nothing_left_to_read(self, silent: AiozStream) -> None:
        handle = io.BytesIO(b"bytes")
        handle.read()
        with pytest.raises(EmptySourceError, match="present position"):
            silent.upload(handle)

    def test_closed_ones(self, silent: AiozStream) -> None:
        handle = io.BytesIO(b"bytes")
        handle.close()
        with pytest.raises(SourceError, match="closed"):
            silent.upload(handle)

    @pytest.mark.parametrize("size", [4, 6])
    def test_a_size_that_is_not_its_own(self, silent: AiozStream, size: int) -> None:
        with pytest.raises(ArgumentError, match="5 bytes"):
            silent.upload(io.BytesIO(b"bytes"), size=size)

    def test_a_directory(self, silent: AiozStream, tmp_path: Path) -> None:
        with pytest.raises(SourceError, match="is a directory; only a regular file"):
            silent.upload(tmp_path)

    @pytest.mark.skipif(sys.platform == "win32", reason="Windows has no sockets in its file system")
    def test_what_is_no_file(self, silent: AiozStream, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        monkeypatch.chdir(tmp_path)  # the path of a socket may have few characters
        with closing(socket.socket(socket.AF_UNIX)) as listener:
            listener.bind("socket")
            with pytest.raises(SourceError, match="is not a regular file; only a regular file"):
                silent.upload("socket")

    def test_a_part_that_was_sent_is_closed_once(self) -> None:
        closed: list[None] = []
        reader = PartReader(Part(1, 0, 3, 4), lambda *_: b"part", lambda _: None, lambda: closed.append(None))
        reader.close()
        assert reader.closed
        reader.close()
        assert len(closed) == 1

    def test_spooling_is_for_streams(self, silent: AiozStream, make_file: Callable[..., Path]) -> None:
        with pytest.raises(ArgumentError, match="spool is for streams"):
            silent.upload(make_file(b"bytes"), spool=True)

    def test_what_can_seek_needs_no_copy(
        self, stream: AiozStream, server: MockServer, stored: Callable[[str, str], bytes]
    ) -> None:
        """Standard input is a pipe or a file, as its shell likes."""
        video = stream.upload(io.BytesIO(b"bytes"), title="Redirected", spool=True)
        assert stored(server.url, video.id) == b"bytes"


@pytest.fixture
def silent() -> Iterator[AiozStream]:
    """A client that must send nothing."""

    def refuse(request: httpx.Request) -> httpx.Response:
        raise AssertionError(f"sent {request.method} {request.url}")

    with AiozStream(token="t", transport=httpx.MockTransport(refuse)) as client:
        yield client


class Watched:
    """A client, and the last words of the paths that it asked for."""

    def __init__(self, server: MockServer, http: httpx.Client, retries: RetryPolicy) -> None:
        self.sent: list[str] = []
        http.event_hooks = {"request": [lambda request: self.sent.append(request.url.path.rpartition("/")[2])]}
        self.stream = AiozStream(token="token-a", base_url=server.url, http_client=http, max_retries=retries)


@pytest.fixture
def watched(server: MockServer, quick: RetryPolicy) -> Iterator[Watched]:
    with httpx.Client(verify=False) as http:
        yield Watched(server, http, quick)


class Pipe:
    """A pipe whose other end the test holds."""

    def __init__(self) -> None:
        reading, self._writing = os.pipe()
        self.source = os.fdopen(reading, "rb")
        self._writer = threading.Thread()

    def give(self, content: bytes, *, whole: bool = True) -> None:
        """From a thread: a pipe takes no more than 64 KiB at once. It ends after that if this is the whole of it."""

        def write() -> None:
            with suppress(BrokenPipeError):
                os.write(self._writing, content)
            if whole:
                self._end()

        self._writer = threading.Thread(target=write)
        self._writer.start()

    def _end(self) -> None:
        if self._writing >= 0:
            os.close(self._writing)
            self._writing = -1

    def close(self) -> None:
        self.source.close()
        if self._writer.ident:
            self._writer.join(PATIENCE)
        self._end()


@pytest.fixture
def pipe() -> Iterator[Pipe]:
    made = Pipe()
    yield made
    made.close()


class TestStreams:
    @pytest.mark.parametrize("how", [{"size": 50_000}, {"spool": True}], ids=str)
    def test_a_pipe(
        self,
        stream: AiozStream,
        server: MockServer,
        stored: Callable[[str, str], bytes],
        noise: Callable[[int], bytes],
        pipe: Pipe,
        how: dict[str, Any],
    ) -> None:
        content = noise(50_000)
        pipe.give(content)
        pipe.source.peek(1)  # what is in the object's own buffer belongs to it
        video = stream.upload(pipe.source, title="Piped", part_size=7000, part_limits=ANY, **how)
        assert stored(server.url, video.id) == content
        assert not pipe.source.closed

    def test_a_stream_takes_no_more_memory_than_its_parts_in_flight(
        self, stream: AiozStream, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """One upload of four connections, and four that share two."""
        alive, most, lock = 0, 0, threading.Lock()

        class Counted(bytearray):
            def __init__(self) -> None:
                nonlocal alive, most
                super().__init__()
                with lock:
                    alive, most = alive + 1, max(most, alive + 1)

            def __del__(self) -> None:
                nonlocal alive
                with lock:
                    alive -= 1

        monkeypatch.setattr("aioz_stream.upload.sources.file_object.bytearray", Counted, raising=False)
        how: dict[str, Any] = {"part_size": 1000, "part_limits": ANY, "size": 30_000}
        stream.upload(cast("Any", Dribble(bytes(30_000), [1000])), title="Four", concurrency=4, **how)
        assert (alive, most) == (0, 4)
        most = 0
        items = [UploadItem(source=cast("Any", Dribble(bytes(30_000), [1000])), title=title) for title in "abcd"]
        with capture_responses():
            assert all(result.unwrap() for result in stream.upload_many(items, files=4, concurrency=2, **how))
        assert (alive, most) == (0, 2)

    def test_a_slow_pipe_keeps_no_other_file_waiting(
        self, stream: AiozStream, pipe: Pipe, make_file: Callable[..., Path]
    ) -> None:
        files = [make_file(bytes(1000), f"{name}.mp4") for name in "abc"]
        results = stream.upload_many(
            [UploadItem(source=cast("Any", pipe.source), title="Slow"), *files],
            concurrency=2,
            size=1000,
            part_size=100,
            part_limits=ANY,
            deadline=PATIENCE,
        )
        assert sorted(next(results).index for _ in files) == [1, 2, 3]
        pipe.give(bytes(1000))
        assert next(results).unwrap().title == "Slow"

    def test_a_refusal_does_not_wait_for_its_end(self, pipe: Pipe) -> None:
        """Whoever fills a pipe may keep it open for long."""
        pipe.give(bytes(1000), whole=False)
        with MockServer() as server, AiozStream(token="token-a", base_url=server.url) as stream:
            server.control.fault("status", operation="uploadVideoPart", status=401)
            with pytest.raises(AuthenticationError):
                stream.upload(pipe.source, title="Piped", size=1000, deadline=PATIENCE / 3)

    def test_without_a_size_nothing_is_sent(self, silent: AiozStream, pipe: Pipe) -> None:
        with pytest.raises(ArgumentError, match="size= if you know it, or spool=True"):
            silent.upload(pipe.source)

    @pytest.mark.parametrize("size", [0, -1, 1.5, True, "5"])
    def test_its_size_is_checked(self, silent: AiozStream, pipe: Pipe, size: Any) -> None:
        with pytest.raises(ArgumentError, match="size"):
            silent.upload(pipe.source, size=size)

    def test_an_empty_one(self, silent: AiozStream, pipe: Pipe) -> None:
        pipe.give(b"")
        with pytest.raises(EmptySourceError, match="nothing to upload"):
            silent.upload(pipe.source, spool=True)

    @pytest.mark.parametrize(("size", "says"), [(6, "ended after 5 bytes"), (4, "has more than the 4 bytes")])
    def test_a_size_that_is_not_true(self, watched: Watched, size: int, says: str, pipe: Pipe) -> None:
        pipe.give(b"bytes")
        with pytest.raises(SourceChangedError, match=says) as caught:
            watched.stream.upload(pipe.source, size=size, part_size=2, part_limits=ANY)
        assert caught.value.video_id
        assert "complete" not in watched.sent

    def test_a_stream_is_read_no_further_than_its_parts_in_flight(self, server: MockServer) -> None:
        """So memory is bounded by `concurrency` × part size, however long the stream is."""
        part_size, concurrency, count = 1000, 3, 30
        read, answered, most = 0, 0, 0

        def give(size: int) -> bytes:
            nonlocal read, most
            size = min(size, part_size * count - read)
            read += size
            most = max(most, read - answered * part_size)
            return bytes(size)

        def hear(response: httpx.Response) -> None:
            nonlocal answered
            answered += response.request.url.path.endswith("/part")

        long: Any = SimpleNamespace(read=give, seekable=lambda: False)
        with httpx.Client(event_hooks={"response": [hear]}) as http:
            AiozStream(token="token-a", base_url=server.url, http_client=http).upload(
                long,
                title="Long",
                size=part_size * count,
                part_size=part_size,
                part_limits=ANY,
                concurrency=concurrency,
            )
        assert read == part_size * count
        assert 0 < most <= concurrency * part_size

    def test_text_is_refused(self, watched: Watched) -> None:
        text: Any = SimpleNamespace(read=lambda _: "text", seekable=lambda: False)
        with pytest.raises(ArgumentTypeError, match="binary"):
            watched.stream.upload(text, spool=True)
        assert watched.sent == []
        with pytest.raises(ArgumentTypeError, match="binary"):
            watched.stream.upload(text, size=4)
        assert "complete" not in watched.sent

    @pytest.mark.parametrize("how", [{"size": 50_000}, {"spool": True}], ids=str)
    @pytest.mark.parametrize("end", ["cancel", "deadline"])
    def test_a_pipe_that_stalls_can_be_cancelled(
        self, stream: AiozStream, pipe: Pipe, working: Callable[[], list[str]], how: dict[str, Any], end: str
    ) -> None:
        """Nothing comes, and nobody can wake a thread that waits inside a read."""
        pipe.give(b"some", whole=False)
        cancel = Cancellation()
        if end == "cancel":
            threading.Timer(0.3, cancel.cancel).start()
            how = {**how, "cancel": cancel}
        else:
            how = {**how, "deadline": 0.3}
        begin = time.monotonic()
        with pytest.raises(UploadCancelledError if end == "cancel" else UploadTimeoutError):
            stream.upload(pipe.source, title="Stalled", **how)
        assert time.monotonic() - begin < PATIENCE / 3
        assert working() == []

    @pytest.mark.anyio
    async def test_a_task_that_waits_for_one_can_be_cancelled(
        self, async_stream: AsyncAiozStream, pipe: Pipe, working: Callable[[], list[str]]
    ) -> None:
        import asyncio

        before = threading.active_count()
        task = asyncio.create_task(async_stream.upload(pipe.source, title="Stalled", spool=True))
        while threading.active_count() == before:  # noqa: ASYNC110 - a thread tells no loop
            await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        # The pool's thread is free again: it would hang the end of the loop otherwise.
        await asyncio.wait_for(asyncio.to_thread(lambda: None), PATIENCE)
        assert working() == []

    @pytest.mark.parametrize("options", [[], ["--size", "100000"]], ids=["spooled", "size known"])
    def test_standard_input(
        self,
        stream: AiozStream,
        server: MockServer,
        stored: Callable[[str, str], bytes],
        noise: Callable[[int], bytes],
        options: list[str],
        pipe: Pipe,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        from aioz_stream_cli.commands import cli

        content, title = noise(100_000), f"From standard input {options}"
        pipe.give(content)
        monkeypatch.setenv("AIOZ_STREAM_BASE_URL", server.url)
        monkeypatch.setenv("AIOZ_STREAM_TOKEN", "token-a")
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(pipe.source))
        cli.main(["upload", "-", "--title", title, *options], standalone_mode=False)
        [video] = stream.videos.list(search=title)
        assert stored(server.url, video.id) == content


class Failing(io.BytesIO):
    """A file object on a disk that has a bad block."""

    def read(self, size: int | None = -1, /) -> bytes:
        if self.tell() >= 500:
            raise OSError(errno.EIO, "Input/output error")
        return super().read(size)


class TestFaults:
    """Of the source: always a typed error, and complete is never called."""

    def upload(self, watched: Watched, source: Any, **how: Any) -> SourceError:
        with pytest.raises(SourceError) as caught:
            watched.stream.upload(source, part_size=100, part_limits=ANY, **how)
        assert caught.value.video_id
        return caught.value

    def test_a_read_error(self, watched: Watched) -> None:
        assert "Input/output error" in str(self.upload(watched, Failing(bytes(1000))))
        assert "complete" not in watched.sent

    def test_an_error_of_a_kind_of_its_own(self, watched: Watched) -> None:
        """As zipfile has, and everybody else who makes file objects."""

        class Corrupt(io.BytesIO):
            def read(self, size: int | None = -1, /) -> bytes:
                if self.tell() >= 500:
                    raise zipfile.BadZipFile("Bad CRC-32")
                return super().read(size)

        assert "Bad CRC-32" in str(self.upload(watched, Corrupt(bytes(1000))))

    def test_a_read_error_of_a_file(
        self, watched: Watched, make_file: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        path = make_file(bytes(1000))

        class Bad(io.FileIO):
            def read(self, size: int | None = -1, /) -> bytes:
                if self.tell() >= 500:
                    raise OSError(errno.EIO, "Input/output error")
                return super().read(size)

        monkeypatch.setattr("aioz_stream.upload.sources.file.io.FileIO", Bad)
        assert "Input/output error" in str(self.upload(watched, path))
        assert "complete" not in watched.sent

    def test_a_file_object_that_becomes_shorter(self, watched: Watched) -> None:
        handle = io.BytesIO(bytes(1000))
        error = self.upload(watched, handle, on_created=lambda _: handle.truncate(450))
        assert isinstance(error, SourceChangedError)
        assert "complete" not in watched.sent

    def test_a_file_object_that_becomes_longer(self, watched: Watched) -> None:
        handle = io.BytesIO(bytes(1000))

        def grow(_: str) -> None:
            position = handle.seek(0, os.SEEK_END)
            handle.write(b"more")
            handle.seek(position)

        assert isinstance(self.upload(watched, handle, on_created=grow), SourceChangedError)
        assert "complete" not in watched.sent

    def test_a_file_object_that_is_closed(self, watched: Watched) -> None:
        handle = io.BytesIO(bytes(1000))
        self.upload(watched, handle, on_created=lambda _: handle.close())
        assert "complete" not in watched.sent

    def test_times_can_be_left_out(
        self,
        stream: AiozStream,
        make_file: Callable[..., Path],
        server: MockServer,
        stored: Callable[[str, str], bytes],
    ) -> None:
        """There are network file systems that tell another time at each look."""
        path, moment = make_file(bytes(1000)), random.Random(5)

        def touch(_: object) -> None:
            os.utime(path, (moment.randrange(10**9), moment.randrange(10**9)))

        how: dict[str, Any] = {"part_size": 100, "part_limits": ANY, "journal": False, "on_created": touch}
        for trust_times in (True, False):
            video = stream.upload(path, trust_times=trust_times, **how)
            assert stored(server.url, video.id) == bytes(1000)

    @pytest.mark.parametrize(
        ("kind", "trust_times"),
        [("path", True), ("path", False), ("file object", True), ("file object", False), ("in memory", False)],
    )
    def test_bytes_that_change_on_the_way_are_noticed(
        self, watched: Watched, make_file: Callable[..., Path], kind: str, trust_times: bool
    ) -> None:
        """Some of the parts are of the old bytes and some of the new: that is no upload of either."""
        path = make_file(bytes(1000))
        memory = io.BytesIO(bytes(1000))

        def change(request: httpx.Request) -> None:
            if request.url.path.endswith("/part") and watched.sent.count("part") == 5:
                with memory.getbuffer() as view:
                    view[:1] = b"!"
                with path.open("r+b") as file:
                    file.write(b"!")

        watched.stream._session.http.event_hooks["request"].append(change)
        with path.open("rb") as handle:
            source: Any = {"path": path, "file object": handle, "in memory": memory}[kind]
            error = self.upload(watched, source, title="Changed", concurrency=1, trust_times=trust_times)
        assert isinstance(error, SourceChangedError)
        assert "complete" not in watched.sent

    def test_a_file_that_is_touched_all_the_time_is_compared_twice(
        self, stream: AiozStream, make_file: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Once when that is noticed, and at the end: not before each part."""
        path, read = make_file(bytes(1000)), 0
        real = FileSource.reader

        def touch_and_open(self: FileSource, part: Any, *others: Any) -> Any:
            nonlocal read
            read += 1
            os.utime(path, (read, read))
            return real(self, part, *others)

        monkeypatch.setattr(FileSource, "reader", touch_and_open)
        stream.upload(path, journal=False, part_size=100, part_limits=ANY, concurrency=1)
        assert 20 <= read <= 30

    def test_a_size_is_never_left_out(self, watched: Watched, make_file: Callable[..., Path]) -> None:
        path = make_file(bytes(1000))

        def grow(_: object) -> None:
            with path.open("ab") as file:
                file.write(b"more")

        error = self.upload(watched, path, trust_times=False, on_created=grow)
        assert isinstance(error, SourceChangedError)
        assert "complete" not in watched.sent
