"""Unread bytes: a connection that has some behind an answer says so, and httpx does not use it again.

httpx reads whatever has come, and takes what is left behind an answer for the beginning of the next one. A second copy
of an answer would then answer the next request.
"""

from __future__ import annotations

import inspect
import ssl
from collections.abc import Mapping
from typing import Any

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
    from aioz_stream.http.answers import Answers  # noqa: PLC0415 - it needs h11, which httpx loads with a connection

    answers, read, extra_info = Answers(), stream.read, stream.get_extra_info

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
