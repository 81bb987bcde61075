"""Downloads: from a real server, and from one that sends what it is told, byte by byte."""

from __future__ import annotations

import asyncio
import errno
import os
import socket
import stat
import threading
from contextlib import aclosing, closing, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, get_args

import httpx
import pytest

from aioz_stream import (
    AiozStream,
    AiozStreamError,
    APIConnectionError,
    ArgumentError,
    ArgumentTypeError,
    Asset,
    AssetMissingError,
    AssetNotReadyError,
    AsyncAiozStream,
    AuthenticationError,
    Cancellation,
    ConfigurationError,
    DestinationError,
    DestinationExistsError,
    DownloadCancelledError,
    DownloadTimeoutError,
    NotFoundError,
    Progress,
    RetryPolicy,
    ServerError,
    UnexpectedResponseError,
    Video,
)
from aioz_stream.download import assets
from tests.adversarial.wire import ClientGoneError, Reply, Request, read_request, success

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from aioz_stream_mock import MockServer

PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\1\0\0\0\1\x08\x06\0\0\0\x1f\x15\xc4\x89"
TAG = '"1"'


# --- a real server --------------------------------------------------------------------------------------------------


@pytest.fixture
def talk(stream: AiozStream, make_file: Callable[..., Path], noise: Callable[[int], bytes]) -> Video:
    """A private video whose source has more than one block."""
    return stream.upload(make_file(noise(300_000), "talk.mp4"), title="A talk", is_public=False)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "downloads"
    made.mkdir()
    return made


def test_the_source_of_a_private_video_comes_back(
    stream: AiozStream, talk: Video, folder: Path, noise: Callable[[int], bytes]
) -> None:
    seen: list[Progress] = []
    path = stream.videos.download(talk.id, folder / "same.mp4", on_progress=seen.append)
    assert path == folder / "same.mp4"
    assert path.read_bytes() == noise(300_000)
    assert names(folder) == ["same.mp4"]
    assert [seen[0].sent, seen[-1].sent, seen[-1].total, seen[-1].fraction] == [0, 300_000, 300_000, 1]
    assert b"".join(stream.videos.iter_bytes(talk.id)) == noise(300_000)


@pytest.mark.anyio
async def test_it_comes_back_for_asyncio(
    async_stream: AsyncAiozStream, talk: Video, folder: Path, noise: Callable[[int], bytes]
) -> None:
    threads = set[int]()

    async def watch(_: Progress) -> None:
        threads.add(threading.get_ident())

    path = await async_stream.videos.download(talk.id, folder / "same.mp4", on_progress=watch)
    assert path.read_bytes() == noise(300_000)
    blocks = [block async for block in async_stream.videos.iter_bytes(talk.id, on_progress=watch)]
    assert b"".join(blocks) == noise(300_000)
    assert threads == {threading.get_ident()}


@pytest.mark.anyio
async def test_an_asynchronous_loop_that_is_left_leaves_nothing_open(
    async_stream: AsyncAiozStream, talk: Video
) -> None:
    """An open response would warn, which fails the test."""
    async with aclosing(async_stream.videos.iter_bytes(talk.id)) as blocks:
        async for _ in blocks:
            break


@pytest.mark.anyio
async def test_an_asynchronous_client_alone_can_not_download(server: MockServer, folder: Path) -> None:
    async with httpx.AsyncClient() as http:
        stream = AsyncAiozStream(token="token-a", base_url=server.url, http_client=http)
        with pytest.raises(ConfigurationError, match="downloads run on threads"):
            await stream.videos.download("v", folder)


def test_a_folder_gets_a_file_named_after_the_title(stream: AiozStream, talk: Video, folder: Path) -> None:
    stream.videos.update(talk.id, title="../A talk: 1/2")
    (folder / "cover.png").write_bytes(PNG)
    stream.videos.upload_thumbnail(talk.id, folder / "cover.png")
    assert stream.videos.download(talk.id, folder, "thumbnail") == folder / "_A talk_ 1_2.png"
    assert (folder / "_A talk_ 1_2.png").read_bytes() == PNG


def test_what_is_in_a_folder_is_not_replaced(stream: AiozStream, talk: Video, folder: Path) -> None:
    path = stream.videos.download(talk.id, folder)
    path.write_bytes(b"mine")
    with pytest.raises(DestinationExistsError, match="overwrite=True"):
        stream.videos.download(talk.id, folder)
    assert path.read_bytes() == b"mine"
    stream.videos.download(talk.id, folder, overwrite=True)
    assert path.stat().st_size == 300_000
    assert names(folder) == [path.name]


def test_a_file_that_is_named_is_replaced(stream: AiozStream, talk: Video, folder: Path) -> None:
    """Through a link, and with the rights that it has: a private file stays private."""
    path, link = folder / "a.mp4", folder / "link"
    path.write_bytes(b"old")
    path.chmod(0o640)
    link.symlink_to(path)
    assert stream.videos.download(talk.id, link) == path
    assert path.stat().st_size == 300_000
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert link.is_symlink()


def test_a_new_file_has_the_usual_rights(stream: AiozStream, talk: Video, folder: Path) -> None:
    (folder / "usual").touch()
    path = stream.videos.download(talk.id, folder / "a.mp4")
    assert path.stat().st_mode == (folder / "usual").stat().st_mode


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("none/a.mp4", "no folder"),
        ("none/", "no folder"),
        ("file/a.mp4", "no folder"),
        ("pipe", "no regular file"),
        ("a\0b", "null byte"),
        ("x" * 300, "can't be written"),
    ],
)
def test_a_path_that_can_not_be_written(stream: AiozStream, talk: Video, folder: Path, path: str, says: str) -> None:
    (folder / "file").touch()
    os.mkfifo(folder / "pipe")
    with pytest.raises(DestinationError, match=says):
        stream.videos.download(talk.id, f"{folder}/{path}")
    assert names(folder) == ["file", "pipe"]


def test_wrong_arguments_are_refused_before_anything_is_sent(
    folder: Path, answering: Callable[..., AiozStream]
) -> None:
    videos = answering(status=500).videos
    (folder / "old").touch()
    wrong: Any
    with pytest.raises(DestinationExistsError):
        videos.download("v", folder / "old", overwrite=False)
    for wrong, kind in (
        ({"asset": "zip"}, ArgumentError),
        ({"asset": "hls_player"}, ArgumentError),
        ({"on_progress": 1}, ArgumentTypeError),
        ({"cancel": 1}, ArgumentTypeError),
        ({"deadline": 0}, ArgumentError),
        ({"overwrite": 1}, ArgumentTypeError),
        ({"path": b"path"}, ArgumentTypeError),
        ({"path": None}, ArgumentTypeError),
        ({"video_id": ".."}, ArgumentError),
    ):
        with pytest.raises(kind):
            videos.download(**({"video_id": "v", "path": folder} | wrong))


def test_the_words_for_assets_are_those_of_the_contract() -> None:
    assert set(get_args(Asset)) == set(assets.ASSETS)


def test_what_is_not_there_yet_is_told_from_what_never_will_be(
    stream: AiozStream, talk: Video, folder: Path, server: MockServer
) -> None:
    new = stream.videos.create("New").id
    with pytest.raises(AssetNotReadyError, match="upload is not complete") as caught:
        stream.videos.download(new, folder)
    assert caught.value.video is not None
    assert caught.value.video.id == new
    stream.videos.wait(talk.id)
    with pytest.raises(AssetMissingError, match="has no thumbnail") as missing:
        stream.videos.download(talk.id, folder, "thumbnail")
    assert not isinstance(missing.value, AssetNotReadyError)
    with (
        AiozStream(token="token-b", base_url=server.url) as other,
        pytest.raises(NotFoundError),
    ):
        other.videos.download(talk.id, folder)
    assert names(folder) == []


@pytest.mark.parametrize(
    ("title", "asset", "media_type", "name"),
    [
        ("Talk", "source", "video/mp4", "Talk.mp4"),
        ("talk.MP4", "source", "video/mp4", "talk.MP4"),
        ("Talk", "source", "application/octet-stream", "Talk"),
        ("Talk", "source", "", "Talk"),
        ("Talk", "mp4", "", "Talk.mp4"),
        ("Talk", "hls", "audio/x", "Talk.m3u8"),
        ("Talk", "thumbnail", "image/jpeg; q=1", "Talk.jpg"),
        ("../../etc/passwd", "source", "", "_.._etc_passwd"),
        ("/etc/passwd", "source", "", "_etc_passwd"),
        ("C:\\a", "source", "", "C__a"),
        (".hidden", "mp4", "", "hidden.mp4"),
        ("-rf", "mp4", "", "rf.mp4"),
        ("..", "source", "", "id"),
        ("/", "mp4", "", "id.mp4"),
        ("nul", "mp4", "", "_nul.mp4"),
        ("a\nb\u202ec\ud800", "source", "", "a_b_c_"),
        ("ö" * 255, "mp4", "", "ö" * 75 + ".mp4"),
    ],
)
def test_names_that_are_made_of_titles(title: str, asset: str, media_type: str, name: str) -> None:
    assert assets.file_name(Video(id="id", title=title, status="done"), asset, media_type) == name


def test_a_video_without_a_name() -> None:
    assert assets.file_name(Video(id="../..", title=" ", status="done"), "source", "") == "video"


# --- a server that sends what it is told ----------------------------------------------------------------------------

CONTENT = bytes(range(256)) * 1000


@dataclass
class Scripted:
    """A service of one video. It answers requests for its file by what stands in the script, the last line for ever."""

    script: list[Reply | Callable[[Request], Reply]] = field(default_factory=list[Any])
    video: dict[str, Any] = field(default_factory=dict[str, Any])
    asked: list[Request] = field(default_factory=list[Request])
    listener: socket.socket = field(default_factory=lambda: socket.create_server(("127.0.0.1", 0)))

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.listener.getsockname()[1]}"

    def run(self) -> None:
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with closing(connection), connection.makefile("rb") as stream, suppress(OSError, ClientGoneError):
            request = read_request(stream)
            connection.sendall(self._answer(request).encoded())

    def _answer(self, request: Request) -> Reply:
        if request.path == "/api/videos/v":
            made = {"source_url": f"{self.origin}/file", "mp4_url": f"{self.origin}/file"}
            video = {"id": "v", "title": "T", "status": "done", "assets": made, **self.video}
            return reply(200, success(video).body, {"Content-Type": "application/json"})
        self.asked.append(request)
        line = self.script.pop(0) if len(self.script) > 1 else self.script[0]
        return line if isinstance(line, Reply) else line(request)

    @property
    def ranges(self) -> list[tuple[str | None, str | None]]:
        return [(one.headers.get("range"), one.headers.get("if-range")) for one in self.asked]


@pytest.fixture
def service() -> Iterator[Scripted]:
    one = Scripted()
    thread = threading.Thread(target=one.run)
    thread.start()
    yield one
    with suppress(OSError):
        one.listener.shutdown(socket.SHUT_RDWR)
    one.listener.close()
    thread.join()


@pytest.fixture
def client(service: Scripted, quick: RetryPolicy) -> Iterator[AiozStream]:
    with AiozStream(token="token-a", base_url=f"{service.origin}/api", max_retries=quick) as stream:
        yield stream


@pytest.fixture
def impatient(client: AiozStream) -> AiozStream:
    return client.with_options(max_retries=0)


def reply(status: int = 200, body: bytes = b"", headers: dict[str, str] | None = None, before: bytes = b"") -> Reply:
    return Reply(status, body, {"Content-Type": "video/mp4", "Connection": "close", **(headers or {})}, before)


def whole(content: bytes = CONTENT, tag: str = TAG, headers: dict[str, str] | None = None) -> Reply:
    return reply(200, content, ({"ETag": tag} if tag else {}) | (headers or {}))


def cut(truth: Reply, size: int) -> Reply:
    """Its beginning, under the length of the whole."""
    return reply(truth.status, truth.body[:size], {**truth.headers, "Content-Length": str(len(truth.body))})


def ranged(request: Request, content: bytes = CONTENT, tag: str = TAG) -> Reply:
    """As a good server answers."""
    if "range" not in request.headers or request.headers.get("if-range", tag) != tag:
        return whole(content, tag)
    start = int(request.headers["range"].removeprefix("bytes=").removesuffix("-"))
    place = f"bytes {start}-{len(content) - 1}/{len(content)}"
    return reply(206, content[start:], {"ETag": tag, "Content-Range": place})


def cut_range(size: int) -> Callable[[Request], Reply]:
    """Its beginning, so many bytes from where it was asked for."""
    return lambda request: cut(ranged(request), size)


def chunked(content: bytes, **headers: str) -> Reply:
    body = b"%x\r\n%s\r\n0\r\n\r\n" % (len(content), content)
    return reply(200, body, {"Transfer-Encoding": "chunked", **headers})


def test_a_connection_that_ends_is_made_again_and_goes_on(service: Scripted, client: AiozStream, folder: Path) -> None:
    seen: list[Progress] = []
    fetches: list[Callable[[], bytes]] = [
        lambda: client.videos.download("v", folder / "a", on_progress=seen.append).read_bytes(),
        lambda: b"".join(client.videos.iter_bytes("v")),
    ]
    for fetch in fetches:
        service.asked.clear()
        service.script = [cut(whole(), 1000), cut_range(5000), ranged]
        assert fetch() == CONTENT
        assert service.ranges == [(None, None), ("bytes=1000-", TAG), ("bytes=6000-", TAG)]
        assert all(one.headers["authorization"] == "Bearer token-a" for one in service.asked)
        assert all(one.headers["accept-encoding"] == "identity" for one in service.asked)
    assert (seen[-1].retries, seen[-1].sent) == (2, len(CONTENT))
    assert names(folder) == ["a"]


def test_any_number_of_failures_is_survived_as_long_as_bytes_come(
    service: Scripted, client: AiozStream, folder: Path
) -> None:
    service.script = [cut(whole(), 100), *[cut_range(100)] * 20, ranged]
    assert client.videos.download("v", folder / "a").read_bytes() == CONTENT


def test_failures_without_bytes_end_it(service: Scripted, client: AiozStream, folder: Path) -> None:
    service.script = [cut(whole(), 100), cut_range(0)]
    with pytest.raises(APIConnectionError) as caught:
        client.videos.download("v", folder / "a")
    assert caught.value.attempt == 5
    assert len(service.asked) == 1 + 4


def test_statuses_that_pass_are_tried_again(service: Scripted, client: AiozStream, folder: Path) -> None:
    service.script = [reply(503), reply(429, headers={"Retry-After": "0"}), ranged]
    assert client.videos.download("v", folder / "a").read_bytes() == CONTENT


@pytest.mark.parametrize("tag", ["", 'W/"1"'], ids=["no tag", "weak tag"])
def test_without_a_strong_tag_it_begins_again(service: Scripted, client: AiozStream, folder: Path, tag: str) -> None:
    service.script = [cut(whole(b"x" * len(CONTENT), tag), 1000), whole(tag=tag)]
    assert client.videos.download("v", folder / "a").read_bytes() == CONTENT
    assert service.ranges == [(None, None)] * 2
    service.script = [cut(whole(tag=tag), 1000), whole(tag=tag)]
    blocks = client.videos.iter_bytes("v")
    assert next(blocks) == CONTENT[:1000]
    with pytest.raises(UnexpectedResponseError, match="can't be continued"):
        next(blocks)


def test_a_server_without_ranges_sends_all_again(service: Scripted, client: AiozStream, folder: Path) -> None:
    service.script = [cut(whole(), 1000), cut(whole(), 70_000), whole()]
    assert client.videos.download("v", folder / "a").read_bytes() == CONTENT
    service.script = [cut(whole(), 1000), cut(whole(), 70_000), whole()]
    assert b"".join(client.videos.iter_bytes("v")) == CONTENT


OTHER = b"other" * 1000


def changed(request: Request) -> Reply:
    return ranged(request, OTHER, '"2"')


@pytest.mark.parametrize(
    "second",
    [
        pytest.param([changed], id="the whole"),
        pytest.param([changed] * 2, id="twice"),
        pytest.param([reply(206, b"r" * 4000, {"ETag": '"2"', "Content-Range": "bytes 1000-4999/5000"})], id="a range"),
        pytest.param([reply(206, b"r" * 4000, {"ETag": TAG, "Content-Range": "bytes 1000-4999/5000"})], id="a size"),
        pytest.param([reply(416)], id="no such range"),
    ],
)
def test_a_file_that_changes_on_the_way(service: Scripted, client: AiozStream, folder: Path, second: list[Any]) -> None:
    """The new one is there, and nothing of the old one, though that was longer. Bytes that were given away stay."""
    last: Any = whole(OTHER, '"2"')
    service.script = [cut(whole(), 1000), *second, last]
    assert client.videos.download("v", folder / "a").read_bytes() == OTHER
    service.script, got = [cut(whole(), 1000), *second, last], list[bytes]()
    with pytest.raises(UnexpectedResponseError, match="can't be continued"):
        got.extend(client.videos.iter_bytes("v"))
    assert b"".join(got) == CONTENT[:1000]
    assert names(folder) == ["a"]


def test_beginning_again_has_an_end(service: Scripted, client: AiozStream, folder: Path) -> None:
    service.script = [cut(whole(tag=""), 1000)]
    with pytest.raises(UnexpectedResponseError, match="can't be continued"):
        client.videos.download("v", folder / "a")
    assert len(service.asked) == 1 + 4 + 1
    assert names(folder) == []


def test_the_next_call_goes_on(service: Scripted, client: AiozStream, impatient: AiozStream, folder: Path) -> None:
    """Under the file's name is what was there before, until the new one is whole."""
    path = folder / "a.mp4"
    path.write_bytes(b"old")
    service.script = [cut(whole(), 100_000)]
    with pytest.raises(APIConnectionError) as caught:
        impatient.videos.download("v", path)
    assert path.read_bytes() == b"old"
    [note] = caught.value.__notes__
    assert note.startswith("100,000 bytes are in ")
    assert note.endswith("The same call goes on with them.")
    [part] = [name for name in names(folder) if name != path.name]
    assert part.startswith("a.mp4.")
    assert part.endswith(".part")
    assert (folder / part).read_bytes() == CONTENT[:100_000]
    service.asked.clear()
    service.script = [ranged]
    seen: list[Progress] = []
    assert client.videos.download("v", path, on_progress=seen.append).read_bytes() == CONTENT
    assert service.ranges[-1] == ("bytes=100000-", TAG)
    assert [seen[0].sent, seen[0].resumed, seen[-1].sent] == [100_000, 100_000, len(CONTENT)]
    assert names(folder) == ["a.mp4"]


@pytest.mark.parametrize("change", ["tag", "size", "asset"])
def test_the_next_call_does_not_go_on_with_another_file(
    service: Scripted, client: AiozStream, impatient: AiozStream, folder: Path, change: str
) -> None:
    service.script = [cut(whole(b"x" * len(CONTENT)), 1000)]
    with pytest.raises(APIConnectionError):
        impatient.videos.download("v", folder / "a")
    content, tag = (CONTENT[:-1] if change == "size" else CONTENT), ('"2"' if change == "tag" else TAG)
    service.script = [whole(content, tag)]
    asset: Any = "mp4" if change == "asset" else "source"
    assert client.videos.download("v", folder / "a", asset).read_bytes() == content


def test_a_file_whose_bytes_were_all_there_is_only_renamed(
    service: Scripted, client: AiozStream, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The disk may say only at the end that it is full."""

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    service.script = [ranged]
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(DestinationError, match="No space left"):
        client.videos.download("v", folder / "a")
    assert not (folder / "a").exists()
    monkeypatch.undo()
    assert client.videos.download("v", folder / "a").read_bytes() == CONTENT
    assert service.ranges == [(None, None)] * 2


def cut_off(service: Scripted, impatient: AiozStream, folder: Path) -> Path:
    """What a download leaves whose connection was cut."""
    service.script = [cut(whole(), 1000)]
    with pytest.raises(APIConnectionError):
        impatient.videos.download("v", folder / "a")
    [part] = folder.iterdir()
    return part


def test_a_part_that_grew_is_begun_again(
    service: Scripted, client: AiozStream, impatient: AiozStream, folder: Path
) -> None:
    part = cut_off(service, impatient, folder)
    part.write_bytes(b"x" * (len(CONTENT) + 1))
    service.script = [ranged]
    assert client.videos.download("v", folder / "a").read_bytes() == CONTENT


def test_a_link_that_was_planted_is_not_followed(
    service: Scripted, client: AiozStream, impatient: AiozStream, folder: Path
) -> None:
    part = cut_off(service, impatient, folder)
    part.rename(folder / "precious")
    part.symlink_to(folder / "precious")
    service.script = [ranged]
    with pytest.raises(DestinationError, match="symbolic link"):
        client.videos.download("v", folder / "a")
    assert (folder / "precious").stat().st_size == 1000


def test_one_file_is_downloaded_once_at_a_time(service: Scripted, client: AiozStream, folder: Path) -> None:
    service.script = [ranged]

    def again(_: Progress) -> None:
        with pytest.raises(DestinationError, match="being downloaded"):
            client.videos.download("v", folder / "a")

    assert client.videos.download("v", folder / "a", on_progress=again).read_bytes() == CONTENT


def test_without_a_size_the_end_of_the_answer_is_that_of_the_file(
    service: Scripted, client: AiozStream, folder: Path
) -> None:
    seen: list[Progress] = []
    service.script = [chunked(CONTENT, ETag=TAG)]
    assert client.videos.download("v", folder / "a", on_progress=seen.append).read_bytes() == CONTENT
    assert (seen[-1].total, seen[-1].fraction, seen[-1].seconds_left) == (0, 0, None)
    service.script = [reply(200, chunked(CONTENT).body[:1000], {"Transfer-Encoding": "chunked", "ETag": TAG}), ranged]
    assert client.videos.download("v", folder / "a").read_bytes() == CONTENT


SHORT = CONTENT[:-1]
LIES: dict[str, tuple[list[Any], type[AiozStreamError], str]] = {
    "too short": ([cut(whole(), 1000)], APIConnectionError, "."),
    "shorter than the video": ([whole(SHORT)], UnexpectedResponseError, "the video says"),
    "longer than the video": ([whole(CONTENT + b"x")], UnexpectedResponseError, "the video says"),
    "longer in chunks": ([chunked(CONTENT + b"x")], UnexpectedResponseError, "goes on behind"),
    "shorter in chunks": ([chunked(SHORT)], APIConnectionError, "ended after 255,999 bytes of 256,000"),
    "endless": (
        [reply(before=b"HTTP/1.1 200 OK\r\n\r\n" + CONTENT)],
        UnexpectedResponseError,
        "without its length",
    ),
    "a part of it": ([reply(206, CONTENT, {"Content-Range": "bytes 0-9/10"})], UnexpectedResponseError, "206"),
    "nothing": ([reply(204)], UnexpectedResponseError, "204"),
    "gzip": ([whole(headers={"Content-Encoding": "gzip"})], UnexpectedResponseError, "packed"),
    "a page": ([whole(b"<html>sign in", headers={"Content-Type": "text/html"})], UnexpectedResponseError, "text/html"),
    "a message": ([whole(b"{}", headers={"Content-Type": "application/json"})], UnexpectedResponseError, "json"),
    "no longer allowed": ([reply(401)], AuthenticationError, "."),
    "gone": ([reply(404)], AssetMissingError, "has no source"),
    "broken": ([reply(500)], ServerError, "."),
    "elsewhere for ever": ([reply(302, headers={"Location": "/file"})], UnexpectedResponseError, "leads on and on"),
    "nowhere": ([reply(302, headers={"Location": "http://host:port/"})], APIConnectionError, "."),
    "another kind": ([reply(302, headers={"Location": "ftp://host/file"})], UnexpectedResponseError, "ftp://"),
    "no HTTP": ([reply(before=b"SSH-2.0\r\n")], APIConnectionError, "."),
}


@pytest.mark.parametrize("lie", LIES)
def test_lies_leave_nothing_behind(service: Scripted, impatient: AiozStream, folder: Path, lie: str) -> None:
    service.script, kind, says = list(LIES[lie][0]), *LIES[lie][1:]
    service.video = {"size": len(CONTENT)}
    (folder / "a").write_bytes(b"old")
    for fetch in (
        lambda: impatient.videos.download("v", folder / "a"),
        lambda: list(impatient.videos.iter_bytes("v")),
    ):
        with pytest.raises(kind, match=says):
            fetch()
    assert (folder / "a").read_bytes() == b"old"
    assert lie == "too short" or names(folder) == ["a"]


@pytest.mark.parametrize(
    "said",
    [
        "bytes 0-255999/256000",
        "bytes 999-255999/256000",
        "bytes 1000-256000/256000",
        "bytes 1000-/256000",
        "bytes 1000-255999/*",
        "",
    ],
)
def test_a_wrong_range_is_refused(service: Scripted, client: AiozStream, folder: Path, said: str) -> None:
    service.script = [cut(whole(), 1000), reply(206, CONTENT[1000:], {"ETag": TAG, "Content-Range": said})]
    with pytest.raises(UnexpectedResponseError, match="from byte 1000"):
        client.videos.download("v", folder / "a")
    assert not (folder / "a").exists()


def test_a_disk_without_room_is_found_before_anything_is_written(
    service: Scripted, client: AiozStream, folder: Path
) -> None:
    service.script = [reply(200, b"x", {"Content-Length": str(10**18), "ETag": TAG})]
    with pytest.raises(DestinationError, match="1,000,000,000,000,000,000 bytes are to come"):
        client.videos.download("v", folder / "a")
    assert names(folder) == []


@pytest.mark.parametrize("url", ["anything at all", "ftp://host/file", "https://", "file:///etc/passwd", "//host/x"])
def test_an_address_that_is_none(service: Scripted, client: AiozStream, folder: Path, url: str) -> None:
    service.video = {"assets": {"source_url": f"{url}?signature=s3cret" if "://" in url else url}}
    with pytest.raises(UnexpectedResponseError, match="no address of a file") as caught:
        client.videos.download("v", folder)
    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize(
    "video",
    [
        {"status": "transcoding", "assets": None},
        {"status": "transcoding", "assets": {"mp4_url": ""}},
        {"status": "transcoding", "is_mp4": False},
        {"status": "transcoding"},
    ],
)
def test_an_mp4_that_is_being_made(service: Scripted, client: AiozStream, folder: Path, video: dict[str, Any]) -> None:
    """Some services give addresses in advance, where is_mp4 is false, or nothing is found."""
    service.script, service.video = [reply(404)], video
    with pytest.raises(AssetNotReadyError, match="wait until it is 'done'"):
        client.videos.download("v", folder, "mp4")


def test_a_download_that_stalls_can_be_cancelled(service: Scripted, client: AiozStream, folder: Path) -> None:
    cancel, held = Cancellation(), threading.Event()

    def stall(_: Request) -> Reply:
        cancel.cancel()
        held.wait(60)
        return whole()

    service.script = [stall]
    with pytest.raises(DownloadCancelledError, match="download was cancelled"):
        client.videos.download("v", folder / "a", cancel=cancel)
    assert not held.is_set()
    with pytest.raises(DownloadCancelledError):
        client.videos.download("v", folder / "a", cancel=cancel)
    held.set()
    assert names(folder) == []


def test_a_download_that_stalls_ends_at_its_deadline(service: Scripted, client: AiozStream, folder: Path) -> None:
    held = threading.Event()

    def stall(_: Request) -> Reply:
        held.wait(60)
        return whole()

    service.script = [stall]
    with pytest.raises(DownloadTimeoutError, match=r"after 0\.3 s"):
        client.videos.download("v", folder / "a", deadline=0.3)
    assert not held.is_set()
    held.set()


@pytest.mark.anyio
async def test_a_cancelled_task_ends_its_download(service: Scripted, quick: RetryPolicy, folder: Path) -> None:
    asked, held = threading.Event(), threading.Event()

    def stall(_: Request) -> Reply:
        asked.set()
        held.wait(60)
        return whole()

    service.script = [stall]
    async with AsyncAiozStream(token="token-a", base_url=f"{service.origin}/api", max_retries=quick) as stream:
        task = asyncio.create_task(stream.videos.download("v", folder / "a"))
        await asyncio.to_thread(asked.wait, 20)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert not held.is_set()
    for thread in threading.enumerate():
        if thread.name == "aioz-stream-async":
            thread.join(20)
            assert not thread.is_alive()
    held.set()
    assert names(folder) == []


def test_what_on_progress_raises_ends_the_download(service: Scripted, client: AiozStream, folder: Path) -> None:
    service.script = [ranged]

    def stop_at(size: int) -> Callable[[Progress], None]:
        def stop(seen: Progress) -> None:
            if seen.sent >= size:
                raise KeyboardInterrupt

        return stop

    with pytest.raises(KeyboardInterrupt):
        client.videos.download("v", folder / "a", on_progress=stop_at(0))
    assert names(folder) == []
    with pytest.raises(KeyboardInterrupt) as caught:
        client.videos.download("v", folder / "a", on_progress=stop_at(len(CONTENT)))
    assert "256,000 bytes are in" in caught.value.__notes__[0]
    [part] = folder.iterdir()
    assert part.read_bytes() == CONTENT


def test_a_name_may_be_as_long_as_the_system_takes(service: Scripted, client: AiozStream, folder: Path) -> None:
    service.script = [ranged]
    assert client.videos.download("v", folder / ("ö" * 127)).read_bytes() == CONTENT


def test_a_file_system_without_locks_will_do(
    service: Scripted, client: AiozStream, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_locks(*_: object) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    service.script = [ranged]
    monkeypatch.setattr("fcntl.flock", no_locks)
    assert client.videos.download("v", folder / "a").read_bytes() == CONTENT


# --- credentials ----------------------------------------------------------------------------------------------------

KEYS = ("authorization", "stream-public-key", "stream-secret-key")


@dataclass
class World:
    """Hosts without a network: what each request had of the client's credentials, and where each address leads."""

    source_url: str
    moved: dict[str, str] = field(default_factory=dict[str, str])
    seen: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    headers: list[httpx.Headers] = field(default_factory=list[httpx.Headers])

    def answer(self, request: httpx.Request) -> httpx.Response:
        url = str(request.url)
        if url.endswith("/api/videos/v"):
            video = {"id": "v", "title": "T", "status": "done", "assets": {"source_url": self.source_url}}
            return httpx.Response(200, json={"status": "success", "data": video})
        # An address may have a user and a password of its own.
        self.seen[url] = [name for name in KEYS if request.headers.get(name, "Basic").partition(" ")[0] != "Basic"]
        self.headers.append(request.headers)
        if url in self.moved:
            return httpx.Response(302, headers={"Location": self.moved[url], "Set-Cookie": "a=b"})
        return httpx.Response(200, content=b"bytes")

    def stream(self, base_url: str = "https://api.test/api", **options: Any) -> AiozStream:
        options = options or {"transport": httpx.MockTransport(self.answer)}
        keys: dict[str, Any] = {"token": "secret-token", "public_key": "public", "secret_key": "secret-key"}
        return AiozStream(base_url=base_url, max_retries=0, **keys, **options)


HOME, CDN = "https://api.test/file", "https://cdn.test/file"


@pytest.mark.parametrize(
    ("url", "is_trusted"),
    [
        (HOME, True),
        ("https://api.test:443/elsewhere", True),
        ("https://API.test/file", True),
        (CDN, False),
        ("https://api.test:8443/file", False),
        ("https://api.test.evil.test/file", False),
        ("https://api.test@evil.test/file", False),
    ],
)
def test_credentials_go_to_the_origin_of_the_base_url_alone(url: str, is_trusted: bool) -> None:
    world = World(url)
    assert b"".join(world.stream().videos.iter_bytes("v")) == b"bytes"
    assert list(world.seen.values()) == [list(KEYS) if is_trusted else []]


def test_a_redirect_takes_no_credentials_along_nor_back() -> None:
    world = World(HOME, {HOME: f"{HOME}/2", f"{HOME}/2": CDN, CDN: f"{HOME}/3", f"{HOME}/3": "https://api.test/last"})
    assert b"".join(world.stream().videos.iter_bytes("v")) == b"bytes"
    assert world.seen == {
        HOME: list(KEYS),
        f"{HOME}/2": list(KEYS),
        CDN: [],
        f"{HOME}/3": [],
        "https://api.test/last": [],
    }
    assert not any("cookie" in headers for headers in world.headers)


@pytest.mark.parametrize("moved", [False, True], ids=["address", "redirect"])
def test_what_comes_by_https_does_not_go_on_by_http(folder: Path, moved: bool) -> None:
    plain = "http://api.test/file"
    world = World(HOME, {HOME: plain}) if moved else World(plain)
    with pytest.raises(UnexpectedResponseError, match=r"^GET /file: the file leads to http://"):
        world.stream().videos.download("v", folder)
    assert plain not in world.seen
    assert names(folder) == []
    # A service that is called by http may well have its files behind https.
    assert list(World(HOME).stream("http://api.test/api").videos.iter_bytes("v")) == [b"bytes"]


def test_what_a_client_that_was_passed_in_adds_is_not_sent(folder: Path) -> None:
    world = World(HOME)
    with httpx.Client(
        transport=httpx.MockTransport(world.answer), headers={"X-Own": "1"}, cookies={"own": "1"}, auth=("own", "pass")
    ) as http:
        world.stream(http_client=http).videos.download("v", folder / "a")
    [headers] = world.headers
    assert not {"x-own", "cookie"} & set(headers)
    assert headers["authorization"] == "Bearer secret-token"


def test_http_2_needs_no_length(folder: Path) -> None:
    """Its frames say where an answer ends."""
    world = World(HOME)

    def answer(request: httpx.Request) -> httpx.Response:
        if str(request.url) != HOME:
            return world.answer(request)
        return httpx.Response(200, stream=httpx.ByteStream(b"bytes"), extensions={"http_version": b"HTTP/2"})

    stream = world.stream(transport=httpx.MockTransport(answer))
    assert stream.videos.download("v", folder / "a").read_bytes() == b"bytes"


def test_cancelling_ends_a_download_that_no_socket_is_known_of() -> None:
    world, cancel = World(HOME), Cancellation()

    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, content=iter([b"a", b"b"])) if str(request.url) == HOME else world.answer(request)

    blocks = world.stream(transport=httpx.MockTransport(answer)).videos.iter_bytes("v", cancel=cancel)
    assert next(blocks) == b"a"
    cancel.cancel()
    with pytest.raises(DownloadCancelledError):
        next(blocks)


@pytest.mark.parametrize(
    "reply", [httpx.Response(401, text="no secret-token"), httpx.Response(302), httpx.Response(206)]
)
def test_errors_show_no_credentials(folder: Path, reply: httpx.Response) -> None:
    world = World(f"{HOME}?signature=s3cret")

    def answer(request: httpx.Request) -> httpx.Response:
        first = world.answer(request)
        return first if str(request.url).endswith("/v") else reply

    stream = world.stream(transport=httpx.MockTransport(answer))
    with pytest.raises(AiozStreamError) as caught:
        stream.videos.download("v", folder)
    error: Any = caught.value
    assert "secret-token" not in str(error) + repr(error)
    assert "s3cret" not in str(error)
    if error.response is not None:
        assert not any(name in error.response.request.headers for name in KEYS)
