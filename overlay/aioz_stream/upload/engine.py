"""Sends the parts of a source, several at once. The only place with threads."""

from __future__ import annotations

import threading
from collections import deque
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import ExitStack, contextmanager, nullcontext
from contextvars import copy_context
from typing import TYPE_CHECKING

from aioz_stream.errors import APIError, RateLimitError, SourceChangedError
from aioz_stream.operations import calls

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping, Sequence

    from aioz_stream.http.session import Session
    from aioz_stream.upload.cancellation import Stop
    from aioz_stream.upload.plan import Part
    from aioz_stream.upload.progress import Meter, OnProgress
    from aioz_stream.upload.rate_limit import Pace
    from aioz_stream.upload.sources.reader import PartReader
    from aioz_stream.upload.sources.source import PartSource

DEFAULT_CONCURRENCY = 4

_REPORT_EVERY = 0.1  # seconds: smooth to the eye, and nothing to the processor
_LOOK = 0.2  # seconds between two looks at whether the upload was stopped, while other uploads have all connections


class Engine:
    """Uploads parts of one source to one video.

    Workers take the parts in their order, each the next one as soon as it is free: a slow part holds up no other. A
    part is read twice, once for its MD5 and once to send it. There is one worker more than connections: while the
    others send, it takes the MD5 of the next part.

    Memory above that of an idle client is about (`concurrency` + 1) × 3 MiB, whatever the sizes of part and file; the
    journal remembers some 300 bytes of each part besides. For a source that has to be read into memory (a stream, a
    URL) it is `concurrency` × part size.

    The first part that fails for good stops the others, and its error is raised. A source that changed is the error
    even where the service noticed first.
    """

    def __init__(
        self,
        session: Session,
        video_id: str,
        source: PartSource,
        stop: Stop,
        pace: Pace,
        meter: Meter,
        acknowledged: Mapping[tuple[int, int], str],
        on_acknowledged: Callable[[Part, str], object],
    ) -> None:
        """Of what an earlier run sent, `acknowledged` has the MD5 by first and last byte.

        `on_acknowledged` hears of each part more, one at a time, before the worker goes on.
        """
        self._session = session
        self._video_id = video_id
        self._source = source
        self._stop = stop
        self._pace = pace
        self._meter = meter
        self._acknowledged = acknowledged
        self._on_acknowledged = on_acknowledged
        self._order = threading.RLock()
        self._writing = threading.Lock()

    def run(
        self,
        parts: Sequence[Part],
        concurrency: int,
        on_progress: OnProgress | None = None,
        connections: threading.BoundedSemaphore | None = None,
        room: threading.BoundedSemaphore | None = None,
    ) -> None:
        """Sends all parts; returns when the service has acknowledged each and the source is still what it was.

        `connections` bounds the parts on their way together with other uploads' parts, and `room` those in memory;
        `concurrency` those of this one.
        `on_progress` is called on the calling thread, about ten times a second; what it raises stops the upload.
        """
        self._waiting = deque(parts)
        self._connections = connections or threading.BoundedSemaphore(concurrency)
        self._room = room or threading.BoundedSemaphore(concurrency)
        count = min(concurrency + (0 if self._source.is_buffered else 1), len(parts))
        workers = ThreadPoolExecutor(count, thread_name_prefix="aioz-stream-upload")
        try:
            running = {workers.submit(copy_context().run, self._work) for _ in range(count)}
            self._watch(running, on_progress)
            self._source.verify()
        except BaseException as error:
            # Also after Ctrl-C or a callback that raised: nobody may go on sending.
            self._stop.set(error)
            raise
        finally:
            workers.shutdown(cancel_futures=True)

    def _watch(self, running: set[Future[None]], on_progress: OnProgress | None) -> None:
        shown = None
        while running:
            _, running = wait(running, _REPORT_EVERY, FIRST_COMPLETED)
            self._stop.check()
            reading = self._meter.reading()
            if on_progress and reading != shown:
                on_progress(reading)
                shown = reading

    def _work(self) -> None:
        """One worker's job. What fails here first is the upload's error; the others only stop because of it."""
        try:
            while self._waiting:
                # Nothing of a part outlives its turn: a part in memory is as large as all of what is allowed to one.
                self._take_turn()
        except BaseException as error:
            self._stop.set(error)
            raise

    def _take_turn(self) -> None:
        with ExitStack() as stack:
            if self._source.is_buffered:
                # Whoever waits for a turn to read takes no room yet: a slow stream leaves it to other files.
                with self._order if self._source.is_ordered else nullcontext():
                    if not stack.enter_context(self._memory()):
                        return
                    claimed = self._claim()
            else:
                claimed = self._claim()
            if claimed is not None:
                gate, reader = claimed
                with reader:
                    self._send(gate, reader)

    def _claim(self) -> tuple[_Gate, PartReader] | None:
        """The next part, opened; None when there is none left."""
        with self._order:
            self._stop.check()
            if not self._waiting:
                return None
            part = self._waiting.popleft()
            gate = _Gate(part, self._stop, self._pace, self._meter)
            if self._source.is_ordered:
                return gate, self._source.reader(part, gate)
        return gate, self._source.reader(part, gate)

    def _send(self, gate: _Gate, reader: PartReader) -> None:
        part, digest = gate.part, reader.md5()
        known = self._acknowledged.get((part.start, part.end))
        if known is not None:
            if known != digest:
                raise SourceChangedError(
                    f"{self._source.place} is not what it was when its upload began: its bytes {part.start:,} to "
                    f"{part.end:,} are not those that were sent. Complete was not called."
                )
            self._meter.done(part.index, part.size, earlier=True)
            return
        reader.block_size = self._pace.block_size
        with self._connection():
            self._stop.check()
            try:
                self._send_part(gate, reader, digest)
                # What was acknowledged and not yet heard of would be sent again after a kill. So it counts as on its
                # way, and there are never more of both together than connections.
                with self._writing:
                    self._on_acknowledged(part, digest)
            except BaseException as error:
                # Before the connection is free for another: nobody may begin to send after this.
                self._stop.set(error)
                raise
        self._meter.done(part.index, part.size)

    @contextmanager
    def _connection(self) -> Generator[None]:
        """One of the connections. Other uploads may have all of them for long, so an order to stop ends the waiting."""
        while not self._connections.acquire(timeout=_LOOK):
            self._stop.check()
        try:
            yield
        finally:
            self._connections.release()

    @contextmanager
    def _memory(self) -> Generator[bool]:
        """Room for a part that is read into memory, until it is sent; False where none is left to be read.

        It is no connection, which files that need no room would wait for.
        """
        while not self._room.acquire(timeout=_LOOK):
            self._stop.check()
            if not self._waiting:
                yield False
                return
        try:
            yield True
        finally:
            self._room.release()

    def _send_part(self, gate: _Gate, reader: PartReader, digest: str) -> None:
        part = gate.part
        call = calls.upload_part(self._video_id, part, digest, reader, self._source.name)

        def on_retry(error: APIError, delay: float) -> None:
            self._meter.failed(part.index)
            if isinstance(error, RateLimitError):
                # It means the account: the other workers would only be told the same.
                self._pace.hold(delay)

        def pause(seconds: float) -> None:
            self._stop.pause(seconds)
            self._pace.wait(self._stop)

        self._pace.wait(self._stop)
        gate.is_sending = True
        try:
            with self._session.connections.lanes.lane() as lane, self._stop.cutting(lane):
                self._session.through(lane).send(call, pause, on_retry)
        except APIError as error:
            error.part = part
            if not self._source.is_ordered:  # the end of a stream, which tells, may be long in coming
                self._source.verify()
            raise


class _Gate:
    """What a part's reader passes before each block."""

    def __init__(self, part: Part, stop: Stop, pace: Pace, meter: Meter) -> None:
        self.part = part
        self.is_sending = False
        self._stop, self._pace, self._meter = stop, pace, meter

    def __call__(self, position: int) -> None:
        self._stop.check()
        if self.is_sending:
            self._meter.update(self.part.index, position)
            self._pace.take(min(self._pace.block_size, self.part.size - position), self._stop)
