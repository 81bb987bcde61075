"""Cross-origin access: a player page on any site may play what it may fetch.

No cookies are involved, so there is nothing that another site could borrow.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import Response

from aioz_stream_mock.errors import ApiError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from starlette.requests import Request

HEADERS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "Accept-Ranges, Content-Length, Content-Range, ETag",
}
_PREFLIGHT = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Methods": "GET, HEAD, OPTIONS",
    "Access-Control-Allow-Headers": "Authorization, If-Range, Range, stream-public-key, stream-secret-key",
    "Access-Control-Max-Age": "600",
}


def allow_any_origin(endpoint: Callable[[Request], Awaitable[Response]]) -> Callable[[Request], Awaitable[Response]]:
    """An endpoint whose answers, refusals too, any page may read."""

    async def answer(request: Request) -> Response:
        try:
            response = await endpoint(request)
        except ApiError as error:
            raise ApiError(error.status, error.message, {**error.headers, **HEADERS}) from error
        response.headers.update(HEADERS)
        return response

    return answer


async def preflight(_: Request) -> Response:
    """What a browser asks before it sends credentials of its own accord."""
    return Response(status_code=204, headers=_PREFLIGHT)
