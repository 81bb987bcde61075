"""Sends requests to a deployment: slowly, again where that is safe, and with credentials that show nowhere."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import httpx

from aioz_stream.http.retry import retry_after
from conformance.shared.replay import command

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from conformance.shared.requests import Request

TRIES = 3
PROXY_FAILURES = {502, 503, 504}
"""The answers of a proxy whose upstream does not answer."""
DEFAULT_WAIT = 5.0
"""Seconds until the next try after a 429 without a `Retry-After`."""
EXCERPT = 600


class UnreachableError(Exception):
    """Nothing answers at the address, or another program than AIOZ Stream."""


class CredentialsError(Exception):
    """There are no credentials, or the deployment refuses them."""


@dataclass(frozen=True)
class Credentials:
    """The headers with the credentials. Reports show the name of a variable in place of each secret."""

    headers: Mapping[str, str] = field(repr=False)
    variables: Mapping[str, str] = field(repr=False)
    keys: tuple[str, str] | None = field(default=None, repr=False)
    """The pair of keys, which may be there beside a token."""

    @classmethod
    def from_environment(cls, environment: Mapping[str, str], suffix: str = "") -> Credentials:
        """A token if there is one, else a pair of keys; those of the second account end in `_B`."""
        names = [f"{name}{suffix}" for name in ("TOKEN", "PUBLIC_KEY", "SECRET_KEY")]
        values = [environment.get(name) or environment.get(f"AIOZ_STREAM_{name}") or "" for name in names]
        token, public, secret = values
        # The longer ones first, where one holds another.
        secrets = sorted(zip(values, names, strict=True), key=lambda pair: -len(pair[0]))
        variables = {value: name for value, name in secrets if value}
        keys = (public, secret) if public and secret else None
        if token:
            return cls({"Authorization": f"Bearer {token}"}, variables, keys)
        if keys:
            return cls({"stream-public-key": public, "stream-secret-key": secret}, variables, keys)
        raise CredentialsError(
            f"there are no credentials: set {names[0]}, or {names[1]} and {names[2]}, in the environment"
        )


class DeploymentClient:
    """Sends requests to one deployment."""

    def __init__(
        self,
        base_url: str,
        credentials: Credentials,
        second: Credentials | None = None,
        *,
        per_second: float = 5,
        patience: float = 300,
        wait: Callable[[float], object] = time.sleep,
    ) -> None:
        self.base_url, self.credentials = base_url.rstrip("/"), credentials
        self._variables = {**credentials.variables, **(second.variables if second else {})}
        self._gap, self._patience, self._wait = 1 / per_second, patience, wait
        self._next = 0.0
        # Redirects are not followed: they would take the credentials elsewhere.
        self._http = httpx.Client(timeout=30)

    def close(self) -> None:
        self._http.close()

    def send(self, request: Request, *, is_repeatable: bool = True) -> httpx.Response:
        """Send a request, and send it again after a 429, a proxy's failure or a lost answer.

        A request that is not repeatable is sent again only after a 429, which comes before the request
        has any effect.
        """
        waited = 0.0
        for tries_left in range(TRIES if is_repeatable else 1, 0, -1):
            while True:
                answer = self._once(request, is_last=tries_left == 1)
                if answer is None or answer.status_code != 429:
                    break
                pause = retry_after(answer.headers)
                pause = DEFAULT_WAIT if pause is None else pause
                waited += pause
                if waited > self._patience:
                    raise UnreachableError(f"too many requests: it asks to wait {pause:.0f} s more")
                self._wait(pause)
            if answer is not None and (answer.status_code not in PROXY_FAILURES or tries_left == 1):
                return answer
            self._wait(TRIES - tries_left + 1)
        raise AssertionError("the last try answers or raises")

    def _once(self, request: Request, *, is_last: bool) -> httpx.Response | None:
        self._wait_for_the_turn()
        try:
            return self._http.send(request.encoded(self.base_url))
        except (httpx.TransportError, httpx.InvalidURL) as error:
            if not is_last:
                return None
            raise UnreachableError(f"{request.method} {request.path}: {self.hide(str(error) or repr(error))}") from None

    def _wait_for_the_turn(self) -> None:
        pause = self._next - time.monotonic()
        if pause > 0:
            self._wait(pause)
        self._next = time.monotonic() + self._gap

    def curl(self, request: Request) -> str:
        return self.hide(command(request.encoded(self.base_url), self.base_url, self._variables))

    def excerpt(self, answer: httpx.Response) -> str:
        text = self.hide(answer.text)
        kind = answer.headers.get("content-type", "no type")
        said = text if len(text) <= EXCERPT else f"{text[:EXCERPT]}… ({len(text)} characters)"
        return f"{answer.status_code} ({kind})\n{said}".rstrip()

    def hide(self, text: str) -> str:
        for secret, name in self._variables.items():
            text = text.replace(secret, f"${{{name}}}")
        return text
