"""The last requests: what was asked, by which account, and what came of it. Never a credential."""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from aioz_stream_mock.state.clock import rfc3339

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from aioz_stream_mock.state.state import State

SIZE = 1000
MAX_METHOD = 20
MAX_PATH = 300
CONTROL = "/_mock"
_ENTRY = "aioz_stream_mock.entry"


@dataclass
class Entry:
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


class Journal:
    """The last so many requests, oldest first."""

    def __init__(self, size: int = SIZE) -> None:
        self._entries: deque[Entry] = deque(maxlen=size)
        self._lock = threading.Lock()

    def add(self, entry: Entry) -> None:
        with self._lock:
            self._entries.append(entry)

    def entries(self) -> list[Entry]:
        with self._lock:
            return list(self._entries)

    def clear(self) -> None:
        with self._lock:
            self._entries.clear()


class Journaling:
    """Writes each request down when it comes, and its status when it is answered. The control's own are left out."""

    def __init__(self, app: ASGIApp, state: State) -> None:
        self._app, self._state = app, state

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or is_control(scope):
            await self._app(scope, receive, send)
            return
        method, path = scope["method"][:MAX_METHOD], scope["path"]
        operation = self._state.directory.operation(method, path)
        entry = Entry(rfc3339(self._state.now()), method, path[:MAX_PATH], operation)
        scope[_ENTRY] = entry
        self._state.journal.add(entry)

        async def noted(message: Message) -> None:
            if message["type"] == "http.response.start":
                entry.status = message["status"]
            await send(message)

        await self._app(scope, receive, noted)


def is_control(scope: Scope) -> bool:
    path: str = scope["path"]
    return path == CONTROL or path.startswith(CONTROL + "/")


def entry_of(scope: Scope) -> Entry:
    """The entry that a request's scope carries."""
    return cast("Entry", scope[_ENTRY])


def note_account(scope: Scope, name: str) -> None:
    entry_of(scope).account = name
