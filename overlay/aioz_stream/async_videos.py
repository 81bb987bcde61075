"""The videos of an account, for asyncio: `AsyncAiozStream.videos`.

Calls go through an asynchronous httpx client. Uploading is blocking work (reading, hashing, sending), so it runs on
threads and through a synchronous client: with the same engine as `Videos.upload`.
"""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING, Unpack

from aioz_stream import arguments
from aioz_stream.encoding.price import Question
from aioz_stream.http.cancel_signal import CancelSignal
from aioz_stream.http.session import AsyncSession
from aioz_stream.operations import calls
from aioz_stream.operations.paging import Pages, created_between, pager
from aioz_stream.operations.waiting import SETTLED, Polling
from aioz_stream.upload.plan import PART_LIMITS, PartLimits
from aioz_stream.upload.single_part import send_part
from aioz_stream.upload.threads import run_cancellable, run_upload
from aioz_stream.upload.upload import Upload
from aioz_stream_api.types import UNSET, Unset

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence
    from datetime import date

    from aioz_stream.encoding.price import Cost, LadderCost
    from aioz_stream.encoding.source import Source as MediaInfo
    from aioz_stream.errors import Part
    from aioz_stream.http.session import Session
    from aioz_stream.operations.calls import Metadata, OrderBy, Page, Qualities, SortBy, Status
    from aioz_stream.upload.options import Sending
    from aioz_stream.upload.sources.source import Path, Source
    from aioz_stream_api.models import Video


class AsyncVideos:
    """The methods of `Videos` for asyncio, with the same arguments and errors."""

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
        page_size: int = arguments.LARGEST_PAGE,
    ) -> AsyncIterator[Video]:
        """See `Videos.list`. Not awaited: `async for video in stream.videos.list(): ...`."""
        wanted = created_between(created_after, created_before)
        page = pager(sort_by, order_by, tags, metadata, status, search)
        first = page(0, page_size)

        async def videos() -> AsyncIterator[Video]:
            pages, call = Pages(), first
            while not pages.finished:
                for video in filter(wanted, pages.take(await self._session.send(call))):
                    yield video
                call = page(pages.offset, page_size)

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
        title: str | Unset = UNSET,
        description: str | Unset = UNSET,
        is_public: bool | Unset = UNSET,
        metadata: Metadata | Unset = UNSET,
        tags: Sequence[str] | Unset = UNSET,
        player_id: str | Unset = UNSET,
    ) -> None:
        """See `Videos.update`."""
        await self._session.send(calls.update(video_id, title, description, is_public, metadata, tags, player_id))

    async def delete(self, video_id: str) -> None:
        """See `Videos.delete`."""
        await self._session.send(calls.delete(video_id))

    async def upload(self, video_id: str, source: Source, **how: Unpack[Sending]) -> Video:
        """See `Videos.upload`. Cancelling the task ends the upload.

        `on_progress` and `on_created` are called on the event loop, and awaited if they are coroutine functions.
        """

        def work(session: Session, options: Sending, signal: CancelSignal) -> Video:
            return Upload(session, source, options, signal).upload_into(video_id)

        return await run_upload(self._upload_session(), work, how)

    async def upload_part(
        self, video_id: str, source: Source, part: Part, *, part_limits: PartLimits = PART_LIMITS
    ) -> None:
        """See `Videos.upload_part`."""
        signal = CancelSignal()
        sending = partial(send_part, self._upload_session(), video_id, source, part, part_limits, signal)
        await run_cancellable(sending, signal.set)

    async def complete(self, video_id: str) -> None:
        """See `Videos.complete`."""
        await self._session.send(calls.complete(video_id))

    async def upload_thumbnail(self, video_id: str, picture: Path) -> None:
        """See `Videos.upload_thumbnail`."""
        await self._session.send(await asyncio.to_thread(calls.upload_thumbnail, video_id, picture))

    async def wait(self, video_id: str, *, timeout: float = 3600.0) -> Video:  # noqa: ASYNC109 - the same as Videos.wait
        """See `Videos.wait`."""
        call, polling = calls.get(video_id), Polling(video_id, timeout)
        while True:
            session = AsyncSession(self._session.http, polling.limit_timeouts(self._session.options))

            async def pause(seconds: float, session: AsyncSession = session) -> None:
                await asyncio.sleep(polling.retry_delay(seconds))
                session.options = polling.limit_timeouts(self._session.options)

            with polling.deadline():
                video = await session.send(call, pause)
            if video.status in SETTLED:
                return video
            await asyncio.sleep(polling.delay_after(video))
