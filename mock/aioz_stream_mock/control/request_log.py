"""The log of the last requests: what was asked, by which account, and how it was answered. It holds no credentials."""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from starlette.types import Scope

SIZE = 1000
_RECORD = "aioz_stream_mock.logged_request"


@dataclass
class LoggedRequest:
    """One request. What is not known (yet) is None: the status of an answer that never came, for one."""

    at: str
    method: str
    path: str
    """Without the query."""
    operation: str | None
    """The operationId; `asset` for a file of a video's; None for what is neither."""
    account: str | None = None
    """The name of the account, once the request has shown valid credentials."""
    status: int | None = None
    fault: str | None = None
    """The kind of fault that struck."""


class RequestLog:
    """The last so many requests, oldest first."""

    def __init__(self, size: int = SIZE) -> None:
        self._entries: deque[LoggedRequest] = deque(maxlen=size)
        self._lock = threading.Lock()

    def add(self, entry: LoggedRequest) -> None:
        with self._lock:
            self._entries.append(entry)

    def entries(self) -> list[LoggedRequest]:
        with self._lock:
            return list(self._entries)

    def clear(self) -> None:
        with self._lock:
            self._entries.clear()


def attach_to(scope: Scope, record: LoggedRequest) -> None:
    """Put the record of a request where everything that handles the request finds it."""
    scope[_RECORD] = record


def logged_request(scope: Scope) -> LoggedRequest:
    """The record that the scope of a request carries."""
    return cast("LoggedRequest", scope[_RECORD])


def note_account(scope: Scope, name: str) -> None:
    logged_request(scope).account = name
