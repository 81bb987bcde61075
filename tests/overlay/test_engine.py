"""How parts are sent: several at once, none waiting for another, over connections that are kept."""

from __future__ import annotations

import io
import threading
from typing import TYPE_CHECKING, Any

import httpx

from aioz_stream import AiozStream, PartLimits, UploadCancelledError
from aioz_stream.http.cancel_signal import CancelSignal
from aioz_stream.upload.journal import Journal
from aioz_stream.upload.progress import Meter
from aioz_stream.upload.slots import Slots
from aioz_stream.upload.upload import Batch, Upload
from aioz_stream_mock import MockServer, Settings, create_app

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import pytest
    from starlette.types import ASGIApp, Receive, Scope, Send

    from aioz_stream import Sending

PATIENCE = 30


def test_an_upload_that_waits_for_a_slot_can_be_cancelled(
    stream: AiozStream, make_file: Callable[[bytes], Path]
) -> None:
    """Another upload may have all slots for minutes."""
    slots, signal, is_created = Slots(1), CancelSignal(), threading.Event()
    options: Sending = {"on_created": lambda _: is_created.set()}
    upload = Upload(stream._session, make_file(b"bytes"), options, signal, Batch(slots=slots))
    ended: list[BaseException] = []

    def run() -> None:
        try:
            upload.upload_new("Waits", None, False, description=None, is_public=True, metadata=None, tags=None)
        except UploadCancelledError as error:
            ended.append(error)

    thread = threading.Thread(target=run)
    with slots.slot(signal):
        thread.start()
        assert is_created.wait(PATIENCE)
        signal.set()
        thread.join(PATIENCE)
        assert ended
    thread.join(PATIENCE)


def test_a_part_is_on_its_way_until_the_journal_has_it(
    bad_server: MockServer,
    misbehaving: Any,
    make_file: Callable[[bytes], Path],
    any_size: PartLimits,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """So a kill at any moment has no more parts sent twice than there are connections."""
    written, sent_before_the_first = Journal.add_part, list[int]()

    def parts() -> int:
        return sum(request.endswith("/part") for request in misbehaving.requests)

    def slowly(journal: Journal, *part: Any) -> None:
        if not sent_before_the_first:
            pause = threading.Event()
            for _ in range(50):
                pause.wait(0.02)  # time enough for a third part, if one may be sent
            sent_before_the_first.append(parts())
        written(journal, *part)

    monkeypatch.setattr(Journal, "add_part", slowly)
    with AiozStream(token="token-a", base_url=bad_server.url) as stream:
        stream.upload(make_file(b"0123456789"), part_size=1, part_limits=any_size, concurrency=2)
    [at_once] = sent_before_the_first
    assert at_once <= 2
    assert parts() == 10


class Parts:
    """Whoever passes the parts of an upload on their way: a test that holds some of them."""

    def __init__(self, server: MockServer, before: Callable[[int], object]) -> None:
        """`before` is called with the number of each part's request before its body is sent, on the worker's thread."""
        self.asked, self.answered = 0, 0
        self.changed = threading.Condition()
        self._before = before
        hooks: Any = {"request": [self._request], "response": [self._response]}
        self.http = httpx.Client(event_hooks=hooks)
        self.stream = AiozStream(token="token-a", base_url=server.url, http_client=self.http)

    def _request(self, request: httpx.Request) -> None:
        if request.url.path.endswith("/part"):
            with self.changed:
                self.asked += 1
                number = self.asked
            self._before(number)

    def _response(self, response: httpx.Response) -> None:
        if response.request.url.path.endswith("/part"):
            with self.changed:
                self.answered += 1
                self.changed.notify_all()


def test_a_slow_part_holds_up_no_other(
    server: MockServer, make_file: Callable[..., Path], any_size: PartLimits
) -> None:
    others: list[bool] = []

    def hold_the_first(number: int) -> None:
        if number == 1:
            with parts.changed:
                others.append(parts.changed.wait_for(lambda: parts.answered == 19, PATIENCE))

    parts = Parts(server, hold_the_first)
    with parts.http:
        parts.stream.upload(make_file(bytes(20)), part_size=1, part_limits=any_size, concurrency=2)
    assert others == [True]


def test_the_next_part_is_hashed_while_one_is_sent(server: MockServer, any_size: PartLimits) -> None:
    """Also where only one is sent at a time."""
    has_read_on, ahead = threading.Event(), list[bool]()

    class Source(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            if self.tell() >= 1000:
                has_read_on.set()
            return super().read(size)

    def hold_the_first(number: int) -> None:
        if number == 1:
            ahead.append(has_read_on.wait(PATIENCE))

    parts = Parts(server, hold_the_first)
    with parts.http:
        parts.stream.upload(Source(bytes(3000)), part_size=1000, part_limits=any_size, concurrency=1)
    assert ahead == [True]


def test_hashing_is_no_progress(
    server: MockServer, make_file: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Bytes count once they are sent; each is read twice."""
    set_sent, counted, before = Meter.set_sent, [0], list[int]()

    def counting(meter: Meter, index: int, sent: int) -> None:
        counted.append(sent)
        set_sent(meter, index, sent)

    monkeypatch.setattr(Meter, "set_sent", counting)
    parts = Parts(server, lambda _: before.append(max(counted)))
    with parts.http:
        parts.stream.upload(make_file(bytes(2_000_000)))
    assert before == [0]
    assert max(counted) == 2_000_000


def test_the_id_is_told_before_anything_is_sent(
    bad_stream: AiozStream, misbehaving: Any, make_file: Callable[..., Path], any_size: PartLimits
) -> None:
    asked: list[list[str]] = []
    ids: list[str] = []

    def hear(video_id: str) -> None:
        ids.append(video_id)
        asked.append(list(misbehaving.requests))

    video = bad_stream.upload(make_file(b"bytes"), part_size=1, part_limits=any_size, on_created=hear)
    assert (ids, asked) == ([video.id], [["POST /api/videos/create"]])


class Ports:
    """An application that knows the other ends of its connections."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self.of_parts: list[int] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"].endswith("/part"):
            self.of_parts.append(scope["client"][1])
        await self._app(scope, receive, send)


def test_connections_are_used_again(make_file: Callable[..., Path], any_size: PartLimits) -> None:
    """For the next part, and for the next upload."""
    ports = Ports(create_app(Settings(transcode_seconds=0)))
    with MockServer(app=ports) as server, AiozStream(token="token-a", base_url=server.url) as stream:
        for title in ("first", "second"):
            stream.upload(make_file(bytes(30)), title=title, part_size=1, part_limits=any_size, concurrency=3)
    assert len(ports.of_parts) == 60
    # Four at most, unless the server ends one that was idle for seconds.
    assert len(set(ports.of_parts)) < 20
