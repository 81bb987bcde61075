"""Uploading many files: a bounded number at a time, with one result for each; here or by an executor's workers."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Generator, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from contextlib import nullcontext
from decimal import Decimal
from functools import partial
from itertools import islice
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attrs import asdict, evolve, field, frozen

from aioz_stream import arguments
from aioz_stream.errors import (
    AiozStreamError,
    ArgumentError,
    ArgumentTypeError,
    ConfigurationError,
    WorkerError,
    warn,
)
from aioz_stream.http.session import Session
from aioz_stream.operations.values import Metadata, Qualities
from aioz_stream.upload import workers
from aioz_stream.upload.background import Threads, run_here
from aioz_stream.upload.cancellation import Cancellation
from aioz_stream.upload.journal import DIRECTORY, JournalWarning
from aioz_stream.upload.options import Sending, check_options
from aioz_stream.upload.progress import OnProgress
from aioz_stream.upload.rate_limit import RateLimit
from aioz_stream.upload.slots import Slots
from aioz_stream.upload.sources.awaited import on_loop
from aioz_stream.upload.sources.remote import redact_url
from aioz_stream.upload.sources.source import AsyncSource
from aioz_stream.upload.upload import Batch, Upload
from aioz_stream_api.models import Video

if TYPE_CHECKING:
    import asyncio


@frozen(kw_only=True)
class UploadItem:
    """One file of many, and the video to make of it; see `Videos.create` for the fields and their limits."""

    source: AsyncSource
    title: str | None = None
    """The file's name without its ending by default."""
    description: str | None = None
    is_public: bool = True
    metadata: Metadata | None = None
    tags: Sequence[str] | None = None
    qualities: Qualities | None = None
    strict: bool = False
    max_price: Decimal | int | str | None = None
    """For this file alone; see `AiozStream.upload`, also for the next two."""
    duration: float | None = None
    thumbnail: str | PathLike[str] | None = None
    on_progress: OnProgress | None = field(default=None, repr=False, eq=False)
    """Called with this file's progress, in place of the call's `on_progress`."""


def details(item: UploadItem) -> dict[str, Any]:
    """The arguments of `Upload.upload_new` for an item."""
    return asdict(item, recurse=False, filter=lambda field, _: field.name not in ("source", "on_progress"))


@frozen
class UploadResult:
    """The result of one item: a video or an error."""

    index: int
    """Its place among the items, counted from 0."""
    item: UploadItem
    video: Video | None = None
    error: Exception | None = field(default=None, eq=False)
    """Why the upload is not complete. The same call resumes it where it can."""

    def unwrap(self) -> Video:
        """The video. Raises the error if there is one."""
        if self.error is not None:
            raise self.error
        assert self.video is not None
        return self.video


class ManyUploads:
    """The uploads of one call. An error of one file leaves the others alone."""

    def __init__(self, session: Session, options: Sending, files: int, executor: Executor | None) -> None:
        arguments.integer("files", files, smallest=1, largest=10_000)
        if executor is not None and not session.connections.can_be_made_anew:
            raise ConfigurationError(
                "An executor's workers connect by themselves, without http_client, transport and SSLContext."
            )
        if executor is not None and options.get("spool"):
            raise ArgumentError(
                "spool copies a source to this machine, and an executor's workers read it by themselves.",
                argument="spool",
            )
        if not isinstance(options.get("journal", True), bool):
            raise ArgumentError(
                "journal must be True or False for many files, since each has its own. "
                f"{DIRECTORY} names the directory of all of them.",
                argument="journal",
            )
        self._session, self._files = session, files
        self._callers = options.get("cancel")
        self._own = Cancellation()
        self._options = options.copy()
        self._options["cancel"] = self._own
        slots = Slots(options.get("concurrency", "auto"))
        self._batch = Batch(
            slots=slots,
            memory_slots=threading.BoundedSemaphore(slots.in_memory),
            rate_limit=RateLimit(options.get("max_speed")),
            executor=executor,
            keep_journal=self._keep_journal,
        )
        self._finished: list[str] = []
        self._journaled_urls: set[int] = set()
        self._broken: WorkerError | None = None

    def run(
        self, items: Iterable[AsyncSource | UploadItem], loop: asyncio.AbstractEventLoop | None = None
    ) -> Generator[UploadResult]:
        """The results, in the order in which the uploads end. Items are taken from their iterable one by one.

        Sources that are read with await are read on the loop.
        """
        self._loop = loop
        is_one = isinstance(items, str | bytes | PathLike) or hasattr(items, "read")
        if is_one or not isinstance(items, Iterable):  # pyright: ignore[reportUnnecessaryIsInstance] - callers without a type checker
            raise ArgumentTypeError(
                "items must be several sources, such as a list, not a single one.", argument="items"
            )
        waiting = enumerate(item if isinstance(item, UploadItem) else UploadItem(source=item) for item in items)
        return self._results(waiting)

    def cancel(self) -> None:
        """Ends all uploads of the call."""
        self._own.cancel()

    def _keep_journal(self, journal: Path) -> None:
        """Keeps the journal of a complete upload until all are complete, so that the same call passes over it."""
        self._finished.append(str(journal))  # takes a fifth of the memory of a Path; there may be very many

    def _results(self, waiting: Iterator[tuple[int, UploadItem]]) -> Generator[UploadResult]:
        with self._callers.calling(self._own.cancel) if self._callers else nullcontext():
            yield from self._run_all(waiting)

    def _run_all(self, waiting: Iterator[tuple[int, UploadItem]]) -> Generator[UploadResult]:
        threads = Threads("aioz-stream-file")
        running: set[Future[UploadResult]] = set()
        has_failed = False
        if self._batch.executor is not None:
            self._broken = workers.refusal(self._batch.executor)
        try:
            while True:
                for index, item in islice(waiting, self._files - len(running)):
                    upload = partial(self._upload_one, index, item, self._batch_for(item))
                    running.add(threads.start(upload) or run_here(upload))
                if not running:
                    break
                done, running = wait(running, return_when=FIRST_COMPLETED)
                ready = deque(done)
                del done  # keeps no result in memory that was handed over
                while ready:
                    result = ready.popleft().result()
                    has_failed |= result.error is not None
                    yield result
        except BaseException:
            # Also where the caller has left the loop over the results.
            self._own.cancel()
            raise
        finally:
            threads.join()
        if not has_failed:
            self._remove_journals()

    def _remove_journals(self) -> None:
        try:
            for journal in self._finished:
                Path(journal).unlink(missing_ok=True)
        except OSError as error:
            warn(
                f"the journals of these uploads can't be removed: {error}. As long as they stay, the same call passes "
                "over its files.",
                JournalWarning,
            )

    def _batch_for(self, item: UploadItem) -> Batch:
        """Journals name a URL without its query, which may be secret. Of items that differ in it alone, one has one."""
        if isinstance(item.source, str) and (place := redact_url(item.source)) != item.source:
            known = hash(repr(evolve(item, source=place)))
            if known in self._journaled_urls:
                return evolve(self._batch, has_default_journal=False)
            self._journaled_urls.add(known)
        return self._batch

    def _upload_one(self, index: int, item: UploadItem, batch: Batch) -> UploadResult:
        if self._broken is not None:
            return UploadResult(index, item, error=self._broken)
        try:
            new = details(item)
            on_progress = item.on_progress or self._options.get("on_progress")
            options = check_options({**self._options, "on_progress": on_progress})
            source = on_loop(item.source, self._loop) if self._loop else item.source
            video = Upload(self._session, source, options, batch=batch).upload_new(**new)
        except (AiozStreamError, OSError, ValueError, TypeError) as error:
            if isinstance(error, WorkerError) and error.executor_is_broken:
                # It can't send anything any more, so further uploads would only make videos without bytes.
                self._broken = error
            return UploadResult(index, item, error=error)
        return UploadResult(index, item, video)
