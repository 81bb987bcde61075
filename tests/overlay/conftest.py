"""A real server, clients of it, and a server that misbehaves as told."""

from __future__ import annotations

import asyncio
import hashlib
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest
import yaml

from aioz_stream import AiozStream, AsyncAiozStream, PartLimits, RetryPolicy
from aioz_stream_mock import MockServer, Settings, create_app

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Generator, Iterator

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

ENVIRONMENT = (
    "AIOZ_STREAM_TOKEN",
    "AIOZ_STREAM_PUBLIC_KEY",
    "AIOZ_STREAM_SECRET_KEY",
    "AIOZ_STREAM_BASE_URL",
    "AIOZ_STREAM_LOG",
)


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(autouse=True)
def _empty_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ENVIRONMENT:
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="session")
def contract() -> dict[str, Any]:
    path = Path(__file__).parents[2] / "openapi.yaml"
    document: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return document


@pytest.fixture(scope="session")
def server() -> Generator[MockServer]:
    with MockServer(Settings(transcode_seconds=0.2)) as running:
        yield running


@pytest.fixture
def stream(server: MockServer, quick: RetryPolicy) -> Generator[AiozStream]:
    with AiozStream(token="token-a", base_url=server.url, max_retries=quick) as client:
        yield client


@pytest.fixture
async def async_stream(server: MockServer, quick: RetryPolicy) -> AsyncGenerator[AsyncAiozStream]:
    async with AsyncAiozStream(token="token-a", base_url=server.url, max_retries=quick) as client:
        yield client


@pytest.fixture(scope="session")
def quick() -> RetryPolicy:
    """The usual number of retries, with waits too short to notice."""
    return RetryPolicy(first_delay=0.001, longest_delay=0.002)


@pytest.fixture(scope="session")
def any_size() -> PartLimits:
    """Small parts, so that small files have several."""
    return PartLimits(smallest=1, largest=10**9)


@pytest.fixture
def make_file(tmp_path: Path) -> Callable[..., Path]:
    def make(content: bytes, name: str = "clip.mp4") -> Path:
        path = tmp_path / name
        path.write_bytes(content)
        return path

    return make


@dataclass
class Fault:
    """What to do instead of answering: a whole answer, or a cut before or after the request had its effect."""

    path_ends: str = ""
    method: str | None = None
    times: int = 1
    status: int | None = None
    body: bytes = b'{"status": "error", "message": "made to fail"}'
    headers: dict[str, str] = field(default_factory=dict[str, str])
    after_effect: bool = False


class Misbehaving:
    """An application that does as its faults say, each so many times, and counts the requests."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self.faults: list[Fault] = []
        self.requests: list[str] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        self.requests.append(f"{scope['method']} {scope['path']}")
        fault = self._next(scope)
        if fault is None:
            await self._app(scope, receive, send)
            return
        if fault.after_effect:
            await self._app(scope, receive, _swallow)
        else:
            while (await receive()).get("more_body"):
                pass
        await _answer(fault, send)

    def _next(self, scope: Scope) -> Fault | None:
        for fault in self.faults:
            fits = scope["path"].endswith(fault.path_ends) and fault.method in (None, scope["method"])
            if fault.times and fits:
                fault.times -= 1
                return fault
        return None


async def _swallow(_: Message) -> None:
    """The answer goes nowhere."""


async def _answer(fault: Fault, send: Send) -> None:
    """A whole answer or, without a status, the beginning of one: the connection is then cut."""
    headers = {"content-type": "application/json", **fault.headers}
    promised = len(fault.body) if fault.status else len(fault.body) + 1
    raw = [(name.encode(), value.encode()) for name, value in headers.items()]
    raw.append((b"content-length", str(promised).encode()))
    await send({"type": "http.response.start", "status": fault.status or 200, "headers": raw})
    await send({"type": "http.response.body", "body": fault.body, "more_body": False})


@pytest.fixture
def misbehaving() -> Misbehaving:
    return Misbehaving(create_app(Settings(transcode_seconds=0)))


@pytest.fixture
def bad_server(misbehaving: Misbehaving) -> Iterator[MockServer]:
    with MockServer(app=misbehaving) as running:
        yield running


@pytest.fixture
def bad_stream(bad_server: MockServer, quick: RetryPolicy) -> Generator[AiozStream]:
    with AiozStream(token="token-a", base_url=bad_server.url, max_retries=quick) as client:
        yield client


@pytest.fixture
def fault() -> type[Fault]:
    return Fault


@pytest.fixture(scope="session")
def stored() -> Callable[[str, str], bytes]:
    """The bytes that the server gives back for a video."""

    def fetch(base_url: str, video_id: str) -> bytes:
        url = f"{base_url}/videos/{video_id}/source"
        return httpx.get(url, headers={"Authorization": "Bearer token-a"}).raise_for_status().content

    return fetch


@pytest.fixture(scope="session")
def noise() -> Callable[[int], bytes]:
    """Bytes without a pattern, the same each time."""

    def make(size: int) -> bytes:
        blocks = (hashlib.sha256(str(block).encode()).digest() for block in range(size // 32 + 1))
        return b"".join(blocks)[:size]

    return make


@pytest.fixture
def answering() -> Callable[..., AiozStream]:
    """A client whose every request gets this answer; for services that say what no server here would."""

    def make(
        content: bytes | str = b"", status: int = 200, headers: dict[str, str] | None = None, **options: Any
    ) -> AiozStream:
        transport = httpx.MockTransport(lambda _: httpx.Response(status, content=content, headers=headers))
        credentials: dict[str, Any] = {"token": "token-a"} if "secret_key" not in options else {}
        return AiozStream(
            base_url="http://service.test/api", transport=transport, max_retries=0, **credentials, **options
        )

    return make


@pytest.fixture
def clips(tmp_path: Path) -> Callable[..., list[Path]]:
    """Files whose names and bytes are all different."""

    def make(count: int, size: int = 90) -> list[Path]:
        paths = [tmp_path / f"clip {number:02}.mp4" for number in range(count)]
        for number, path in enumerate(paths):
            if not path.exists():
                path.write_bytes(bytes([number]) * size)
        return paths

    return make


@pytest.fixture
def working() -> Callable[[], list[str]]:
    """The threads of uploads that there are."""

    def names() -> list[str]:
        running = [thread.name for thread in threading.enumerate()]
        return [name for name in running if name.startswith(("aioz-stream-file", "aioz-stream-upload"))]

    return names


class Counting:
    """An application that counts what is going on at a time. The first parts wait until there are so many of them."""

    def __init__(self, app: ASGIApp, together: int = 0) -> None:
        self._app, self._together = app, together
        self.parts = self.most_parts = self.videos = self.most_videos = 0
        self.requests: list[str] = []
        self._is_open = together == 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        path = scope["path"]
        self.requests.append(f"{scope['method']} {path}")
        if path.endswith("/create"):
            self.videos += 1
            self.most_videos = max(self.most_videos, self.videos)
        if path.endswith("/part"):
            self.parts += 1
            self.most_parts = max(self.most_parts, self.parts)
            await self._gather()

        async def counted(message: Message) -> None:
            # Before the client can know that it is over.
            if message["type"] == "http.response.start":
                self.parts -= path.endswith("/part")
                self.videos -= path.endswith("/complete")
            await send(message)

        await self._app(scope, receive, counted)

    async def _gather(self) -> None:
        while not self._is_open and self.parts < self._together:  # noqa: ASYNC110 - what is waited for has many ends
            await asyncio.sleep(0.01)
        await asyncio.sleep(0.01 if self._is_open else 0.3)  # for those that should not come
        self._is_open = True

    def open(self) -> None:
        """Let go of the parts that wait."""
        self._is_open = True

    def count(self, ending: str) -> int:
        return sum(request.endswith(ending) for request in self.requests)


@pytest.fixture
def counting_together() -> Callable[[int], Counting]:
    return lambda together: Counting(create_app(Settings()), together)


@pytest.fixture
def counting(counting_together: Callable[[int], Counting]) -> Counting:
    return counting_together(0)


@pytest.fixture
def counted_server(counting: Counting) -> Iterator[MockServer]:
    with MockServer(app=counting) as running:
        yield running


@pytest.fixture
def counted(counted_server: MockServer, quick: RetryPolicy) -> Iterator[AiozStream]:
    with AiozStream(token="token-a", base_url=counted_server.url, max_retries=quick) as client:
        yield client
