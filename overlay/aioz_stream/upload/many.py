"""Many files: a bounded number at a time, one result for each, here or on the machines of an executor."""

from __future__ import annotations

import threading
from collections import deque
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import nullcontext
from contextvars import copy_context
from itertools import islice
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING

from attrs import evolve, field, frozen

from aioz_stream import arguments
from aioz_stream.errors import AiozStreamError, ArgumentError, ArgumentTypeError, ConfigurationError, WorkerError
from aioz_stream.upload.cancellation import Cancellation
from aioz_stream.upload.journal.journal import DIRECTORY
from aioz_stream.upload.rate_limit import Pace
from aioz_stream.upload.sources import remote
from aioz_stream.upload.upload import Setting, Upload, UploadOptions

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator, Sequence
    from concurrent.futures import Executor

    from aioz_stream.http.session import Session
    from aioz_stream.operations.calls import Metadata, Qualities
    from aioz_stream.upload.sources.source import Source
    from aioz_stream_api.models import Video


@frozen(kw_only=True)
class UploadItem:
    """One file of many, and the video that it is to become; see `Videos.create`."""

    source: Source
    title: str | None = None
    """The file's name unless said."""
    description: str | None = None
    is_public: bool = True
    metadata: Metadata | None = None
    tags: Sequence[str] | None = None
    qualities: Qualities | None = None
    strict: bool = False


@frozen
class UploadResult:
    """What came of one item."""

    index: int
    """Its place among the items, counted from 0."""
    item: UploadItem
    video: Video | None = None
    error: Exception | None = field(default=None, eq=False)
    """Why there is no video that is complete. It may be resumed."""

    def unwrap(self) -> Video:
        """The video, or the error raised."""
        if self.error is not None:
            raise self.error
        assert self.video is not None
        return self.video


class Many:
    """The uploads of one call. An error of one file leaves the others alone."""

    def __init__(self, session: Session, options: UploadOptions, files: int, executor: Executor | None) -> None:
        arguments.integer("files", files, smallest=1, largest=10_000)
        if executor is not None and not session.connections.can_be_made_anew:
            raise ConfigurationError("An executor's workers connect by themselves, without http_client and transport.")
        if not isinstance(options.journal, bool):
            raise ArgumentError(
                "journal must be True or False for many files, since each has its own. Where all of them are kept, "
                f"{DIRECTORY} says.",
                argument="journal",
            )
        self._session, self._files = session, files
        self._outer = options.cancel
        self._own = Cancellation()
        self._options = evolve(options, cancel=self._own)
        # So many parts are on their way at once, at such a speed together, whichever files they belong to.
        connections, pace = threading.BoundedSemaphore(options.concurrency), Pace(options.max_speed)
        room = threading.BoundedSemaphore(options.concurrency)
        self._setting = Setting(connections, room, pace, executor, self._keep)
        self._finished: list[str] = []
        self._taken: set[int] = set()
        self._broken: WorkerError | None = None

    def run(self, items: Iterable[Source | UploadItem]) -> Generator[UploadResult]:
        """Results in the order in which they come. Items are taken from their iterable when there is room for them."""
        if isinstance(items, str | bytes | PathLike) or hasattr(items, "read"):
            raise ArgumentTypeError(
                "items must be several sources, such as a list, not a single one.", argument="items"
            )
        waiting = enumerate(item if isinstance(item, UploadItem) else UploadItem(source=item) for item in items)
        return self._results(waiting)

    def cancel(self) -> None:
        """Ends all that runs."""
        self._own.cancel()

    def _keep(self, journal: Path) -> None:
        """The journal of a finished file stays until all are: the same call then passes over it."""
        self._finished.append(str(journal))  # a fifth of what a Path takes, and there may be very many

    def _results(self, waiting: Iterator[tuple[int, UploadItem]]) -> Generator[UploadResult]:
        with self._outer.governing(self._own.cancel) if self._outer else nullcontext():
            yield from self._of_all(waiting)

    def _of_all(self, waiting: Iterator[tuple[int, UploadItem]]) -> Generator[UploadResult]:
        workers = ThreadPoolExecutor(self._files, thread_name_prefix="aioz-stream-file")
        running: set[Future[UploadResult]] = set()
        has_failed = False
        try:
            while True:
                for index, item in islice(waiting, self._files - len(running)):
                    running.add(workers.submit(copy_context().run, self._one, index, item, self._setting_of(item)))
                if not running:
                    break
                done, running = wait(running, return_when=FIRST_COMPLETED)
                ready = deque(done)
                del done  # a result is let go of as soon as it is handed over
                while ready:
                    result = ready.popleft().result()
                    has_failed |= result.error is not None
                    yield result
        except BaseException:
            self._own.cancel()
            raise
        finally:
            if running:
                # Whoever stops taking results wants the rest to end.
                self._own.cancel()
                has_failed = True
            workers.shutdown(cancel_futures=True)
        if not has_failed:
            for journal in self._finished:
                Path(journal).unlink(missing_ok=True)

    def _setting_of(self, item: UploadItem) -> Setting:
        """Journals know a URL without its query, which may be secret: the first of those alike has it for itself."""
        if isinstance(item.source, str) and (place := remote.place_of(item.source)) != item.source:
            known = hash(repr(evolve(item, source=place)))
            if known in self._taken:
                return evolve(self._setting, has_journal=False)
            self._taken.add(known)
        return self._setting

    def _one(self, index: int, item: UploadItem, setting: Setting) -> UploadResult:
        if self._broken is not None:
            return UploadResult(index, item, error=self._broken)
        try:
            upload = Upload(self._session, item.source, self._options, setting=setting)
            video = upload.to_new_video(
                item.title,
                item.qualities,
                item.strict,
                description=item.description,
                is_public=item.is_public,
                metadata=item.metadata,
                tags=item.tags,
            )
        except (AiozStreamError, OSError, ValueError, TypeError) as error:
            if isinstance(error, WorkerError) and error.executor_is_broken:
                # It sends nothing any more. Going on would only make videos without bytes.
                self._broken = error
            return UploadResult(index, item, error=error)
        return UploadResult(index, item, video)
