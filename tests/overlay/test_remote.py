"""Files elsewhere as sources: behind http URLs, by range and from a real server, and on file systems of fsspec's."""

from __future__ import annotations

import hashlib
import io
import re
import threading
import time
import traceback
from contextlib import closing, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import fsspec
import httpx
import pytest
from fsspec.implementations.memory import MemoryFileSystem
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aioz_stream import (
    AiozStream,
    APIError,
    ArgumentError,
    AuthenticationError,
    Cancellation,
    ConfigurationError,
    EmptySourceError,
    PartLimits,
    RetryPolicy,
    SourceChangedError,
    SourceError,
    SourceNotFoundError,
    UploadCancelledError,
    UploadItem,
    plan,
)
from aioz_stream.http.cancel_signal import CancelSignal
from aioz_stream.upload.sources.part_source import source_errors
from aioz_stream.upload.sources.source import open_source

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from aioz_stream.upload.sources.part_source import PartSource
    from aioz_stream_mock import MockServer

ANY = PartLimits(1, 10**9)
SMALL: dict[str, Any] = {"part_size": 1000, "part_limits": ANY, "concurrency": 3}
SECRET = "s3cret"


class Shelf:
    """A file as an http server has it, and how that server behaves."""

    def __init__(self, content: bytes) -> None:
        self.content = content
        self.headers = {"ETag": '"1"', "Last-Modified": "Tue, 03 Nov 2026 12:00:00 GMT"}
        self.has_ranges = True
        self.status = 200
        self.cut = 0
        """So many answers end before their last byte."""
        self.long = 0
        """So many answers go on for ever."""
        self.short = 0
        """So many answers have a byte less than they say the range has."""
        self.failing = 0
        """So many answers are 503."""
        self.retry_after = ""
        """What these answers ask for."""
        self.asked: list[str] = []
        self.headers_of_requests: list[str] = []
        self._lock = threading.Lock()
        self.after: Callable[[int], object] = lambda _: None
        """Called with the number of each request."""

    def _takes_one_of(self, name: str) -> bool:
        with self._lock:
            left: int = getattr(self, name)
            setattr(self, name, max(0, left - 1))
            return left > 0

    def _fails(self, request: BaseHTTPRequestHandler) -> bool:
        if self.status != 200:
            request.send_error(self.status)
            return True
        if not self._takes_one_of("failing"):
            return False
        request.send_response(503)
        if self.retry_after:
            request.send_header("Retry-After", self.retry_after)
        request.send_header("Content-Length", "0")
        request.end_headers()
        return True

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        with self._lock:
            self.asked.append(request.headers.get("Range", ""))
            self.headers_of_requests.append(str(request.headers))
            number = len(self.asked)
        self.after(number)
        if self._fails(request):
            return
        content, content_range = self.content, ""
        asked = re.fullmatch(r"bytes=(\d+)-(\d+)", request.headers.get("Range", ""))
        if self.has_ranges and asked:
            start, end = int(asked[1]), min(int(asked[2]), len(self.content) - 1)
            if start > end:
                request.send_error(416)
                return
            content, content_range = self.content[start : end + 1], f"bytes {start}-{end}/{len(self.content)}"
        is_cut = len(content) > 1 and self._takes_one_of("cut")
        if len(content) > 1 and not is_cut and self._takes_one_of("short"):
            content = content[:-1]
        request.send_response(206 if content_range else 200)
        for name, value in self.headers.items():
            request.send_header(name, value)
        if content_range:
            request.send_header("Content-Range", content_range)
        if len(content) > 1 and self._takes_one_of("long"):
            request.end_headers()
            with suppress(OSError):
                while True:
                    request.wfile.write(content)
        request.send_header("Content-Length", str(len(content)))
        request.end_headers()
        if is_cut:
            request.wfile.write(content[:-1])
            request.close_connection = True
            return
        request.wfile.write(content)


class Elsewhere(ThreadingHTTPServer):
    """An http server with one file under every path."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.shelf = Shelf(b"")
        self.url = f"http://127.0.0.1:{self.server_port}/videos/my%20talk.mp4"
        self.thread = threading.Thread(target=self.serve_forever, args=(0.01,))
        self.thread.start()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Elsewhere

    def do_GET(self) -> None:
        if self.path == "/moved":
            self.send_response(302)
            self.send_header("Location", self.server.url)
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        with suppress(ConnectionError):  # who asked has hung up
            self.server.shelf.answer(self)

    def log_message(self, *_: Any) -> None:
        """It is not read."""


@pytest.fixture(scope="module")
def running() -> Iterator[Elsewhere]:
    with Elsewhere() as server:
        yield server
        server.shutdown()
        server.thread.join()


@pytest.fixture
def elsewhere(running: Elsewhere, noise: Callable[[int], bytes]) -> Elsewhere:
    running.shelf = Shelf(noise(5500))
    return running


class Watched:
    """A client, and the last words of the paths that it asked for."""

    def __init__(self, server: MockServer, http: httpx.Client, retries: RetryPolicy) -> None:
        self.sent: list[str] = []

        def watch(request: httpx.Request) -> None:
            if str(request.url).startswith(server.url):
                self.sent.append(request.url.path.rpartition("/")[2])

        http.event_hooks = {"request": [watch]}
        self.stream = AiozStream(token="token-a", base_url=server.url, http_client=http, max_retries=retries)

    def fails(self, source: Any, kind: type[Exception], says: str, **how: Any) -> Exception:
        with pytest.raises(kind, match=says) as caught:
            self.stream.upload(source, **{**SMALL, **how})
        assert "complete" not in self.sent
        return caught.value


@pytest.fixture
def watched(server: MockServer, quick: RetryPolicy, journals: Path) -> Iterator[Watched]:
    del journals
    with httpx.Client(verify=False) as http:
        yield Watched(server, http, quick)


def reassembled(source: PartSource, part_size: int) -> bytes:
    content = bytearray()
    for part in plan(source.size, part_size, ANY):
        with closing(source.reader(part, lambda _: None)) as reader:
            digest = reader.md5()
            data = b"".join(iter(reader.read, b""))
        assert (len(data), hashlib.md5(data).hexdigest()) == (part.size, digest)
        content += data
    return bytes(content)


class TestHttp:
    def test_a_url_is_read_by_range(
        self, watched: Watched, elsewhere: Elsewhere, server: MockServer, stored: Callable[[str, str], bytes]
    ) -> None:
        content = elsewhere.shelf.content
        video = watched.stream.upload(elsewhere.url, **SMALL)
        assert (video.title, stored(server.url, video.id)) == ("my talk", content)
        ranges = [f"bytes={start}-{min(start + 999, 5499)}" for start in range(0, 5500, 1000)]
        assert sorted(elsewhere.shelf.asked) == sorted(["bytes=0-0", *ranges, "bytes=5499-5500"])

    def test_an_answer_that_goes_on_is_not_read_on(
        self, watched: Watched, elsewhere: Elsewhere, server: MockServer, stored: Callable[[str, str], bytes]
    ) -> None:
        elsewhere.shelf.long = 1
        video = watched.stream.upload(elsewhere.url, deadline=20, **SMALL)
        assert stored(server.url, video.id) == elsewhere.shelf.content

    @pytest.mark.parametrize("headers", [{}, {"ETag": '"1"'}], ids=["no version", "ETag"])
    def test_urls_that_differ_in_their_query_alone_are_two_files(
        self, stream: AiozStream, elsewhere: Elsewhere, headers: dict[str, str]
    ) -> None:
        elsewhere.shelf.headers = headers
        urls = [f"{elsewhere.url}?id={number}" for number in range(3)]
        videos = [result.unwrap().id for result in stream.upload_many(urls, files=1, **SMALL)]
        assert len(set(videos)) == 3

    def test_each_title_has_its_journal(self, stream: AiozStream, elsewhere: Elsewhere, tmp_path: Path) -> None:
        """Also where URLs differ in their query alone: the same call makes no second videos."""
        items = [UploadItem(source=f"{elsewhere.url}?id={title}", title=title) for title in "abc"]
        missing = UploadItem(source=tmp_path / "missing.mp4")
        first, again = (
            [one.video.id for one in stream.upload_many([*items, missing], files=1, **SMALL) if one.video]
            for _ in range(2)
        )
        assert len(first) == 3
        assert first == again

    def test_a_slow_server_keeps_no_other_file_waiting(
        self, stream: AiozStream, elsewhere: Elsewhere, tmp_path: Path
    ) -> None:
        is_slow, others_are_done = threading.Event(), threading.Event()
        files = [tmp_path / f"{name}.mp4" for name in "abc"]
        for file in files:
            file.write_bytes(bytes(2500))

        def be_slow(number: int) -> None:
            if number == 3:  # the look at it, and a part for each of two connections
                is_slow.set()
            if number > 1:
                others_are_done.wait(20)

        def items() -> Iterator[Any]:
            yield elsewhere.url
            is_slow.wait(20)
            yield from files

        elsewhere.shelf.after = be_slow
        results = stream.upload_many(items(), deadline=10, **SMALL | {"concurrency": 2})
        assert sorted(next(results).index for _ in files) == [1, 2, 3]
        others_are_done.set()
        assert next(results).unwrap().title == "my talk"

    def test_text_that_is_no_url_is_refused(self, stream: AiozStream) -> None:
        with pytest.raises(SourceError, match="is no URL"):
            stream.upload("http://h..x/talk.mp4")

    @given(st.binary(min_size=1, max_size=300), st.integers(1, 320))
    @settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
    def test_any_split_reassembles(
        self, watched: Watched, elsewhere: Elsewhere, content: bytes, part_size: int
    ) -> None:
        elsewhere.shelf.content = content
        with closing(open_source(elsewhere.url, watched.stream._session, CancelSignal())) as source:
            assert reassembled(source, max(part_size, len(content) // 4)) == content

    def test_a_broken_answer_is_fetched_again(
        self, watched: Watched, elsewhere: Elsewhere, server: MockServer, stored: Callable[[str, str], bytes]
    ) -> None:
        elsewhere.shelf.cut, elsewhere.shelf.short, elsewhere.shelf.failing = 2, 2, 3
        video = watched.stream.upload(elsewhere.url, **SMALL)
        assert stored(server.url, video.id) == elsewhere.shelf.content

    def test_a_copy_has_nothing_of_an_answer_that_broke_off(
        self, watched: Watched, elsewhere: Elsewhere, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The file on the server may have become shorter meanwhile."""
        elsewhere.shelf.cut = 1
        elsewhere.shelf.content = bytes(5_000_000)
        shorter = bytes(1_000_000)

        def become_shorter(number: int) -> None:
            if number == 2:
                elsewhere.shelf.content = shorter

        monkeypatch.setattr(elsewhere.shelf, "after", become_shorter)
        video = watched.stream.upload(elsewhere.url, spool=True, journal=False)
        assert video.size == len(shorter)

    def test_retries_end(self, watched: Watched, elsewhere: Elsewhere) -> None:
        elsewhere.shelf.failing = 99
        watched.fails(elsewhere.url, SourceError, "can't be fetched: the server says 503")
        assert len(elsewhere.shelf.asked) == 5
        assert watched.sent == []

    def test_the_retries_are_those_of_the_client(self, watched: Watched, elsewhere: Elsewhere) -> None:
        elsewhere.shelf.failing = 99
        stream = watched.stream.with_options(max_retries=RetryPolicy(max_retries=1, first_delay=0))
        with pytest.raises(SourceError, match="the server says 503"):
            stream.upload(elsewhere.url, **SMALL)
        assert len(elsewhere.shelf.asked) == 2

    def test_the_server_decides_the_wait(self, watched: Watched, elsewhere: Elsewhere) -> None:
        stream = watched.stream.with_options(max_retries=RetryPolicy(first_delay=0))
        elsewhere.shelf.failing, elsewhere.shelf.retry_after = 1, "0.5"
        start = time.monotonic()
        assert stream.upload(elsewhere.url, **SMALL).status != "new"
        assert time.monotonic() - start >= 0.5

    def test_a_wait_that_is_too_long_ends_the_upload(self, watched: Watched, elsewhere: Elsewhere) -> None:
        elsewhere.shelf.failing, elsewhere.shelf.retry_after = 99, "121"
        watched.fails(elsewhere.url, SourceError, "the server says 503")
        assert len(elsewhere.shelf.asked) == 1

    def test_the_timeout_is_that_of_the_client(self, watched: Watched, elsewhere: Elsewhere) -> None:
        answer = threading.Event()
        elsewhere.shelf.after = lambda _: answer.wait(60)
        stream = watched.stream.with_options(timeout=0.2, max_retries=0)
        with pytest.raises(SourceError, match="ReadTimeout"):
            stream.upload(elsewhere.url, **SMALL)
        answer.set()

    def test_the_proxy_is_that_of_the_client(self, elsewhere: Elsewhere) -> None:
        proxy = elsewhere.url.removesuffix("/videos/my%20talk.mp4")
        with (
            AiozStream(token=SECRET, proxy=proxy) as stream,
            closing(open_source("http://nowhere.test/talk.mp4", stream._session, CancelSignal())) as source,
        ):
            assert source.size == len(elsewhere.shelf.content)
        assert SECRET not in "".join(elsewhere.shelf.headers_of_requests)

    def test_the_transport_is_that_of_the_client(self) -> None:
        requests: list[httpx.Request] = []

        def answer(request: httpx.Request) -> httpx.Response:
            requests.append(request)
            if request.url.path == "/moved":
                return httpx.Response(302, headers={"Location": "http://elsewhere.test/talk.mp4"})
            place = "6-6" if request.headers["Range"] == "bytes=6-7" else "0-0"
            return httpx.Response(206, content=b"b", headers={"Content-Range": f"bytes {place}/7"})

        with (
            AiozStream(token=SECRET, transport=httpx.MockTransport(answer)) as stream,
            closing(open_source("http://nowhere.test/moved", stream._session, CancelSignal())) as source,
        ):
            assert source.size == 7
            assert not source.verify()  # it has no ETag and no date
        assert [request.url.host for request in requests] == ["nowhere.test", "elsewhere.test"] * 2
        assert SECRET not in "".join(str(list(request.headers.items())) for request in requests)

    def test_credentials_stay_with_the_api(
        self, server: MockServer, elsewhere: Elsewhere, journals: Path, quick: RetryPolicy
    ) -> None:
        del journals
        given: Any = {"headers": {"stream-secret-key": SECRET, "X-Own": SECRET}, "auth": (SECRET, SECRET)}
        with httpx.Client(**given, cookies={"session": SECRET}) as http:
            stream = AiozStream(token="token-a", base_url=server.url, http_client=http, max_retries=quick)
            stream.upload(elsewhere.url, **SMALL)
        sent = "".join(elsewhere.shelf.headers_of_requests)
        assert "bytes=0-0" in sent
        assert SECRET not in sent
        assert "token-a" not in sent

    def test_a_server_that_can_not_be_reached(self, watched: Watched, elsewhere: Elsewhere) -> None:
        del elsewhere  # for its patience
        watched.fails("http://127.0.0.1:9/talk.mp4", SourceError, "can't be fetched: ConnectError")
        assert watched.sent == []

    @pytest.mark.parametrize("url", ["http://", "http://user:s3cret@host:port/x", "https:///talk.mp4"])
    def test_a_broken_url_is_refused(self, watched: Watched, url: str) -> None:
        error = watched.fails(url, SourceError, "no URL that can be fetched")
        assert SECRET not in "".join(traceback.format_exception(error))

    def test_a_redirect_is_followed(
        self, watched: Watched, elsewhere: Elsewhere, server: MockServer, stored: Callable[[str, str], bytes]
    ) -> None:
        video = watched.stream.upload(elsewhere.url.replace("/videos/my%20talk.mp4", "/moved"), **SMALL)
        assert stored(server.url, video.id) == elsewhere.shelf.content

    @pytest.mark.parametrize(
        ("change", "kind", "says"),
        [
            ({"has_ranges": False}, SourceError, "does not give ranges"),
            ({"status": 400}, SourceError, "the server says 400"),
            ({"status": 403}, SourceError, "the server says 403"),
            ({"status": 404}, SourceNotFoundError, "There is no file at"),
            ({"status": 410}, SourceNotFoundError, "There is no file at"),
            ({"content": b""}, EmptySourceError, "is empty"),
        ],
    )
    def test_what_can_not_be_read_is_found_before_anything_is_sent(
        self, watched: Watched, elsewhere: Elsewhere, change: dict[str, Any], kind: type[Exception], says: str
    ) -> None:
        for name, value in change.items():
            setattr(elsewhere.shelf, name, value)
        watched.fails(elsewhere.url, kind, says)
        assert watched.sent == []

    @pytest.mark.parametrize("when", [3, 8], ids=["between parts", "after the last"])
    @pytest.mark.parametrize(
        ("before", "after"),
        [
            ({"ETag": '"1"'}, {"ETag": '"2"'}),
            ({"ETag": 'W/"1"', "Last-Modified": "Tue, 03 Nov 2026 12:00:00 GMT"}, {"Last-Modified": "another time"}),
            ({}, {"size": 1}),
        ],
        ids=["tag", "date", "size"],
    )
    def test_a_change_is_noticed(
        self, watched: Watched, elsewhere: Elsewhere, before: dict[str, str], after: dict[str, Any], when: int
    ) -> None:
        shelf = elsewhere.shelf
        shelf.headers = before

        def change(number: int) -> None:
            if number == when:
                shelf.headers = {name: value for name, value in {**before, **after}.items() if name != "size"}
                shelf.content = bytes(len(shelf.content) + after.get("size", 0))

        shelf.after = change
        error = watched.fails(elsewhere.url, SourceChangedError, "changed while it was uploaded")
        assert getattr(error, "video_id", None)

    def test_a_change_for_a_while_is_noticed(self, watched: Watched, elsewhere: Elsewhere) -> None:
        """Each answer is looked at, since the last look finds nothing wrong."""
        shelf, content = elsewhere.shelf, elsewhere.shelf.content

        def change(number: int) -> None:
            shelf.headers, shelf.content = ({"ETag": '"2"'}, bytes(5500)) if number == 3 else ({"ETag": '"1"'}, content)

        shelf.after = change
        watched.fails(elsewhere.url, SourceChangedError, "changed while it was uploaded")

    @pytest.mark.parametrize("when", [2, 3])
    def test_a_file_that_became_shorter_is_noticed(self, watched: Watched, elsewhere: Elsewhere, when: int) -> None:
        shelf = elsewhere.shelf
        shelf.after = lambda number: setattr(shelf, "content", shelf.content[:100]) if number == when else None
        watched.fails(elsewhere.url, SourceChangedError, "became shorter|changed while")

    def test_an_interrupted_upload_is_resumed(
        self, watched: Watched, elsewhere: Elsewhere, server: MockServer, stored: Callable[[str, str], bytes]
    ) -> None:
        self.interrupt(watched, elsewhere)
        [begun] = watched.stream.uploads.unfinished()
        assert begun.source == elsewhere.url
        video = watched.stream.upload(elsewhere.url, **SMALL)
        assert (video.id, stored(server.url, video.id)) == (begun.video_id, elsewhere.shelf.content)

    def test_an_upload_of_another_file_is_not_resumed(self, watched: Watched, elsewhere: Elsewhere) -> None:
        self.interrupt(watched, elsewhere)
        elsewhere.shelf.headers = {"ETag": '"2"'}
        watched.fails(elsewhere.url, SourceChangedError, "changed since its upload began")

    def interrupt(self, watched: Watched, elsewhere: Elsewhere) -> None:
        cancel = Cancellation()
        elsewhere.shelf.after = lambda number: cancel.cancel() if number == 4 else None
        watched.fails(elsewhere.url, UploadCancelledError, "cancelled", cancel=cancel)
        elsewhere.shelf.after = lambda _: None

    def test_a_server_that_stalls_can_be_given_up(
        self, watched: Watched, elsewhere: Elsewhere, working: Callable[[], list[str]]
    ) -> None:
        for number in (1, 3):  # the first look, before there is a video, and a part
            cancel, held = Cancellation(), threading.Event()

            def stall(request: int, number: int = number, cancel: Any = cancel, held: Any = held) -> None:
                if request == number:
                    threading.Timer(0.2, cancel.cancel).start()
                    held.wait(60)

            elsewhere.shelf.asked.clear()
            elsewhere.shelf.after = stall
            watched.fails(elsewhere.url, UploadCancelledError, "cancelled", cancel=cancel)
            assert not held.is_set()
            assert working() == []
            held.set()

    def test_what_is_secret_in_it_is_never_shown(
        self, watched: Watched, elsewhere: Elsewhere, journals: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        url = elsewhere.url.replace("http://", f"http://user:{SECRET}@") + f"?signature={SECRET}#{SECRET}"
        caplog.set_level("DEBUG", "aioz_stream")
        cancel = Cancellation()
        elsewhere.shelf.after = lambda number: cancel.cancel() if number == 4 else None
        first = watched.fails(url, UploadCancelledError, "cancelled", cancel=cancel)
        [begun] = watched.stream.uploads.unfinished()
        [kept] = journals.glob("*.journal")
        elsewhere.shelf.after = lambda _: None
        elsewhere.shelf.status = 403
        second = watched.fails(url, SourceError, "403")
        shown = "".join(text for error in (first, second) for text in traceback.format_exception(error))
        assert SECRET not in shown + repr(begun) + kept.read_text() + kept.name
        said = [record.getMessage() for record in caplog.records if record.name == "aioz_stream"]
        assert any(one.startswith(f"GET {elsewhere.url}: 206 after ") for one in said)
        assert SECRET not in "".join(said)


class Versioned(MemoryFileSystem):  # type: ignore[misc]  # fsspec has no types
    """A file system in memory that tells a file's version, as S3 does, and counts who uses a handle."""

    protocol = "versioned"
    store: dict[str, Any] = {}  # noqa: RUF012 - as in the class that it is of
    pseudo_dirs = [""]  # noqa: RUF012 - as in the class that it is of

    handles: list[Any] = []  # noqa: RUF012 - of all, for the test

    @classmethod
    def _strip_protocol(cls, path: str) -> str:
        return str(super()._strip_protocol(path.removeprefix("versioned://")))

    def info(self, path: str, **options: Any) -> dict[str, Any]:
        known: dict[str, Any] = super().info(path, **options)
        if known["type"] == "file":
            known["ETag"] = hashlib.md5(self.cat_file(path)).hexdigest()
        return known

    def _open(self, path: str, mode: str = "rb", **options: Any) -> Any:
        opened = super()._open(path, mode, **options)
        if mode != "rb":
            return opened
        handle = OneThreads(opened.getvalue())
        self.handles.append(handle)
        return handle


class OneThreads(io.BytesIO):
    """A handle that only the thread that made it may use."""

    def __init__(self, content: bytes) -> None:
        super().__init__(content)
        self._owner = threading.get_ident()

    def read(self, size: int | None = -1, /) -> bytes:
        assert self._owner == threading.get_ident(), "shared by threads"
        return super().read(size)


fsspec.register_implementation("versioned", Versioned)


@pytest.fixture
def unreachable() -> Iterator[AiozStream]:
    """A client that can send nothing: what it says of a source was found before."""
    with AiozStream(token="t", base_url="http://127.0.0.1:9/api", max_retries=0) as stream:
        yield stream


TALK = "versioned:///talks/talk.mp4"


@pytest.fixture
def versioned(noise: Callable[[int], bytes]) -> Iterator[Any]:
    files = Versioned()
    files.pipe_file("/talks/talk.mp4", noise(5500))
    yield files
    Versioned.store.clear()
    Versioned.handles.clear()


class TestFsspec:
    @pytest.mark.parametrize("how", ["url", "open file"])
    def test_each_worker_has_a_handle_of_its_own(
        self,
        stream: AiozStream,
        versioned: Any,
        server: MockServer,
        stored: Callable[[str, str], bytes],
        noise: Callable[[int], bytes],
        how: str,
    ) -> None:
        url = "versioned:///talks/talk.mp4"
        video = stream.upload(url if how == "url" else fsspec.open(url), **SMALL)
        assert (video.title, stored(server.url, video.id)) == ("talk", noise(5500))
        assert len(versioned.handles) == 6
        assert all(handle.closed for handle in versioned.handles)

    @given(st.binary(min_size=1, max_size=300), st.integers(1, 320))
    @settings(max_examples=40)
    def test_any_split_reassembles(self, content: bytes, part_size: int) -> None:
        fsspec.filesystem("memory").pipe_file("/split.mp4", content)
        no_session: Any = None
        with closing(open_source("memory://split.mp4", no_session, CancelSignal())) as source:
            assert reassembled(source, part_size) == content

    def test_a_local_file_is_uploaded(
        self,
        watched: Watched,
        make_file: Callable[..., Path],
        server: MockServer,
        stored: Callable[[str, str], bytes],
        noise: Callable[[int], bytes],
    ) -> None:
        path = make_file(noise(5500), "talk.mp4")
        video = watched.stream.upload(path.as_uri(), **SMALL)
        assert (video.title, stored(server.url, video.id)) == ("talk", noise(5500))
        watched.sent.clear()

        def rewrite(_: str) -> None:
            path.write_bytes(bytes(5500))

        watched.fails(path.as_uri(), SourceChangedError, "changed while", on_created=rewrite)

    def test_an_open_handle_is_read_from_where_it_stands(
        self,
        watched: Watched,
        make_file: Callable[..., Path],
        server: MockServer,
        stored: Callable[[str, str], bytes],
        noise: Callable[[int], bytes],
    ) -> None:
        with fsspec.open(make_file(noise(5500), "talk.mp4").as_uri(), "rb") as handle:
            handle.read(500)
            video = watched.stream.upload(handle, **SMALL)
            assert not handle.closed
        assert stored(server.url, video.id) == noise(5500)[500:]

    @pytest.mark.parametrize("when", [1, 6], ids=["between parts", "after the last"])
    def test_a_change_is_noticed(self, watched: Watched, versioned: Any, when: int) -> None:
        """Of a file whose size stays."""

        def change(request: httpx.Request) -> None:
            if request.url.path.endswith("/part") and watched.sent.count("part") == when:
                versioned.pipe_file("/talks/talk.mp4", bytes(5500))

        watched.stream._session.http.event_hooks["request"].append(change)
        error = watched.fails(fsspec.open(TALK), SourceChangedError, "changed while", concurrency=1)
        assert getattr(error, "video_id", None)

    def test_a_change_for_a_while_is_noticed(
        self, watched: Watched, versioned: Any, noise: Callable[[int], bytes]
    ) -> None:
        def change(request: httpx.Request) -> None:
            if request.url.path.endswith("/part") and (number := watched.sent.count("part")) in (2, 5):
                versioned.pipe_file("/talks/talk.mp4", bytes(5500) if number == 2 else noise(5500))

        watched.stream._session.http.event_hooks["request"].append(change)
        watched.fails(fsspec.open(TALK), SourceChangedError, "changed while", concurrency=1)
        assert watched.sent.count("part") < 5

    def test_a_removed_file_is_noticed(self, watched: Watched, versioned: Any) -> None:
        watched.fails(fsspec.open(TALK), SourceNotFoundError, "no file", on_created=lambda _: versioned.store.clear())

    def test_what_can_not_be_read_is_found_before_anything_is_sent(
        self, unreachable: AiozStream, versioned: Any
    ) -> None:
        versioned.pipe_file("/talks/empty.mp4", b"")
        for url, kind, says in (
            ("versioned:///talks/none.mp4", SourceNotFoundError, "no file"),
            ("versioned:///talks", SourceError, "is a directory"),
            ("versioned:///talks/empty.mp4", EmptySourceError, "is empty"),
            ("nowhere://talks/talk.mp4", SourceError, "can't be read"),
        ):
            with pytest.raises(kind, match=says):
                unreachable.upload(url, **SMALL)
        with pytest.raises(ArgumentError, match="decompressed"):
            unreachable.upload(fsspec.open(TALK, compression="gzip"), **SMALL)

    def test_fsspec_needs_the_extra(self, unreachable: AiozStream, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(__import__("sys").modules, "fsspec", None)
        with pytest.raises(ConfigurationError, match=r"aioz-stream\[remote\]"):
            unreachable.upload("s3://bucket/talk.mp4", **SMALL)

    @pytest.mark.parametrize("given", ["proxy", "transport", "http_client"])
    def test_it_does_not_go_around_what_the_client_was_told_to_go_through(
        self, versioned: Any, make_file: Callable[..., Path], given: str
    ) -> None:
        """It opens connections by itself. A file of this machine needs none; what was opened is the caller's."""
        del versioned
        options: dict[str, Any] = {"transport": httpx.MockTransport(lambda _: httpx.Response(503))}
        if given == "proxy":
            options = {"proxy": "http://127.0.0.1:9"}
        elif given == "http_client":
            options = {"http_client": httpx.Client(**options)}
        with AiozStream(token="t", base_url="http://127.0.0.1:9/api", max_retries=0, **options) as stream:
            with pytest.raises(ConfigurationError, match=r"fsspec\.open"):
                stream.upload(TALK, **SMALL)
            for source in (fsspec.open(TALK), make_file(b"bytes").as_uri()):
                with pytest.raises(APIError):
                    stream.upload(source, **SMALL)

    @pytest.mark.parametrize("info", [None, [], {}, {"size": None}, {"size": "many"}], ids=str)
    def test_a_file_system_that_says_no_size(
        self, watched: Watched, versioned: Any, info: object, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        del versioned
        monkeypatch.setattr(Versioned, "info", lambda *_, **__: info)
        watched.fails(fsspec.open(TALK), SourceError, "can't be read|does not say how large")

    def test_what_is_secret_in_a_url_is_never_shown(self, watched: Watched, versioned: Any) -> None:
        """Some file systems keep the whole URL as a file's path, and say it in their errors."""
        path = f"https://user:{SECRET}@host/talk.mp4?signature={SECRET}"

        class Wholesome:
            fs: Any
            path: str

        file = Wholesome()
        file.fs, file.path = Telling(versioned), path
        error = watched.fails(file, SourceError, "https://host/talk.mp4 can't be read")
        assert SECRET not in "".join(traceback.format_exception(error))
        with pytest.raises(SourceNotFoundError) as caught, source_errors("https://host/talk.mp4", path):
            raise FileNotFoundError(path)
        assert SECRET not in "".join(traceback.format_exception(caught.value))

    @pytest.mark.parametrize(
        ("protocol", "shown"), [("versioned", "versioned"), (("other", "versioned"), "other"), ((), "Versioned")]
    )
    def test_a_file_is_called_by_its_protocol_or_its_class(
        self, watched: Watched, versioned: Any, protocol: object, shown: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        file = fsspec.open(TALK)
        versioned.rm_file("/talks/talk.mp4")
        monkeypatch.setattr(Versioned, "protocol", protocol)
        watched.fails(file, SourceError, f"There is no file {shown}:///talks/talk.mp4")


class Telling:
    """A file system that keeps whole URLs as paths, and can't open any."""

    protocol = ("http", "https")

    def __init__(self, files: Any) -> None:
        self._files = files

    def invalidate_cache(self, path: str) -> None:
        """Nothing is kept."""

    def info(self, path: str) -> dict[str, Any]:
        raise PermissionError(f"403 for {path}")


@pytest.mark.parametrize("secret", ["?signature=geheim", "user:geheim@", ""])
def test_a_url_is_opened_again_by_its_journal_unless_it_had_secrets(
    secret: str, watched: Watched, elsewhere: Elsewhere, server: MockServer, stored: Callable[[str, str], bytes]
) -> None:
    url = elsewhere.url.replace("://", f"://{secret}") if "@" in secret else elsewhere.url + secret
    server.control.fault("status", operation="completeVideoUpload", status=401)
    with pytest.raises(AuthenticationError):
        watched.stream.upload(url, **SMALL)
    [one] = watched.stream.uploads.unfinished()
    assert "geheim" not in one.journal.read_text()
    assert one.is_resumable == (not secret)
    if secret:
        with pytest.raises(SourceError, match="Only the call that began"):
            watched.stream.uploads.resume(one)
        watched.stream.upload(url, **SMALL)
    else:
        video = watched.stream.uploads.resume(one, part_limits=ANY)
        assert stored(server.url, video.id) == elsewhere.shelf.content
    assert watched.stream.uploads.unfinished() == []
