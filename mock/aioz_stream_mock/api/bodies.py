"""Request bodies: JSON is read strictly, and the rest of a refused body is read before the answer is sent."""

from __future__ import annotations

import asyncio
import json
import math
from typing import TYPE_CHECKING, Any, NoReturn

from python_multipart.multipart import parse_options_header

from aioz_stream_mock.contract import JSON, JsonValue
from aioz_stream_mock.errors import bad_request, too_large, unsupported

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.types import Message, Receive, Scope, Send

CURLS_OWN = b"application/x-www-form-urlencoded"
MAX_DEPTH = 64
DRAIN_SECONDS = 10.0


class BodyReceiver:
    """The receiving end of a request, which remembers how far the body was read."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._started = False
        self._finished = False

    async def __call__(self) -> Message:
        self._started = True
        message = await self._receive()
        self._finished = message["type"] == "http.disconnect" or not message.get("more_body", False)
        return message

    async def drain(self, limit: int, *, waits_for_continue: bool) -> bool:
        """Read the rest of a refused body, within bounds; returns whether the body ended.

        A server that answers and hangs up while the client is still sending resets the connection, and the client
        can't read the answer. A client that waits for `100 Continue` has not sent anything yet, so nothing is read.
        """
        if waits_for_continue and not self._started:
            return False
        try:
            async with asyncio.timeout(DRAIN_SECONDS):
                while not self._finished and limit > 0:
                    limit -= len((await self()).get("body", b""))
        except TimeoutError:
            pass
        return self._finished


async def send_after_body(response: Response, scope: Scope, receiver: BodyReceiver, send: Send, limit: int) -> None:
    """Send an answer; a refusal only after the rest of the body was read, so that the client can read the answer."""
    waits = any(name == b"expect" for name, _ in scope["headers"])
    if response.status_code >= 400 and not await receiver.drain(limit, waits_for_continue=waits):
        # Without this the server would read for as long as the client sends.
        response.headers["Connection"] = "close"
    await response(scope, receiver, send)


def check_encoding(request: Request) -> None:
    """Refuse compressed bodies: unpacked, a small body could become a large one."""
    if request.headers.get("content-encoding", "identity").strip().lower() not in ("", "identity"):
        raise unsupported("Bodies must come without a Content-Encoding.")


def check_length(request: Request, what: str, limit: int) -> None:
    """Refuse a body whose Content-Length is too large."""
    declared = request.headers.get("content-length", "")
    if declared.isascii() and declared.isdigit() and (len(declared) > 19 or int(declared) > limit):
        raise too_large(what, limit)


async def read_json(request: Request, limit: int, *, untyped: bool = False) -> Any:
    """The JSON value of a body, or a refusal that says what is wrong with it.

    `untyped` takes it without a Content-Type too, and with the one that curl says by itself: so the reference prints
    its examples (ruling E8). What needs no credentials must not take them: any page could send them.
    """
    _check_json_type(request, untyped=untyped)
    check_encoding(request)
    check_length(request, "The body", limit)
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > limit:
            raise too_large("The body", limit)
    return parse_json(bytes(body))


def parse_json(body: bytes) -> Any:
    """Read JSON as the standard has it, and no more: one meaning for every reader, and nothing unstorable."""
    try:
        value: Any = json.loads(
            body.decode("utf-8"),
            object_pairs_hook=_unique,
            parse_constant=_no_constant,
            parse_float=_finite,
        )
    except UnicodeDecodeError as error:
        raise bad_request("The body is not UTF-8.") from error
    except RecursionError as error:
        raise bad_request("The body is nested too deeply.") from error
    except ValueError as error:
        raise bad_request(f"The body is not valid JSON: {error}") from error
    _check_shape(value)
    return value


def _check_json_type(request: Request, *, untyped: bool) -> None:
    media_type, options = parse_options_header(request.headers.get("content-type"))
    if untyped and media_type.lower() in (b"", CURLS_OWN):
        return
    if media_type.lower().decode("latin-1") != JSON:
        raise unsupported(f"The body must be JSON: send the header Content-Type: {JSON}.")
    if options.get(b"charset", b"utf-8").lower() not in (b"utf-8", b"utf8"):
        raise unsupported("JSON must be in UTF-8.")


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name is given twice in one object")
    return found


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a JSON number")


def _finite(text: str) -> float | int:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError("a number is too large")
    # 3000000.0 is an integer to JSON Schema, and so it stays one for all later readers.
    return int(value) if value.is_integer() else value


def _check_shape(value: JsonValue) -> None:
    """Refuse what a validator or the database would choke on: deep nesting, and halves of surrogate pairs."""
    level: list[JsonValue] = [value]
    for _ in range(MAX_DEPTH):
        if not level:
            return
        _check_texts(level)
        level = [child for node in level for child in _children(node)]
    raise bad_request("The body is nested too deeply.")


def _children(node: JsonValue) -> list[JsonValue]:
    if isinstance(node, dict):
        return [*node.keys(), *node.values()]
    return node if isinstance(node, list) else []


def _check_texts(nodes: list[JsonValue]) -> None:
    try:
        for node in nodes:
            if isinstance(node, str):
                node.encode("utf-8")
    except UnicodeEncodeError as error:
        raise bad_request("The body holds half of a surrogate pair, which is no character.") from error
