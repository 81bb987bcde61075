"""Unread bytes: a connection that has some behind an answer says so, and httpx does not use it again.

httpx reads whatever has come, and takes what is left behind an answer for the beginning of the next one. A second copy
of an answer would then answer the next request.
"""

from __future__ import annotations

import inspect
import ssl
from collections.abc import Mapping
from typing import Any

import h11

CONNECTED = ("connect_tcp.complete", "connect_unix_socket.complete", "start_tls.complete")
"""How the names of httpx's trace events end that come with a new network stream."""


def trace(event: str, info: Mapping[str, Any]) -> None:
    """A trace extension for requests: watches each connection that is made."""
    if event.endswith(CONNECTED):
        watch(info["return_value"])


async def trace_async(event: str, info: Mapping[str, Any]) -> None:
    trace(event, info)


def watch(stream: Any) -> None:
    """Lets a network stream call itself readable while there are unread bytes. Answers that it has given are not known.

    httpx asks that before it uses a connection again, and closes one that is readable.
    """
    if stream is None or "read" in vars(stream):
        return  # no network, as in tests; or it is watched already
    answers, read, extra_info = _Answers(), stream.read, stream.get_extra_info

    def read_watched(max_bytes: int, *others: Any, **options: Any) -> bytes:
        content: bytes = read(max_bytes, *others, **options)
        answers.add(content, max_bytes)
        return content

    async def read_watched_async(max_bytes: int, *others: Any, **options: Any) -> bytes:
        content: bytes = await read(max_bytes, *others, **options)
        answers.add(content, max_bytes)
        return content

    def extra_info_watched(name: str) -> Any:
        if name == "is_readable" and (answers.may_be_unread or _is_readable(extra_info("ssl_object"))):
            return True
        return extra_info(name)

    stream.read = read_watched_async if inspect.iscoroutinefunction(read) else read_watched
    stream.get_extra_info = extra_info_watched


class _Answers:
    """Parses what a connection reads once more, to know where each answer ends: httpx's own parser does not tell."""

    def __init__(self) -> None:
        self._parser = _parser()
        self._was_full = False

    @property
    def may_be_unread(self) -> bool:
        """Whether there may be bytes behind the last answer. What is no HTTP/1.1 counts as such."""
        is_over = self._parser.their_state is h11.DONE and not self._parser.trailing_data[0]
        return self._was_full or not is_over

    def add(self, content: bytes, max_bytes: int) -> None:
        if not self.may_be_unread:
            self._parser = _parser()
        self._was_full = len(content) >= max_bytes  # asyncio may have read more already
        if content and self._parser.their_state in (h11.SEND_RESPONSE, h11.SEND_BODY):
            self._parse(content)

    def _parse(self, content: bytes) -> None:
        self._parser.receive_data(content)
        try:
            while self._parser.next_event() not in (h11.NEED_DATA, h11.PAUSED):
                pass
        except h11.RemoteProtocolError:
            pass  # in its state


def _parser() -> h11.Connection:
    """A parser of one answer, to a request of any kind that is answered with a body."""
    parser = h11.Connection(h11.CLIENT)
    parser.send(h11.Request(method="GET", target="/", headers=[("Host", "")]))
    parser.send(h11.EndOfMessage())
    return parser


def _is_readable(tls: object) -> bool:
    """Whether TLS over memory, as asyncio has it, has received something that no socket shows any more."""
    if not isinstance(tls, ssl.SSLObject):
        return False
    try:
        tls.read(1)
    except ssl.SSLWantReadError:
        return False
    except ssl.SSLError:
        pass
    return True
