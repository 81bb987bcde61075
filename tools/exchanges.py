"""What the client sends for every operation, what the mock server answers, and what either must never say."""

from __future__ import annotations

import json
import tempfile
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import httpx

from aioz_stream import AiozStream, APIStatusError
from aioz_stream.encoding import audio, dash, hls
from aioz_stream.upload.plan import PartLimits
from aioz_stream_mock import MockServer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Headers: TypeAlias = "tuple[tuple[str, str], ...]"

PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x02\x00\x00\x00rest"
TEXT = b"A video that is text, since a proxy stands in the way.\n"
# Made anew for each connection.
_OF_THE_WIRE = {"accept-encoding", "connection", "content-length", "date", "host", "server", "transfer-encoding"}


@dataclass(frozen=True)
class Exchange:
    """A request and its answer."""

    method: str
    path: str
    """From the base URL on, with the query."""
    headers: Headers
    body: bytes
    status: int
    answer_headers: Headers
    answer: bytes
    name: str = ""

    def __str__(self) -> str:
        return f"{self.method} {self.path} {self.status} {self.name}".strip()


class Recorder(httpx.HTTPTransport):
    """Sends, and keeps what was sent and what came."""

    def __init__(self, base_url: str) -> None:
        super().__init__()
        self._prefix = httpx.URL(base_url).raw_path.decode()
        self.exchanges: list[Exchange] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        request.read()
        answer = super().handle_request(request)
        answer.read()
        path = request.url.raw_path.decode().removeprefix(self._prefix)
        asked, told = _kept(request.headers), _kept(answer.headers)
        kept = Exchange(request.method, path, asked, request.content, answer.status_code, told, answer.content)
        self.exchanges.append(kept)
        return answer

    def close(self) -> None:
        """Nothing: several clients share it."""


def _kept(headers: httpx.Headers) -> Headers:
    return tuple((name, value) for name, value in headers.multi_items() if name.lower() not in _OF_THE_WIRE)


def record() -> tuple[list[Exchange], Counter[str]]:
    """Every operation, with either kind of credentials, and the documented failures that a client can bring about.

    With it comes how often each operation succeeded, by its id.
    """
    with MockServer() as server, tempfile.TemporaryDirectory() as folder:
        recorder = Recorder(server.url)
        by_token, poor, unknown = (
            AiozStream(token=token, base_url=server.url, transport=recorder, max_retries=0)
            for token in ("token-a", "token-b", "unknown-token")
        )
        by_keys = AiozStream(
            public_key="public-a",
            secret_key="secret-a",  # noqa: S106 - the mock server's own
            base_url=server.url,
            transport=recorder,
            max_retries=0,
        )
        for stream in (by_token, by_keys):
            _send_successes(stream, Path(folder))
        _send_failures(by_token, poor, unknown, Path(folder))
        server.control.fault("rate_limit", times=1, retry_after=3)
        server.control.fault("status", times=1, status=500)
        for _ in range(2):
            _expect_refusal(by_token.videos.page)
        log = server.control.requests()
    return recorder.exchanges, Counter(one.operation or "" for one in log if one.status and one.status < 300)


def _send_successes(stream: AiozStream, folder: Path) -> None:
    (folder / "video.txt").write_bytes(TEXT * 2000)
    (folder / "cover.png").write_bytes(PNG)
    qualities = [
        hls("1080p", codec="h265", bitrate=6_000_000, language="en"),
        hls("240p", bitrate=700_000),
        dash("720p", audio_bitrate=None),
        audio("dash", bitrate=192_000, sample_rate=48_000),
    ]
    stream.videos.create(title="Only what is required")
    video = stream.videos.create(
        "All there is",
        description="",
        is_public=False,
        metadata={"genre": "text"},
        tags=["a", "b"],
        qualities=qualities,
    )
    stream.videos.upload(video.id, folder / "video.txt", part_size=40_000, part_limits=PartLimits(1, 1_000_000))
    stream.videos.upload_thumbnail(video.id, folder / "cover.png")
    stream.videos.update(video.id, title="Another title", tags=[], metadata=[], player_id="", is_public=True)
    stream.videos.get(video.id)
    stream.videos.page()
    stream.videos.page(offset=1, limit=100, sort_by="title", order_by="asc", tags=["a"], status="done", search="x")
    for metadata in ({"genre": "text"}, [{"key": "genre", "value": "text"}]):
        stream.videos.page(metadata=metadata)
    stream.videos.cost(["144p", "2160p"], duration=0.5)
    stream.videos.delete(video.id)


def _send_failures(stream: AiozStream, poor: AiozStream, unknown: AiozStream, folder: Path) -> None:
    _expect_refusal(unknown.videos.page)
    _expect_refusal(lambda: stream.videos.get("no such video"))
    video = stream.videos.create("Nothing in it")
    _expect_refusal(lambda: stream.videos.complete(video.id))
    _expect_refusal(lambda: poor.upload(folder / "video.txt"))


def _expect_refusal(call: Callable[[], object]) -> None:
    try:
        call()
    except APIStatusError:
        return
    raise AssertionError("the mock server accepted what it must refuse")


def wrong(exchanges: list[Exchange]) -> Iterator[Exchange]:
    """Exchanges in which one side breaks the contract."""
    create = next(one for one in exchanges if one.path == "/videos/create" and b"qualities" in one.body)
    # Parts go at the same time, so any of them may have been the first.
    part = next(one for one in exchanges if one.path.endswith("/part") and b"\r\n\r\n1\r\n" in one.body)
    cost = next(one for one in exchanges if one.path.startswith("/videos/cost"))
    page = next(one for one in exchanges if one.path == "/videos" and one.status == 200)
    keys = next(one for one in exchanges if "stream-secret-key" in dict(one.headers))
    got = next(one for one in exchanges if one.method == "GET" and b'"title"' in one.answer)

    yield _sending(create, "asks with a misspelt field", b'"qualities"', b'"qualitites"')
    yield _sending(create, "asks for more than 240p takes", b"700000", b"700001")
    yield _sending(create, "asks for HLS in fmp4", b'"mpegts"', b'"fmp4"')
    yield _sending(create, "asks with a flag that is a word", b'"is_public":false', b'"is_public":"no"')
    yield _sending(page, "asks for too large a page", page.body, b'{"limit":101}')
    yield _sending(part, "numbers a part 01", b"\r\n\r\n1\r\n", b"\r\n\r\n01\r\n")
    yield replace(part, name="says no range", headers=_without(part.headers, "content-range"))
    yield replace(cost, name="asks for no duration", path="/videos/cost?qualities=144p")
    yield replace(cost, name="asks for a name without a price", path="/videos/cost?qualities=4320p&duration=1")
    yield replace(keys, name="brings half of the keys", headers=_without(keys.headers, "stream-secret-key"))
    yield replace(got, name="brings no credentials", headers=_without(got.headers, "authorization"))
    yield replace(got, name="asks for a path that is none", path="/videos/a/b")
    yield replace(got, name="asks with another method", method="PUT")

    yield _answering(got, "answers with a video without a status", lambda body: body["data"].pop("status"))
    yield _answering(got, "answers with an id that is null", lambda body: body["data"].update(id=None))
    yield _answering(got, "answers with a size below 0", lambda body: body["data"].update(size=-1))
    yield _answering(page, "answers with a total that is a word", lambda body: body["data"].update(total="many"))
    yield replace(got, name="answers with an unknown success", status=202)
    yield replace(got, name="answers with HTML", answer=b"<html>", answer_headers=(("content-type", "text/html"),))


def _sending(exchange: Exchange, name: str, before: bytes, after: bytes) -> Exchange:
    assert before in exchange.body, name
    return replace(exchange, name=name, body=exchange.body.replace(before, after))


def _answering(exchange: Exchange, name: str, change: Callable[[dict[str, Any]], object]) -> Exchange:
    body = json.loads(exchange.answer)
    change(body)
    return replace(exchange, name=name, answer=json.dumps(body).encode())


def _without(headers: Headers, name: str) -> Headers:
    left = tuple((one, value) for one, value in headers if one.lower() != name)
    assert left != headers, name
    return left
