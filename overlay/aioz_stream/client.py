"""The two clients: `AiozStream`, and `AsyncAiozStream` for asyncio."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterable, Iterator, Sequence
from concurrent.futures import Executor
from copy import copy
from functools import partial
from typing import Generic, Self, TypeVar, Unpack

import httpx

from aioz_stream.errors import ConfigurationError
from aioz_stream.http import connections
from aioz_stream.http.connections import LoopClients, running_loop
from aioz_stream.http.network import Proxy, Verify
from aioz_stream.http.options import Options, Retries, Timeout
from aioz_stream.http.session import AsyncSession, Session
from aioz_stream.operations.calls import Metadata, Qualities
from aioz_stream.operations.operation import Operation, P, T, make_call
from aioz_stream.upload.background import run_cancellable, start_thread
from aioz_stream.upload.many import ManyUploads, UploadItem, UploadResult
from aioz_stream.upload.options import DEFAULT_FILES, Sending, check_options
from aioz_stream.upload.sources.source import AsyncSource, Source
from aioz_stream.upload.upload import Upload, run_upload
from aioz_stream.upload.uploads import AsyncUploads, Uploads
from aioz_stream.videos import AsyncVideos, Videos
from aioz_stream_api.models import Video

S = TypeVar("S", Session, AsyncSession)


class _Client(Generic[S]):
    """What both clients have in common."""

    _session: S
    _owns_http: bool

    def with_options(self, *, timeout: Timeout | None = None, max_retries: Retries | None = None) -> Self:
        """A copy with other options, which shares the connections: `stream.with_options(timeout=5).videos.get(id)`."""
        other = copy(self)
        other._owns_http = False  # noqa: SLF001 - of the same class
        other._session = self._session.with_options(self._session.options.override(timeout, max_retries))  # noqa: SLF001 - of the same class
        return other

    def __repr__(self) -> str:
        options = self._session.options
        return f"{type(self).__name__}(base_url={options.base_url!r}, credentials={options.credentials.kind!r})"


class AiozStream(_Client[Session]):
    """A client of AIOZ Stream.

        with AiozStream() as stream:
            video = stream.upload("talk.mp4", title="Talk")
            video = stream.videos.wait(video.id)

    Credentials are `token`, or `public_key` with `secret_key`; or those of the `profile` that `aioz-stream login` keeps
    under this name, which are for its own address only. When none of these is given, they come from the profile that
    AIOZ_STREAM_PROFILE names; from AIOZ_STREAM_TOKEN, or AIOZ_STREAM_PUBLIC_KEY and AIOZ_STREAM_SECRET_KEY; or from
    the profile "default". See docs/credentials.md. Without a profile, `base_url` comes from AIOZ_STREAM_BASE_URL, or is
    the service's own.

    `timeout` is in seconds, or an httpx.Timeout; by default 10 s to connect, 60 s without any progress, and 300 s for
    the answer to a part. `max_retries` (4) is how many times a call that may be repeated is sent again after a
    connection error, 408, 425, 429, 5xx or a damaged answer; a RetryPolicy also sets the waits. Both hold for the URLs
    of sources, too.

    The connections are httpx's. `proxy` is a URL or an httpx.Proxy, and `verify` what certificates are trusted by: the
    path of a file in PEM form, or an ssl.SSLContext. Without them the environment decides, see docs/uploading.md. Or
    pass a `transport`; or an `http_client`, which you close yourself; the URLs of sources are fetched through it,
    without its headers, cookies and authentication. `user_agent` replaces the name that requests give. Credentials go
    to `base_url` only, and redirects are not followed.

    Several threads may use it. Raises ConfigurationError when an argument is wrong or credentials are missing.
    """

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
        http_client: httpx.Client | None = None,
        transport: httpx.BaseTransport | None = None,
        proxy: Proxy | None = None,
        verify: Verify | None = None,
        user_agent: str | None = None,
    ) -> None:
        options = Options.from_arguments(
            token, public_key, secret_key, base_url, timeout, max_retries, user_agent, profile
        )
        network = connections.make_network(httpx.Client, http_client, transport, proxy, verify)
        self._owns_http = True
        if http_client is None and transport is None:
            network.check(options.base_url)
        self._session = Session(connections.Connections(http_client, transport, network), options)

    @property
    def videos(self) -> Videos:
        """The account's videos."""
        return Videos(self._session)

    @property
    def uploads(self) -> Uploads:
        """The uploads from this machine that began and did not end."""
        return Uploads(self._session)

    def send(self, operation: Operation[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Sends any generated operation with the client's credentials, retries, timeouts and typed errors.

            from aioz_stream_api.api.videos import get_video

            answer = stream.send(get_video, video_id)
            print(answer.data.title)

        The arguments are those of the operation's `get_kwargs`; they are not checked. The result is the body as the
        contract describes it for a success. A request whose answer is lost is sent again for GET, HEAD, OPTIONS, PUT
        and DELETE only.
        """
        return self._session.send(make_call(operation, *args, **kwargs))

    def upload(
        self,
        source: Source,
        *,
        title: str | None = None,
        description: str | None = None,
        is_public: bool = True,
        metadata: Metadata | None = None,
        tags: Sequence[str] | None = None,
        qualities: Qualities | None = None,
        strict: bool = False,
        **how: Unpack[Sending],
    ) -> Video:
        """Creates a video, sends the file in parts, completes the upload, and returns the video.

        Without a title the file's name is used. For the others see `Videos.create` and `Videos.upload`. File and
        arguments are checked before anything is sent. An error after the video was created has its id in `video_id`.

        The same call resumes an upload that was interrupted, and makes no second video. See `Sending.journal`.
        """
        upload = Upload(self._session, source, check_options(how))
        return upload.upload_new(
            title, qualities, strict, description=description, is_public=is_public, metadata=metadata, tags=tags
        )

    def upload_many(
        self,
        items: Iterable[Source | UploadItem],
        *,
        files: int = DEFAULT_FILES,
        executor: Executor | None = None,
        **how: Unpack[Sending],
    ) -> Iterator[UploadResult]:
        """Uploads many files, up to `files` at a time, and yields a result for each; errors are in the results.

            for result in stream.upload_many(["a.mp4", UploadItem(source="b.mp4", title="B")]):
                print(result.item.source, result.video.id if result.video else result.error)

        `concurrency` limits the parts that are sent at the same time for all files together. Callbacks come on the
        threads of the files, several at once. Items are taken from their iterable one by one, so it may be long.
        Nothing is sent before the first result is asked for; leaving the loop cancels the rest. The same call passes
        over complete uploads and resumes the others, until all are complete.

        With an `executor` (of `concurrent.futures`, or Dask's `client.get_executor(pure=False)`) other processes send
        the parts; `concurrency` and `max_speed` then hold for each file. They need the package, the files under the
        same paths, and the network. This process makes the videos, keeps the journals and completes. `on_progress` is
        then not called, and cancelling waits for no worker. Raises ConfigurationError for a client that was made with
        `http_client` or `transport`.
        """
        return ManyUploads(self._session, check_options(how), files, executor).run(items)

    def close(self) -> None:
        """Closes the connections, unless the httpx client was passed in. A copy from `with_options` closes nothing."""
        if self._owns_http:
            self._session.connections.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class AsyncAiozStream(_Client[AsyncSession]):
    """A client of AIOZ Stream for asyncio. Arguments, methods and errors are those of `AiozStream`.

        async with AsyncAiozStream() as stream:
            video = await stream.upload("talk.mp4", title="Talk")
            video = await stream.videos.wait(video.id)
            async for video in stream.videos.list(): ...

    Uploads run on threads, through an httpx.Client that is made when needed with the same `proxy`. If you pass an
    `http_client`, or a `transport` that is only asynchronous, also pass an `upload_client` in order to upload: an
    upload never goes around what you passed in.
    """

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
    def uploads(self) -> AsyncUploads:
        """The uploads from this machine that began and did not end."""
        return AsyncUploads(self._upload_session())

    async def send(self, operation: Operation[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """See `AiozStream.send`."""
        return await self._session.send(make_call(operation, *args, **kwargs))

    async def upload(
        self,
        source: AsyncSource,
        *,
        title: str | None = None,
        description: str | None = None,
        is_public: bool = True,
        metadata: Metadata | None = None,
        tags: Sequence[str] | None = None,
        qualities: Qualities | None = None,
        strict: bool = False,
        **how: Unpack[Sending],
    ) -> Video:
        """See `AiozStream.upload` and `AsyncVideos.upload`. Cancelling the task ends the upload.

        Also takes an object whose `read` is a coroutine, such as a web framework's upload file, and an asynchronous
        iterator of bytes, with `size` or `spool=True`.
        """
        new = {"description": description, "is_public": is_public, "metadata": metadata, "tags": tags}
        return await run_upload(
            self._upload_session(), source, how, lambda upload: upload.upload_new(title, qualities, strict, **new)
        )

    async def upload_many(
        self,
        items: Iterable[AsyncSource | UploadItem],
        *,
        files: int = DEFAULT_FILES,
        executor: Executor | None = None,
        **how: Unpack[Sending],
    ) -> AsyncGenerator[UploadResult]:
        """See `AiozStream.upload_many`: `async for result in stream.upload_many(...)`. Callbacks come on threads."""
        many = ManyUploads(self._upload_session(), check_options(how), files, executor)
        results = many.run(items, running_loop())
        try:
            while (result := await run_cancellable(partial(next, results, None), many.cancel)) is not None:
                yield result
        except GeneratorExit:
            many.cancel()
            await start_thread(results.close)
            raise

    def _upload_session(self) -> Session:
        if self._refuses_uploads:
            raise ConfigurationError(
                "Uploads run on threads and need a synchronous httpx.Client, but only an asynchronous client or "
                "transport was passed in. Pass upload_client=httpx.Client(...) as well."
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
