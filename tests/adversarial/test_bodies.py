"""Bodies are bounded: errors are read to 64 KiB, successes to 32 MiB decoded; beyond that a typed error.

Each client is a process of its own that measures what Python allocates at most. What the service could send before the
client had enough is measured, too.
"""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.adversarial import lies
from tests.adversarial.ledger import TOKEN
from tests.adversarial.lies import MIB
from tests.adversarial.service import Exchange, Lie, Service

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.adversarial.wire import Reply

pytestmark = pytest.mark.xdist_group("bodies")  # one at a time: a client that reads all takes much memory

PATIENCE = 60.0
CLIENT = Path(__file__).with_name("measured_client.py")

AN_ERROR = 4 * MIB
"""64 KiB, and room for what a client of HTTP has in buffers."""
A_SUCCESS = 128 * MIB
"""32 MiB decoded, as bytes, joined, and as text."""
ON_THE_WAY = 72 * MIB
"""Of a body that is read to 32 MiB: that, what waits in buffers, and the block that was being sent."""


@dataclass(frozen=True)
class Body:
    """An answer that is too large, and what the client may cost because of it."""

    name: str
    because: str
    call: str
    lie: Lie
    error: str
    """The class of the error, or nothing where the call succeeds."""
    memory: int
    sent: int = 4096 * MIB


def _padded(size: int) -> Callable[[Exchange], Reply]:
    """A true answer with a field of so many bytes."""

    def tell(exchange: Exchange) -> Reply:
        reply = exchange.truth()
        content = json.loads(reply.body)
        content["data"]["padding"] = "x" * size
        return replace(reply, body=json.dumps(content).encode())

    return tell


def _packed(size: int) -> Callable[[Exchange], Reply]:
    def tell(exchange: Exchange) -> Reply:
        reply = _padded(size)(exchange)
        return replace(reply, body=gzip.compress(reply.body), headers={"Content-Encoding": "gzip"})

    return tell


def _headers(count: int, size: int) -> Callable[[Exchange], None]:
    def tell(exchange: Exchange) -> None:
        line = b"X-Padding: " + b"x" * size + b"\r\n"
        exchange.send_for_ever(b"HTTP/1.1 200 OK\r\n", lambda _number: line, count * len(line))

    return tell


def _one_header(exchange: Exchange) -> None:
    exchange.send_for_ever(b"HTTP/1.1 200 OK\r\nX-Padding: ", lambda _number: b"x" * MIB, 512 * MIB)


SUCCESS, ERROR = "UnexpectedResponseError", "BadRequestError"

BODIES = [
    Body(
        "error-of-1-gib",
        "of an error 64 KiB are read",
        "get",
        Lie("get", lies.huge(400, 1024 * MIB)),
        ERROR,
        AN_ERROR,
        16 * MIB,
    ),
    Body(
        "error-that-never-ends",
        "of an error 64 KiB are read",
        "get",
        Lie("get", lies.endless_chunks(400)),
        ERROR,
        AN_ERROR,
        16 * MIB,
    ),
    Body(
        "error-that-is-a-gzip-bomb",
        "inflated in steps",
        "get",
        Lie("get", lies.bomb(400, "gzip")),
        ERROR,
        AN_ERROR + 2 * MIB,
    ),
    Body(
        "error-that-is-a-deflate-bomb",
        "inflated in steps",
        "get",
        Lie("get", lies.bomb(400, "deflate")),
        ERROR,
        AN_ERROR + 2 * MIB,
    ),
    Body(
        "error-of-a-part-of-1-gib",
        "the same for parts",
        "upload",
        Lie("part", lies.huge(400, 1024 * MIB)),
        ERROR,
        4 * AN_ERROR,
        64 * MIB,
    ),
    Body(
        "error-of-create-that-never-ends",
        "the same for create",
        "upload",
        Lie("create", lies.endless_chunks(400)),
        ERROR,
        AN_ERROR,
        16 * MIB,
    ),
    Body(
        "success-of-100-mib",
        "more than 32 MiB is no answer of this API",
        "get",
        Lie("get", lies.huge(200, 100 * MIB)),
        SUCCESS,
        A_SUCCESS,
        ON_THE_WAY,
    ),
    Body(
        "success-that-claims-1-tib",
        "what it claims need not be waited for",
        "get",
        Lie("get", lies.huge(200, 1024 * 1024 * MIB)),
        SUCCESS,
        A_SUCCESS,
        ON_THE_WAY,
    ),
    Body(
        "success-that-never-ends",
        "chunks without an end",
        "get",
        Lie("get", lies.endless_chunks(200)),
        SUCCESS,
        A_SUCCESS,
        ON_THE_WAY,
    ),
    Body(
        "success-that-is-a-gzip-bomb",
        "the bound is of decoded bytes",
        "get",
        Lie("get", lies.bomb(200, "gzip")),
        SUCCESS,
        A_SUCCESS,
    ),
    Body(
        "success-that-is-a-deflate-bomb",
        "the bound is of decoded bytes",
        "get",
        Lie("get", lies.bomb(200, "deflate")),
        SUCCESS,
        A_SUCCESS,
    ),
    Body(
        "success-that-is-packed-twice",
        "each layer is inflated in steps",
        "get",
        Lie("get", lies.bomb(200, "gzip", layers=2)),
        SUCCESS,
        A_SUCCESS,
    ),
    Body(
        "success-of-a-list-that-never-ends",
        "the same for lists",
        "list",
        Lie("list", lies.endless_chunks(200)),
        SUCCESS,
        A_SUCCESS,
        ON_THE_WAY,
    ),
    Body(
        "success-of-a-part-that-never-ends",
        "the same for parts",
        "upload",
        Lie("part", lies.endless_chunks(200)),
        SUCCESS,
        5 * A_SUCCESS,
        5 * ON_THE_WAY,
    ),
    Body(
        "success-that-never-ends-asynchronously",
        "the asynchronous client reads no more",
        "get-async",
        Lie("get", lies.endless_chunks(200)),
        SUCCESS,
        A_SUCCESS,
        ON_THE_WAY,
    ),
    Body(
        "error-that-never-ends-asynchronously",
        "the asynchronous client reads no more",
        "get-async",
        Lie("get", lies.endless_chunks(400)),
        ERROR,
        AN_ERROR,
        16 * MIB,
    ),
    Body(
        "a-gzip-bomb-asynchronously",
        "inflated in steps there, too",
        "get-async",
        Lie("get", lies.bomb(200, "gzip")),
        SUCCESS,
        A_SUCCESS,
    ),
    Body(
        "a-header-of-512-mib",
        "a header without an end is no answer",
        "get",
        Lie("get", _one_header),
        "APIError",
        AN_ERROR,
        16 * MIB,
    ),
    Body(
        "headers-without-an-end",
        "headers without an end are no answer",
        "get",
        Lie("get", _headers(10**6, 1000)),
        "APIError",
        AN_ERROR,
        16 * MIB,
    ),
    Body("an-answer-of-5-mib", "large, and allowed", "get", Lie("get", _padded(5 * MIB)), "", A_SUCCESS),
    Body("a-packed-answer-of-5-mib", "large, packed, and allowed", "get", Lie("get", _packed(5 * MIB)), "", A_SUCCESS),
    Body(
        "a-packed-answer-of-5-mib-asynchronously",
        "large, packed, and allowed",
        "get-async",
        Lie("get", _packed(5 * MIB)),
        "",
        A_SUCCESS,
    ),
]


def measured(service: Service, call: str, path: Path, deadline: float | None = None) -> dict[str, Any]:
    """What came of a call in a process of its own, and the most that was allocated."""
    command = [sys.executable, str(CLIENT), service.url, TOKEN, call, str(path), str(deadline or "")]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert ended.returncode == 0, ended.stderr[-2000:]
    said: dict[str, Any] = json.loads(ended.stdout)
    return said


SMALL_SHARE = {
    "error-of-1-gib",
    "error-that-is-a-gzip-bomb",
    "success-that-never-ends",
    "success-that-is-a-gzip-bomb",
    "a-gzip-bomb-asynchronously",
    "a-packed-answer-of-5-mib",
}
"""Of `make test`; the others are in `make slow`."""


@pytest.mark.parametrize(
    "body",
    [pytest.param(one, id=one.name, marks=() if one.name in SMALL_SHARE else pytest.mark.slow) for one in BODIES],
)
def test_body(body: Body, service: Service, tmp_path: Path, record_property: Callable[[str, object], None]) -> None:
    print(body.because)
    path = tmp_path / "talk.mp4"
    path.write_bytes(bytes(4000))
    service.ledger.add_stranger("talk")
    service.lie([body.lie])
    said = measured(service, body.call, path)
    record_property("peak", said["peak"])
    sent = service.counts["bytes sent"] / MIB
    print(f"{body.name}: {said['errors'] or 'a result'}, {said['peak'] / MIB:.1f} MiB, {sent:.0f} MiB sent")
    assert (body.error in said["errors"]) if body.error else not said["errors"], said
    assert said["peak"] <= body.memory, f"{said['peak'] / MIB:.0f} MiB were allocated"
    assert service.counts["bytes sent"] <= body.sent, f"{service.counts['bytes sent'] / MIB:.0f} MiB were taken"


@pytest.mark.parametrize(
    "lie",
    [
        pytest.param(
            lambda exchange: exchange.send_for_ever(
                b"", lambda _number: b"HTTP/1.1 103 Early Hints\r\n\r\n" * 500, 1 << 40
            ),
            id="informational-answers-without-an-end",
        ),
        pytest.param(
            lambda exchange: exchange.send_for_ever(
                b"HTTP/1.1 200 OK\r\nContent-Length: 999999\r\n\r\n", _drop, 1 << 40
            ),
            id="a-body-byte-by-byte",
        ),
        pytest.param(
            lambda exchange: exchange.send_for_ever(b"HTTP", _drop, 1 << 40),
            id="a-status-line-byte-by-byte",
            marks=pytest.mark.slow,
        ),
    ],
)
@pytest.mark.parametrize(
    "operation", ["part", *(pytest.param(name, marks=pytest.mark.slow) for name in ("create", "complete", "get"))]
)
def test_deadline_ends_an_answer_that_trickles(lie: Any, operation: str, service: Service, tmp_path: Path) -> None:
    """No timeout between two bytes ever passes; the deadline of the upload does."""
    path = tmp_path / "talk.mp4"
    path.write_bytes(bytes(4000))
    service.lie([Lie(operation, lie)])
    said = measured(service, "upload", path, deadline=1.5)
    assert "UploadTimeoutError" in said["errors"], said


def _drop(_number: int) -> bytes:
    time.sleep(0.05)
    return b"x"
