"""The options of a client: address, credentials, timeout and retries."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import httpx
from attrs import evolve, frozen

from aioz_stream.arguments import LONGEST_DURATION, shown
from aioz_stream.errors import ConfigurationError
from aioz_stream.http.credentials import resolve
from aioz_stream.http.retry import RetryPolicy

if TYPE_CHECKING:
    from aioz_stream.http.credentials import Credentials

Timeout = float | httpx.Timeout
Retries = int | RetryPolicy

BASE_URL = "AIOZ_STREAM_BASE_URL"
DEFAULT_BASE_URL = "https://api.aiozstream.network/api"


@frozen
class Options:
    """The options of a client. Copies of the client with other options share its connections."""

    base_url: str
    """Without a slash at its end."""
    credentials: Credentials
    retries: RetryPolicy
    timeout: httpx.Timeout | None
    """Replaces the timeout of each call; None leaves it."""

    @classmethod
    def from_arguments(
        cls,
        token: str | None,
        public_key: str | None,
        secret_key: str | None,
        base_url: str | None,
        timeout: Timeout | None,
        max_retries: Retries | None,
    ) -> Options:
        """The options that a client was given. Raises ConfigurationError."""
        url = base_url if base_url is not None else os.environ.get(BASE_URL) or DEFAULT_BASE_URL
        options = cls(_base_url(url), resolve(token, public_key, secret_key), RetryPolicy(), None)
        return options.override(timeout, max_retries)

    def override(self, timeout: Timeout | None, max_retries: Retries | None) -> Options:
        """A copy with these options; None leaves one as it is."""
        return evolve(
            self,
            timeout=self.timeout if timeout is None else _timeout(timeout),
            retries=self.retries if max_retries is None else _retries(max_retries),
        )


def _base_url(value: object) -> str:
    if not isinstance(value, str):
        raise ConfigurationError(f"base_url must be a string, not {type(value).__name__}.")
    try:
        url = httpx.URL(value)
        host = url.host
    except (httpx.InvalidURL, UnicodeError) as error:
        raise ConfigurationError(f"base_url is no URL: {error}") from None
    if "@" in value:
        raise ConfigurationError(
            "base_url has an @ in it. Credentials in it would show in logs; pass them as arguments."
        )
    if url.scheme not in {"http", "https"} or not host:
        raise ConfigurationError(f"base_url is {value!r}; it must begin with https:// (or http://) and a host.")
    if any(character in "?#" or character.isspace() for character in value):
        raise ConfigurationError("base_url must end with its path: no ?, no # and no space.")
    if url.port is not None and not 0 < url.port < 65_536:
        raise ConfigurationError(f"base_url has the port {url.port}, which does not exist.")
    return str(url).rstrip("/")


def _timeout(value: object) -> httpx.Timeout:
    if isinstance(value, httpx.Timeout):
        return value
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < LONGEST_DURATION:
        raise ConfigurationError(f"timeout must be seconds above 0 or an httpx.Timeout, not {shown(value)}.")
    return httpx.Timeout(value)


def _retries(value: Retries) -> RetryPolicy:
    return value if isinstance(value, RetryPolicy) else RetryPolicy(max_retries=value)
