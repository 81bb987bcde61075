"""Sends calls: credentials on, retries between, typed errors out. The two faces differ only in how they wait."""

from __future__ import annotations

import asyncio
import logging
import time
from itertools import count
from typing import TYPE_CHECKING, Any, Generic, NoReturn, TypeVar

import httpx
from attrs import frozen

from aioz_stream.errors import (
    APIConnectionError,
    APIError,
    APIStatusError,
    ArgumentError,
    ConfigurationError,
    NotFoundError,
    RateLimitError,
    RequestTimeoutError,
    UnexpectedResponseError,
)
from aioz_stream.http import responses
from aioz_stream.http.connections import NOT_PICKLED
from aioz_stream.http.credentials import HEADERS as CREDENTIAL_HEADERS
from aioz_stream.http.user_agent import USER_AGENT

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from aioz_stream.http.connections import Connections, Lane
    from aioz_stream.http.options import Options

    OnRetry = Callable[[APIError, float], object]

logger = logging.getLogger("aioz_stream")

# In seconds. A part's answer comes only after the service has hashed and stored all of it.
TIMEOUT = httpx.Timeout(60.0, connect=10.0)
UPLOAD_TIMEOUT = httpx.Timeout(60.0, connect=10.0, read=300.0)

T = TypeVar("T")


@frozen
class Call(Generic[T]):
    """One call of the API: how to make its request, as often as need be, and what its answer means."""

    request: Callable[[], dict[str, Any]]
    """httpx's arguments, fresh at each attempt."""
    parse: Callable[[httpx.Response], T]
    timeout: httpx.Timeout = TIMEOUT
    repeatable: bool = True
    """Whether a second call has no second effect. If not, it is repeated only when the first can't have had one."""
    when_gone: Callable[[], T] | None = None
    """What a 404 means when an earlier try may have had its effect; None where it is a failure all the same."""
    when_lost: Call[T | None] | None = None
    """Asked when a try may have had its effect and its answer is lost: what came of it, or None if nothing did."""


class _Exchange:
    """What both faces do around the sending itself."""

    def __init__(self, options: Options) -> None:
        self.options = options

    def _prepare(self, http: httpx.Client | httpx.AsyncClient, call: Call[T]) -> httpx.Request:
        if http.is_closed:
            raise ConfigurationError("This client is closed. Make a new one, or do your calls inside its `with` block.")
        arguments = call.request()
        url = self.options.base_url + arguments.pop("url")
        timeout = self.options.timeout or call.timeout
        try:
            request = http.build_request(url=url, timeout=timeout, **arguments)
        except httpx.InvalidURL as error:
            raise ArgumentError(f"video_id makes no URL: {error}", argument="video_id") from None
        for name in CREDENTIAL_HEADERS:
            request.headers.pop(name, None)
        request.headers.update(self.options.credentials.headers)
        request.headers["User-Agent"] = USER_AGENT
        return request

    def _settle(self, call: Call[T], response: httpx.Response, maybe_done: bool) -> T:
        responses.record(response)
        logger.debug("%s %s: %s", response.request.method, response.request.url.path, response.status_code)
        if response.is_success:
            return responses.parsed(response, call.parse, self.options.credentials)
        error = responses.refused(response, self.options.credentials)
        if call.when_gone and maybe_done and isinstance(error, NotFoundError):
            return call.when_gone()
        raise error

    def _delay(self, call: Call[T], error: APIError, retry: int) -> float | None:
        """Seconds until the call is made again; None when the error is final."""
        had_none = isinstance(error, RateLimitError) or (isinstance(error, APIConnectionError) and not error.sent)
        delay = self.options.retries.delay(error, retry) if call.repeatable or had_none else None
        if delay is not None:
            logger.info("%s; trying again in %.2f s", error, delay)
        return delay


class Session(_Exchange):
    """Sends calls through an httpx client, or through a lane of an upload."""

    def __init__(self, connections: Connections, options: Options, lane: Lane | None = None) -> None:
        super().__init__(options)
        self.connections = connections
        self._lane = lane

    @property
    def http(self) -> httpx.Client:
        return self._lane.http if self._lane else self.connections.http

    def through(self, lane: Lane) -> Session:
        """The same, through a lane."""
        return Session(self.connections, self.options, lane)

    def send(self, call: Call[T], pause: Callable[[float], object] = time.sleep, on_retry: OnRetry | None = None) -> T:
        """`on_retry` hears of each error that is not final, and how many seconds it will wait, before it does."""
        maybe_done = False
        for retry in count():
            try:
                return self.attempt(call, maybe_done)
            except APIError as error:
                error.attempt = retry + 1
                maybe_done |= may_be_done(error)
                if call.when_lost and maybe_done and (found := self.send(call.when_lost, pause)) is not None:
                    return found
                delay = self._delay(call, error, retry)
                if delay is None:
                    raise
                if on_retry:
                    on_retry(error, delay)
                pause(delay)
        raise AssertionError("count() never ends")

    def attempt(self, call: Call[T], maybe_done: bool = False) -> T:
        """Send a call a single time. An earlier one `maybe_done` what it is to do."""
        request = self._prepare(self.http, call)
        if self._lane:
            request.extensions["trace"] = self._lane.trace
            request.headers.update(self._lane.headers)
        try:
            response = self.http.send(request, auth=None, follow_redirects=False)
        except (httpx.RequestError, httpx.InvalidURL, UnicodeError) as error:
            raise responses.lost(request, error, self.options.credentials) from error
        return self._settle(call, response, maybe_done)


class AsyncSession(_Exchange):
    """Sends calls through an asynchronous httpx client."""

    def __init__(self, http: httpx.AsyncClient, options: Options) -> None:
        super().__init__(options)
        self.http = http

    def __reduce__(self) -> NoReturn:
        raise TypeError(NOT_PICKLED)

    async def send(self, call: Call[T], pause: Callable[[float], Awaitable[object]] = asyncio.sleep) -> T:
        maybe_done = False
        for retry in count():
            try:
                return await self._attempt(call, maybe_done)
            except APIError as error:
                error.attempt = retry + 1
                maybe_done |= may_be_done(error)
                if call.when_lost and maybe_done and (found := await self.send(call.when_lost, pause)) is not None:
                    return found
                delay = self._delay(call, error, retry)
                if delay is None:
                    raise
                await pause(delay)
        raise AssertionError("count() never ends")

    async def _attempt(self, call: Call[T], maybe_done: bool) -> T:
        request = self._prepare(self.http, call)
        try:
            response = await self.http.send(request, auth=None, follow_redirects=False)
        except (httpx.RequestError, httpx.InvalidURL, UnicodeError) as error:
            raise responses.lost(request, error, self.options.credentials) from error
        return self._settle(call, response, maybe_done)


def may_be_done(error: APIError) -> bool:
    """Whether the call may have had its effect, although it failed: not when it was never sent, or was refused."""
    if isinstance(error, APIConnectionError):
        return error.sent
    if isinstance(error, UnexpectedResponseError):
        return error.damaged
    return isinstance(error, APIStatusError) and (error.status >= 500 or isinstance(error, RequestTimeoutError))
