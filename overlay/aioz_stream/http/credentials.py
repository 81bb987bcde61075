"""The caller's credentials: an access token, a pair of keys, or both."""

from __future__ import annotations

import hashlib
import os
import re
import secrets
from collections.abc import Mapping

from attrs import field, frozen

from aioz_stream.errors import CredentialsError

TOKEN = "AIOZ_STREAM_TOKEN"  # noqa: S105 - the name of the variable, not a token
PUBLIC_KEY = "AIOZ_STREAM_PUBLIC_KEY"
SECRET_KEY = "AIOZ_STREAM_SECRET_KEY"  # noqa: S105 - the name of the variable, not a key
NAMES: tuple[str, ...] = ("token", "public_key", "secret_key")
VARIABLES = (TOKEN, PUBLIC_KEY, SECRET_KEY)

# The contract's security schemes; a test holds these names equal to it.
TOKEN_HEADER = "Authorization"  # noqa: S105 - the name of a header
PUBLIC_KEY_HEADER = "stream-public-key"
SECRET_KEY_HEADER = "stream-secret-key"  # noqa: S105 - the name of a header
HEADERS = (TOKEN_HEADER, PUBLIC_KEY_HEADER, SECRET_KEY_HEADER)

_SENDABLE = re.compile(r"[!-~]+")


@frozen
class Credentials:
    """One or both of the two ways to authenticate (reference, the headers of every call). No repr shows the secrets."""

    headers: Mapping[str, str] = field(repr=False)
    """The headers to send."""
    secrets: tuple[str, ...] = field(repr=False)
    """The values that must never be shown."""
    kind: str
    """For people: "token" or "keys"."""

    def fingerprint(self, salt: str | None = None) -> str:
        """A salt and four digits. They tell these credentials from others, and don't give the secrets away."""
        salt = salt or secrets.token_hex(8)
        # Of a pair, the public key: the secret one is renewed more often.
        digits = hashlib.sha256(f"{salt} {self.secrets[-1]}".encode()).hexdigest()[:4]
        return f"{salt}-{digits}"

    def match(self, fingerprint: str) -> bool:
        """Whether the fingerprint is of these credentials; for others, it is by one chance in 65,536."""
        return self.fingerprint(fingerprint.partition("-")[0]) == fingerprint

    def mask(self, text: str) -> str:
        """The text with `***` for each secret in it."""
        for secret in self.secrets:
            text = text.replace(secret, "***")
        return text


def resolve(
    token: str | None,
    public_key: str | None,
    secret_key: str | None,
    environment: Mapping[str, str] = os.environ,
) -> Credentials:
    """Credentials from the arguments or, when none of the three is given, from the environment; never from both.

    A token and a pair of keys are all sent, as the reference shows them. Raises CredentialsError when credentials are
    missing, or when one key is given without the other.
    """
    names = NAMES
    given: tuple[str | None, ...] = (token, public_key, secret_key)
    if all(value is None for value in given):
        names = VARIABLES
        given = tuple(environment.get(name) or None for name in names)
    for name, value in zip(names, given, strict=True):
        if value is not None:
            _check(name, value)
    return _choose(names, given)


def _check(name: str, value: object) -> None:
    if not isinstance(value, str):
        raise CredentialsError(f"{name} must be a string, not {type(value).__name__}.")
    if not value:
        raise CredentialsError(f"{name} is empty.")
    if not _SENDABLE.fullmatch(value):
        raise CredentialsError(
            f"{name} has a space, a line break or another character that a header can't carry. "
            "Was it copied with a newline at its end?"
        )


def _choose(names: tuple[str, ...], values: tuple[str | None, ...]) -> Credentials:
    token, public_key, secret_key = values
    if (public_key is None) != (secret_key is None):
        given, missing = names[1:] if secret_key is None else (names[2], names[1])
        raise CredentialsError(f"{given} is set, but {missing} is not; the keys only work as a pair.")
    headers: dict[str, str] = {}
    if token is not None:
        headers[TOKEN_HEADER] = f"Bearer {token}"
    if public_key is not None and secret_key is not None:
        headers |= {PUBLIC_KEY_HEADER: public_key, SECRET_KEY_HEADER: secret_key}
    # The one that is renewed least often stands last: the fingerprint is made of it.
    hidden = tuple(value for value in (token, secret_key, public_key) if value is not None)
    if headers:
        kinds = (["token"] if token is not None else []) + (["keys"] if public_key is not None else [])
        return Credentials(headers, hidden, " and ".join(kinds))
    raise CredentialsError(
        f"No credentials. Set {TOKEN}, or {PUBLIC_KEY} and {SECRET_KEY}, in the environment; or keep them: "
        "`aioz-stream login`. In Python, you can also pass token=…, or public_key=… and secret_key=…."
    )
