"""Gets a file from whatever host its address leads to."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import httpx

from aioz_stream.errors import ConfigurationError
from aioz_stream.http.connections import Connection
from aioz_stream.http.user_agent import USER_AGENT

SCHEMES = ("http", "https")
MOST_REDIRECTS = 20
_HEADERS = {"Accept": "*/*", "Accept-Encoding": "identity", "User-Agent": USER_AGENT}


def get(
    connection: Connection,
    url: str,
    headers: Mapping[str, str],
    timeout: httpx.Timeout,
    allow: Callable[[httpx.URL], Mapping[str, str]],
) -> httpx.Response:
    """The answer, with its body unread, after redirects were followed.

    Nothing is sent that an httpx client adds by itself: headers, cookies and authentication of a client that was passed
    in may be meant for the API alone. `allow` is called with each address. It returns the headers that this address
    alone gets, or raises. Raises httpx.TooManyRedirects.
    """
    if connection.http.is_closed:
        raise ConfigurationError("The http_client that was passed in is closed.")
    request = httpx.Request(
        "GET",
        url,
        headers={**_HEADERS, **headers, **connection.headers},
        extensions={"trace": connection.trace, "timeout": timeout.as_dict()},
    )
    for _ in range(MOST_REDIRECTS):
        own = allow(request.url)
        if not request.url.host:
            raise httpx.UnsupportedProtocol("no host")
        request.headers.update(own)
        # Not by the httpx client's own `stream`, which would add its headers, cookies and parameters.
        response = connection.http.send(request, auth=None, follow_redirects=False, stream=True)
        if response.next_request is None:
            return response
        response.close()
        request = response.next_request
        for name in ("Cookie", *own):
            request.headers.pop(name, None)
    raise httpx.TooManyRedirects(f"{MOST_REDIRECTS} redirects were followed", request=request)
