"""The options of a client: address, credentials, timeout and retries."""

from __future__ import annotations

import os
import re

import httpx
from attrs import evolve, frozen

from aioz_stream.arguments import LONGEST_DURATION, shown
from aioz_stream.errors import ConfigurationError
from aioz_stream.http import log
from aioz_stream.http.credentials import Credentials, resolve
from aioz_stream.http.network import parse_url
from aioz_stream.http.retry import RetryPolicy
from aioz_stream.http.user_agent import USER_AGENT

Timeout = float | httpx.Timeout
Retries = int | RetryPolicy

BASE_URL = "AIOZ_STREAM_BASE_URL"
DEFAULT_BASE_URL = "https://api.aiozstream.network/api"

_HEADER_VALUE = re.compile(r"[!-~]([ -~]*[!-~])?")


@frozen
class Options:
    """The options of a client. Copies of the client with other options share its connections."""

    base_url: str
    """Without a slash at its end."""
    credentials: Credentials
    retries: RetryPolicy
    timeout: httpx.Timeout | None
    """Replaces the timeout of each call; None leaves it."""
    user_agent: str = USER_AGENT

    @classmethod
    def from_arguments(
        cls,
        token: str | None,
        public_key: str | None,
        secret_key: str | None,
        base_url: str | None,
        timeout: Timeout | None,
        max_retries: Retries | None,
        user_agent: str | None,
    ) -> Options:
        """The options that a client was given. Raises ConfigurationError."""
        log.set_up()
        name = "base_url" if base_url is not None else BASE_URL
        url = base_url if base_url is not None else os.environ.get(BASE_URL) or DEFAULT_BASE_URL
        agent = USER_AGENT if user_agent is None else _user_agent(user_agent)
        options = cls(_base_url(name, url), resolve(token, public_key, secret_key), RetryPolicy(), None, agent)
        return options.override(timeout, max_retries)

    def override(self, timeout: Timeout | None, max_retries: Retries | None) -> Options:
        """A copy with these options; None leaves one as it is."""
        return evolve(
            self,
            timeout=self.timeout if timeout is None else _timeout(timeout),
            retries=self.retries if max_retries is None else _retries(max_retries),
        )


def _base_url(name: str, value: object) -> str:
    if not isinstance(value, str):
        raise ConfigurationError(f"{name} must be a string, not {type(value).__name__}.")
    if "@" in value:
        raise ConfigurationError(
            f"{name} has an @ in it. Credentials in it would show in logs; pass them as arguments."
        )
    if any(character in "?#" or character.isspace() for character in value):
        raise ConfigurationError(f"{name} must end with its path: no ?, no # and no space.")
    url = parse_url(value)
    if url is None or url.scheme not in {"http", "https"}:
        raise ConfigurationError(
            f"{name} is {value!r}; it must be https:// (or http://), a host, a port from 1 to 65535 if need be, and a "
            "path."
        )
    return str(url).rstrip("/")


def _user_agent(value: object) -> str:
    if not isinstance(value, str) or not _HEADER_VALUE.fullmatch(value):
        raise ConfigurationError(f"user_agent must be a line of visible ASCII characters, not {shown(value)}.")
    return value


def _timeout(value: object) -> httpx.Timeout:
    if isinstance(value, httpx.Timeout):
        return value
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < LONGEST_DURATION:
        raise ConfigurationError(f"timeout must be seconds above 0 or an httpx.Timeout, not {shown(value)}.")
    return httpx.Timeout(value)


def _retries(value: Retries) -> RetryPolicy:
    return value if isinstance(value, RetryPolicy) else RetryPolicy(max_retries=value)
