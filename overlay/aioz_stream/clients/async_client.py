"""The client for asyncio: `AsyncAiozStream`."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterable, Sequence
from decimal import Decimal
from functools import partial
from os import PathLike
from typing import Self, Unpack

import httpx

from aioz_stream import operations
from aioz_stream import upload as uploading
from aioz_stream.arguments.keywords import like, showing
from aioz_stream.clients.async_videos import AsyncVideos
from aioz_stream.clients.client import AiozStream, BaseClient
from aioz_stream.errors import ConfigurationError
from aioz_stream.http import connections
from aioz_stream.http.async_session import AsyncSession
from aioz_stream.http.loop_clients import LoopClients, running_loop
from aioz_stream.http.network import Proxy, Verify
from aioz_stream.http.options import Options, Retries, Timeout
from aioz_stream.http.session import Session
from aioz_stream.operations.operation import Operation, P, T, make_call
from aioz_stream.upload.options import DEFAULT_FILES, Sending, check_options
from aioz_stream_api import models


class AsyncAiozStream(BaseClient[AsyncSession]):
    """A client of AIOZ Stream for asyncio. Arguments, methods and errors are those of `AiozStream`.

        async with AsyncAiozStream() as stream:
            video = await stream.upload("talk.mp4", title="Talk")
            video = await stream.videos.wait(video.id)
            async for video in stream.videos.list(): ...

    Uploads and downloads run on threads, through an httpx.Client that is made when needed with the same `proxy`. If you
    pass an `http_client`, or a `transport` that is only asynchronous, also pass an `upload_client` for them: they never
    go around what you passed in.
    """

    @like(AiozStream.__init__, upload_client="The synchronous httpx client that uploads and downloads go through.")
    def __init__(
        self,
        *,
        token: str | None = None,
        public_key: str | None = None,
        secret_key: str | None = None,
        profile: str | None = None,
        base_url: str | None = None,
        timeout: Timeout | None = None,
        max_retries: Retries | None = None,
        http_client: httpx.AsyncClient | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
        proxy: Proxy | None = None,
        verify: Verify | None = None,
        user_agent: str | None = None,
        upload_client: httpx.Client | None = None,
    ) -> None:
        """As `AiozStream`, with an asynchronous `http_client` or `transport`, and an `upload_client` beside it."""
        options = Options.from_arguments(
            token, public_key, secret_key, base_url, timeout, max_retries, user_agent, profile
        )
        network = connections.make_network(httpx.AsyncClient, http_client, transport, proxy, verify)
        connections.check_client(httpx.Client, "upload_client", upload_client)
        self._owns_http = http_client is None

        def make() -> httpx.AsyncClient:
            own = network.transport(httpx.AsyncHTTPTransport, httpx.URL(options.base_url))
            return httpx.AsyncClient(transport=own)

        shared = httpx.AsyncClient(transport=transport) if transport is not None else http_client
        if shared is None:
            network.check(options.base_url)
        self._session = AsyncSession(LoopClients(shared, make), options)
        # A client or transport for asynchronous calls may be there to route, record or forbid traffic. So an upload
        # that can't go through it is refused, unless a synchronous client was passed in for uploads.
        synchronous = transport if isinstance(transport, httpx.BaseTransport) else None
        self._refuses_uploads = upload_client is None and (http_client or transport) is not synchronous
        self._uploads = connections.Connections(upload_client, synchronous, network)

    @property
    def videos(self) -> AsyncVideos:
        """The account's videos."""
        return AsyncVideos(self._session, self._upload_session)

    @property
    def uploads(self) -> uploading.AsyncUploads:
        """The uploads from this machine that began and did not end."""
        return uploading.AsyncUploads(self._upload_session())

    async def send(self, operation: Operation[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """See `AiozStream.send`."""
        return await self._session.send(make_call(operation, *args, **kwargs))

    @showing(Sending)
    async def upload(
        self,
        source: uploading.AsyncSource,
        *,
        title: str | None = None,
        description: str | None = None,
        is_public: bool = True,
        metadata: operations.Metadata | None = None,
        tags: Sequence[str] | None = None,
        qualities: operations.Qualities | None = None,
        strict: bool = False,
        max_price: Decimal | int | str | None = None,
        duration: float | None = None,
        thumbnail: str | PathLike[str] | None = None,
        **how: Unpack[Sending],
    ) -> models.Video:
        """See `AiozStream.upload` and `AsyncVideos.upload`. Cancelling the task ends the upload.

        Also takes an object whose `read` is a coroutine, such as a web framework's upload file, and an asynchronous
        iterator of bytes, with `size` or `spool=True`.
        """
        upload_new = partial(
            uploading.Upload.upload_new,
            title=title,
            qualities=qualities,
            strict=strict,
            max_price=max_price,
            duration=duration,
            thumbnail=thumbnail,
            description=description,
            is_public=is_public,
            metadata=metadata,
            tags=tags,
        )
        return await uploading.run_upload(self._upload_session(), source, how, upload_new)

    @showing(Sending)
    async def upload_many(
        self,
        items: Iterable[uploading.AsyncSource | uploading.UploadItem],
        *,
        files: int = DEFAULT_FILES,
        executor: uploading.Executor | None = None,
        **how: Unpack[Sending],
    ) -> AsyncGenerator[uploading.UploadResult]:
        """See `AiozStream.upload_many`: `async for result in stream.upload_many(...)`. Callbacks come on threads."""
        many = uploading.ManyUploads(self._upload_session(), check_options(how), files, executor)
        results = many.run(items, running_loop())
        try:
            while (result := await uploading.run_cancellable(partial(next, results, None), many.cancel)) is not None:
                yield result
        except GeneratorExit:
            many.cancel()
            await uploading.start_thread(results.close)
            raise

    def _upload_session(self) -> Session:
        if self._refuses_uploads:
            raise ConfigurationError(
                "Uploads and downloads run on threads and need a synchronous httpx.Client, but only an asynchronous "
                "client or transport was passed in. Pass upload_client=httpx.Client(...) as well."
            )
        return Session(self._uploads, self._session.options)

    async def close(self) -> None:
        """Closes the connections, unless the httpx client was passed in. A copy from `with_options` closes nothing."""
        if self._owns_http:
            await self._session.clients.close()
            self._uploads.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()
