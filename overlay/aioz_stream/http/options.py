"""The options of a client: address, credentials, timeout and retries."""

from __future__ import annotations

import os
import re

import httpx
from attrs import evolve, frozen

from aioz_stream.arguments import LONGEST_DURATION, shown
from aioz_stream.errors import ConfigurationError, CredentialsError
from aioz_stream.http import log, profiles
from aioz_stream.http.credentials import Credentials, resolve
from aioz_stream.http.network import parse_base_url, refuse_httpx2
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
    profile: profiles.Profile | None = None
    """The profile that address and credentials come from."""

    @classmethod
    def from_arguments(
        cls,
        token: str | None = None,
        public_key: str | None = None,
        secret_key: str | None = None,
        base_url: str | None = None,
        timeout: Timeout | None = None,
        max_retries: Retries | None = None,
        user_agent: str | None = None,
        profile: str | None = None,
    ) -> Options:
        """The options that a client was given. Raises ConfigurationError."""
        log.set_up()
        kept = profiles.choose(profile, (token, public_key, secret_key))
        name = "base_url" if base_url is not None else BASE_URL
        url = base_url if base_url is not None else os.environ.get(BASE_URL)
        address = parse_base_url(name, url) if url or base_url is not None else None
        if kept and address not in (None, kept.base_url):
            raise CredentialsError(
                f"{name} is {address}, but the credentials of the profile {kept.name!r} are for {kept.base_url} "
                "and sent nowhere else. Name another profile, or leave that address out."
            )
        credentials = kept.credentials() if kept else resolve(token, public_key, secret_key)
        address = kept.base_url if kept else address or DEFAULT_BASE_URL
        agent = USER_AGENT if user_agent is None else _user_agent(user_agent)
        return cls(address, credentials, RetryPolicy(), None, agent, kept).override(timeout, max_retries)

    def override(self, timeout: Timeout | None, max_retries: Retries | None) -> Options:
        """A copy with these options; None leaves one as it is."""
        return evolve(
            self,
            timeout=self.timeout if timeout is None else _timeout(timeout),
            retries=self.retries if max_retries is None else _retries(max_retries),
        )


def _user_agent(value: object) -> str:
    if not isinstance(value, str) or not _HEADER_VALUE.fullmatch(value):
        raise ConfigurationError(f"user_agent must be a line of visible ASCII characters, not {shown(value)}.")
    return value


def _timeout(value: object) -> httpx.Timeout:
    if isinstance(value, httpx.Timeout):
        return value
    refuse_httpx2("timeout", value, "seconds or an httpx.Timeout")
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < LONGEST_DURATION:
        raise ConfigurationError(f"timeout must be seconds above 0 or an httpx.Timeout, not {shown(value)}.")
    return httpx.Timeout(value)


def _retries(value: Retries) -> RetryPolicy:
    return value if isinstance(value, RetryPolicy) else RetryPolicy(max_retries=value)
