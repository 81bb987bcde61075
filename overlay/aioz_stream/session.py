"""Sends calls: credentials on, retries between, typed errors out. The two faces differ only in how they wait."""

from __future__ import annotations

import asyncio
import logging
import platform
import time
from itertools import count
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import httpx
from attrs import frozen

from aioz_stream import responses
from aioz_stream._version import __version__
from aioz_stream.credentials import HEADERS as CREDENTIAL_HEADERS
from aioz_stream.errors import (
    APIConnectionError,
    APIError,
    APIStatusError,
    ArgumentError,
    ConfigurationError,
    NotFoundError,
    RequestTimeoutError,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from aioz_stream.options import Options

logger = logging.getLogger("aioz_stream")

USER_AGENT = f"aioz-stream-python/{__version__} (Python {platform.python_version()}; httpx {httpx.__version__})"

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
    """Whether a second call has no second effect. If not, it is repeated only when nothing was sent."""
    when_gone: Callable[[], T] | None = None
    """What a 404 means when an earlier try may have had its effect; None where it is a failure all the same."""


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
        never_sent = isinstance(error, APIConnectionError) and not error.sent
        delay = self.options.retries.delay(error, retry) if call.repeatable or never_sent else None
        if delay is not None:
            logger.info("%s; trying again in %.2f s", error, delay)
        return delay


class Session(_Exchange):
    """Sends calls through an httpx client."""

    def __init__(self, http: httpx.Client, options: Options) -> None:
        super().__init__(options)
        self.http = http

    def send(self, call: Call[T], pause: Callable[[float], object] = time.sleep) -> T:
        maybe_done = False
        for retry in count():
            try:
                return self._attempt(call, maybe_done)
            except APIError as error:
                delay = self._delay(call, error, retry)
                if delay is None:
                    raise
                maybe_done |= _may_be_done(error)
            pause(delay)
        raise AssertionError("count() never ends")

    def _attempt(self, call: Call[T], maybe_done: bool) -> T:
        request = self._prepare(self.http, call)
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

    async def send(self, call: Call[T]) -> T:
        maybe_done = False
        for retry in count():
            try:
                return await self._attempt(call, maybe_done)
            except APIError as error:
                delay = self._delay(call, error, retry)
                if delay is None:
                    raise
                maybe_done |= _may_be_done(error)
            await asyncio.sleep(delay)
        raise AssertionError("count() never ends")

    async def _attempt(self, call: Call[T], maybe_done: bool) -> T:
        request = self._prepare(self.http, call)
        try:
            response = await self.http.send(request, auth=None, follow_redirects=False)
        except (httpx.RequestError, httpx.InvalidURL, UnicodeError) as error:
            raise responses.lost(request, error, self.options.credentials) from error
        return self._settle(call, response, maybe_done)


def _may_be_done(error: APIError) -> bool:
    """Whether the call may have had its effect, although it failed: not when it was never sent, or was refused."""
    if isinstance(error, APIConnectionError):
        return error.sent
    return isinstance(error, APIStatusError) and (error.status >= 500 or isinstance(error, RequestTimeoutError))
