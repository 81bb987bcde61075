"""Carries faults out: what happens to a request that a fault strikes."""

from __future__ import annotations

import asyncio
import json
import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import TYPE_CHECKING

from starlette.responses import HTMLResponse, JSONResponse, Response

from aioz_stream_mock.api.bodies import BodyReceiver, send_after_body
from aioz_stream_mock.api.multipart import FRAMING
from aioz_stream_mock.control.raw_connection import cut
from aioz_stream_mock.control.request_log import logged_request
from aioz_stream_mock.control.route_lookup import is_control
from aioz_stream_mock.errors import error_response

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from aioz_stream_mock.control.controlled_backend import ControlledBackend
    from aioz_stream_mock.control.faults import Fault

    FaultAction = Callable[["FaultMiddleware", Fault, Scope, Receive, Send], Awaitable[None]]

MESSAGE = "This answer was made to fail."
STEP = 0.05
WRONG_MD5 = "0" * 32
_PAGE = """\
<html>
<head><title>{status} Error</title></head>
<body>
<center><h1>{status} Error</h1></center>
<hr><center>a proxy</center>
</body>
</html>
"""
_WITHOUT_BODY = (204, 304)


class FaultMiddleware:
    """Wraps the application, and lets requests fail as the faults say. Requests to the control never fail."""

    def __init__(self, app: ASGIApp, backend: ControlledBackend) -> None:
        self.app: ASGIApp = app
        self._backend = backend
        self.drain_limit: int = backend.settings.max_part_size + FRAMING

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        fault = None
        if scope["type"] == "http" and not is_control(scope) and not self._is_page(scope):
            fault = self._backend.faults.strike(logged_request(scope).operation)
        if fault is None:
            await self.app(scope, receive, send)
            return
        logged_request(scope).fault = fault.kind
        await _ACTIONS[fault.kind](self, fault, scope, receive, send)

    def _is_page(self, scope: Scope) -> bool:
        """Whether a request is for a page of the server's own, or for what one loads from its place."""
        return self._backend.route_lookup.is_page(scope["path"]) and logged_request(scope).operation is None

    @property
    def resets(self) -> int:
        """How often the server was reset so far."""
        return self._backend.resets

    async def pause(self, seconds: float, resets: int) -> bool:
        """Wait. False when the server was reset meanwhile: the request must not touch the new state."""
        end = time.monotonic() + seconds
        # In steps, to notice a reset, which may come from another thread.
        while (left := end - time.monotonic()) > 0 and self.resets == resets:  # noqa: ASYNC110 - two ends
            await asyncio.sleep(min(left, STEP))
        return self.resets == resets


async def _answer(self: FaultMiddleware, fault: Fault, scope: Scope, receive: Receive, send: Send) -> None:
    """Send another answer: after the request had its effect, or else after its body, so that the client can read it."""
    response = _response(fault)
    if fault.effect:
        await self.app(scope, receive, _discard)
        await response(scope, receive, send)
        return
    await send_after_body(response, scope, BodyReceiver(receive), send, self.drain_limit)


async def _delay(self: FaultMiddleware, fault: Fault, scope: Scope, receive: Receive, send: Send) -> None:
    resets = self.resets

    async def late(message: Message) -> None:
        if message["type"] == "http.response.start":
            await self.pause(fault.seconds or 0, resets)
        await send(message)

    if fault.effect:
        await self.app(scope, receive, late)
    elif await self.pause(fault.seconds or 0, resets):
        await self.app(scope, receive, send)
    else:
        await cut(scope, receive, send)


async def _slow_read(self: FaultMiddleware, fault: Fault, scope: Scope, receive: Receive, send: Send) -> None:
    resets, given_up = self.resets, False

    async def slowly() -> Message:
        nonlocal given_up
        message = await receive()
        given_up = not await self.pause(len(message.get("body", b"")) / (fault.bytes_per_second or 1), resets)
        return {"type": "http.disconnect"} if given_up else message

    await self.app(scope, slowly, send)
    if given_up:
        await cut(scope, receive, send)


async def _cut_before(_: FaultMiddleware, _fault: Fault, scope: Scope, receive: Receive, send: Send) -> None:
    await cut(scope, receive, send)


async def _cut_during(_: FaultMiddleware, fault: Fault, scope: Scope, receive: Receive, send: Send) -> None:
    await _read(receive, fault.after_bytes)
    await cut(scope, receive, send)


async def _cut_after(_: FaultMiddleware, _fault: Fault, scope: Scope, receive: Receive, send: Send) -> None:
    await _read(receive, None)
    await cut(scope, receive, send)


async def _lost_answer(self: FaultMiddleware, _: Fault, scope: Scope, receive: Receive, send: Send) -> None:
    await self.app(scope, receive, _discard)
    await cut(scope, receive, send)


async def _truncated_json(self: FaultMiddleware, _: Fault, scope: Scope, receive: Receive, send: Send) -> None:
    await self.app(scope, receive, _BodyRewriter(send, lambda body: body[: len(body) // 2]))


async def _malformed_json(self: FaultMiddleware, _: Fault, scope: Scope, receive: Receive, send: Send) -> None:
    await self.app(scope, receive, _BodyRewriter(send, lambda body: body.replace(b":", b"=", 1)))


_ACTIONS: Mapping[str, FaultAction] = {
    "status": _answer,
    "html": _answer,
    "rate_limit": _answer,
    "wrong_hash": _answer,
    "delay": _delay,
    "slow_read": _slow_read,
    "cut_before": _cut_before,
    "cut_during": _cut_during,
    "cut_after": _cut_after,
    "lost_answer": _lost_answer,
    "truncated_json": _truncated_json,
    "malformed_json": _malformed_json,
}


class _BodyRewriter:
    """Sends an answer with its JSON body changed, and a Content-Length that matches the change."""

    def __init__(self, send: Send, change: Callable[[bytes], bytes]) -> None:
        self._send, self._change = send, change
        self._start: Message | None = None
        self._body = b""

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start" and _is_json(message):
            self._start = message
        elif self._start is None:
            await self._send(message)
        else:
            self._body += message.get("body", b"")
            if not message.get("more_body", False):
                await self._send_changed(self._start)

    async def _send_changed(self, start: Message) -> None:
        body = self._change(self._body)
        headers = [(name, value) for name, value in start["headers"] if name != b"content-length"]
        length = (b"content-length", str(len(body)).encode())
        await self._send({**start, "headers": [*headers, length]})
        await self._send({"type": "http.response.body", "body": body})


def _is_json(start: Message) -> bool:
    return any(name == b"content-type" and value.startswith(b"application/json") for name, value in start["headers"])


def _response(fault: Fault) -> Response:
    headers = dict(fault.headers or {})
    if fault.kind == "wrong_hash":
        return error_response(400, f"/hash: the MD5 of the bytes that arrived is {WRONG_MD5}")
    if fault.kind == "rate_limit":
        return error_response(429, "Too many requests.", {"Retry-After": _retry_after(fault)})
    if fault.kind == "html":
        return HTMLResponse(_PAGE.format(status=fault.answer_status), fault.answer_status, headers)
    if fault.empty or fault.answer_status in _WITHOUT_BODY:
        return Response(status_code=fault.answer_status, headers=headers)
    if fault.json is not None:
        # Not JSONResponse, which refuses NaN and infinity; the caller may want them.
        return Response(json.dumps(fault.json), fault.answer_status, headers, JSONResponse.media_type)
    return error_response(fault.answer_status, MESSAGE, headers)


def _retry_after(fault: Fault) -> str:
    seconds = 1 if fault.retry_after is None else fault.retry_after
    if not fault.as_date:
        return str(seconds)
    # By the machine's clock, like the answer's Date header, which is what a client can compare it with.
    moment = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=seconds)
    return format_datetime(moment, usegmt=True)


async def _read(receive: Receive, limit: int | None) -> None:
    """Read a body, or that many bytes of it."""
    taken = 0
    while limit is None or taken < limit:
        message = await receive()
        taken += len(message.get("body", b""))
        if message["type"] == "http.disconnect" or not message.get("more_body", False):
            return


async def _discard(_: Message) -> None:
    """Drop a message of an answer."""
