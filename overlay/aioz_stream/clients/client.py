"""The client: `AiozStream`. `async_client` has the one for asyncio."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from copy import copy
from decimal import Decimal
from os import PathLike
from typing import Generic, Protocol, Self, TypeVar, Unpack

import httpx

from aioz_stream import operations
from aioz_stream import upload as uploading
from aioz_stream.arguments.keywords import showing
from aioz_stream.clients.videos import Videos
from aioz_stream.http import connections
from aioz_stream.http.network import Proxy, Verify
from aioz_stream.http.options import Options, Retries, Timeout
from aioz_stream.http.session import Session
from aioz_stream.operations.operation import Operation, P, T, make_call
from aioz_stream.upload.options import DEFAULT_FILES, Sending, check_options
from aioz_stream_api import models


class AnySession(Protocol):
    """What the sessions of both clients have in common."""

    options: Options

    def with_options(self, options: Options) -> Self: ...


S = TypeVar("S", bound=AnySession)


class BaseClient(Generic[S]):
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


class AiozStream(BaseClient[Session]):
    """A client of AIOZ Stream.

        with AiozStream() as stream:
            video = stream.upload("talk.mp4", title="Talk")
            video = stream.videos.wait(video.id)

    Several threads may use it. Credentials go to `base_url` only, and redirects are not followed.
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
        """Raises ConfigurationError when an argument is wrong or credentials are missing.

        When no credentials and no `profile` are given, they come from the profile that AIOZ_STREAM_PROFILE names; from
        AIOZ_STREAM_TOKEN, or AIOZ_STREAM_PUBLIC_KEY and AIOZ_STREAM_SECRET_KEY; or from the profile "default". See
        the page "Credentials". Without `proxy` and `verify` the environment decides, see the page "Uploading".

        Args:
            token: The access token.
            public_key: The public one of a pair of keys, with `secret_key`.
            secret_key: The secret one of the pair.
            profile: The name under which `aioz-stream login` keeps credentials, which are for its own address only.
            base_url: The service's address; without a profile, by default AIOZ_STREAM_BASE_URL, or the service's own.
            timeout: Seconds, or an httpx.Timeout. By default 10 s to connect, 60 s without any progress, and 300 s for
                the answer to a part. It holds for the URLs of sources, too.
            max_retries: How many times a call that may be repeated is sent again after a connection error, 408, 425,
                429, 5xx or a damaged answer; 4 by default. A RetryPolicy also sets the waits. It holds for the URLs of
                sources, too.
            http_client: The httpx client to send through. You close it yourself. The URLs of sources are fetched
                through it, without its headers, cookies and authentication.
            transport: The httpx transport to send through, in place of a client.
            proxy: A URL or an httpx.Proxy.
            verify: What certificates are trusted by: the path of a file in PEM form, or an ssl.SSLContext.
            user_agent: Replaces the name that requests give.

        """
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
    def uploads(self) -> uploading.Uploads:
        """The uploads from this machine that began and did not end."""
        return uploading.Uploads(self._session)

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

    @showing(Sending)
    def upload(
        self,
        source: uploading.Source,
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
        """Creates a video, sends the file in parts, completes the upload, and returns the video.

        Without a title the file's name without its ending is used. For the others see `Videos.create` and
        `Videos.upload`. File and arguments are checked before anything is sent. An error after the video was created
        has its id in `video_id`.

        With `max_price` the service is asked what transcoding into `qualities` costs, before a video is created: raises
        PriceError when it is more, and BalanceError when the account's balance does not cover it. The length of the
        video is the file's own (with the extra [probe]), or `duration` in seconds. Raises ArgumentError when qualities
        or the length are not known.

        `thumbnail` is the path of a .png or .jpg file for `Videos.upload_thumbnail`. When the service does not take it,
        the file is sent and completed all the same, before the error is raised.

        The same call resumes an upload that was interrupted, and makes no second video. See `Sending.journal`.
        """
        upload = uploading.Upload(self._session, source, check_options(how))
        return upload.upload_new(
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

    @showing(Sending)
    def upload_many(
        self,
        items: Iterable[uploading.Source | uploading.UploadItem],
        *,
        files: int = DEFAULT_FILES,
        executor: uploading.Executor | None = None,
        **how: Unpack[Sending],
    ) -> Iterator[uploading.UploadResult]:
        """Uploads many files, up to `files` at a time, and yields a result for each; errors are in the results.

            for result in stream.upload_many(["a.mp4", UploadItem(source="b.mp4", title="B")]):
                print(result.item.source, result.video.id if result.video else result.error)

        `concurrency` limits the parts that are sent at the same time for all files together. Callbacks come on the
        threads of the files, several at once. Items are taken from their iterable one by one, so it may be long.
        Nothing is sent before the first result is asked for; leaving the loop cancels the rest. The same call passes
        over complete uploads and resumes the others, until all are complete; after that it uploads all of them again.

        With an `executor` (of `concurrent.futures`, or Dask's `client.get_executor(pure=False)`) other processes send
        the parts; `concurrency` and `max_speed` then hold for each file. They need the package, the files under the
        same paths, and the network. This process makes the videos, keeps the journals and completes. `on_progress` is
        then not called, and cancelling waits for no worker. Raises ConfigurationError for a client that was made with
        `http_client` or `transport`.
        """
        return uploading.ManyUploads(self._session, check_options(how), files, executor).run(items)

    def close(self) -> None:
        """Closes the connections, unless the httpx client was passed in. A copy from `with_options` closes nothing."""
        if self._owns_http:
            self._session.connections.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
