"""The videos of an account, for asyncio: `AsyncAiozStream.videos`.

Calls go through httpx's asynchronous client. Uploading is blocking work (reading, hashing, sending), so it runs on
threads through a synchronous one: the same engine as `Videos.upload`.
"""

from __future__ import annotations

import asyncio
import inspect
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as NotYet
from contextvars import copy_context
from functools import partial
from typing import TYPE_CHECKING, TypeVar, Unpack

from attrs import evolve

from aioz_stream.encoding.price import Question
from aioz_stream.errors import UploadCancelledError
from aioz_stream.http.session import AsyncSession
from aioz_stream.operations import calls
from aioz_stream.operations.paging import Pages, created_between
from aioz_stream.operations.waiting import Looks, is_settled
from aioz_stream.upload.cancellation import CANCELLED, Stop
from aioz_stream.upload.plan import PART_LIMITS, PartLimits
from aioz_stream.upload.upload import Upload, UploadOptions, send_part
from aioz_stream.videos import pager
from aioz_stream_api.types import UNSET, Unset

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence
    from datetime import date

    from aioz_stream.encoding.media_info import MediaInfo
    from aioz_stream.encoding.price import LadderCost
    from aioz_stream.http.session import Session
    from aioz_stream.operations.calls import Cost, Metadata, OrderBy, Page, Qualities, SortBy, Status
    from aioz_stream.upload.plan import Part
    from aioz_stream.upload.sources.source import Path, Source
    from aioz_stream.upload.upload import Sending
    from aioz_stream_api.models import Video

T = TypeVar("T")
S = TypeVar("S")

_LOOP_CHECK = 0.5  # seconds between two looks at whether the loop still runs
_ENDING = 0.8  # seconds that a cancelled task waits for its thread, to end within one


class AsyncVideos:
    """All that can be done with videos: the methods of `Videos`, to be awaited, with the same arguments and errors."""

    def __init__(self, session: AsyncSession, upload_session: Callable[[], Session]) -> None:
        self._session = session
        self._upload_session = upload_session

    async def create(
        self,
        title: str,
        *,
        description: str | None = None,
        is_public: bool = True,
        metadata: Metadata | None = None,
        tags: Sequence[str] | None = None,
        qualities: Qualities | None = None,
        strict: bool = False,
    ) -> Video:
        """See `Videos.create`."""
        new = calls.new_video(title, description, is_public, metadata, tags, qualities, strict=strict)
        return await self._session.send(calls.create(new))

    async def get(self, video_id: str) -> Video:
        """See `Videos.get`."""
        return await self._session.send(calls.get(video_id))

    def list(
        self,
        *,
        tags: Sequence[str] | None = None,
        metadata: Metadata | None = None,
        status: Status | None = None,
        search: str | None = None,
        created_after: str | date | None = None,
        created_before: str | date | None = None,
        sort_by: SortBy = "created_at",
        order_by: OrderBy = "desc",
        page_size: int | None = None,
    ) -> AsyncIterator[Video]:
        """See `Videos.list`. Not awaited: `async for video in stream.videos.list(): ...`."""
        wanted = created_between(created_after, created_before)
        page = pager(sort_by, order_by, tags, metadata, status, search)
        size = calls.largest_page() if page_size is None else page_size
        first = page(0, size)

        async def videos() -> AsyncIterator[Video]:
            pages, call = Pages(), first
            while not pages.finished:
                for video in filter(wanted, pages.take(await self._session.send(call))):
                    yield video
                call = page(pages.offset, size)

        return videos()

    async def page(
        self,
        *,
        offset: int = 0,
        limit: int = 25,
        sort_by: SortBy = "created_at",
        order_by: OrderBy = "desc",
        tags: Sequence[str] | None = None,
        metadata: Metadata | None = None,
        status: Status | None = None,
        search: str | None = None,
    ) -> Page:
        """See `Videos.page`."""
        page = pager(sort_by, order_by, tags, metadata, status, search)
        return await self._session.send(page(offset, limit))

    async def cost(self, qualities: Sequence[str], duration: float) -> Cost:
        """See `Videos.cost`."""
        return await self._session.send(calls.cost(qualities, duration))

    async def ladder_cost(
        self, qualities: Qualities, *, source: MediaInfo | Path | None = None, duration: float | None = None
    ) -> LadderCost:
        """See `Videos.ladder_cost`."""
        question = await asyncio.to_thread(Question.about, qualities, source, duration)
        return question.answered(await self.cost(question.names, question.duration))

    async def update(
        self,
        video_id: str,
        *,
        title: str | Unset | None = UNSET,
        description: str | Unset | None = UNSET,
        is_public: bool | Unset | None = UNSET,
        metadata: Metadata | Unset | None = UNSET,
        tags: Sequence[str] | Unset | None = UNSET,
        player_id: str | Unset | None = UNSET,
    ) -> None:
        """See `Videos.update`."""
        await self._session.send(calls.update(video_id, title, description, is_public, metadata, tags, player_id))

    async def delete(self, video_id: str) -> None:
        """See `Videos.delete`."""
        await self._session.send(calls.delete(video_id))

    async def upload(self, video_id: str, source: Source, **how: Unpack[Sending]) -> Video:
        """See `Videos.upload`. Cancelling the task stops the upload.

        `on_progress` is called on the event loop, and awaited if it is a coroutine function; so is `on_created`.
        """

        def work(session: Session, options: UploadOptions, stop: Stop) -> Video:
            return Upload(session, source, options, stop).to_video(video_id)

        return await in_thread(self._upload_session(), work, how)

    async def upload_part(
        self, video_id: str, source: Source, part: Part, *, part_limits: PartLimits = PART_LIMITS
    ) -> None:
        """See `Videos.upload_part`."""
        stop = Stop()
        sending = partial(send_part, self._upload_session(), video_id, source, part, part_limits, stop)
        await ended_with(sending, stop.set)

    async def complete(self, video_id: str) -> None:
        """See `Videos.complete`."""
        await self._session.send(calls.complete(video_id))

    async def upload_thumbnail(self, video_id: str, picture: Path) -> None:
        """See `Videos.upload_thumbnail`."""
        await self._session.send(await asyncio.to_thread(calls.upload_thumbnail, video_id, picture))

    async def wait(self, video_id: str, *, timeout: float = 3600.0) -> Video:  # noqa: ASYNC109 - the same as Videos.wait
        """See `Videos.wait`."""
        call, looks = calls.get(video_id), Looks(video_id, timeout)
        while True:
            session = AsyncSession(self._session.http, looks.within(self._session.options))

            async def pause(seconds: float, session: AsyncSession = session) -> None:
                await asyncio.sleep(looks.retry(seconds))
                session.options = looks.within(self._session.options)

            with looks.deadline():
                video = await session.send(call, pause)
            if is_settled(video):
                return video
            await asyncio.sleep(looks.pause(video))


async def in_thread(session: Session, work: Callable[[Session, UploadOptions, Stop], T], how: Sending) -> T:
    """Runs an upload on a thread, calls back on the loop, and stops the upload when this task is cancelled."""
    options = UploadOptions.of(how)
    stop, loop = Stop(), asyncio.get_running_loop()

    def on_loop(callback: Callable[[S], object] | None) -> Callable[[S], None] | None:
        return None if callback is None else partial(_called, loop, stop, callback)

    own = evolve(options, on_progress=on_loop(options.on_progress), on_created=on_loop(options.on_created))
    return await ended_with(partial(work, session, own, stop), stop.set)


async def ended_with(work: Callable[[], T], cancel: Callable[[], object]) -> T:
    """Waits for work on a thread; when this task is cancelled, tells it to end, and waits a moment for that.

    So its journal is free for the same call, and what it says of the video is said by the cancellation, too.
    """
    running = on_thread(work)
    try:
        return await asyncio.shield(running)
    except BaseException as error:
        cancel()
        # Its outcome is nobody's any more; asked for, so that it is not reported as never retrieved.
        running.add_done_callback(lambda done: done.cancelled() or done.exception())
        if isinstance(error, GeneratorExit):
            raise  # There is no loop any more to wait on.
        await asyncio.wait({running}, timeout=_ENDING)
        outcome = running.exception() if running.done() and not running.cancelled() else None
        if outcome is not error:
            for note in getattr(outcome, "__notes__", ()):
                error.add_note(note)
        raise


def on_thread(work: Callable[[], T]) -> asyncio.Future[T]:
    """Runs work on a thread of its own.

    The loop's threads are few, and callbacks may need one, be it to look up a host: uploads that held all of them would
    wait for those callbacks for ever.
    """
    own = ThreadPoolExecutor(1, thread_name_prefix="aioz-stream-async")
    try:
        return asyncio.get_running_loop().run_in_executor(own, copy_context().run, work)
    finally:
        own.shutdown(wait=False)


def _called(loop: asyncio.AbstractEventLoop, stop: Stop, callback: Callable[[S], object], argument: S) -> None:
    """Calls back on the loop, and waits until that is done: what it raises is the upload's to raise."""

    async def call() -> None:
        answer = callback(argument)
        if inspect.isawaitable(answer):
            await answer

    called = asyncio.run_coroutine_threadsafe(call(), loop)
    while not called.done():
        try:
            called.result(_LOOP_CHECK)
        except NotYet:
            # A loop that was stopped will never call; waiting for it would hang the interpreter's exit.
            if stop.is_set() or not loop.is_running():
                called.cancel()
                stop.check()
                raise UploadCancelledError(CANCELLED) from None
    called.result()
