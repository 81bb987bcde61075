"""Accounts from a file. Messages about its mistakes don't quote it, because it holds secrets."""

from __future__ import annotations

import json
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any, cast

import yaml

from aioz_stream_mock.state.accounts import Account, Accounts, account_id

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

MAX_NAME = 100
_REQUIRED = ("token", "public_key", "secret_key")


class AccountsError(ValueError):
    """The file can't be used; the message says why."""


def load_accounts(path: Path) -> tuple[Account, ...]:
    """The accounts of a YAML or JSON file: a list of mappings.

    Each has `token`, `public_key`, `secret_key`, and optionally `name`, `balance` and `rate_limit`.
    """
    entries = _read(path)
    if not isinstance(entries, list) or not entries:
        raise AccountsError(f"{path}: must be a list of accounts, with at least one")
    found: list[Account] = []
    for number, entry in enumerate(cast("list[object]", entries), 1):
        try:
            found.append(_account(entry, number))
        except ValueError as error:
            raise AccountsError(f"{path}: account {number}: {error}") from None
    try:
        Accounts(found)
    except ValueError as error:
        raise AccountsError(f"{path}: {error}") from None
    return tuple(found)


def _read(path: Path) -> object:
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise AccountsError(f"{path}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise AccountsError(f"{path}: is not UTF-8") from None
    try:
        return json.loads(text) if path.suffix.lower() == ".json" else yaml.safe_load(text)
    except json.JSONDecodeError as error:
        raise AccountsError(f"{path}: is not JSON (line {error.lineno}, column {error.colno})") from None
    except yaml.YAMLError as error:
        # Its message quotes the lines around; only where is told on.
        raise AccountsError(f"{path}: is not YAML{_place(error)}") from None
    except (RecursionError, ValueError):
        raise AccountsError(f"{path}: can't be read") from None


def _place(error: yaml.YAMLError) -> str:
    mark = error.problem_mark if isinstance(error, yaml.MarkedYAMLError) else None
    return f" (line {mark.line + 1}, column {mark.column + 1})" if mark else ""


def _account(entry: object, number: int) -> Account:
    if not isinstance(entry, dict):
        raise AccountsError("must be a mapping")
    fields = cast("dict[object, object]", entry)
    if not set(fields) <= set(_READERS):
        raise ValueError(f"has a field that is none of {', '.join(_READERS)}")
    for name in _REQUIRED:
        if name not in fields:
            raise ValueError(f"{name} is missing")
    values: dict[str, Any] = {}
    for name, read in _READERS.items():
        if name in fields:
            values[name] = read(name, fields[name])
    name = values.setdefault("name", f"account-{number}")
    return Account(id=account_id(name), **values)


def _name(field: str, value: object) -> str:
    if not isinstance(value, str) or not value.strip() or len(value) > MAX_NAME or not value.isprintable():
        raise ValueError(f"{field} must be a text of 1 to {MAX_NAME} characters")
    return value


def _credential(field: str, value: object) -> str:
    # What a header can carry unchanged. YAML reads 12345 as a number, which is not the text that was meant.
    if not isinstance(value, str) or not value or not all("!" <= character <= "~" for character in value):
        raise ValueError(f"{field} must be a text of ASCII characters without spaces; in quotes, if it is a number")
    return value


def _balance(field: str, value: object) -> Decimal:
    amount: Decimal | None = None
    if isinstance(value, int | float | str) and not isinstance(value, bool):
        try:
            amount = Decimal(str(value))
        except InvalidOperation:
            amount = None
    if amount is None or not amount.is_finite():
        raise ValueError(f"{field} must be an amount, such as 12.5")
    return amount


def _rate_limit(field: str, value: object) -> int | None:
    if value is not None and (not isinstance(value, int) or isinstance(value, bool) or value < 1):
        raise ValueError(f"{field} must be a whole number of requests, at least 1")
    return value


_READERS: dict[str, Callable[[str, object], object]] = {
    "name": _name,
    "token": _credential,
    "public_key": _credential,
    "secret_key": _credential,
    "balance": _balance,
    "rate_limit": _rate_limit,
}
