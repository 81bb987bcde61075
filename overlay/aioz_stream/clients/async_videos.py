"""The videos of an account for asyncio: `AsyncAiozStream.videos`."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Coroutine, Sequence
from datetime import date
from functools import partial, wraps
from os import PathLike
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar, Unpack, cast

from aioz_stream import download as downloading
from aioz_stream import encoding, operations
from aioz_stream import upload as uploading
from aioz_stream.arguments.keywords import showing
from aioz_stream.clients.videos import Videos
from aioz_stream.errors import Part
from aioz_stream.http.async_session import AsyncSession
from aioz_stream.http.cancel_signal import CancelSignal
from aioz_stream.http.session import Session
from aioz_stream.operations import calls
from aioz_stream.operations.operation import Extra, with_extra
from aioz_stream.upload.options import Sending
from aioz_stream_api import models

P = ParamSpec("P")
T = TypeVar("T")


def _awaits(
    method: Callable[Concatenate[Videos, P], T],
) -> Callable[[object], Callable[Concatenate[AsyncVideos, P], Coroutine[Any, Any, T]]]:
    """Makes a method that awaits what its session sends. Type checkers agree on that of a decorated function alone."""

    def take_place(_: object) -> Callable[Concatenate[AsyncVideos, P], Coroutine[Any, Any, T]]:
        @wraps(method)
        async def awaited(self: AsyncVideos, /, *args: P.args, **kwargs: P.kwargs) -> T:
            sent: Awaitable[T] = cast("Any", method)(self, *args, **kwargs)
            return await sent

        return awaited

    return take_place


class AsyncVideos:
    """The methods of `Videos` for asyncio, with the same arguments and errors.

    Calls go through an asynchronous httpx client. Uploading is blocking work (reading, hashing, sending), so it runs on
    threads and through a synchronous client: with the same engine as `Videos.upload`.
    """

    def __init__(self, session: AsyncSession, upload_session: Callable[[], Session]) -> None:
        self._session = session
        self._upload_session = upload_session

    @_awaits(Videos.create)
    def create(self) -> None: ...

    @_awaits(Videos.get)
    def get(self) -> None: ...

    @_awaits(Videos.page)
    def page(self) -> None: ...

    @_awaits(Videos.cost)
    def cost(self) -> None: ...

    @_awaits(Videos.update)
    def update(self) -> None: ...

    @_awaits(Videos.delete)
    def delete(self) -> None: ...

    def list(
        self,
        *,
        tags: Sequence[str] | None = None,
        metadata: operations.Metadata | None = None,
        status: operations.Status | None = None,
        search: str | None = None,
        created_after: str | date | None = None,
        created_before: str | date | None = None,
        sort_by: operations.SortBy = "created_at",
        order_by: operations.OrderBy = "desc",
        page_size: int | None = None,
        **extra: Unpack[Extra],
    ) -> AsyncIterator[models.Video]:
        """See `Videos.list`. Not awaited: `async for video in stream.videos.list(): ...`."""
        pages = operations.Pages(
            tags, metadata, status, search, created_after, created_before, sort_by, order_by, page_size, extra
        )

        async def videos() -> AsyncIterator[models.Video]:
            while pages.next is not None:
                for video in pages.take(await self._session.send(pages.next)):
                    yield video

        return videos()

    async def ladder_cost(
        self,
        qualities: operations.Qualities,
        *,
        source: encoding.Source | str | PathLike[str] | None = None,
        duration: float | None = None,
    ) -> encoding.LadderCost:
        """See `Videos.ladder_cost`."""
        names, seconds, unpriced = await uploading.start_thread(partial(encoding.question, qualities, source, duration))
        return encoding.LadderCost(await self.cost(names, seconds), names, unpriced)

    @showing(Sending)
    async def upload(self, video_id: str, source: uploading.AsyncSource, **how: Unpack[Sending]) -> models.Video:
        """See `Videos.upload`. Cancelling the task ends the upload.

        `on_progress` and `on_created` are called on the event loop, and awaited if they are coroutine functions.
        """
        return await uploading.run_upload(
            self._upload_session(), source, how, lambda upload: upload.upload_into(video_id)
        )

    async def upload_part(
        self, video_id: str, source: uploading.Source, part: Part, *, part_limits: uploading.PartLimits | None = None
    ) -> None:
        """See `Videos.upload_part`."""
        signal = CancelSignal()
        sending = partial(uploading.send_part, self._upload_session(), video_id, source, part, part_limits, signal)
        await uploading.run_cancellable(sending, signal.set)

    async def complete(self, video_id: str, **extra: Unpack[Extra]) -> None:
        """See `Videos.complete`."""
        await self._session.send(with_extra(calls.complete(video_id), extra))

    async def upload_thumbnail(self, video_id: str, picture: str | PathLike[str], **extra: Unpack[Extra]) -> None:
        """See `Videos.upload_thumbnail`."""
        call = await uploading.start_thread(partial(calls.upload_thumbnail, video_id, picture))
        await self._session.send(with_extra(call, extra))

    async def download(
        self,
        video_id: str,
        path: str | PathLike[str],
        asset: downloading.Asset = "source",
        *,
        overwrite: bool | None = None,
        on_progress: uploading.OnProgress | None = None,
        cancel: uploading.Cancellation | None = None,
        deadline: float | None = None,
    ) -> Path:
        """See `Videos.download`. It runs on a thread. Cancelling the task ends it; `on_progress` may be a coroutine."""
        download = downloading.Download(self._upload_session(), video_id, asset, on_progress, cancel, deadline)
        return await downloading.run_to_file(download, path, overwrite)

    def iter_bytes(
        self,
        video_id: str,
        asset: downloading.Asset = "source",
        *,
        on_progress: uploading.OnProgress | None = None,
        cancel: uploading.Cancellation | None = None,
        deadline: float | None = None,
    ) -> AsyncGenerator[bytes]:
        """See `Videos.iter_bytes`. Not awaited: `async for block in stream.videos.iter_bytes(video_id): ...`."""
        return downloading.run_to_blocks(
            downloading.Download(self._upload_session(), video_id, asset, on_progress, cancel, deadline)
        )

    async def wait(self, video_id: str, *, timeout: float = 3600.0) -> models.Video:  # noqa: ASYNC109 - the same as Videos.wait
        """See `Videos.wait`."""
        call, polling = calls.get(video_id), operations.Polling(video_id, timeout)
        session = self._session.with_options(self._session.options)

        async def pause(seconds: float) -> None:
            await asyncio.sleep(polling.retry_delay(seconds))
            session.options = polling.limit_timeouts(self._session.options)

        while True:
            session.options = polling.limit_timeouts(self._session.options)
            with polling.deadline():
                video = await session.send(call, pause)
            if operations.is_settled(video):
                return video
            await asyncio.sleep(polling.delay_after(video))
