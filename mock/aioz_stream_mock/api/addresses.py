"""The base URL that asset addresses start with."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.requests import Request

_HOST = re.compile(r"([A-Za-z0-9._-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(:[0-9]{1,5})?", re.ASCII)


def base_url(request: Request, public_url: str | None, prefix: str) -> str:
    """The public URL if one was chosen, else the address that the request came to."""
    if public_url is not None:
        return public_url.rstrip("/")
    return f"{request.scope['scheme']}://{_host(request)}{prefix}"


def _host(request: Request) -> str:
    # The address ends up in responses and in HTML: a header that is no host does not get there.
    host = request.headers.get("host", "")
    if _HOST.fullmatch(host):
        return host
    address, port = request.scope.get("server") or ("localhost", None)
    name = f"[{address}]" if ":" in address else str(address)
    return name if port is None else f"{name}:{port}"
