"""Writes the request log."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aioz_stream_mock.control.request_log import LoggedRequest, attach_to
from aioz_stream_mock.control.route_lookup import is_control
from aioz_stream_mock.state.clock import rfc3339

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from aioz_stream_mock.control.controlled_backend import ControlledBackend

MAX_METHOD = 20
MAX_PATH = 300


class RequestLogMiddleware:
    """Logs each request when it arrives, and its status when it is answered. Requests to the control are left out."""

    def __init__(self, app: ASGIApp, backend: ControlledBackend) -> None:
        self._app, self._backend = app, backend

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or is_control(scope):
            await self._app(scope, receive, send)
            return
        method, path = scope["method"][:MAX_METHOD], scope["path"]
        operation = self._backend.route_lookup.find_operation(method, path)
        record = LoggedRequest(rfc3339(self._backend.now()), method, path[:MAX_PATH], operation)
        attach_to(scope, record)
        self._backend.request_log.add(record)

        async def noted(message: Message) -> None:
            if message["type"] == "http.response.start":
                record.status = message["status"]
            await send(message)

        await self._app(scope, receive, noted)
