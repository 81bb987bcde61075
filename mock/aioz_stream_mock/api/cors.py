"""Cross-origin access to the API: a browser's app on an origin that was chosen may call every operation.

The files of videos are open to any origin, see `media.cors`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response

from aioz_stream_mock.api.addresses import is_loopback, origin_host

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

ANY = "*"

_EXPOSED = (
    "Accept-Ranges, Content-Length, Content-Range, ETag, Retry-After, X-RateLimit-Limit, X-RateLimit-Remaining, "
    "X-RateLimit-Retry-After, X-Request-Id"
)
_METHODS = "GET, HEAD, POST, PATCH, PUT, DELETE, OPTIONS"
_SENT = "authorization, content-range, content-type, if-range, range, stream-public-key, stream-secret-key"


class CorsMiddleware:
    """Adds what a browser wants to see to the answers of all paths of the API, refusals and faults too."""

    def __init__(self, app: ASGIApp, prefix: str, origins: Sequence[str] | None) -> None:
        self._app, self._prefix, self._origins = app, prefix + "/videos", origins

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = Headers(scope=scope) if scope["type"] == "http" and self._is_api(scope["path"]) else Headers()
        origin = headers.get("origin", "")
        if not self._is_allowed(origin):
            await self._app(scope, receive, send)
        elif scope["method"] == "OPTIONS" and "access-control-request-method" in headers:
            await _allow(origin, headers)(scope, receive, send)
        else:
            await self._app(scope, receive, _marked(send, origin))

    def _is_api(self, path: str) -> bool:
        return path == self._prefix or path.startswith(self._prefix + "/")

    def _is_allowed(self, origin: str) -> bool:
        if self._origins is None:
            # Of pages that come from the machine of the browser.
            return is_loopback(origin_host(origin) or "")
        return bool(origin) and (origin in self._origins or ANY in self._origins)


def _allow(origin: str, asked: Headers) -> Response:
    """The answer to what a browser asks before it sends credentials, or a body that a form could not."""
    headers = {
        "Access-Control-Allow-Origin": origin,
        "Access-Control-Allow-Methods": _METHODS,
        # What the app wants to send, or else all that an operation reads.
        "Access-Control-Allow-Headers": asked.get("access-control-request-headers", _SENT),
        "Access-Control-Max-Age": "600",
        "Vary": "Origin",
    }
    if "access-control-request-private-network" in asked:
        headers["Access-Control-Allow-Private-Network"] = "true"
    return Response(status_code=204, headers=headers)


def _marked(send: Send, origin: str) -> Send:
    async def marked(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            # A file of a video is open to any origin already.
            headers.setdefault("Access-Control-Allow-Origin", origin)
            headers["Access-Control-Expose-Headers"] = _EXPOSED
            headers.add_vary_header("Origin")
        await send(message)

    return marked
