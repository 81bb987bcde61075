"""Sources elsewhere that lie, sources that change, and sources that claim what they do not have."""

from __future__ import annotations

import asyncio
import gzip
import http.client
import io
import os
import socket
import threading
import zipfile
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

import fsspec
import httpx

from aioz_stream import (
    AiozStreamError,
    ArgumentError,
    ArgumentTypeError,
    AsyncAiozStream,
    ConfigurationError,
    EmptySourceError,
    SourceChangedError,
    SourceError,
    UploadTimeoutError,
    Video,
)
from tests.adversarial import lies
from tests.adversarial.case import CONTENT, SMALL, TITLE, Case, Either, Gives, Raises, Uploaded, World
from tests.adversarial.ledger import TOKEN
from tests.adversarial.service import Exchange, Lie, Service
from tests.adversarial.wire import Reply, Request, failure

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

OTHER = bytes(byte ^ 0x55 for byte in CONTENT)
STRONG = {"ETag": '"one"'}
WEAK = {"ETag": 'W/"one"'}
DATED = {"Last-Modified": "Sun, 01 Nov 2026 00:00:00 GMT"}


def host(content: bytes, **validators: str) -> Callable[[Request], Reply]:
    """A truthful server of one file, by range."""

    def answer(request: Request) -> Reply:
        headers = {"Content-Type": "video/mp4", **validators}
        start, _, end = request.headers.get("range", "bytes=0-").removeprefix("bytes=").partition("-")
        if "range" not in request.headers:
            return Reply(200, content, headers)
        first, last = int(start), min(int(end or len(content) - 1), len(content) - 1)
        if first > last:
            return Reply(416, b"", {**headers, "Content-Range": f"bytes */{len(content)}"})
        return Reply(
            206, content[first : last + 1], {**headers, "Content-Range": f"bytes {first}-{last}/{len(content)}"}
        )

    return answer


def serves(**validators: str) -> Callable[[World], None]:
    def given(world: World) -> None:
        world.service.file = host(CONTENT, **validators)

    return given


def uploads_url(world: World, path: str = "talk.mp4", **options: Any) -> Video:
    how = {name: options.pop(name) for name in ("spool", "trust_times", "deadline") if name in options}
    with world.client(**options) as stream:
        return stream.upload(f"{world.service.origin}/files/{path}", title=TITLE, concurrency=1, **SMALL, **how)


def then_serves(content: bytes, **validators: str) -> Callable[[Exchange], Reply]:
    """From now on another file is behind the URL."""
    return lambda exchange: host(content, **validators)(exchange.request)


def ranged(change: Callable[[str], str]) -> Any:
    """The truth, but for its Content-Range."""

    def tell(exchange: Exchange) -> Reply:
        reply = exchange.truth()
        headers = {**reply.headers, "Content-Range": change(reply.headers["Content-Range"])}
        return replace(reply, headers=headers)

    return tell


def _claims_an_exabyte(exchange: Exchange) -> Reply:
    first, last = exchange.request.headers["range"].removeprefix("bytes=").split("-")
    body = bytes(min(int(last) - int(first) + 1, 1000))
    return Reply(206, body, {**STRONG, "Content-Range": f"bytes {first}-{last}/{10**18}"})


def _nothing_made(world: World) -> None:
    assert world.service.counts["create"] == 0, "a video was made although the source can't be used"


def _never_completed(world: World) -> None:
    assert all(video.status in ("new", "deleted") for video in world.service.ledger.made), "wrong bytes were completed"


OFFERS_SPOOL = Raises((SourceError, ArgumentError), r"spool=True")
REFUSED = Raises((SourceError, ArgumentError, ConfigurationError))
CHANGED = Raises(SourceChangedError)
AFTER = 3
"""So many looks at the file are truthful: the first one, and some parts."""


def _urls() -> Iterator[Case]:

    def url(name: str, because: str, told: tuple[Lie, ...], expect: Any, **others: Any) -> Case:
        return Case(name, because, told, expect, uploads_url, **others)

    yield url("url-with-a-strong-etag", "the truth", (), Uploaded(), given=serves(**STRONG))
    yield url(
        "url-with-a-constant-weak-etag", "a weak ETag that stays is no change", (), Uploaded(), given=serves(**WEAK)
    )
    yield url(
        "url-whose-weak-etag-changes",
        "a weak ETag that changes is a change, whatever the date says",
        (Lie("file", then_serves(OTHER, ETag='W/"two"', **DATED), after=AFTER),),
        CHANGED,
        given=serves(**WEAK, **DATED),
        also=_never_completed,
    )
    yield url(
        "url-whose-weak-etag-changes-without-a-date",
        "a weak ETag that changes is a change",
        (Lie("file", then_serves(OTHER, ETag='W/"two"'), after=AFTER),),
        CHANGED,
        given=serves(**WEAK),
        also=_never_completed,
    )
    yield url(
        "url-whose-strong-etag-changes",
        "a change",
        (Lie("file", then_serves(OTHER, ETag='"two"'), after=AFTER),),
        CHANGED,
        given=serves(**STRONG),
        also=_never_completed,
    )
    yield url(
        "url-whose-etag-vanishes",
        "what can't be compared any more is not known to be the same",
        (Lie("file", then_serves(OTHER), after=AFTER),),
        Raises(SourceError),
        given=serves(**STRONG),
        also=_never_completed,
    )
    yield url(
        "url-whose-date-changes",
        "a change",
        (Lie("file", then_serves(OTHER, **{"Last-Modified": "Mon, 02 Nov 2026 00:00:00 GMT"}), after=AFTER),),
        CHANGED,
        given=serves(**DATED),
        also=_never_completed,
    )
    yield url(
        "url-without-any-validator",
        "checked in another way, or refused before anything is made, with a way out",
        (),
        Either((Uploaded(), OFFERS_SPOOL)),
        given=serves(),
    )
    yield url(
        "url-without-any-validator-that-changes",
        "half of the one and half of the other is no upload",
        (Lie("file", then_serves(OTHER), after=AFTER),),
        Either((CHANGED, OFFERS_SPOOL)),
        given=serves(),
        also=_never_completed,
        may_be_untold=True,
    )
    yield Case(
        "url-without-any-validator-spooled",
        "the way out that the sentence offers",
        (),
        Uploaded(),
        partial(uploads_url, spool=True),
        serves(),
    )
    yield url(
        "url-that-is-longer-than-it-says",
        "a range of so many bytes comes with more: an error, never cut",
        (Lie("file", lies.damaged(lambda reply: replace(reply, body=reply.body + b"more"))),),
        Raises(SourceError),
        given=serves(**STRONG),
        also=_never_completed,
    )
    yield url(
        "url-whose-total-is-too-small",
        "the file goes on where its total ends: an error, never cut",
        (Lie("file", lies.damaged(lambda reply: _with_total(reply, 2000))),),
        Raises(SourceError),
        given=serves(**STRONG),
        also=_never_completed,
    )
    yield url(
        "url-that-is-shorter-than-it-says",
        "an error, never filled up",
        (Lie("file", lies.damaged(lambda reply: replace(reply, body=reply.body[:-1])), after=1),),
        Raises(SourceError),
        given=serves(**STRONG),
        also=_never_completed,
    )
    for name, change in {
        "another-start": lambda said: said.replace("bytes 0-", "bytes 1-"),
        "a-total-that-is-not-known": lambda said: said.partition("/")[0] + "/*",
        "another-unit": lambda said: said.replace("bytes", "chapters"),
        "nothing": lambda _said: "",
        "a-total-of-1000-digits": lambda said: said.partition("/")[0] + "/" + "9" * 5000,
    }.items():
        yield url(
            f"url-whose-content-range-says-{name}",
            "what can't be checked is not sent",
            (Lie("file", ranged(change)),),
            Raises(SourceError),
            given=serves(**STRONG),
            also=_nothing_made,
        )
    yield url(
        "url-whose-total-changes",
        "another size is a change",
        (Lie("file", lies.damaged(lambda reply: _with_total(reply, len(CONTENT) + 1)), after=AFTER),),
        CHANGED,
        given=serves(**STRONG),
        also=_never_completed,
    )
    yield url(
        "url-that-gives-the-whole-for-a-range",
        "the server does not give ranges, which is said before anything is made",
        (Lie("file", lambda _exchange: Reply(200, CONTENT, STRONG)),),
        Either((Uploaded(), Raises(SourceError))),
        given=serves(**STRONG),
    )
    yield url(
        "url-that-gives-packed-bytes",
        "packed bytes are not the file",
        (
            Lie(
                "file",
                lies.damaged(lambda reply: replace(reply, headers={**reply.headers, "Content-Encoding": "gzip"})),
            ),
        ),
        Raises(SourceError),
        given=serves(**STRONG),
        also=_never_completed,
    )
    yield url(
        "url-that-gives-several-ranges-in-one",
        "a multipart answer is not the bytes",
        (Lie("file", lambda _exchange: Reply(206, b"--x\r\n", {"Content-Type": "multipart/byteranges; boundary=x"})),),
        Raises(SourceError),
        given=serves(**STRONG),
        also=_nothing_made,
    )
    yield url(
        "url-that-redirects-for-ever",
        "typed, and bounded",
        (Lie("file", lambda exchange: Reply(302, b"", {"Location": exchange.request.path})),),
        Raises(SourceError),
        given=serves(**STRONG),
        also=lambda world: _assert(world.service.counts["file"] <= 200, "redirects were followed for ever"),
    )
    yield url(
        "url-that-redirects-to-a-file-of-this-machine",
        "http leads to http",
        (Lie("file", lies.says(Reply(302, b"", {"Location": "file:///etc/passwd"}))),),
        Raises(SourceError),
        given=serves(**STRONG),
        also=_nothing_made,
    )
    yield url(
        "url-that-redirects-to-the-file",
        "redirects of a source are followed, and no credentials with them",
        (Lie("file", _moved),),
        Uploaded(),
        given=serves(**STRONG),
        also=lambda world: _assert(
            all("authorization" not in request.headers for request in world.service.asked("file")),
            "the API's credentials went to the source",
        ),
    )
    yield url(
        "url-that-claims-10-to-the-18-bytes",
        "its parts would pass a limit: refused with a sentence, before anything is made",
        (Lie("file", _claims_an_exabyte),),
        REFUSED,
        given=serves(**STRONG),
        also=_nothing_made,
    )
    yield url(
        "url-that-fails-for-a-moment",
        "what passes is tried again",
        (Lie("file", lies.says(failure(503)), times=2, after=2),),
        Uploaded(),
        given=serves(**STRONG),
    )
    yield url(
        "url-that-is-gone-midway",
        "typed",
        (Lie("file", lies.says(failure(404)), after=AFTER),),
        Raises(SourceError),
        given=serves(**STRONG),
        also=_never_completed,
    )
    yield Case(
        "url-whose-password-is-wrong",
        "a password of a URL shows in no error",
        (Lie("file", lies.says(failure(403))),),
        Raises(SourceError, r"\A(?!.*sesame)"),
        lambda world: _upload_from(
            world, world.service.origin.replace("//", "//user:sesame@") + "/files/talk.mp4?key=sesame"
        ),
        serves(**STRONG),
    )
    yield url(
        "url-source-whose-answer-has-a-second-copy",
        "the next range is not answered by what the last one left over",
        (Lie("file", lies.twice),),
        Either((Uploaded(), Raises(SourceError))),
        given=serves(**STRONG),
        also=_never_wrong,
    )


def _never_wrong(world: World) -> None:
    for video in world.service.ledger.ours:
        assert video.status == "new" or video.content == CONTENT


def _with_total(reply: Reply, total: int) -> Reply:
    place = reply.headers["Content-Range"].partition("/")[0]
    return replace(reply, headers={**reply.headers, "Content-Range": f"{place}/{total}"})


def _moved(exchange: Exchange) -> Reply:
    if exchange.request.path.endswith("talk.mp4"):
        return Reply(302, b"", {"Location": "/files/moved.mp4"})
    return exchange.truth()


def _assert(condition: object, message: str) -> None:
    assert condition, message


def _upload_from(world: World, source: Any, **options: Any) -> Video:
    with world.client() as stream:
        return stream.upload(source, title=TITLE, **{**SMALL, "concurrency": 1, **options})


# Through the client's own ways


def _through_a_proxy(world: World) -> list[str]:
    """A proxy sees all that goes through it; the source must not be fetched around it, unless that is said."""
    with Service() as proxy:
        seen: list[str] = []

        def note(exchange: Exchange) -> Reply:
            seen.append(exchange.request.path)
            return failure(503, "this proxy lets nothing through")

        proxy.lie([Lie("any", note)])
        with world.client(proxy=proxy.origin, max_retries=0) as stream, suppress(AiozStreamError):
            stream.upload(f"{world.service.origin}/files/talk.mp4", title=TITLE, **SMALL)
        return seen


def _through_a_transport(world: World) -> list[str]:
    seen: list[str] = []

    def note(request: httpx.Request) -> httpx.Response:
        seen.append(request.url.path)
        return httpx.Response(503)

    with world.client(transport=httpx.MockTransport(note), max_retries=0) as stream, suppress(AiozStreamError):
        stream.upload(f"{world.service.origin}/files/talk.mp4", title=TITLE, **SMALL)
    return seen


def _through_a_client(world: World) -> list[str]:
    seen: list[str] = []

    def note(request: httpx.Request) -> httpx.Response:
        seen.append(request.url.path)
        return httpx.Response(503)

    with (
        httpx.Client(transport=httpx.MockTransport(note)) as passed_in,
        world.client(http_client=passed_in, max_retries=0) as stream,
        suppress(AiozStreamError),
    ):
        stream.upload(f"{world.service.origin}/files/talk.mp4", title=TITLE, **SMALL)
    return seen


def _not_around(world: World, _seen: list[str]) -> None:
    assert world.service.counts["file"] == 0, "the source was fetched around what the client was told to go through"


# Streams, handles, fsspec, local files


class Pipe(io.RawIOBase):
    """A stream that can't seek."""

    def __init__(self, content: bytes) -> None:
        super().__init__()
        self._rest = io.BytesIO(content)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        return self._rest.readinto(buffer)


class Growing(io.BytesIO):
    """A file that has more than it had when its size was asked for."""

    def __init__(self, content: bytes) -> None:
        super().__init__(content)
        self._more = True

    def read(self, size: int | None = -1, /) -> bytes:
        if self._more:
            self._more = False
            place = self.tell()
            self.seek(0, os.SEEK_END)
            self.write(b"more")
            self.seek(place)
        return super().read(size)


def _memory_file(content: bytes) -> str:
    fsspec.filesystem("memory").pipe("/talk.mp4", content)
    return "memory://talk.mp4"


def _fsspec_file_changes(world: World) -> Video:
    """Between two parts, other bytes of the same size are stored."""
    url = _memory_file(CONTENT)

    def change(exchange: Exchange) -> Reply:
        _memory_file(OTHER)
        return exchange.truth()

    world.service.lie([Lie("part", change, times=1, after=1)])
    return _upload_from(world, url)


def _fsspec_says_less(world: World) -> Video:
    """The file system says a size, and the file has more."""
    url = _memory_file(CONTENT)
    system = fsspec.filesystem("memory")
    info = type(system).info

    def short(self: Any, path: str, **options: Any) -> Any:
        return {**info(self, path, **options), "size": 2000}

    type(system).info = short
    try:
        return _upload_from(world, url)
    finally:
        type(system).info = info


def _fsspec_touched(world: World) -> Video:
    """Its time changes and its bytes don't; the caller said that times are not to be trusted."""
    url = _memory_file(CONTENT)

    def touch(exchange: Exchange) -> Reply:
        _memory_file(CONTENT)
        return exchange.truth()

    world.service.lie([Lie("part", touch, times=1, after=1)])
    return _upload_from(world, url, trust_times=False)


def _during(change: Callable[[World], object]) -> Callable[[World], Video]:
    """Uploads the file from the disk, on which something happens between two parts."""

    def play(world: World) -> Video:
        def happen(exchange: Exchange) -> Reply:
            change(world)
            return exchange.truth()

        world.service.lie([Lie("part", happen, times=1, after=1)])
        return world.upload(concurrency=1)

    return play


def _touch(world: World) -> None:
    os.utime(world.path, (1_700_000_000, 1_700_000_000))


def _append(world: World) -> None:
    with world.path.open("ab") as file:
        file.write(b"more of a recording")


def _between_runs(change: Callable[[World], object]) -> Callable[[World], object]:
    def given(world: World) -> None:
        world.fails(Lie("part", lies.says(failure(400)), after=2))
        change(world)

    return given


def _fifo(world: World) -> Video:
    path = world.folder / "pipe"
    os.mkfifo(path)
    writer = threading.Thread(target=_write_fifo, args=(path,), daemon=True)
    writer.start()
    return _upload_from(world, path)


def _write_fifo(path: Any) -> None:
    with suppress(OSError), os.fdopen(os.open(path, os.O_RDWR), "wb") as pipe:
        pipe.write(CONTENT)


def _text_mode(world: World) -> Video:
    with world.path.open(encoding="latin-1") as text:
        return _upload_from(world, text)


class ReadsLater:
    """A web framework's upload file: its `read` is a coroutine."""

    def __init__(self, content: bytes) -> None:
        self._file = io.BytesIO(content)

    async def read(self, size: int = -1) -> bytes:
        return self._file.read(size)


async def _blocks(content: bytes) -> Any:
    for start in range(0, len(content), 700):
        yield content[start : start + 700]


def _asynchronously(source: Callable[[], Any], **options: Any) -> Callable[[World], Video]:
    def play(world: World) -> Video:
        async def upload() -> Video:
            async with AsyncAiozStream(token=TOKEN, base_url=world.service.url) as stream:
                return await stream.upload(source(), title=TITLE, **SMALL, **options)

        return asyncio.run(upload())

    return play


def _others() -> Iterator[Case]:
    for name, play in {
        "proxy": _through_a_proxy,
        "transport": _through_a_transport,
        "client": _through_a_client,
    }.items():
        yield Case(
            f"url-through-a-{name}-of-the-caller",
            "through it, or a typed error that says it can't; never around it",
            (),
            Gives(_not_around),
            play,
            serves(**STRONG),
        )
    size = len(CONTENT)
    for name, content, said in (("longer", CONTENT + b"m", size), ("shorter", CONTENT, size + 1)):
        yield Case(
            f"stream-that-is-{name}-than-it-says",
            "an error, never cut and never filled up",
            (),
            Raises((SourceError, ArgumentError)),
            partial(_upload_pipe, content, said),
            also=_never_completed,
        )
    yield Case(
        "stream-that-claims-10-to-the-18-bytes",
        "its parts would pass a limit: refused with a sentence, before anything is made",
        (),
        Raises((SourceError, ArgumentError)),
        lambda world: _upload_from(world, Pipe(CONTENT), size=10**18),
        also=_nothing_made,
    )
    yield Case(
        "sparse-file-of-8-tib-in-parts-of-a-byte",
        "its parts would pass a limit: refused with a sentence, before anything is made",
        (),
        Raises((SourceError, ArgumentError)),
        _sparse,
        also=_nothing_made,
    )
    yield Case(
        "file-object-that-grows-while-it-is-read",
        "what comes behind its end is never cut",
        (),
        Raises(SourceError),
        lambda world: _upload_from(world, Growing(CONTENT)),
        also=_never_completed,
    )
    yield Case("fsspec-file-that-changes", "a change", (), CHANGED, _fsspec_file_changes, also=_never_completed)
    yield Case(
        "fsspec-file-that-is-longer-than-it-says",
        "an error, never cut",
        (),
        Raises(SourceError),
        _fsspec_says_less,
        also=_never_completed,
    )
    yield Case(
        "fsspec-file-that-is-touched", "trust_times holds for all kinds of source", (), Uploaded(), _fsspec_touched
    )
    yield Case(
        "file-that-is-touched-on-the-way", "when times alone differ, the bytes decide", (), Uploaded(), _during(_touch)
    )
    yield Case(
        "file-whose-mode-changes-on-the-way",
        "its bytes are the same",
        (),
        Uploaded(),
        _during(lambda world: world.path.chmod(0o640)),
    )
    yield Case(
        "file-that-gets-a-second-name-on-the-way",
        "a hard link changes a time, and no byte",
        (),
        Uploaded(),
        _during(lambda world: (world.folder / "second name").hardlink_to(world.path)),
    )
    yield Case(
        "file-that-is-edited-on-the-way",
        "other bytes of the same size",
        (),
        CHANGED,
        _during(lambda world: world.path.write_bytes(OTHER)),
        also=_never_completed,
    )
    yield Case(
        "file-that-is-still-recorded",
        "the advice can be followed: it says that the file grows",
        (),
        Raises(SourceChangedError, r"grow|record|longer|written"),
        _during(_append),
        also=_never_completed,
    )
    yield Case("file-that-is-touched-between-two-runs", "the bytes decide", (), Uploaded(), given=_between_runs(_touch))
    yield Case(
        "file-that-is-edited-between-two-runs",
        "other bytes",
        (),
        CHANGED,
        given=_between_runs(lambda world: world.path.write_bytes(OTHER)),
        also=_never_completed,
    )
    if hasattr(os, "mkfifo"):
        yield Case("fifo", "the sentence says what to do", (), OFFERS_SPOOL, _fifo, also=_nothing_made)
    yield Case(
        "file-in-text-mode",
        "the sentence says that it is text",
        (),
        Raises(ArgumentTypeError, "binary|text"),
        _text_mode,
        also=_nothing_made,
    )
    yield Case(
        "path-of-bytes",
        "bytes may be a path or a content: taken as a path, or told apart in the sentence",
        (),
        Either((Uploaded(), Raises(ArgumentTypeError, r"fsdecode|path.*bytes|bytes.*path"))),
        lambda world: _upload_from(world, os.fsencode(world.path)),
    )
    yield Case(
        "read-that-is-a-coroutine-with-a-size",
        "the asynchronous client awaits it",
        (),
        Uploaded(),
        _asynchronously(lambda: ReadsLater(CONTENT), size=size),
    )
    yield Case(
        "read-that-is-a-coroutine-spooled",
        "copied first",
        (),
        Uploaded(),
        _asynchronously(lambda: ReadsLater(CONTENT), spool=True),
    )
    yield Case(
        "read-that-is-a-coroutine-without-a-size",
        "refused before anything is made, with the two ways out",
        (),
        Raises(ArgumentError, r"spool=True"),
        _asynchronously(lambda: ReadsLater(CONTENT)),
        also=_nothing_made,
    )
    yield Case(
        "async-iterator-of-bytes-with-a-size",
        "the asynchronous client takes it",
        (),
        Uploaded(),
        _asynchronously(lambda: _blocks(CONTENT), size=size),
    )
    yield Case(
        "async-iterator-of-bytes-spooled",
        "copied first",
        (),
        Uploaded(),
        _asynchronously(lambda: _blocks(CONTENT), spool=True),
    )
    yield Case(
        "async-iterator-that-is-longer-than-it-says",
        "an error, never cut",
        (),
        Raises((SourceError, ArgumentError)),
        _asynchronously(lambda: _blocks(CONTENT + b"m"), size=size),
        also=_never_completed,
    )
    for name, source in {
        "read-that-is-a-coroutine": lambda: ReadsLater(CONTENT),
        "async-iterator": lambda: _blocks(CONTENT),
    }.items():
        yield Case(
            f"{name}-in-the-synchronous-client",
            "refused before anything is made",
            (),
            Raises(ArgumentTypeError, "Async"),
            partial(_upload_made, source),
            also=_nothing_made,
        )


def _upload_pipe(content: bytes, size: int, world: World) -> Video:
    return _upload_from(world, Pipe(content), size=size)


def _upload_made(source: Callable[[], Any], world: World) -> Video:
    return _upload_from(world, source(), size=len(CONTENT))


# Other members of the same kinds


def _to(path_of: Callable[[World], Any], **options: Any) -> Callable[[World], Video]:
    return lambda world: _upload_from(world, path_of(world), **options)


def _empty_fifo(world: World) -> Any:
    path = world.folder / "pipe"
    os.mkfifo(path)
    return path


def _filled_fifo(world: World) -> Any:
    path = _empty_fifo(world)
    threading.Thread(target=path.write_bytes, args=(CONTENT,), daemon=True).start()
    return path


def _process_substitution(world: World, **options: Any) -> Video:
    """What a shell's <(…) gives: a path of this process's descriptors."""
    reading, writing = os.pipe()
    os.write(writing, CONTENT)
    os.close(writing)
    try:
        return _upload_from(world, f"/dev/fd/{reading}", **options)
    finally:
        os.close(reading)


def _zip_member(world: World, damage: Callable[[bytes], bytes] = lambda content: content) -> Video:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("talk.mp4", CONTENT)
    with zipfile.ZipFile(io.BytesIO(damage(packed.getvalue()))) as archive, archive.open("talk.mp4") as member:
        return _upload_from(world, member)


def _damaged_member(content: bytes) -> bytes:
    """Another checksum in the archive's directory than that of the bytes."""
    place = content.rindex(b"PK\x01\x02") + 16
    return content[:place] + bytes(4) + content[place + 4 :]


def _gzip_file(world: World, cut: int) -> Video:
    packed = gzip.compress(CONTENT)
    with gzip.GzipFile(fileobj=io.BytesIO(packed[: len(packed) - cut])) as file:
        return _upload_from(world, file)


def _socket(world: World, *, as_file: bool, **options: Any) -> Video:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.sendall(CONTENT)
        theirs.shutdown(socket.SHUT_WR)
        if not as_file:
            return _upload_from(world, ours, **options)
        with ours.makefile("rb") as file:
            return _upload_from(world, file, **options)


def _http_response(world: World, **options: Any) -> Video:
    """What urllib.request.urlopen gives; at a connection that is cut it just ends."""
    connection = http.client.HTTPConnection("127.0.0.1", world.service.port)
    connection.request("GET", "/files/talk.mp4")
    response = connection.getresponse()
    try:
        return _upload_from(world, response, **options)
    finally:
        connection.close()


def _cut_short(exchange: Exchange) -> None:
    exchange.send(exchange.truth().encoded()[:-100])


class Generous(Pipe):
    """Gives more than it is asked for."""

    def read(self, size: int = -1, /) -> bytes:
        return super().read(size) + b"more" if size >= 0 else super().read()


class GenerousFile(io.BytesIO):
    def read(self, size: int | None = -1, /) -> bytes:
        return super().read(size) + b"more"


def _replace(content: bytes) -> Callable[[World], object]:
    """As editors, `rsync` and backups write: a new file takes the name of the old one."""

    def change(world: World) -> None:
        (world.folder / "new").write_bytes(content)
        (world.folder / "new").replace(world.path)

    return change


def _during_of_handle(change: Callable[[World], object]) -> Callable[[World], Video]:
    def play(world: World) -> Video:
        def happen(exchange: Exchange) -> Reply:
            change(world)
            return exchange.truth()

        world.service.lie([Lie("part", happen, times=1, after=1)])
        with world.path.open("rb") as handle:
            return _upload_from(world, handle)

    return play


def _rewrite(world: World) -> None:
    with world.path.open("r+b") as file:
        file.write(OTHER)


def _many_asynchronously(sources: Callable[[], list[Any]], **options: Any) -> Callable[[World], list[Any]]:
    def play(world: World) -> list[Any]:
        async def upload() -> list[Any]:
            async with AsyncAiozStream(token=TOKEN, base_url=world.service.url) as stream:
                return [result async for result in stream.upload_many(sources(), **SMALL, **options)]

        return asyncio.run(upload())

    return play


def _all_uploaded(world: World, results: list[Any]) -> None:
    assert len(results) == 2
    for result in results:
        assert world.service.ledger.videos[result.unwrap().id].content == CONTENT


async def _failing_blocks() -> Any:
    yield CONTENT[:1500]
    raise ConnectionResetError("the browser is gone")


async def _text_blocks() -> Any:
    yield "text"


async def _never() -> Any:
    yield CONTENT[:1500]
    await asyncio.Event().wait()


async def _uneven_blocks() -> Any:
    yield b""
    yield CONTENT[:3000]
    yield b""
    yield CONTENT[3000:]


def _more() -> Iterator[Case]:
    size = len(CONTENT)
    ways: dict[str, dict[str, Any]] = {"spooled": {"spool": True}, "with-a-size": {"size": size}}
    if hasattr(os, "mkfifo"):
        for name, how in ways.items():
            yield Case(f"fifo-{name}", "the advice can be followed", (), Uploaded(), _to(_filled_fifo, **how))
            yield Case(
                f"process-substitution-{name}",
                "a pipe by a path",
                (),
                Uploaded(),
                partial(_process_substitution, **how),
            )
        yield Case(
            "process-substitution",
            "the sentence says what to do",
            (),
            OFFERS_SPOOL,
            _process_substitution,
            also=_nothing_made,
        )
        yield Case(
            "fifo-that-is-longer-than-it-says",
            "an error, never cut",
            (),
            Raises(SourceError),
            _to(_filled_fifo, size=size - 1),
            also=_never_completed,
        )
        yield Case(
            "fifo-into-which-nothing-writes",
            "the deadline holds while it is waited for",
            (),
            Raises(UploadTimeoutError),
            _to(_empty_fifo, spool=True, deadline=0.3),
            also=_nothing_made,
        )
    yield Case("directory", "said", (), Raises(SourceError, "directory"), _to(lambda world: world.folder))
    yield Case("null-device-spooled", "empty", (), Raises(EmptySourceError), _to(lambda _world: os.devnull, spool=True))
    yield Case("null-device", "the sentence says what to do", (), OFFERS_SPOOL, _to(lambda _world: os.devnull))
    yield Case(
        "endless-device-spooled",
        "bounded by the deadline, and nothing is made",
        (),
        Raises(UploadTimeoutError),
        _to(lambda _world: "/dev/zero", spool=True, deadline=0.2),
        also=_nothing_made,
    )
    yield Case("zip-member", "a file object like others", (), Uploaded(), _zip_member)
    yield Case(
        "zip-member-that-is-damaged",
        "its error is of no kind that a caller foresees: typed",
        (),
        Raises(SourceError, "CRC"),
        partial(_zip_member, damage=_damaged_member),
        also=_nothing_made,
    )
    yield Case("gzip-file", "its bytes are what it gives", (), Uploaded(), partial(_gzip_file, cut=0))
    yield Case(
        "gzip-file-that-is-cut",
        "EOFError is no OSError: typed all the same",
        (),
        Raises(SourceError),
        partial(_gzip_file, cut=100),
        also=_nothing_made,
    )
    yield Case(
        "socket",
        "the sentence says what to write",
        (),
        Raises(ArgumentTypeError, "makefile"),
        partial(_socket, as_file=False),
        also=_nothing_made,
    )
    yield Case("socket-as-a-file", "a stream", (), OFFERS_SPOOL, partial(_socket, as_file=True), also=_nothing_made)
    yield Case("socket-as-a-file-spooled", "copied", (), Uploaded(), partial(_socket, as_file=True, spool=True))
    yield Case(
        "generator-in-the-synchronous-client",
        "said, before anything is made",
        (),
        Raises(ArgumentTypeError, "generator"),
        lambda world: _upload_from(world, (block for block in (CONTENT,)), spool=True),
        also=_nothing_made,
    )
    for name, how in ways.items():
        yield Case(
            f"http-response-{name}", "a stream", (), Uploaded(), partial(_http_response, **how), serves(**STRONG)
        )
        yield Case(
            f"http-response-that-is-cut-{name}",
            "http.client gives what came as if it were all",
            (Lie("file", _cut_short),),
            Raises(SourceError),
            partial(_http_response, **how),
            serves(**STRONG),
            also=_never_completed,
        )
    yield Case(
        "stream-that-gives-more-than-asked",
        "another place of the file would get its bytes",
        (),
        Raises(SourceError, "asked for"),
        lambda world: _upload_from(world, Generous(CONTENT), size=size),
        also=_never_completed,
    )
    yield Case(
        "file-object-that-gives-more-than-asked",
        "another place of the file would get its bytes",
        (),
        Raises(SourceError, "asked for"),
        lambda world: _upload_from(world, GenerousFile(CONTENT)),
        also=_never_completed,
    )
    yield Case(
        "file-that-is-replaced-by-another-on-the-way",
        "half of the one and half of the other is no upload",
        (),
        CHANGED,
        _during(_replace(OTHER)),
        also=_never_completed,
    )
    yield Case(
        "file-that-is-replaced-by-a-copy-of-itself-on-the-way",
        "the bytes decide",
        (),
        Uploaded(),
        _during(_replace(CONTENT)),
    )
    yield Case(
        "file-that-shrinks-on-the-way",
        "an error, never filled up",
        (),
        CHANGED,
        _during(lambda world: os.truncate(world.path, 1500)),
        also=_never_completed,
    )
    yield Case(
        "file-that-is-edited-on-the-way-without-trust-in-times",
        "the bytes decide, whatever the times say",
        (),
        CHANGED,
        _during_without_trust,
        also=_never_completed,
    )
    yield Case(
        "file-object-of-a-file-that-is-edited-on-the-way",
        "the file behind it tells",
        (),
        CHANGED,
        _during_of_handle(_rewrite),
        also=_never_completed,
    )
    yield Case(
        "file-object-of-a-file-that-is-touched-on-the-way",
        "the bytes decide",
        (),
        Uploaded(),
        _during_of_handle(_touch),
    )
    yield Case(
        "file-object-of-a-file-that-grows-on-the-way",
        "what is behind its end is never cut",
        (),
        CHANGED,
        _during_of_handle(_append),
        also=_never_completed,
    )
    yield Case(
        "url-that-changes-without-trust-in-times",
        "the bytes decide, whatever its tags say",
        (Lie("file", then_serves(OTHER, **STRONG), after=AFTER),),
        CHANGED,
        partial(uploads_url, trust_times=False),
        serves(**STRONG),
        also=_never_completed,
    )
    yield Case(
        "url-whose-etag-changes-and-whose-bytes-do-not-without-trust-in-times",
        "the bytes decide",
        (Lie("file", then_serves(CONTENT, ETag='"two"'), after=AFTER),),
        Uploaded(),
        partial(uploads_url, trust_times=False),
        serves(**STRONG),
    )
    yield Case(
        "url-spooled-that-is-cut-at-first",
        "it is fetched again from its start, and nothing of the first try is left",
        (Lie("file", _cut_short, times=1),),
        Uploaded(),
        partial(uploads_url, spool=True),
        serves(),
    )
    yield Case(
        "url-spooled-whose-server-packs",
        "packed bytes are not the file",
        (Lie("file", lies.damaged(lambda reply: replace(reply, headers={"Content-Encoding": "gzip"}))),),
        Raises(SourceError, "packs"),
        partial(uploads_url, spool=True),
        serves(),
        also=_nothing_made,
    )
    yield Case(
        "url-spooled-that-is-empty",
        "said, before anything is made",
        (),
        Raises(EmptySourceError),
        partial(uploads_url, spool=True),
        lambda world: setattr(world.service, "file", host(b"")),
        also=_nothing_made,
    )
    yield Case(
        "fsspec-file-spooled",
        "copied, and decompressed where it says so",
        (),
        Uploaded(),
        lambda world: _upload_from(world, _packed_file(), spool=True),
    )
    yield Case(
        "read-that-is-a-coroutine-of-many-files",
        "each of many, spooled",
        (),
        Gives(_all_uploaded),
        _many_asynchronously(lambda: [ReadsLater(CONTENT), _blocks(CONTENT)], spool=True, files=2, journal=False),
    )
    yield Case(
        "async-iterator-with-empty-and-long-blocks",
        "an empty block is no end",
        (),
        Uploaded(),
        _asynchronously(_uneven_blocks, size=size),
    )
    yield Case(
        "async-iterator-that-fails",
        "typed, and nothing is made",
        (),
        Raises(SourceError, "browser is gone"),
        _asynchronously(_failing_blocks, spool=True),
        also=_nothing_made,
    )
    yield Case(
        "async-iterator-of-text",
        "said, before anything is made",
        (),
        Raises((SourceError, ArgumentTypeError), "bytes|binary"),
        _asynchronously(_text_blocks, spool=True),
        also=_nothing_made,
    )
    yield Case(
        "async-iterator-that-stalls",
        "the deadline holds while it is waited for",
        (),
        Raises(UploadTimeoutError),
        _asynchronously(_never, size=size, deadline=0.5),
        also=_never_completed,
    )
    yield Case(
        "async-iterator-that-is-shorter-than-it-says",
        "an error, never filled up",
        (),
        Raises(SourceError),
        _asynchronously(lambda: _blocks(CONTENT), size=size + 1),
        also=_never_completed,
    )


def _packed_file() -> Any:
    _memory_file(gzip.compress(CONTENT))
    return fsspec.open("memory://talk.mp4", compression="gzip")


def _during_without_trust(world: World) -> Video:
    def happen(exchange: Exchange) -> Reply:
        before = world.path.stat()
        _rewrite(world)
        os.utime(world.path, ns=(before.st_atime_ns, before.st_mtime_ns))
        return exchange.truth()

    world.service.lie([Lie("part", happen, times=1, after=1)])
    return world.upload(concurrency=1, trust_times=False)


def _sparse(world: World) -> Video:
    path = world.folder / "sparse.mp4"
    with path.open("wb") as file:
        file.truncate(8 << 40)
    return _upload_from(world, path, part_size=1)


CASES = [*_urls(), *_others(), *_more()]
