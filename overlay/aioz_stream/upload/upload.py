"""A whole upload: create, parts, complete, and the journal beside it. What can be known beforehand is checked then."""

from __future__ import annotations

import logging
import threading
import uuid
import warnings
from contextlib import ExitStack, contextmanager
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypedDict, TypeVar

from attrs import fields_dict, frozen

from aioz_stream import arguments
from aioz_stream.encoding.media_info import MediaInfo
from aioz_stream.errors import (
    AiozStreamError,
    APIError,
    ArgumentError,
    ArgumentTypeError,
    BadRequestError,
    JournalError,
    NotFoundError,
    SourceChangedError,
    UploadInProgressError,
    UploadTimeoutError,
    VideoCompleteError,
)
from aioz_stream.operations import calls
from aioz_stream.upload import workers
from aioz_stream.upload.cancellation import Cancellation, Stop
from aioz_stream.upload.creation import Creation
from aioz_stream.upload.engine import DEFAULT_CONCURRENCY, Engine
from aioz_stream.upload.journal import journal as journals
from aioz_stream.upload.journal.journal import Journal, Unjournaled
from aioz_stream.upload.plan import DEFAULT_PART_SIZE, PART_LIMITS, Part, PartLimits, plan
from aioz_stream.upload.progress import Meter, OnProgress
from aioz_stream.upload.rate_limit import Pace
from aioz_stream.upload.sources.source import open_source

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
    from concurrent.futures import Executor
    from types import UnionType

    from aioz_stream.http.session import Call, Session
    from aioz_stream.operations.calls import NewVideo, Qualities
    from aioz_stream.upload.journal.journal import Record
    from aioz_stream.upload.sources.source import PartSource, Source
    from aioz_stream_api.models import Video

T = TypeVar("T")

logger = logging.getLogger("aioz_stream")

MOST_WORKERS = 64

_GIVE_UP = "To upload it again, give that upload up: `stream.uploads.abort(...)`, or the command `aioz-stream abort`."


class JournalWarning(UserWarning):
    """An upload goes on without its journal, and can't be resumed."""


class Sending(TypedDict, total=False):
    """How to send a file: the keywords that all ways of uploading have in common."""

    part_size: int
    """Bytes in a part, 50,000,000 to 200,000,000; 50 MiB unless said."""
    part_limits: PartLimits
    """Of a service other than AIOZ Stream's own, such as a mock server."""
    concurrency: int
    """How many parts are on their way at once, 1 to 64; 4 unless said."""
    max_speed: int | None
    """Bytes per second that all parts together may take."""
    on_progress: OnProgress | None
    """Hears about ten times a second how far the upload is."""
    on_created: Callable[[str], object] | None
    """Hears the video's id as soon as there is one."""
    deadline: float | None
    """Seconds after which the upload is given up, with UploadTimeoutError."""
    cancel: Cancellation | None
    """Cancels the upload when it is told to."""
    journal: bool | str | PathLike[str]
    """Where to write down what was sent, so that the same call resumes: True for the usual place, False for nowhere."""
    marker: bool
    """Whether a new video's metadata names the upload, so that it is found again when the answer to create is lost."""
    size: int | None
    """Bytes of a stream, which are sent from memory: `concurrency` × `part_size`."""
    spool: bool
    """Whether to copy a stream to a temporary file first, instead of `size`."""
    trust_times: bool
    """False for file systems whose times change by themselves: then only its size and MD5s tell that a file changed."""


@frozen
class UploadOptions:
    """The same, checked, and with their defaults."""

    part_size: int = DEFAULT_PART_SIZE
    part_limits: PartLimits = PART_LIMITS
    concurrency: int = DEFAULT_CONCURRENCY
    max_speed: int | None = None
    on_progress: OnProgress | None = None
    on_created: Callable[[str], object] | None = None
    deadline: float | None = None
    cancel: Cancellation | None = None
    journal: bool | str | PathLike[str] = True
    marker: bool = True
    size: int | None = None
    spool: bool = False
    trust_times: bool = True

    def __attrs_post_init__(self) -> None:
        _check_kind("part_limits", self.part_limits, PartLimits, "a PartLimits")
        for name, value in (("on_progress", self.on_progress), ("on_created", self.on_created)):
            if value is not None and not callable(value):
                raise ArgumentTypeError(f"{name} must be callable, not {type(value).__name__}.", argument=name)
        _check_kind("cancel", self.cancel, Cancellation | None, "a Cancellation")
        is_path = str(self.journal) and "\0" not in str(self.journal)
        _check_kind("journal", self.journal if is_path else None, bool | str | PathLike, "True, False or a file's path")
        arguments.integer("concurrency", self.concurrency, smallest=1, largest=MOST_WORKERS)
        if self.max_speed is not None:
            arguments.integer("max_speed", self.max_speed, smallest=1)
        if self.deadline is not None:
            arguments.seconds("deadline", self.deadline)
        for name in ("marker", "spool", "trust_times"):
            arguments.boolean(name, getattr(self, name))

    @classmethod
    def of(cls, given: Mapping[str, Any]) -> UploadOptions:
        """Raises TypeError for a keyword that there is not, as a function does."""
        unknown = sorted(set(given) - set(fields_dict(cls)))
        if unknown:
            raise TypeError(f"an upload has no keyword argument {unknown[0]!r}")
        return cls(**given)


def _check_kind(name: str, value: object, kind: type | UnionType, what: str) -> None:
    """For callers without a type checker."""
    if not isinstance(value, kind):
        raise ArgumentTypeError(f"{name} must be {what}.", argument=name)


@frozen
class Setting:
    """What an upload shares with others, where it is one of many."""

    connections: threading.BoundedSemaphore | None = None
    """Held while a part is sent."""
    room: threading.BoundedSemaphore | None = None
    """Held while a part is in memory."""
    pace: Pace | None = None
    """Kept to by all."""
    executor: Executor | None = None
    """Sends the parts instead of this process."""
    keep: Callable[[Path], object] | None = None
    """Takes the journal when the upload is over, instead of having it removed."""
    has_journal: bool = True
    """Whether it may have the usual journal, which another of them may already have."""


class Upload:
    """A source that is to be sent. What is wrong with it or with the options is raised before anything is sent."""

    _source: PartSource
    _parts: Sequence[Part]

    def __init__(
        self,
        session: Session,
        source: Source,
        options: UploadOptions,
        stop: Stop | None = None,
        setting: Setting | None = None,
    ) -> None:
        self._session = session
        self._given = source
        self._options = options
        self._stop = stop or Stop()
        self._setting = setting or Setting()
        self._may_have_twins = False
        self._address = workers.address(source) if self._setting.executor else ""

    def new_video(self, title: str | None, qualities: Qualities | None, strict: bool, **others: Any) -> NewVideo:
        """What to create: without a title, named after the source; the qualities are checked against its media."""
        name = self._source.name.rpartition(".")[0] or self._source.name
        path = self._source.path
        media = None if qualities is None or path is None else MediaInfo.if_readable(path)
        return calls.new_video(
            name[: calls.longest_title()] if title is None else title,
            qualities=qualities,
            source=media,
            strict=strict,
            **others,
        )

    def to_new_video(self, title: str | None, qualities: Qualities | None, strict: bool, **others: Any) -> Video:
        with self._governed():
            new = self.new_video(title, qualities, strict, **others)
            calls.marked(new, self._new_marker())  # there must be room for it, which is said before anything is sent
            with self._journal({"new": new.to_dict()}) as journal:
                video = self._known(journal)
                if video is None:
                    return self._sent(self._created(new, journal), journal)
                self._may_have_twins = True  # The earlier run may have lost an answer to create.
                return self._sent(video.id, journal, video)

    def to_video(self, video_id: str) -> Video:
        identifier = arguments.video_id(video_id)
        with self._governed(), self._journal({"into": identifier}) as journal:
            is_known, video = self._continued(journal) is not None, self._call(calls.get(identifier))
            if not is_known:
                if video.status != calls.NEW:
                    raise VideoCompleteError(
                        f"Video {identifier} takes no more parts: its upload is complete, its status {video.status!r}. "
                        "Nothing was sent."
                    )
                self._begin(journal, None)
                journal.created(identifier)
            return self._sent(identifier, journal, video)

    @contextmanager
    def _governed(self) -> Generator[None]:
        """Opened and closed, cancelled, and ended by the deadline, as it was asked for. Opening may take long, too."""
        options, cancel, deadline = self._options, self._options.cancel, self._options.deadline
        with ExitStack() as stack:
            if cancel is not None:
                stack.enter_context(cancel.governing(self._stop.set))
            if deadline is not None:
                late = UploadTimeoutError(f"The upload was not over after {deadline:g} s. The same call resumes it.")
                timer = threading.Timer(deadline, self._stop.set, (late,))
                timer.daemon = True
                timer.start()
                stack.callback(timer.cancel)
            self._stop.check()
            self._source = open_source(self._given, self._stop, options.size, options.spool, options.trust_times)
            stack.callback(self._source.close)
            self._parts = plan(self._source.size, options.part_size, options.part_limits)
            yield

    @contextmanager
    def _journal(self, what: Mapping[str, Any]) -> Generator[Journal | Unjournaled]:
        journal = self._opened_journal({"base_url": self._session.options.base_url, **what, **self._split()})
        try:
            yield journal
        finally:
            journal.close()

    def _split(self) -> Mapping[str, Any]:
        return {"source": self._source.place, "part_size": self._options.part_size}

    def _opened_journal(self, call: Mapping[str, Any]) -> Journal | Unjournaled:
        chosen = self._options.journal
        if chosen is False or (chosen is True and not (self._source.is_lasting and self._setting.has_journal)):
            return Unjournaled()
        if chosen is not True:
            return Journal(Path(chosen), call)
        try:
            return Journal(journals.default_path(call), call)
        except UploadInProgressError:
            raise
        except JournalError as error:
            # Somebody whose home can't be written to still wants the upload.
            warnings.warn(f"{error} This upload goes on without.", JournalWarning, stacklevel=2)
            return Unjournaled()

    def _continued(self, journal: Journal | Unjournaled) -> Record | None:
        """What an earlier run wrote. Raises SourceChangedError when it was about other bytes."""
        record, now = journal.record, self._source.identity()
        if record is None:
            return None
        if any(record.source[name] != value for name, value in now.items() if name in record.source):
            if record.is_complete:
                journal.remove()  # that upload ended well; this is another one
                return None
            raise SourceChangedError(
                f"{self._source.place} changed since its upload began"
                + (f" (video {record.video_id})" if record.video_id else "")
                + f". Bring the old file back to resume. {_GIVE_UP}"
            )
        return record

    def _known(self, journal: Journal | Unjournaled) -> Video | None:
        """The video that an earlier run made, or began to make, if it is still there."""
        record = self._continued(journal)
        if record is None:
            return None
        if record.video_id is None:
            video = self._marked(record.marker) if record.marker else None
            if video is not None:
                journal.created(video.id)
            else:
                check_account(self._session, record)
            return video
        try:
            return self._call(calls.get(record.video_id))
        except NotFoundError:
            if not record.is_complete:
                check_account(self._session, record)
            logger.warning("video %s of an earlier run is gone; the upload begins anew", record.video_id)
            journal.remove()
            return None

    def _begin(self, journal: Journal | Unjournaled, marker: str | None) -> None:
        journal.begin(self._source.identity(), marker, self._session.options.credentials.mark())

    def _new_marker(self) -> str | None:
        return uuid.uuid4().hex if self._options.marker else None

    def _created(self, new: NewVideo, journal: Journal | Unjournaled) -> str:
        """A new video. The journal knows of the intent before the service does."""
        was_begun = journal.record is not None
        if not was_begun:
            self._begin(journal, self._new_marker())
        marker = journal.record.marker if journal.record else None
        creation = Creation(self._call_once, self._marked, self._stop, self._session.options.retries)
        try:
            video = creation.run(calls.create(calls.marked(new, marker)), marker, begun_before=was_begun)
        except APIError:
            if not creation.may_come_twice:
                journal.remove()  # there is no video, and there will be none
            raise
        self._may_have_twins = creation.may_come_twice
        journal.created(video.id)
        return video.id

    def _marked(self, marker: str) -> Video | None:
        """The video of an upload: the oldest with its marker, once the others are gone, which nobody ever knew of."""
        found = self._call(calls.marked_with(marker)).videos
        self._delete_twins(found[1:])
        return found[0] if found else None

    def _clear_twins(self, video_id: str, marker: str) -> None:
        """A create whose answer was lost may have come through since. Nobody else ever hears of its video."""
        self._delete_twins(video for video in self._call(calls.marked_with(marker)).videos if video.id != video_id)

    def _delete_twins(self, twins: Iterable[Video]) -> None:
        for twin in twins:
            # Nobody uploads to a twin: what is not new is somebody's, who has copied the metadata.
            if twin.status == calls.NEW:
                self._call(calls.delete(twin.id))

    def _sent(self, video_id: str, journal: Journal | Unjournaled, resumed: Video | None = None) -> Video:
        """The video with all its bytes. An earlier run may have completed it, and not have heard so."""
        with naming(video_id, resumable=isinstance(journal, Journal)):
            if self._options.on_created:
                self._options.on_created(video_id)
            video = resumed
            if video is None or video.status == calls.NEW:
                self._send_parts(video_id, journal)
                self._stop.check()
                if self._may_have_twins and journal.record and journal.record.marker:
                    self._clear_twins(video_id, journal.record.marker)
                self._call(calls.complete(video_id))
                video = self._call(calls.get(video_id))
            elif not self._is_all_sent(journal):
                raise VideoCompleteError(
                    f"The upload of video {video_id} was completed by somebody else, before all of "
                    f"{self._source.place} was sent. {_GIVE_UP}"
                )
            if self._setting.keep and isinstance(journal, Journal):
                journal.completed()
                self._setting.keep(journal.path)
            else:
                journal.remove()
            return video

    def _is_all_sent(self, journal: Journal | Unjournaled) -> bool:
        acknowledged = journal.record.parts if journal.record else {}
        return all((part.start, part.end) in acknowledged for part in self._parts)

    def _send_parts(self, video_id: str, journal: Journal | Unjournaled) -> None:
        options = self._options
        acknowledged = dict(journal.record.parts) if journal.record else {}
        if self._setting.executor is not None:
            job = self._job(video_id, acknowledged)
            workers.sent_by(self._setting.executor, job, self._stop, journal.acknowledged)
            self._source.verify()
            return
        meter = Meter(self._source.size, len(self._parts))
        pace = self._setting.pace or Pace(options.max_speed)
        engine = Engine(
            self._session, video_id, self._source, self._stop, pace, meter, acknowledged, journal.acknowledged
        )
        engine.run(self._parts, options.concurrency, options.on_progress, self._setting.connections, self._setting.room)

    def _job(self, video_id: str, acknowledged: Mapping[tuple[int, int], str]) -> workers.Job:
        options = self._options
        return workers.Job(
            self._session.options,
            self._session.connections.proxy,
            video_id,
            self._address,
            self._source.size,
            options.part_size,
            options.part_limits,
            options.concurrency,
            options.max_speed,
            options.trust_times,
            acknowledged,
        )

    def _call(self, call: Call[T]) -> T:
        """Send a call that the order to stop cuts short."""
        with self._lane() as session:
            return session.send(call, self._stop.pause)

    def _call_once(self, call: Call[T]) -> T:
        """The same, without trying again."""
        with self._lane() as session:
            return session.attempt(call)

    @contextmanager
    def _lane(self) -> Generator[Session]:
        with self._session.connections.lanes.lane() as lane, self._stop.cutting(lane):
            try:
                yield self._session.through(lane)
            except APIError:
                self._stop.check()
                raise


def send_part(session: Session, video_id: str, source: Source, part: Part, limits: PartLimits, stop: Stop) -> None:
    """Sends one part of a file. Raises ArgumentError when it is no part of this file, or outside the limits."""
    identifier = arguments.video_id(video_id)
    if not isinstance(part, Part):  # pyright: ignore[reportUnnecessaryIsInstance] - callers without a type checker
        raise ArgumentTypeError(
            f"part must be a Part, as plan() makes them, not {type(part).__name__}.", argument="part"
        )
    file = open_source(source, stop, None, False, True)
    try:
        _check_part(part, file, limits)
        with naming(identifier, resumable=False):
            engine = Engine(
                session, identifier, file, stop, Pace(None), Meter(part.size, 1), {}, lambda _part, _md5: None
            )
            engine.run([part], 1)
    finally:
        file.close()


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


def check_account(session: Session, record: Record) -> None:
    """Of an upload that is not found. Raises JournalError where it may be another account's, and is there."""
    if record.account is not None and not session.options.credentials.has_mark(record.account):
        raise JournalError(
            f"The upload of {record.call.get('source')}"
            + (f" to video {record.video_id}" if record.video_id else "")
            + " was begun with other credentials, which may be another account's, and with these there is no such "
            "video. Go on with those; or forget that upload (`stream.uploads.forget(...)`, or the command `aioz-stream "
            "abort --keep-video`), which leaves its video as it is; or name another journal."
        )


@contextmanager
def naming(video_id: str, *, resumable: bool) -> Generator[None]:
    """What ends an upload says which video it leaves behind, be it Ctrl-C or a callback's own error."""
    try:
        yield
    except BaseException as error:
        is_refused = isinstance(error, BadRequestError | VideoCompleteError)
        again = " The same call resumes its upload." if resumable and not is_refused else ""
        error.add_note(f"Video {video_id} exists.{again}")
        if isinstance(error, AiozStreamError):
            error.video_id = video_id
        raise
