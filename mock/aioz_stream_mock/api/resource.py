"""One path of the server with all its methods, and the answers to what goes wrong there."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from aioz_stream_mock.api.bodies import BodyReceiver, send_after_body
from aioz_stream_mock.api.multipart import FRAMING
from aioz_stream_mock.errors import ApiError, error_response, is_scarcity
from aioz_stream_mock.state.rate_limits import remembered_headers

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

Endpoint = Callable[[Request], Awaitable[Response]]

log: logging.Logger = logging.getLogger(__name__)


class Resource:
    """All methods of one path: one route, so that a wrong method is 405 and `Allow` names every right one."""

    def __init__(self, methods: Mapping[str, Endpoint], max_part_size: int) -> None:
        self._methods = methods
        self._allow = ", ".join(sorted(methods))
        self._drain_limit = max_part_size + FRAMING

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        receiver = BodyReceiver(receive)
        request = Request(scope, receiver)
        try:
            response = await self._answer(request)
        except ClientDisconnect:
            return
        response.headers.update(remembered_headers(scope))
        await send_after_body(response, scope, receiver, send, self._drain_limit)

    async def _answer(self, request: Request) -> Response:
        endpoint = self._methods.get(request.method)
        if endpoint is None:
            return error_response(405, f"{request.method[:20]} is not allowed here.", {"Allow": self._allow})
        try:
            return await endpoint(request)
        except ApiError as error:
            return error_response(error.status, error.message, error.headers)
        except ClientDisconnect:
            raise
        except Exception as error:
            if is_scarcity(error):
                return refuse_for_scarcity(request, error)
            log.exception("%s %s failed", request.method, request.scope["path"])
            return error_response(500, "Internal error.")


def refuse_for_scarcity(request: Request, error: Exception) -> Response:
    """The answer where a file can't be opened now; in the log a sentence, not a traceback for each request."""
    why = getattr(error, "strerror", None)
    log.warning("%s %s is answered with 503: %s.", request.method[:20], request.scope["path"], why)
    return error_response(503, f"The server can't open a file now ({why}); try again.", {"Retry-After": "1"})
