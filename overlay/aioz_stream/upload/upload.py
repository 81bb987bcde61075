"""A whole upload, from the checks that come first to its journal's end, for asyncio too; and that of one part alone."""

from __future__ import annotations

import inspect
import logging
import os
import threading
import uuid
from collections.abc import Callable, Generator, Mapping, Sequence
from concurrent.futures import Executor
from contextlib import ExitStack, closing, contextmanager
from decimal import Decimal
from functools import partial
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import frozen

from aioz_stream import arguments
from aioz_stream.encoding import price
from aioz_stream.encoding.media_info import MediaInfo
from aioz_stream.errors import (
    AiozStreamError,
    APIError,
    ArgumentError,
    BadRequestError,
    Part,
    SourceChangedError,
    UploadCancelledError,
    UploadTimeoutError,
    VideoCompleteError,
)
from aioz_stream.http.cancel_signal import CancelSignal
from aioz_stream.http.loop_clients import running_loop
from aioz_stream.http.session import Session
from aioz_stream.operations import calls, thumbnails
from aioz_stream.operations.matching import NEW, Claim, is_complete
from aioz_stream.operations.values import Qualities
from aioz_stream.upload import creation, workers
from aioz_stream.upload.advice import to_upload_again
from aioz_stream.upload.background import run_cancellable
from aioz_stream.upload.cancellation import CancellableSession, ended_by
from aioz_stream.upload.engine import Engine, Transfer, compare, verify
from aioz_stream.upload.journal import Journal, open_journal
from aioz_stream.upload.lookup import delete_duplicates, delete_late, remember_late
from aioz_stream.upload.options import Sending, check_options
from aioz_stream.upload.plan import DEFAULT_PART_SIZE, PART_LIMITS, PartLimits, parts_to_repeat, plan
from aioz_stream.upload.progress import Meter
from aioz_stream.upload.rate_limit import RateLimit
from aioz_stream.upload.slots import Concurrency, Slots
from aioz_stream.upload.sources.awaited import call_on_loop, on_loop
from aioz_stream.upload.sources.part_source import PartSource
from aioz_stream.upload.sources.remote import redact_url
from aioz_stream.upload.sources.source import AsyncSource, Source, open_source
from aioz_stream_api.models import CreateVideoRequest, Video
from aioz_stream_api.types import File

if TYPE_CHECKING:
    import asyncio

logger: logging.Logger = logging.getLogger("aioz_stream")

S = TypeVar("S")


def default_title(name: str) -> str:
    """The title of a video that is named after its file."""
    return (name.rpartition(".")[0] or name)[: calls.longest_title()]


@frozen(kw_only=True)
class Batch:
    """What an upload shares with the others of its call. An upload that is alone shares nothing."""

    slots: Slots | None = None
    """Held while a part is sent."""
    memory_slots: threading.BoundedSemaphore | None = None
    """Held while a part is in memory."""
    rate_limit: RateLimit | None = None
    executor: Executor | None = None
    """Sends the parts instead of this process."""
    keep_journal: Callable[[Path], object] | None = None
    """Called with the path of the journal when the upload is complete; the journal is then not removed."""
    has_default_journal: bool = True
    """Whether the upload may have the journal at the default path, which another one may already have."""


@frozen
class Planned:
    """What an upload would send."""

    video: CreateVideoRequest
    size: int
    """Bytes of the source."""
    parts: int
    media: MediaInfo | None
    """What is known of a source that qualities are for."""
    limit: price.PriceLimit | None


class Upload:
    """One upload of a source. What is wrong with the source or the options is raised before anything is sent."""

    _source: PartSource
    _parts: Sequence[Part]

    def __init__(
        self,
        session: Session,
        source: AsyncSource,
        options: Sending,
        signal: CancelSignal | None = None,
        batch: Batch | None = None,
    ) -> None:
        self._session = session
        self._given = source
        self._options = options
        self._part_size = options.get("part_size", DEFAULT_PART_SIZE)
        self._part_limits = options.get("part_limits", PART_LIMITS)
        self._concurrency: Concurrency = options.get("concurrency", "auto")
        self._trust_times = options.get("trust_times", True)
        self._marker = uuid.uuid4().hex if options.get("marker", True) else None
        self._signal = signal or CancelSignal()
        self._batch = batch or Batch()
        self._calls = CancellableSession(session, self._signal)
        self._media: MediaInfo | None = None
        self._limit: price.PriceLimit | None = None
        self._thumbnail: Callable[[], File] | None = None
        self._claim: Claim | None = None
        """By what duplicates of the video can be found; None where there can't be any."""
        self._acknowledged: dict[tuple[int, int], str] = {}
        """MD5 by first and last byte, of the parts that the service has acknowledged, to an earlier run too."""
        self._worker_address = workers.worker_address(source) if self._batch.executor else ""

    def upload_new(self, **given: Any) -> Video:
        """Uploads to a new video, or to the one that an earlier run of the same call has made."""
        with self._opened():
            new = self._check_new(**given)
            with self._journal({"new": new.to_dict()}) as journal:
                credentials = self._session.options.credentials
                delete_late(self._calls.send_once, self._session.options)
                video = creation.find_video(journal, self._source, self._calls, credentials, new.title)
                if video is None:
                    return self._upload(self._create(new, journal), journal)
                if (record := journal.record) and record.marker and record.may_have_duplicates:
                    self._claim = Claim(record.marker, new.title)
                try:
                    return self._upload(video.id, journal, video)
                except SourceChangedError:
                    if video.status == NEW or not (journal.record and journal.record.is_complete):
                        raise
                    journal.remove()  # that upload ended well; this one is of other bytes
                    self._acknowledged.clear()
                    return self._upload(self._create(new, journal), journal)

    def plan_new(self, **given: Any) -> Planned:
        """What `upload_new` would send, checked in the same way; nothing is sent."""
        with self._opened():
            return Planned(self._check_new(**given), self._source.size, len(self._parts), self._media, self._limit)

    def _check_new(
        self,
        title: str | None,
        qualities: Qualities | None,
        strict: bool,
        *,
        max_price: Decimal | int | str | None = None,
        duration: float | None = None,
        thumbnail: str | PathLike[str] | None = None,
        **others: Any,
    ) -> CreateVideoRequest:
        """The video to make. Raises what is wrong with the arguments, before anything is sent."""
        new = self._new_video(title, qualities, strict, **others)
        calls.with_marker(new, self._marker)  # raises where there is no room for one
        if max_price is not None:
            self._limit = price.limit(max_price, new.qualities or None, self._media, duration, strict=strict)
        if thumbnail is not None:
            self._thumbnail = thumbnails.read(thumbnail)
        return new

    def upload_into(self, video_id: str) -> Video:
        """Uploads to a video that exists. Raises VideoCompleteError when its upload is complete."""
        identifier = arguments.video_id(video_id)
        with _naming_video(identifier), self._opened(), self._journal({"into": identifier}) as journal:
            record, video = creation.load_record(journal, self._source), self._calls.send(calls.get(identifier))
            if record is None:
                if video.status != NEW:
                    raise VideoCompleteError(
                        f"Video {identifier} takes no more parts: its upload is complete, its status {video.status!r}. "
                        "Nothing was sent."
                    )
                self._begin(journal, None)
                journal.add_video(identifier)
            return self._upload(identifier, journal, video)

    @contextmanager
    def _opened(self) -> Generator[None]:
        """Opens the source and closes it. Cancellation and deadline hold from the start: opening may take long, too."""
        options = self._options
        with ExitStack() as stack:
            ends = "upload", UploadCancelledError, UploadTimeoutError
            stack.enter_context(ended_by(self._signal, options.get("cancel"), options.get("deadline"), *ends))
            self._signal.check()
            self._session.connections.check_open()
            self._source = open_source(
                self._given,
                self._session,
                self._signal,
                size=options.get("size"),
                to_spool=options.get("spool", False),
                trust_times=self._trust_times,
            )
            stack.callback(self._source.close)
            self._parts = plan(self._source.size, self._part_size, self._part_limits)
            yield

    def _new_video(
        self, title: str | None, qualities: Qualities | None, strict: bool, **others: Any
    ) -> CreateVideoRequest:
        """The video to make: without a title, named after the source; its qualities are checked against the source."""
        path = self._source.path
        self._media = None if qualities is None or path is None else MediaInfo.if_readable(path)
        return calls.new_video(
            default_title(self._source.name) if title is None else title,
            qualities=qualities,
            source=self._media,
            strict=strict,
            **others,
        )

    def _journal(self, target: Mapping[str, Any]) -> closing[Journal]:
        """The journal of this call, closed afterwards."""
        base_url, place = self._session.options.base_url, self._source.place
        call = {"base_url": base_url, **target, "source": place, "part_size": self._part_size}
        has_default = self._source.is_lasting and self._batch.has_default_journal
        return closing(open_journal(self._options.get("journal", True), call, has_default=has_default))

    def _begin(self, journal: Journal, marker: str | None) -> None:
        given = os.fspath(self._given) if isinstance(self._given, str | os.PathLike) else None
        journal.begin(
            self._source.identity(),
            marker,
            self._session.options.credentials.fingerprint(),
            is_reopenable=given is not None and redact_url(os.fsdecode(given)) == os.fsdecode(given),
            is_of_many=self._batch.keep_journal is not None,
        )

    def _create(self, new: CreateVideoRequest, journal: Journal) -> str:
        """Makes a video and returns its id. The journal has the intent before create is sent."""
        self._check_price()
        was_begun = journal.record is not None
        if not was_begun:
            self._begin(journal, self._marker)
        marker = journal.record.marker if journal.record else None
        claim = Claim(marker, new.title) if marker else None
        making = creation.Creation(self._calls, self._signal, self._session.options.retries, self._source.place)
        try:
            video = making.run(calls.create(new, claim), claim, begun_before=was_begun)
        except BaseException as error:
            if making.possible and journal.resumes():
                error.add_note("The same call looks for it by itself.")
            if not making.possible and isinstance(error, APIError):
                journal.remove()  # there is no video, and there will be none
            raise
        self._claim = claim if making.possible > 1 else None
        with _noting_video(video.id, journal):
            journal.add_video(video.id, may_have_duplicates=making.possible > 1)
        return video.id

    def _upload(self, video_id: str, journal: Journal, resumed: Video | None = None) -> Video:
        """Sends all parts and completes, unless an earlier run has already completed the `resumed` video."""
        self._acknowledged.update(journal.record.parts if journal.record else {})
        with _noting_video(video_id, journal, self._safe):
            if (on_created := self._options.get("on_created")) is not None:
                on_created(video_id)
            video = resumed
            if video is not None and not is_complete(video):
                self._check_price()
            is_over = journal.record is not None and journal.record.is_complete
            has_thumbnail = is_over or self._try_thumbnail(video_id)
            if video is None or not is_complete(video):
                video = self._send_and_complete(video_id, journal)
            elif not all((part.start, part.end) in self._acknowledged for part in self._parts):
                raise VideoCompleteError(
                    f"The upload of video {video_id} is complete, and its journal does not have all of "
                    f"{self._source.place}: it was completed by another program, or the journal could not be kept to "
                    f"the end. {to_upload_again(video_id)}"
                )
            else:
                compare(self._source, self._acknowledged, self._signal)
                self._source.verify()
            if not has_thumbnail:
                try:
                    self._set_thumbnail(video_id)
                except APIError as error:
                    error.add_note("The upload is complete, and only the thumbnail is missing.")
                    raise
            if self._claim and journal.path is not None:
                remember_late(self._claim, video_id, self._session.options)
            if self._batch.keep_journal and journal.path is not None:
                journal.mark_complete()
                self._batch.keep_journal(journal.path)
            else:
                journal.remove()
            return video

    def _check_price(self) -> None:
        if self._limit is not None:
            self._limit.check(self._calls.send(calls.cost(self._limit.names, self._limit.seconds)))

    def _try_thumbnail(self, video_id: str) -> bool:
        """Sets it before the parts are sent, so that the video has it, even if others complete the upload.

        The bytes matter more: when this fails, it is set after them.
        """
        try:
            self._set_thumbnail(video_id)
        except APIError as error:
            logger.warning("video %s has no thumbnail yet, which is set after its bytes: %s", video_id, error)
            return False
        return True

    def _set_thumbnail(self, video_id: str) -> None:
        if self._thumbnail is not None:
            self._calls.send(calls.set_thumbnail(video_id, self._thumbnail))

    def _safe(self) -> str:
        """How much the service has, in words."""
        safe = sum(end - start + 1 for start, end in self._acknowledged.copy())
        return f", with {safe:,} of {self._source.size:,} bytes"

    def _send_and_complete(self, video_id: str, journal: Journal) -> Video:
        self._check_resumed(journal)
        meter = Meter(self._source.size, len(self._parts))
        self._send_parts(video_id, journal, self._parts, meter)
        self._signal.check()
        if self._claim:
            delete_duplicates(self._calls.send, self._claim, video_id)
        try:
            self._calls.send(calls.complete(video_id))
        except BadRequestError as refusal:
            self._repeat_parts(video_id, journal, meter, refusal)
        return self._calls.send(calls.get(video_id))

    def _check_resumed(self, journal: Journal) -> None:
        """Compares what an earlier run sent, unless the source tells that it is the same, before more is sent."""
        identity = self._source.identity()
        is_same = len(identity) > 1 and journal.record is not None and journal.record.source == identity
        if not is_same and not self._source.is_ordered:
            compare(self._source, self._acknowledged, self._signal)

    def _repeat_parts(self, video_id: str, journal: Journal, meter: Meter, refusal: BadRequestError) -> None:
        """Sends once more what was acknowledged and is missing all the same, and completes."""
        if is_complete(self._calls.send(calls.get(video_id))):
            return
        try:
            if self._source.is_ordered:
                raise refusal  # its bytes are gone
            missing = parts_to_repeat(self._parts, refusal.message)
            for part in missing:
                del self._acknowledged[part.start, part.end]
                meter.take_back(part.size)
            self._send_parts(video_id, journal, missing, meter)
            verify(self._source, self._acknowledged, self._signal)
            self._calls.send(calls.complete(video_id))
        except BadRequestError as error:
            error.add_note(f"The service had acknowledged every part. {to_upload_again(video_id)}")
            raise

    def _send_parts(self, video_id: str, journal: Journal, parts: Sequence[Part], meter: Meter) -> None:
        batch, max_speed = self._batch, self._options.get("max_speed")

        def add_part(part: Part, md5: str) -> None:
            journal.add_part(part, md5)
            self._acknowledged[part.start, part.end] = md5

        if batch.executor is not None:
            job = self._job(video_id, max_speed)
            workers.send_by_executor(batch.executor, job, self._signal, add_part)
            verify(self._source, self._acknowledged, self._signal)
            return
        transfer = Transfer(
            session=self._session,
            video_id=video_id,
            source=self._source,
            parts=parts,
            meter=meter,
            signal=self._signal,
            slots=batch.slots or Slots(self._concurrency),
            rate_limit=batch.rate_limit or RateLimit(max_speed),
            acknowledged=self._acknowledged,
            on_acknowledged=add_part,
            on_progress=self._options.get("on_progress"),
            memory_slots=batch.memory_slots,
        )
        Engine(transfer).run()

    def _job(self, video_id: str, max_speed: int | None) -> workers.Job:
        return workers.Job(
            options=self._session.options,
            network=self._session.connections.network,
            video_id=video_id,
            source=self._worker_address,
            size=self._source.size,
            part_size=self._part_size,
            part_limits=self._part_limits,
            concurrency=self._concurrency,
            max_speed=max_speed,
            trust_times=self._trust_times,
            acknowledged=dict(self._acknowledged),
        )


async def run_upload(
    session: Session, source: AsyncSource, how: Sending, run: Callable[[Upload], Video], batch: Batch | None = None
) -> Video:
    """Runs an upload on a thread, calls back on the loop, and ends the upload when this task is cancelled."""
    options, signal, loop = check_options(how).copy(), CancelSignal(), running_loop()
    if (on_progress := options.get("on_progress")) is not None:
        options["on_progress"] = partial(call_back_on_loop, loop, signal, on_progress)
    if (on_created := options.get("on_created")) is not None:
        options["on_created"] = partial(call_back_on_loop, loop, signal, on_created)
    return await run_cancellable(partial(run, Upload(session, on_loop(source), options, signal, batch)), signal.set)


def call_back_on_loop(
    loop: asyncio.AbstractEventLoop, signal: CancelSignal, callback: Callable[[S], object], argument: S
) -> None:
    """Calls back on the loop and waits for the end. What the callback raises is raised here."""

    async def call() -> None:
        answer = callback(argument)
        if inspect.isawaitable(answer):
            await answer

    call_on_loop(call, loop, signal.raise_reason)


def send_part(
    session: Session, video_id: str, source: Source, part: Part, limits: PartLimits | None, signal: CancelSignal
) -> None:
    """Sends one part of a file. Raises ArgumentError when it is no part of this file, or outside the limits."""
    identifier = arguments.video_id(video_id)
    arguments.instance("part", part, Part, "a Part, as plan() makes them")
    with closing(open_source(source, session, signal)) as file:
        _check_part(part, file, limits or PART_LIMITS)
        transfer = Transfer(
            session=session, video_id=identifier, source=file, parts=[part], meter=Meter(file.size, 1), signal=signal
        )
        with _noting_video(identifier, Journal()):
            Engine(transfer).run()


def _check_part(part: Part, file: PartSource, limits: PartLimits) -> None:
    if part.file_size != file.size:
        raise ArgumentError(
            f"part is of a file of {part.file_size:,} bytes; {file.place} has {file.size:,}.", argument="part"
        )
    if not (part.index >= 1 and 0 <= part.start <= part.end < part.file_size):
        raise ArgumentError(f"part has no place in its file: {part}.", argument="part")
    is_last = part.end == part.file_size - 1
    if part.size > limits.largest or (part.size < limits.smallest and not is_last):
        raise ArgumentError(
            f"part has {part.size:,} bytes; it must have {limits.smallest:,} to {limits.largest:,}, "
            "or fewer if it is the file's last.",
            argument="part",
        )


@contextmanager
def _naming_video(video_id: str) -> Generator[None]:
    """Sets the `video_id` of an error of this package that ends the block."""
    try:
        yield
    except AiozStreamError as error:
        error.video_id = video_id
        raise


@contextmanager
def _noting_video(video_id: str, journal: Journal, safe: Callable[[], str] = str) -> Generator[None]:
    """Adds the video's id to whatever error ends the block, also to Ctrl-C and to what a callback raises."""
    try:
        with _naming_video(video_id):
            yield
    except BaseException as error:
        is_refused = isinstance(error, BadRequestError | VideoCompleteError)
        again = " The same call resumes its upload." if not is_refused and journal.resumes() else ""
        error.add_note(f"Video {video_id} exists{safe()}.{again}")
        raise
