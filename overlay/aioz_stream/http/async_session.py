"""Sends calls through an asynchronous httpx client, as `session` does through a synchronous one."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import NoReturn, TypeVar

from aioz_stream.errors import APIConnectionError, APIError
from aioz_stream.http import bodies, responses, unread
from aioz_stream.http.connections import NOT_PICKLED
from aioz_stream.http.log import logged
from aioz_stream.http.loop_clients import LoopClients
from aioz_stream.http.options import Options
from aioz_stream.http.retry import Attempts, repeat_async
from aioz_stream.http.session import Call, Exchange

T = TypeVar("T")


class AsyncSession(Exchange):
    """Sends calls through an asynchronous httpx client."""

    def __init__(self, clients: LoopClients, options: Options) -> None:
        super().__init__(options)
        self.clients = clients

    def with_options(self, options: Options) -> AsyncSession:
        """See `Session.with_options`."""
        return AsyncSession(self.clients, options)

    def __reduce__(self) -> NoReturn:
        raise TypeError(NOT_PICKLED)

    async def send(self, call: Call[T], pause: Callable[[float], Awaitable[object]] = asyncio.sleep) -> T:
        """See `Session.send`."""
        attempts, when_lost = Attempts(self.options.retries, repeatable=call.repeatable), call.when_lost
        recover: Callable[[APIError], Awaitable[T | None]] | None
        recover = None if when_lost is None else lambda _: self.send(when_lost, pause)
        return await repeat_async(
            lambda: self._send_once(call, attempts.may_have_taken_effect), attempts, pause, recover
        )

    async def _send_once(self, call: Call[T], may_have_taken_effect: bool) -> T:
        http = await self.clients.get()
        request = self.prepare(http, call)
        request.extensions["trace"] = unread.trace_async
        try:
            with logged(request.method, request.url.path) as answer:
                response = await http.send(request, auth=None, follow_redirects=False, stream=True)
                unread.watch(response.extensions.get("network_stream"))
                response, is_whole = await bodies.read_async(response)
                self.note(answer, response)
        except responses.FAILURES as error:
            raise responses.request_error(request, error, self.options.credentials) from error
        except RuntimeError as error:
            # asyncio's own: connections that were passed in belong to another loop, or the interpreter is ending.
            said = f"this event loop can't send the request: {error}. What you pass in needs to be made on this loop."
            raise APIConnectionError(said, method=request.method, path=request.url.path) from error
        return self.settle(call, response, is_whole, may_have_taken_effect)
