"""Sends the parts of one source to one video, several at the same time, on threads."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Generator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from contextlib import ExitStack, contextmanager, nullcontext
from functools import partial
from itertools import islice

from attrs import field, frozen

from aioz_stream.errors import APIError, Part, RateLimitError, SourceChangedError
from aioz_stream.http.cancel_signal import CancelSignal
from aioz_stream.http.session import Session
from aioz_stream.operations import calls
from aioz_stream.upload.advice import abort_command
from aioz_stream.upload.background import Threads, run_here
from aioz_stream.upload.progress import Meter, OnProgress
from aioz_stream.upload.rate_limit import RateLimit
from aioz_stream.upload.slots import Sender, Slots
from aioz_stream.upload.sources.part_source import FIRST_BLOCK, PartReader, PartSource, next_block_size

_REPORT_INTERVAL = 0.1  # seconds: smooth to look at, and no work for the processor
_CHECK_INTERVAL = 0.2  # seconds between two checks of the cancel signal while other uploads have all slots


def verify(source: PartSource, md5s: Mapping[tuple[int, int], str], signal: CancelSignal) -> None:
    """Raises SourceChangedError if the source changed since bytes with these MD5s were read.

    Where the source can't tell, the bytes decide.
    """
    if not source.verify():
        compare(source, md5s, signal)


def compare(source: PartSource, md5s: Mapping[tuple[int, int], str], signal: CancelSignal) -> None:
    """Reads parts again. Raises SourceChangedError unless they have these MD5s, by first and last byte."""
    for start, end in sorted(md5s):
        with source.reader(Part(1, start, end, source.size), lambda _: signal.check()) as reader:
            if reader.md5() != md5s[start, end]:
                raise _changed(source, start, end)


def _changed(source: PartSource, start: int, end: int) -> SourceChangedError:
    return SourceChangedError(
        f"{source.place} changed since its upload began: its bytes {start:,} to {end:,} are not those that were sent. "
        f"Bring its old bytes back and upload it once more; or give the upload up with {abort_command(source.place)}. "
        "In Python, `stream.uploads.abort(...)` does."
    )


@frozen(kw_only=True)
class Transfer:
    """The parts to send: of which source, to which video, and how."""

    session: Session
    video_id: str
    source: PartSource
    parts: Sequence[Part]
    signal: CancelSignal
    slots: Slots = field(factory=lambda: Slots(1))
    """Limits the parts that are sent at the same time, together with other transfers."""
    rate_limit: RateLimit = field(factory=RateLimit)
    acknowledged: Mapping[tuple[int, int], str] = field(factory=dict[tuple[int, int], str])
    """The parts that an earlier run has sent: MD5 by first and last byte."""
    on_acknowledged: Callable[[Part, str], object] = lambda _part, _md5: None
    """Called with each part that the service has acknowledged and its MD5, by one thread at a time."""
    meter: Meter
    on_progress: OnProgress | None = None
    """Called on the thread that runs the engine, about ten times a second. What it raises ends the transfer."""
    memory_slots: threading.BoundedSemaphore | None = None
    """Limits the parts that are in memory together with other transfers."""


class Engine:
    """Runs one transfer.

    Threads take the parts in their order, each the next one as soon as it is free: a slow part holds up no other. A
    part is read twice, once for its MD5 and once to send it. There is one thread more than parts that are sent at the
    same time: while the others send, it takes the MD5 of the next part. Where the number is not fixed, there is one
    more besides, which sends the next part while the answer to one is awaited.

    Memory above that of an idle client is about (`concurrency` + 1) × 3 MiB, whatever the sizes of part and file; with
    "auto" it is (parts at once + 2) × 3 MiB, so 18 MiB at first, 12 to 54 MiB later. The MD5s take some 550 bytes for
    each part besides. A source that has to be read into memory (a stream, a URL) takes `concurrency` × part size, with
    "auto" 4 × part size.

    The first part that fails for good ends the others, and its error is raised. If the source changed, that is the
    error, even if the service noticed first.
    """

    def __init__(self, transfer: Transfer) -> None:
        self._transfer = transfer
        self._source, self._signal, self._limit = transfer.source, transfer.signal, transfer.rate_limit
        self._meter = transfer.meter
        self._next = 0
        """The next part's place among all. Parts are made when they are needed: there may be a million."""
        self._read: dict[tuple[int, int], str] = {}
        """MD5 by first and last byte, of the parts that are with the service."""
        self._is_doubted = False
        self._block_size = FIRST_BLOCK
        """What the last part that was sent came to, and the next one begins with."""
        self._slots = transfer.slots
        self._memory_slots = transfer.memory_slots or threading.BoundedSemaphore(self._slots.in_memory)
        self._order = threading.RLock()
        self._writing = threading.Lock()

    def run(self) -> None:
        """Sends all parts. Returns when the service has acknowledged each, and the source is unchanged."""
        threads = Threads("aioz-stream-upload")
        try:
            self._watch(threads)
            verify(self._source, self._read, self._signal)
        except BaseException as error:
            # Also after Ctrl-C, and when a callback raised: no thread may go on sending.
            self._signal.set(error)
            raise
        finally:
            threads.join()

    def _watch(self, threads: Threads) -> None:
        shown, on_progress = None, self._transfer.on_progress
        running: dict[Future[None], int] = {}
        while self._start(threads, running):
            for future in wait(running, _REPORT_INTERVAL, FIRST_COMPLETED).done:
                del running[future]
            self._signal.raise_reason()
            self._slots.measure()
            reading = self._meter.reading()
            if on_progress and reading != shown:
                on_progress(reading)
                shown = reading

    def _start(self, threads: Threads, running: dict[Future[None], int]) -> dict[Future[None], int]:
        """Starts as many threads more as there is work for. Each has a number, and ends when fewer are of use.

        Where the system gives fewer threads, fewer parts are sent at a time; without any, this thread sends all.
        """
        free = (number for number in range(self._wanted()) if number not in running.values())
        for number in list(islice(free, len(self._transfer.parts) - self._next)):
            if (started := threads.start(partial(self._work, number))) is None:
                break
            running[started] = number
        if not running and self._has_next():
            running[run_here(partial(self._work, 0))] = 0
        return running

    def _wanted(self) -> int:
        return self._slots.allowed + self._slots.spare

    def _work(self, number: int) -> None:
        """Runs on each thread. The first error is the transfer's; it ends the other threads."""
        try:
            while self._has_next() and number < self._wanted():
                # In a function of its own, so that no part stays in memory once it was sent: it may be large.
                self._send_next()
        except BaseException as error:
            self._signal.set(error)
            raise

    def _send_next(self) -> None:
        with ExitStack() as stack:
            if self._source.is_buffered:
                # A memory slot is held until the part is sent. It is another one than that for sending, which files
                # that are not read into memory would wait for. And it is taken only in a thread's turn to read: a slow
                # stream leaves it to other files.
                with self._order if self._source.is_ordered else nullcontext():
                    if not stack.enter_context(self._slot(self._memory_slots, self._has_next)):
                        return
                    opened = self._open_next()
            else:
                opened = self._open_next()
            if opened is not None:
                hook, reader = opened
                with reader:
                    self._send(hook, reader)

    def _open_next(self) -> tuple[_BlockHook, PartReader] | None:
        """Takes the next part and opens it; None when there is none left."""
        with self._order:
            self._signal.check()
            if not self._has_next():
                return None
            self._check_source()
            part = self._transfer.parts[self._next]
            self._next += 1
            hook = _BlockHook(part, self._signal, self._limit, self._meter, self._slots)
            if self._source.is_ordered:
                return hook, self._source.reader(part, hook)
        return hook, self._source.reader(part, hook)

    def _has_next(self) -> bool:
        return self._next < len(self._transfer.parts)

    def _check_source(self) -> None:
        """Ends the transfer early where the source changed. In doubt, the bytes that were sent are compared.

        That happens once: of a file that is touched all the time, they are compared again only at the end.
        """
        if not self._source.is_buffered and not self._is_doubted and not self._source.verify():
            self._is_doubted = True
            with self._writing:
                read = dict(self._read)
            compare(self._source, read, self._signal)

    def _send(self, hook: _BlockHook, reader: PartReader) -> None:
        part, md5 = hook.part, reader.md5()
        if self._was_sent_earlier(part, md5):
            self._meter.add_part(part.index, part.size, earlier=True)
            self._add_read(part, md5)
            return
        hook.reader = reader
        with self._slots.slot(self._signal, is_buffered=self._source.is_buffered) as sender:
            hook.sender, hook.block_size = sender, self._block_size
            self._signal.check()
            try:
                self._send_part(hook, sender, reader, md5)
                # Inside the slot: a kill before the part is written down has it sent again, and there must never be
                # more such parts than slots may be in use.
                with self._writing:
                    self._transfer.on_acknowledged(part, md5)
                self._add_read(part, md5)
                self._block_size = hook.block_size
            except BaseException as error:
                # Before the slot is free: no other part may begin after this.
                self._signal.set(error)
                raise
        self._meter.add_part(part.index, part.size)

    def _was_sent_earlier(self, part: Part, md5: str) -> bool:
        known = self._transfer.acknowledged.get((part.start, part.end))
        if known is not None and known != md5:
            raise _changed(self._source, part.start, part.end)
        return known is not None

    def _add_read(self, part: Part, md5: str) -> None:
        with self._writing:
            self._read[part.start, part.end] = md5

    @contextmanager
    def _slot(self, slots: threading.BoundedSemaphore, is_needed: Callable[[], bool]) -> Generator[bool]:
        """One of the slots, held inside the block; False once it is not needed any more.

        Other uploads may have all of them for long, so the signal ends the waiting.
        """
        while not slots.acquire(timeout=_CHECK_INTERVAL):
            self._signal.check()
            if not is_needed():
                yield False
                return
        try:
            yield True
        finally:
            slots.release()

    def _send_part(self, hook: _BlockHook, sender: Sender, reader: PartReader, md5: str) -> None:
        part, session = hook.part, self._transfer.session
        call = calls.upload_part(self._transfer.video_id, part, md5, reader, self._source.name)

        def on_retry(error: APIError, delay: float) -> None:
            self._meter.add_retry(part.index)
            self._slots.add_failure(is_limit=isinstance(error, RateLimitError))
            if isinstance(error, RateLimitError):
                # The limit is the account's, so the other threads would get the same answer.
                self._limit.hold(delay)

        def pause(seconds: float) -> None:
            self._slots.let_next_begin(sender)
            self._signal.pause(seconds)
            self._limit.wait(self._signal)

        self._limit.wait(self._signal)
        try:
            with (
                session.connections.connection() as connection,
                self._signal.cutting(connection),
                self._slots.measuring(sender, connection),
            ):
                session.with_connection(connection).send(call, pause, on_retry)
        except APIError as error:
            error.part = part
            # A stream shows that it changed only at its end, which may be long in coming.
            if not self._source.is_ordered:
                verify(self._source, {(part.start, part.end): md5}, self._signal)
            raise


class _BlockHook:
    """Called before each block of a part: checks the signal, and keeps meter, slots and rate limit while it is sent."""

    def __init__(self, part: Part, signal: CancelSignal, limit: RateLimit, meter: Meter, slots: Slots) -> None:
        self.part, self.block_size = part, FIRST_BLOCK
        self.reader: PartReader | None = None
        self.sender: Sender | None = None
        """While it has a slot. Before, it is read for its MD5."""
        self._handed_over_at = 0.0
        self._signal, self._limit, self._meter, self._slots = signal, limit, meter, slots

    def __call__(self, position: int) -> None:
        self._signal.check()
        if self.reader is None or self.sender is None or (connection := self.sender.connection) is None:
            return
        self._meter.set_sent(self.part.index, position)
        if position:
            self.block_size = next_block_size(self.block_size, time.monotonic() - self._handed_over_at)
        self.reader.block_size = min(self.block_size, self._limit.block_size)
        size = min(self.reader.block_size, self.part.size - position)
        if size <= 0:
            self.sender.is_handed_over = True
            return
        self._slots.wait_turn(self.sender, self._signal)
        self._limit.take(size, self._signal)
        connection.handed_over += size
        self._handed_over_at = time.monotonic()
