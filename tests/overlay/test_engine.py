"""How parts are sent: several at once, none waiting for another, over connections that are kept."""

from __future__ import annotations

import asyncio
import io
import sys
import threading
import time
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import httpx
import pytest

from aioz_stream import AiozStream, Part, PartLimits, UploadCancelledError
from aioz_stream.http.cancel_signal import CancelSignal
from aioz_stream.upload.concurrency import Level, Step
from aioz_stream.upload.engine import Engine, Transfer, _BlockHook
from aioz_stream.upload.journal import Journal
from aioz_stream.upload.plan import plan
from aioz_stream.upload.progress import Meter
from aioz_stream.upload.rate_limit import RateLimit
from aioz_stream.upload.slots import AUTO_BUFFERED, Sender, Slots
from aioz_stream.upload.sources.part_source import BLOCK_SIZE, FIRST_BLOCK, PartReader, PartSource, buffered_reader
from aioz_stream.upload.upload import Batch, Upload
from aioz_stream_mock import MockServer, Settings, create_app

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from aioz_stream import Sending

PATIENCE = 30


def test_an_upload_that_waits_for_a_slot_can_be_cancelled(
    stream: AiozStream, make_file: Callable[[bytes], Path]
) -> None:
    """Another upload may have all slots for minutes."""
    slots, signal, is_created = Slots(1), CancelSignal(), threading.Event()
    options: Sending = {"on_created": lambda _: is_created.set(), "journal": False}
    upload = Upload(stream._session, make_file(b"bytes"), options, signal, Batch(slots=slots))
    ended: list[BaseException] = []

    def run() -> None:
        try:
            upload.upload_new(
                title="Waits", qualities=None, strict=False, description=None, is_public=True, metadata=None, tags=None
            )
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


@pytest.mark.parametrize(("speed", "largest"), [(None, BLOCK_SIZE), (800_000, 100_000)])
def test_blocks_are_as_large_as_the_link_is_fast(
    speed: int | None, largest: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A part pauses only between two. A limit of the speed has the last word, and an MD5 takes no small ones."""
    clock = SimpleNamespace(now=1000.0)
    monkeypatch.setattr("aioz_stream.upload.engine.time", SimpleNamespace(monotonic=lambda: clock.now))
    part = Part(1, 0, (8 << 20) - 1, 8 << 20)
    hook = _BlockHook(part, CancelSignal(), RateLimit(speed), Meter(part.size, 1), Slots(1))
    monkeypatch.setattr(hook._limit, "take", lambda *_: None)
    reader = buffered_reader(part, bytearray(part.size), hook)
    assert len(reader.read()) == BLOCK_SIZE, "for the MD5"
    reader.seek(0)
    hook.reader, connection = reader, SimpleNamespace(handed_over=0)
    hook.sender = Sender(is_buffered=True, connection=cast("Any", connection))
    sizes = list[int]()
    for seconds in (0.01, 0.01, 0.01, 0.01, 0.2, 1, 1, 1, 1, 1, 1, 1):
        sizes.append(len(reader.read()))
        clock.now += seconds
    fast, slow = [FIRST_BLOCK << doubled for doubled in (0, 1, 2, 3, 3, 3)], [BLOCK_SIZE >> by for by in range(1, 6)]
    assert sizes == [min(size, largest) for size in [*fast, *slow, slow[-1]]]
    assert connection.handed_over == sum(sizes)


def test_a_part_begins_with_the_block_size_of_the_last(
    stream: AiozStream, make_file: Callable[[bytes], Path], any_size: PartLimits, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes: list[int] = []
    monkeypatch.setattr("aioz_stream.upload.engine.time", SimpleNamespace(monotonic=lambda: 0.0))
    monkeypatch.setattr(RateLimit, "take", lambda _limit, size, _signal: sizes.append(size))
    stream.upload(make_file(bytes(4 << 20)), part_size=2 << 20, part_limits=any_size, concurrency=1)
    assert sizes[:3] == [FIRST_BLOCK, 2 * FIRST_BLOCK, 4 * FIRST_BLOCK]
    assert sizes.count(FIRST_BLOCK) == 2, "the beginning of the first part, and its rest"
    assert sizes[-2:] == [BLOCK_SIZE, BLOCK_SIZE]


def adapting(allowed: int) -> Slots:
    """Slots that follow what is measured, and begin with so many. Nothing is measured in the time of a test."""
    slots = Slots("auto")
    allow(slots, allowed)
    return slots


def allow(slots: Slots, allowed: int) -> None:
    with slots._condition:
        slots._change(Level(allowed, Step.HELD, until=float("inf")))


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


def test_a_prompt_answer_leaves_its_connection_to_the_next_part(
    make_file: Callable[..., Path], any_size: PartLimits
) -> None:
    """It is up to speed; one more would have to come up to it."""
    ports = Ports(create_app(Settings(transcode_seconds=0)))
    slots = Slots("auto", lambda: 1000.0)
    allow(slots, 2)
    with MockServer(app=ports) as server, AiozStream(token="token-a", base_url=server.url) as stream:
        send(stream, make_file(bytes(30)), slots, part_size=1, part_limits=any_size)
    assert (len(ports.of_parts), len(set(ports.of_parts))) == (30, 2)


def send(stream: AiozStream, source: Any, slots: Slots, signal: CancelSignal | None = None, **options: Any) -> None:
    upload = Upload(stream._session, source, cast("Sending", options), signal, Batch(slots=slots))
    upload.upload_new(
        title="Adapting", qualities=None, strict=False, description=None, is_public=True, metadata=None, tags=None
    )


class LateAnswer:
    """An application that answers the first part when the next one has come, or when the wait was too long."""

    def __init__(self, app: ASGIApp) -> None:
        self._app, self._parts, self._has_next = app, 0, threading.Event()
        self.came_before = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"].endswith("/part"):
            self._parts += 1
            if self._parts == 1:
                await self._app(scope, receive, self._late(send))
                return
            self._has_next.set()
        await self._app(scope, receive, send)

    def _late(self, send: Send) -> Send:
        async def late(message: Message) -> None:
            if message["type"] == "http.response.start":
                self.came_before = await asyncio.to_thread(self._has_next.wait, PATIENCE)
            await send(message)

        return late


def test_the_next_part_begins_before_the_last_one_is_answered(
    make_file: Callable[..., Path], any_size: PartLimits
) -> None:
    late = LateAnswer(create_app(Settings(transcode_seconds=0)))
    with MockServer(app=late) as server, AiozStream(token="token-a", base_url=server.url) as stream:
        send(stream, make_file(bytes(20)), adapting(1), part_size=10, part_limits=any_size)
    assert late.came_before


def test_threads_follow_the_number(
    server: MockServer, make_file: Callable[..., Path], any_size: PartLimits, monkeypatch: pytest.MonkeyPatch
) -> None:
    slots, active, at_once, has_more = adapting(1), set[int](), list[int](), list[bool]()
    send_next = Engine._send_next

    def counted(engine: Engine) -> None:
        active.add(threading.get_ident())
        send_next(engine)
        active.remove(threading.get_ident())

    def before(number: int) -> None:
        if number == 1:
            allow(slots, 6)
        if number <= 6:
            with parts.changed:
                parts.changed.notify_all()
                has_more.append(parts.changed.wait_for(lambda: parts.asked >= 6, PATIENCE))
        if number == 6:
            allow(slots, 1)
        at_once.append(len(active))

    monkeypatch.setattr(Engine, "_send_next", counted)
    parts = Parts(server, before)
    with parts.http:
        send(parts.stream, make_file(bytes(60)), slots, part_size=1, part_limits=any_size)
    assert has_more == [True] * 6
    assert max(at_once[30:]) <= 1 + slots.spare


def test_an_upload_whose_part_pauses_can_be_cancelled(
    server: MockServer, make_file: Callable[..., Path], any_size: PartLimits
) -> None:
    """One part is on its way and may stay there for long; the other is one too many."""
    may_end, pauses, ended = threading.Event(), threading.Event(), list[BaseException]()
    signal, slots = CancelSignal(), adapting(2)
    wait_turn = slots.wait_turn

    def watched(sender: Sender, signal: CancelSignal) -> None:
        allow(slots, 1)
        pauses.set()
        wait_turn(sender, signal)

    def before(number: int) -> None:
        if number == 1:
            may_end.wait(PATIENCE)

    def run() -> None:
        try:
            how: dict[str, Any] = {"part_size": 10, "part_limits": any_size, "journal": False}
            send(parts.stream, make_file(bytes(20)), slots, signal, **how)
        except UploadCancelledError as error:
            ended.append(error)

    slots.wait_turn = watched  # type: ignore[method-assign]  # sees when the second part is about to pause
    parts = Parts(server, before)
    thread = threading.Thread(target=run)
    with parts.http:
        thread.start()
        assert pauses.wait(PATIENCE)
        signal.set()
        wait_until(lambda: len(slots._senders) == 1)
        may_end.set()
        thread.join(PATIENCE)
    assert ended
    assert parts.answered == 0


def wait_until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


def test_a_limit_of_the_service_halves_the_number(
    bad_stream: AiozStream, misbehaving: Any, fault: Any, make_file: Callable[..., Path], any_size: PartLimits
) -> None:
    slots = adapting(8)
    misbehaving.faults = [fault(path_ends="/part", status=503)]
    send(bad_stream, make_file(bytes(10)), slots, part_size=1, part_limits=any_size)
    assert slots.allowed == 8, "one error is no trend"
    misbehaving.faults = [fault(path_ends="/part", status=429)]
    send(bad_stream, make_file(bytes(10)), slots, part_size=1, part_limits=any_size)
    assert slots.allowed == 4


def test_another_part_is_sent_while_one_waits_for_its_next_attempt(
    server: MockServer, make_file: Callable[..., Path], any_size: PartLimits, monkeypatch: pytest.MonkeyPatch
) -> None:
    signal, waited = CancelSignal(), list[bool]()

    def fail_the_first(number: int) -> None:
        if number == 1:
            raise httpx.ConnectError("made to fail")

    def pause(_: float) -> None:
        with parts.changed:
            waited.append(parts.changed.wait_for(lambda: parts.answered, PATIENCE) > 0)

    monkeypatch.setattr(signal, "pause", pause)
    parts = Parts(server, fail_the_first)
    with parts.http:
        send(parts.stream, make_file(bytes(20)), adapting(1), signal, part_size=10, part_limits=any_size)
    assert waited == [True]


def test_what_is_sent_is_measured_meanwhile(
    server: MockServer, make_file: Callable[..., Path], any_size: PartLimits
) -> None:
    slots, is_measured, measured = adapting(2), threading.Event(), list[bool]()
    slots.measure = is_measured.set  # type: ignore[method-assign]  # only whether it is called
    parts = Parts(server, lambda _: measured.append(is_measured.wait(PATIENCE)))
    with parts.http:
        send(parts.stream, make_file(bytes(20)), slots, part_size=10, part_limits=any_size)
    assert measured == [True, True]


def test_few_parts_are_in_memory_however_many_are_allowed(server: MockServer, any_size: PartLimits) -> None:
    part_size, count = 1000, 40
    read, most = 0, 0

    def give(size: int) -> bytes:
        nonlocal read, most
        size = min(size, part_size * count - read)
        read += size
        most = max(most, read - parts.answered * part_size)
        return bytes(size)

    long: Any = SimpleNamespace(read=give, seekable=lambda: False)
    slots, buffered = adapting(16), list[bool]()
    parts = Parts(server, lambda _: buffered.extend(one.is_buffered for one in slots._senders))
    with parts.http:
        send(parts.stream, long, slots, part_size=part_size, part_limits=any_size, size=part_size * count)
    assert 0 < most <= AUTO_BUFFERED * part_size
    assert set(buffered) == {True}


class InMemory(PartSource):
    """Two bytes that are read into memory, a byte each part."""

    size, name, place, is_buffered = 2, "talk.mp4", "talk.mp4", True

    def __init__(self) -> None:
        self.is_read = threading.Event()

    def reader(self, part: Part, check: Callable[[int], None] = lambda _: None) -> PartReader:
        if part.end == self.size - 1:
            self.is_read.set()
        return buffered_reader(part, bytearray(b"b"), check)

    def verify(self) -> bool:
        return True


class FirstComer:
    """The slots of many uploads: the others have all of them but one, which the thread that asks first can have."""

    def __init__(self, until: threading.Event) -> None:
        self._until, self._first = until, threading.Lock()
        self._owner: int | None = None

    def acquire(self, *, timeout: float) -> bool:
        del timeout
        with self._first:
            self._owner = self._owner or threading.get_ident()
        return self._owner == threading.get_ident() or not self._until.wait(PATIENCE)

    def release(self) -> None:
        pass


@pytest.mark.timeout(PATIENCE)
def test_a_thread_waits_for_no_memory_once_no_part_is_left(stream: AiozStream, any_size: PartLimits) -> None:
    """Another upload may have the memory for hours, and this one would not end before it."""
    video, source = stream.videos.create(title="x").id, InMemory()
    parts = plan(2, 1, any_size)
    transfer = Transfer(
        session=stream._session, video_id=video, source=source, parts=parts, signal=CancelSignal(), slots=Slots(2),
        meter=Meter(2, 2), memory_slots=cast("Any", FirstComer(source.is_read)),
    )  # fmt: skip
    Engine(transfer).run()
    stream.videos.complete(video)


class TestAcknowledged:
    """What a connection says of itself."""

    def acknowledged(self, stream: AiozStream) -> int:
        return sum(one.acknowledged() for one in stream._session.connections._idle)

    @pytest.mark.skipif(sys.platform != "linux", reason="other systems don't tell")
    def test_linux_tells_what_the_other_side_has(self, stream: AiozStream, make_file: Callable[..., Path]) -> None:
        stream.upload(make_file(bytes(1_000_000)), concurrency=1)
        assert 1_000_000 < self.acknowledged(stream) < 1_010_000, "the request's head and fields count, too"

    def test_elsewhere_it_is_what_was_handed_over_since_it_was_connected(
        self,
        bad_stream: AiozStream,
        misbehaving: Any,
        fault: Any,
        make_file: Callable[..., Path],
        any_size: PartLimits,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setattr("aioz_stream.http.connections._TCP_INFO", 0)
        misbehaving.faults = [fault(path_ends="/part")]  # cuts the connection
        bad_stream.upload(make_file(bytes(2000)), part_size=1000, part_limits=any_size, concurrency=1)
        assert self.acknowledged(bad_stream) == 2000
