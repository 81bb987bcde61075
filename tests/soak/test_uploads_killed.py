"""An uploading process killed at any moment, once or several times: the same call in a new one goes on.

The bytes are right, there is one video, and of the parts no more are sent twice than were on their way at the kills.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

import httpx
import pytest

from aioz_stream import AiozStream
from aioz_stream.upload.concurrency import FIRST
from aioz_stream_mock import MockServer, Settings, create_app

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from starlette.types import Message, Receive, Scope, Send

    from tests.soak.conftest import Round

CONCURRENCY = {"3": 3, "auto": FIRST + 2}
"""They take turns. How many parts may be under way at once: uploads end before auto would change its number, and it has
two parts more, whose answers are awaited."""
PART_SIZE = 40_000
MOMENTS = ("before", "inside", "effect", "after", "anytime")
"""Of a request: before the server reads its body, inside of it, after its effect and before its answer, after that."""
TAKES = 10
"""How many uploads a round may need until a kill comes in time."""
PATIENCE = 60.0

UPLOAD = """
import sys
from aioz_stream import AiozStream, PartLimits

url, source, part_size, number = sys.argv[1:]
concurrency = number if number == "auto" else int(number)
with AiozStream(token="token-a", base_url=url) as stream:
    print("ready", flush=True)
    video = stream.upload(
        source, part_size=int(part_size), part_limits=PartLimits(1, 10**9), concurrency=concurrency
    )
    print(video.id, flush=True)
"""


@dataclass(frozen=True)
class Kill:
    moment: str
    request: int
    """Which of its run's requests it is aimed at, counted from 0."""
    delay: float
    """Seconds that it comes later, where it comes after an answer or at any time."""

    @classmethod
    def drawn(cls, dice: random.Random, parts: int, usual: float) -> Self:
        moment = dice.choice(MOMENTS)
        # One in four is aimed at create; of the rest each request is as likely, complete and the last look included.
        request = 0 if dice.random() < 0.25 else dice.randint(1, parts + 2)
        delay = dice.uniform(0, 0.01) if moment == "after" else dice.uniform(0, usual)
        return cls(moment, request, delay)


class Witness:
    """The mock server's application. It counts the parts that are begun, and kills whom it is told to."""

    def __init__(self) -> None:
        self._app = create_app(Settings())
        self.parts: Counter[str] = Counter()
        """How often each range of bytes was begun to be sent."""
        self.completes = 0
        self._lock = threading.Lock()
        self._kill: Kill | None = None
        self._process: subprocess.Popen[str] | None = None
        self._requests = 0
        self.hit = ""
        """At what the kill came."""

    def aim(self, kill: Kill, process: subprocess.Popen[str]) -> None:
        self._kill, self._process, self._requests, self.hit = kill, process, 0, ""

    def strike(self, what: str) -> None:
        with self._lock:
            if self._process is not None and self._process.poll() is None and not self.hit:
                self.hit = what
                self._process.kill()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        self._note(scope)
        kill, name = self._kill, scope["path"].rsplit("/", 1)[-1]
        name = name if name in {"create", "part", "complete"} else "look"
        is_aimed = kill is not None and kill.request == self._requests
        moment = kill.moment if kill is not None and is_aimed else ""
        self._requests += 1

        async def received() -> Message:
            message = await receive()
            if moment == "inside":
                self.strike(name)
            return message

        async def sent(message: Message) -> None:
            # A request without a body has no inside.
            if moment in {"effect", "inside"}:
                self.strike(name)
            await send(message)
            is_last = message["type"] == "http.response.body" and not message.get("more_body", False)
            if moment == "after" and is_last and kill is not None:
                threading.Timer(kill.delay, self.strike, [name]).start()

        if moment == "before":
            self.strike(name)
        await self._app(scope, received, sent)

    def _note(self, scope: Scope) -> None:
        for header, value in scope["headers"]:
            if header == b"content-range":
                self.parts[value.decode()] += 1
        self.completes += scope["path"].endswith("/complete")


class Uploader:
    """Uploads one file to one server, each time in a new process."""

    def __init__(self, url: str, path: Path, journals: Path, concurrency: str = "auto") -> None:
        self._command = [sys.executable, "-c", UPLOAD, url, str(path), str(PART_SIZE), concurrency]
        self._journals = journals
        self._environment = {**os.environ, "AIOZ_STREAM_JOURNALS": str(journals)}

    def begin(self) -> subprocess.Popen[str]:
        """A process that is about to upload."""
        process = subprocess.Popen(self._command, stdout=subprocess.PIPE, text=True, env=self._environment)
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        return process

    def end(self, process: subprocess.Popen[str]) -> str:
        """The video's id, or nothing if it was killed."""
        said, _ = process.communicate(timeout=PATIENCE)
        return said.strip()

    @property
    def has_journal(self) -> bool:
        return any(self._journals.glob("*.journal"))


@pytest.fixture
def witness() -> Witness:
    return Witness()


@pytest.fixture
def url(witness: Witness) -> Iterator[str]:
    with MockServer(app=witness) as server:
        yield server.url


@pytest.fixture(scope="session")
def usual(tmp_path_factory: pytest.TempPathFactory) -> float:
    """The seconds that an upload takes here, from ready to its end."""
    folder = tmp_path_factory.mktemp("rehearsal")
    (folder / "film.mp4").write_bytes(bytes(10 * PART_SIZE))
    with MockServer() as server:
        uploader = Uploader(server.url, folder / "film.mp4", folder / "journals")
        process, begun = uploader.begin(), time.monotonic()
        assert uploader.end(process)
        return time.monotonic() - begun


def test_the_same_call_goes_on(
    soak_round: Round, witness: Witness, url: str, usual: float, tmp_path: Path, struck: Callable[..., None]
) -> None:
    dice = soak_round.dice
    for take in range(TAKES):
        path = tmp_path / f"take {take}.mp4"
        path.write_bytes(dice.randbytes(dice.randint(5 * PART_SIZE, 14 * PART_SIZE)))
        parts = -(-path.stat().st_size // PART_SIZE)
        kills = [Kill.drawn(dice, parts, usual) for _ in range(dice.choice([1, 1, 1, 2, 3]))]
        print(kills)
        witness.parts.clear()
        witness.completes = 0
        concurrency = [*CONCURRENCY][soak_round.number % 2]
        uploader = Uploader(url, path, tmp_path / "journals", concurrency)
        hits, video_id = _uploaded(uploader, witness, kills)
        twice = witness.parts.total() - parts
        assert len(witness.parts) == parts
        assert 0 <= twice <= len(hits) * CONCURRENCY[concurrency]
        with AiozStream(token="token-a", base_url=url) as stream:
            [video] = stream.videos.list(search=path.stem)
        assert (video.id, video.title) == (video_id or video.id, path.stem)
        assert video.status in {"transcoding", "done"}
        stored = httpx.get(f"{url}/videos/{video.id}/source", headers={"Authorization": "Bearer token-a"})
        assert stored.raise_for_status().content == path.read_bytes()
        assert not uploader.has_journal
        for moment, hit in hits:
            struck(f"killed, {moment}", hit)
        if hits:
            struck(f"uploads with {len(hits)} kills, concurrency {concurrency}", f"{twice} parts sent twice")
            return
        struck("came too late", kills[0].moment)
    pytest.fail("all kills came too late")


def _uploaded(uploader: Uploader, witness: Witness, kills: list[Kill]) -> tuple[list[tuple[str, str]], str]:
    """Kills one process after the other until there are no kills left, or one comes too late. The last one ends.

    Gives what the kills hit, and the video's id if the last process had the time to say it.
    """
    hits: list[tuple[str, str]] = []
    for kill in kills:
        with uploader.begin() as process:
            witness.aim(kill, process)
            if kill.moment == "anytime":
                threading.Timer(kill.delay, witness.strike, ["anytime"]).start()
            video_id = uploader.end(process)
        if process.returncode == 0 or (witness.completes and not uploader.has_journal):
            return hits, video_id  # too late: it was over, if only just
        assert process.returncode == -signal.SIGKILL
        hits.append((kill.moment, witness.hit))
    with uploader.begin() as process:
        witness.aim(Kill("", -1, 0), process)
        return hits, uploader.end(process)
