"""Uploads while every tenth request fails: all of them arrive, right to the last byte, and as one video each.

Ten uploads in each round, over plain HTTP and over TLS in turn. What fails, and how, is in `faults.yaml`.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import socket
import struct
import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest
import trustme
import yaml

from aioz_stream import AiozStream, PartLimits, RetryPolicy, UploadItem
from aioz_stream_mock import Account, Control, MockServer, Settings, create_app

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from starlette.types import Message, Receive, Scope, Send

    from aioz_stream.upload.slots import Concurrency
    from tests.soak.conftest import Round

FAULTS: Mapping[str, Sequence[Mapping[str, Any]]] = yaml.safe_load(
    (Path(__file__).parent / "faults.yaml").read_text(encoding="utf-8")
)
EVERY = 10
UPLOADS = 10
LARGE = 2
"""How many of them have parts that don't fit into the buffers on the way."""
SMALL_PART, LARGE_PART = 3_000, 300_000
ANY = PartLimits(1, 10**9)

RETRIES = RetryPolicy(first_delay=0.01, longest_delay=0.2)
TIMEOUT = 2.0
STALL = 2 * TIMEOUT
TRANSPORT = "aioz_stream_mock.transport"
"""Where the scope of a request has the connection."""
NO_LINGER = struct.pack("ii", 1, 0)
"""Closing then sends a reset instead of an end of file."""
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 500\r\n\r\n" + b"{".ljust(500)


@dataclass(frozen=True)
class Fault:
    group: str
    how: Mapping[str, Any]

    def can_strike(self, operation: str) -> bool:
        return operation in self.how.get("only", [operation])

    @property
    def options(self) -> dict[str, Any]:
        """What the mock server's control is told."""
        return {name: value for name, value in self.how.items() if name not in {"only", "reset"}}


ALL = [Fault(group, how) for group, faults in FAULTS.items() for how in faults]


@dataclass
class Weather:
    """What a round's requests have met."""

    dice: random.Random
    requests: int = 0
    struck: Counter[tuple[str, str]] = field(default_factory=Counter[tuple[str, str]])
    """By operation and group."""
    tries: Counter[tuple[str, str]] = field(default_factory=Counter[tuple[str, str]])
    """By path and range of bytes."""
    _left: dict[str, list[Fault]] = field(default_factory=lambda: defaultdict(list))

    def __post_init__(self) -> None:
        self.requests = self.dice.randrange(EVERY)

    def next(self, operation: str) -> Fault | None:
        """What becomes of the next request."""
        self.requests += 1
        if self.requests % EVERY:
            return None
        if not self._left[operation]:
            possible = [fault for fault in ALL if fault.can_strike(operation)]
            self._left[operation] = self.dice.sample(possible, len(possible))
        fault = self._left[operation].pop()
        self.struck[operation, fault.group] += 1
        return fault


class BadService:
    """The mock server's application in some weather."""

    def __init__(self) -> None:
        settings = Settings(accounts=[Account.named("a", 10**6)], transcode_seconds=0)
        self._app = create_app(settings)
        self.control = Control(self._app.state.mock)
        self._operation: Callable[[str, str], str | None] = self._app.state.mock.route_lookup.find_operation
        self.weather: Weather | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        operation = self._operation(scope["method"], scope["path"]) if scope["type"] == "http" else None
        if operation is None or self.weather is None:
            await self._app(scope, receive, send)
            return
        self.weather.tries[scope["method"] + scope["path"], _range(scope)] += 1
        fault = self.weather.next(operation)
        if fault is None:
            await self._app(scope, receive, send)
            return
        how, transport = fault.how, scope[TRANSPORT]
        if "kind" in how:
            if how.get("reset"):
                transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, NO_LINGER)
            self.control.add_fault({**fault.options, "operation": operation})
            await self._app(scope, receive, send)
        elif how.get("stall") == "request":
            transport.pause_reading()
            await self._end(transport, receive, STALL)
        else:
            await self._app(scope, receive, partial(self._spoil, how, transport, receive))

    async def _spoil(self, how: Mapping[str, Any], transport: Any, receive: Receive, _: Message) -> None:
        """In place of an answer whose request has had its effect. Of the rest of it, nothing is sent."""
        if transport.is_closing():
            return
        transport.write(ANSWER[: how.get("answer_bytes", 0)])
        await self._end(transport, receive, STALL if "stall" in how else 0)

    @staticmethod
    async def _end(transport: Any, receive: Receive, seconds: float) -> None:
        await asyncio.sleep(seconds)
        # Closing sends what was written; on a connection where nothing moves, it would wait for the client.
        (transport.abort if seconds else transport.close)()
        # The server would complain of an answer that does not come before it has noticed.
        while (await receive())["type"] != "http.disconnect":
            pass


def _range(scope: Scope) -> str:
    return next((value.decode() for name, value in scope["headers"] if name == b"content-range"), "")


@dataclass(frozen=True)
class Place:
    """A service, and where it is."""

    service: BadService
    url: str


@pytest.fixture(scope="session")
def places(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Place]]:
    """One over plain HTTP, and one over TLS that every client here trusts."""
    folder, authority = tmp_path_factory.mktemp("certificates"), trustme.CA()
    certificate = authority.issue_cert("localhost", "127.0.0.1")
    authority.cert_pem.write_to_path(folder / "authority.pem")
    certificate.private_key_and_cert_chain_pem.write_to_path(folder / "server.pem")
    with contextlib.ExitStack() as stack:
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        patch.setenv("SSL_CERT_FILE", str(folder / "authority.pem"))
        yield [_opened(stack, None), _opened(stack, folder / "server.pem")]


def _opened(stack: contextlib.ExitStack, certificate: Path | None) -> Place:
    service = BadService()
    server = stack.enter_context(MockServer(app=service, ssl_certfile=certificate))
    return Place(service, server.url)


@pytest.fixture
def place(places: list[Place], soak_round: Round) -> Iterator[Place]:
    place = places[soak_round.number % 2]
    yield place
    place.service.weather = None
    place.service.control.reset()


class Always(Weather):
    """One fault for every request."""

    def __init__(self, how: Mapping[str, Any]) -> None:
        super().__init__(random.Random(1))
        self._fault = Fault("", how)

    def next(self, operation: str) -> Fault | None:
        assert operation == "getVideo"
        return self._fault


@pytest.mark.parametrize("number", [0, 1], ids=["http", "https"])
@pytest.mark.parametrize(
    ("how", "error"),
    [
        ({"kind": "cut_before", "reset": True}, httpx.ReadError),
        ({"answer_bytes": 20}, httpx.RemoteProtocolError),
        ({"answer_bytes": 100}, httpx.RemoteProtocolError),
        ({"stall": "request"}, httpx.ReadTimeout),
        ({"stall": "answer"}, httpx.ReadTimeout),
    ],
)
def test_what_is_done_to_a_connection(
    how: Mapping[str, Any], error: type[Exception], number: int, places: list[Place], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(places[number].service, "weather", Always(how))
    # Python's ssl shows a reset as an end.
    with pytest.raises(httpx.RemoteProtocolError if number and error is httpx.ReadError else error):
        httpx.get(f"{places[number].url}/videos/any", timeout=0.5)
    places[number].service.control.reset()


def test_all_arrive(
    place: Place, soak_round: Round, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, struck: Callable[..., None]
) -> None:
    dice = soak_round.dice
    monkeypatch.setenv("AIOZ_STREAM_JOURNALS", str(tmp_path / "journals"))
    small = [_file(tmp_path, f"small {number}", SMALL_PART, dice) for number in range(UPLOADS - LARGE)]
    large = [_file(tmp_path, f"large {number}", LARGE_PART, dice) for number in range(LARGE)]
    place.service.weather = weather = Weather(dice)
    few: Concurrency = "auto" if soak_round.number % 2 else 3
    many: Concurrency = "auto" if soak_round.number % 2 else 6
    begun = time.monotonic()
    with AiozStream(token="token-a", base_url=place.url, max_retries=RETRIES, timeout=TIMEOUT) as stream:
        results = [*stream.upload_many(large, files=2, concurrency=few, part_size=LARGE_PART, part_limits=ANY)]
        results += stream.upload_many(small, files=4, concurrency=many, part_size=SMALL_PART, part_limits=ANY)
    place.service.weather = None

    videos = {str(result.item.title): result.unwrap().id for result in results}
    _check_stored(place, videos, {str(item.title): Path(str(item.source)) for item in [*small, *large]})
    assert not [*(tmp_path / "journals").glob("*.journal")]
    # Nobody else sends parts or completes. Creates have one path, and looking at a video has several reasons.
    parts = {where: tries for where, tries in weather.tries.items() if where[1]}
    completes = {where: tries for where, tries in weather.tries.items() if where[0].endswith("/complete")}
    assert len(completes) == UPLOADS
    assert max(*parts.values(), *completes.values()) <= 1 + RETRIES.max_retries
    # Without faults: create, the parts, complete, and the video in the end. Every fault costs at least a request more.
    more = weather.tries.total() - 3 * UPLOADS - len(parts)
    assert more >= weather.struck.total() >= weather.tries.total() // EVERY > 0
    scheme = httpx.URL(place.url).scheme
    struck(scheme, f"uploads, concurrency {few}", UPLOADS)
    struck(scheme, "parts", len(parts))
    struck(scheme, "requests", weather.tries.total())
    struck(scheme, "requests more than without faults", more)
    struck(scheme, f"rounds with {max(*parts.values(), *completes.values())} tries of one part or complete at most")
    struck(scheme, "milliseconds", round(1000 * (time.monotonic() - begun)))
    for (operation, group), count in weather.struck.items():
        struck(f"{scheme}, {group}", operation, count)


def _file(folder: Path, name: str, part_size: int, dice: random.Random) -> UploadItem:
    path = folder / f"{name}.mp4"
    path.write_bytes(dice.randbytes(dice.randint(1, 7 * part_size if part_size == SMALL_PART else 3 * part_size)))
    return UploadItem(source=path, title=name)


def _check_stored(place: Place, videos: Mapping[str, str], sources: Mapping[str, Path]) -> None:
    with AiozStream(token="token-a", base_url=place.url) as stream, httpx.Client() as http:
        assert sorted((video.title, video.id) for video in stream.videos.list()) == sorted(videos.items())
        assert videos.keys() == sources.keys()
        for title, path in sources.items():
            url = f"{place.url}/videos/{videos[title]}/source"
            stored = http.get(url, headers={"Authorization": "Bearer token-a"}).raise_for_status()
            assert stored.content == path.read_bytes(), title
            assert stream.videos.get(videos[title]).status == "done"
