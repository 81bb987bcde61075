"""Sends calls with credentials and retries, and raises typed errors."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, Generic, TypeVar

import httpx
from attrs import frozen

from aioz_stream.errors import APIError, ArgumentError, ConfigurationError, NotFoundError
from aioz_stream.http import bodies, responses, unread
from aioz_stream.http.connections import CLOSED, Connection, Connections
from aioz_stream.http.credentials import HEADERS as CREDENTIAL_HEADERS
from aioz_stream.http.log import Answer, logged
from aioz_stream.http.options import Options
from aioz_stream.http.retry import Attempts, OnRetry, repeat

# In seconds. A part's answer comes only after the service has hashed and stored all of it.
TIMEOUT = httpx.Timeout(60.0, connect=10.0)
UPLOAD_TIMEOUT = httpx.Timeout(60.0, connect=10.0, read=300.0)

T = TypeVar("T")


@frozen
class Call(Generic[T]):
    """One call of the API: how its request is made at each attempt, and what its answer means."""

    request: Callable[[], dict[str, Any]]
    """Makes the arguments for httpx; called anew for each attempt."""
    parse: Callable[[httpx.Response], T]
    timeout: httpx.Timeout = TIMEOUT
    repeatable: bool = True
    """Whether a second request has no second effect. If not, it is repeated only when the first can't have had one."""
    when_gone: Callable[[], T] | None = None
    """What a 404 means when an earlier attempt may have taken effect; None where it is an error all the same."""
    when_lost: Call[T | None] | None = None
    """Sent when an attempt may have taken effect and its answer is lost. Its result, unless None, is the call's."""


class Exchange:
    """What both sessions do before and after the sending itself."""

    def __init__(self, options: Options) -> None:
        self.options = options

    def prepare(self, http: httpx.Client | httpx.AsyncClient, call: Call[T]) -> httpx.Request:
        if http.is_closed:
            raise ConfigurationError(CLOSED)
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
        request.headers["User-Agent"] = self.options.user_agent
        request.headers["Accept-Encoding"] = bodies.ACCEPT_ENCODING
        return request

    def note(self, answer: Answer, response: httpx.Response) -> None:
        """Fills in what is logged."""
        answer.status = response.status_code
        answer.request_id = self.options.credentials.mask(responses.request_id(response) or "") or None

    def settle(self, call: Call[T], response: httpx.Response, is_whole: bool, may_have_taken_effect: bool) -> T:
        responses.record(response)
        if response.is_success:
            read = call.parse if is_whole else responses.refuse_size
            return responses.parse(response, read, self.options.credentials)
        error = responses.response_error(response, self.options.credentials, self.options.base_url)
        if call.when_gone and may_have_taken_effect and isinstance(error, NotFoundError):
            return call.when_gone()
        raise error


class Session(Exchange):
    """Sends calls through an httpx client, or through one connection of an upload."""

    def __init__(self, connections: Connections, options: Options, connection: Connection | None = None) -> None:
        super().__init__(options)
        self.connections = connections
        self._connection = connection

    @property
    def http(self) -> httpx.Client:
        return self._connection.http if self._connection else self.connections.http

    def with_options(self, options: Options) -> Session:
        """A session with other options, which shares the connections."""
        return Session(self.connections, options)

    def with_connection(self, connection: Connection) -> Session:
        """The same session, whose calls go through this connection."""
        return Session(self.connections, self.options, connection)

    def send(self, call: Call[T], pause: Callable[[float], object] = time.sleep, on_retry: OnRetry | None = None) -> T:
        """Sends a call, again where it may be repeated. Raises APIError when it fails for good.

        `pause` waits between two attempts. `on_retry` is called before that with the error and the seconds to wait.
        """
        attempts = Attempts(self.options.retries, repeatable=call.repeatable, on_retry=on_retry)
        when_lost = call.when_lost
        recover: Callable[[APIError], T | None] | None
        recover = None if when_lost is None else lambda _: self.send(when_lost, pause)
        return repeat(lambda: self.send_once(call, attempts.may_have_taken_effect), attempts, pause, recover)

    def send_once(self, call: Call[T], may_have_taken_effect: bool = False) -> T:
        """Sends a call without repeating it; an earlier attempt `may_have_taken_effect`."""
        request = self.prepare(self.http, call)
        request.extensions["trace"] = self._connection.trace if self._connection else unread.trace
        if self._connection:
            request.headers.update(self._connection.headers)
        try:
            with logged(request.method, request.url.path) as answer:
                response = self.http.send(request, auth=None, follow_redirects=False, stream=True)
                unread.watch(response.extensions.get("network_stream"))
                response, is_whole = bodies.read(response)
                self.note(answer, response)
        except responses.FAILURES as error:
            raise responses.request_error(request, error, self.options.credentials) from error
        return self.settle(call, response, is_whole, may_have_taken_effect)
