"""The httpx clients: made here, or passed in by the caller."""

from __future__ import annotations

import threading
from typing import TypeVar

import httpx

from aioz_stream.errors import ConfigurationError

Http = TypeVar("Http", httpx.Client, httpx.AsyncClient)


def check(kind: type[Http], name: str, client: object, *others: object) -> None:
    """Raises ConfigurationError unless the client that was passed in, if any, is of the kind and stands alone."""
    if client is None:
        return
    if not isinstance(client, kind):
        raise ConfigurationError(f"{name} must be an httpx.{kind.__name__}, not {type(client).__name__}.")
    if any(other is not None for other in others):
        raise ConfigurationError(f"Pass {name}, or transport and proxy; a client has its own transport already.")


def made(kind: type[Http], transport: object, proxy: str | httpx.Proxy | None) -> Http:
    """A client of our own. Raises ConfigurationError when httpx has no use for the proxy."""
    try:
        return kind(transport=transport, proxy=proxy)  # type: ignore[arg-type]  # which transport fits follows from the kind
    except (ValueError, TypeError, httpx.InvalidURL) as error:
        raise ConfigurationError(f"proxy can't be used: {error}") from None


class UploadClient:
    """The synchronous client that the asynchronous face uploads through, made when it is first needed.

    What was passed in for asynchronous calls (a client, a transport) may be there to route, record or forbid traffic.
    An upload that can't go through it is refused, unless it was told what to go through instead.
    """

    def __init__(
        self,
        passed_in: httpx.Client | None,
        async_client: httpx.AsyncClient | None,
        transport: httpx.AsyncBaseTransport | None,
        proxy: str | httpx.Proxy | None,
    ) -> None:
        self._client = passed_in
        self._own = passed_in is None
        self._proxy = proxy
        self._transport = transport if isinstance(transport, httpx.BaseTransport) else None
        self._only_async = async_client is not None or (transport is not None and self._transport is None)
        self._closed = False
        self._lock = threading.Lock()

    def get(self) -> httpx.Client:
        """Raises ConfigurationError when uploads would go around what was passed in."""
        with self._lock:
            if self._closed:
                raise ConfigurationError("This client is closed. Make a new one, or upload inside its `with` block.")
            if self._client is None:
                if self._only_async:
                    raise ConfigurationError(
                        "Uploads run on threads and need a synchronous httpx.Client, but only an asynchronous client "
                        "or transport was passed in. Pass upload_client=httpx.Client(...) as well."
                    )
                self._client = made(httpx.Client, self._transport, self._proxy)
            return self._client

    def close(self) -> None:
        with self._lock:
            self._closed = True
            if self._own and self._client is not None:
                self._client.close()
