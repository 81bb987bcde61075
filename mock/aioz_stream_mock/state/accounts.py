"""Accounts, and how the credentials of a request name one."""

from __future__ import annotations

import hmac
import uuid
from collections import Counter
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING

from aioz_stream_mock.errors import unauthorized

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.datastructures import Headers

_NAMESPACE = uuid.UUID("6d0e7c1c-3c3b-4a57-9d5c-0c6b7f4b2f10")


@dataclass(frozen=True)
class Account:
    """An account that can call the server. Its secrets stay out of the repr."""

    id: str
    token: str = field(repr=False)
    public_key: str
    secret_key: str = field(repr=False)
    balance: Decimal = Decimal(0)
    name: str = ""
    """The name for people; no credential."""
    rate_limit: int | None = None
    """Requests in a window of time; without it, the server's own limit counts."""

    @classmethod
    def named(cls, name: str, balance: Decimal | int = 0, rate_limit: int | None = None) -> Account:
        """An account whose credentials follow from its name: `token-NAME`, `public-NAME`, `secret-NAME`."""
        return cls(
            id=account_id(name),
            token=f"token-{name}",
            public_key=f"public-{name}",
            secret_key=f"secret-{name}",
            balance=Decimal(balance),
            name=name,
            rate_limit=rate_limit,
        )


def account_id(name: str) -> str:
    """The id of the account with a name: the same one whenever and wherever it is asked for."""
    return str(uuid.uuid5(_NAMESPACE, name))


DEFAULT_ACCOUNTS = (Account.named("a", 1000), Account.named("b", 0))


class Accounts:
    """All accounts, found by what a request carries."""

    def __init__(self, accounts: Sequence[Account]) -> None:
        for what in ("id", "token", "public_key", "secret_key"):
            values = [getattr(account, what) for account in accounts]
            if not all(values):
                raise ValueError(f"an account has an empty {what}")
            if Counter(values).most_common(1)[0][1:] > (1,):
                raise ValueError(f"two accounts share one {'name' if what == 'id' else what}")
        if any(account.rate_limit is not None and account.rate_limit < 1 for account in accounts):
            raise ValueError("an account's rate_limit must be at least 1")
        self._accounts = tuple(accounts)

    def authenticate(self, headers: Headers) -> Account:
        """The account that a request's headers name, or a refusal.

        The alternatives are a bearer token, or a public key with its secret key. Every alternative that is
        there has to be valid, and they have to agree: an invalid token beside valid keys is refused, because
        a wrong credential must not go unnoticed. An empty header counts as none, and so does one key without the
        other. Other schemes of `Authorization`, such as
        `Basic`, may belong to a proxy on the way and are left alone.
        """
        found = [self._by_token(token) for token in _bearer_tokens(headers)]
        public, secret = headers.get("stream-public-key", ""), headers.get("stream-secret-key", "")
        if public and secret:
            found.append(self._by_keys(public, secret))
        if not found:
            raise unauthorized(
                "Valid credentials are required: Authorization: Bearer TOKEN, "
                "or both stream-public-key and stream-secret-key."
            )
        first = found[0]
        if first is None or None in found:
            raise unauthorized("The credentials are not valid.")
        if any(other is not first for other in found):
            raise unauthorized("The bearer token and the keys name different accounts.")
        return first

    def _by_token(self, token: str) -> Account | None:
        matches = [account for account in self._accounts if _secrets_match(token, account.token)]
        return matches[0] if matches else None

    def _by_keys(self, public: str, secret: str) -> Account | None:
        matches = [
            account
            for account in self._accounts
            # Both halves are always compared, so that the time taken tells nothing about either.
            if _secrets_match(public, account.public_key) & _secrets_match(secret, account.secret_key)
        ]
        return matches[0] if matches else None


def _bearer_tokens(headers: Headers) -> list[str]:
    tokens: list[str] = []
    for value in headers.getlist("authorization"):
        scheme, _, token = value.strip().partition(" ")
        if scheme.lower() == "bearer" and token.strip():
            tokens.append(token.strip())
    return tokens


def _secrets_match(received: str, expected: str) -> bool:
    # Starlette decodes headers as Latin-1; back to the bytes that came over the wire.
    return hmac.compare_digest(received.encode("latin-1"), expected.encode("utf-8"))
