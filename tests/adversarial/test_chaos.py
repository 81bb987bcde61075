"""Random lies and faults, plain and over TLS, and kills: right bytes, one video each, nothing of others touched.

`make test` has a few; `make soak-adversarial` 2,000 uploads and 200 kills. The same seed draws the same lies; which
request meets which, the threads decide. A call that ends with an error is made again, as its message says.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from aioz_stream import AiozStream, AiozStreamError
from tests.adversarial import lies
from tests.adversarial.case import QUICK, SMALL
from tests.adversarial.ledger import TOKEN
from tests.adversarial.service import Exchange, Lie, Service
from tests.adversarial.wire import Reply, done, failure

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

UPLOADS = 10
"""In one round."""
ONE_IN = 7
"""So many requests are answered by one lie."""
CALLS = 20
"""How often one upload may be called again while the service lies; then it tells the truth."""
PATIENCE = 60.0

pytestmark = [pytest.mark.timeout(300), pytest.mark.usefixtures("journals")]


def _odd_waits(exchange: Exchange) -> Reply:
    waits = ("0", "-1", "0.001", "soon", "", "Sun, 06 Nov 1994 08:49:37 GMT")
    return failure(429, headers={"Retry-After": waits[exchange.service.counts["any"] % len(waits)]})


def _list_lies() -> list[lies.Tell]:
    return [
        lies.unfiltered,
        lies.echoes_the_filter,
        lies.with_metadata(lies.refuses),
        lies.with_metadata(lies.finds_nothing),
        lies.with_metadata(lies.unfiltered, forms=(dict,)),
    ]


ANY: list[lies.Tell] = [
    lies.cut,
    lies.does_and_cuts,
    lies.resets,
    lies.does_and_resets,
    lies.says(failure(500)),
    lies.says(failure(520)),
    lies.says(Reply(502, b"<html>Bad gateway</html>", {"Content-Type": "text/html"})),
    _odd_waits,
    lies.twice,
    lies.followed_by(done("Upload part successfully.").encoded()),
    lies.followed_by(b"\r\nHTTP/1.1 200 OK\r\n"),
    lies.preceded_by(b"HTTP/1.1 100 Continue\r\n\r\n"),
    lies.damaged(lies.truncated),
    lies.damaged(lies.with_broken_gzip),
    lies.damaged(lies.as_html),
    lies.damaged(lies.emptied),
    lies.raw(lambda content: content[:-5]),
]
OWN: dict[str, list[lies.Tell]] = {
    "create": [
        lies.does_and_says(failure(500)),
        lies.shows(lies.stranger(0)),
        lies.shows_only(lies.stranger(0)),
        lies.shows(lies.stranger(1), metadata=[]),
        lies.alters(metadata=None),
        lies.damaged(lies.without_data),
    ],
    "list": _list_lies(),
    "get": [lies.shows(lies.stranger(0)), lies.alters(id="another")],
    "part": [lies.says(done("Upload part successfully.")), lies.does_and_says(failure(500))],
    "complete": [lies.says(failure(400, "Missing bytes: 0-10 of 4000.")), lies.does_and_says(failure(500))],
}
"""Lies that a client can see through, or that end in an error after which the same call goes on."""


class Weather:
    """Draws what becomes of each request."""

    def __init__(self, seed: str) -> None:
        self._dice = random.Random(seed)
        self._lock = threading.Lock()
        self.told = 0

    def __call__(self, operation: str) -> Lie | None:
        with self._lock:
            if operation == "file" or self._dice.randrange(ONE_IN):
                return None
            pool = ANY if self._dice.random() < 0.5 else OWN.get(operation, ANY)
            self.told += 1
            return Lie(operation, self._dice.choice(pool))


@dataclass(frozen=True)
class Round:
    """Some uploads, or one upload that is killed."""

    seed: int
    number: int

    @property
    def name(self) -> str:
        return f"{self.seed}/{self.number}"


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    option = metafunc.config.getoption
    seed: int = option("--chaos-seed", 1)
    counts = {
        "chaos_round": -(-option("--chaos-uploads", 2 * UPLOADS) // UPLOADS),
        "kill_round": option("--chaos-kills", 2),
    }
    for name, count in counts.items():
        if name in metafunc.fixturenames:
            rounds = [Round(seed, number) for number in range(count)]
            metafunc.parametrize(name, rounds, ids=[f"{one.seed}-{one.number}" for one in rounds])


def _service(number: int, certificates: Path, monkeypatch: pytest.MonkeyPatch) -> Service:
    """Plain and over TLS in turn, with videos of others in it."""
    monkeypatch.setenv("SSL_CERT_FILE", str(certificates / "authority.pem"))
    service = Service(certificates / "server.pem" if number % 2 else None)
    for title, status in (("holiday", "done"), ("talk", "new"), ("upload 3", "new"), ("party", "new")):
        service.ledger.add_stranger(title, status=status)
    return service


def _check(service: Service, contents: dict[str, bytes]) -> None:
    assert not service.errors
    for stranger in service.ledger.strangers:
        assert not stranger.writes, f"{stranger.id}, which is another program's: {stranger.writes}"
    live = service.ledger.ours
    assert sorted(video.title for video in live) == sorted(contents), "each file should have one video"
    for video in live:
        assert (video.status, video.content == contents[video.title]) == ("transcoding", True), video.title


def _check_none_is_unfinished(service: Service) -> None:
    """A create that may still come through may be listed; a video that is complete may not."""
    with AiozStream(token=TOKEN, base_url=service.url) as stream:
        listed = {one.video_id for one in stream.uploads.unfinished()}
    assert not listed & {video.id for video in service.ledger.ours}


def _until_it_arrives(stream: AiozStream, path: Path, seen: list[str], tells_truth: Callable[[], bool]) -> str:
    """Makes the same call until there is a result; the last time while the service tells the truth."""
    while True:
        is_last = tells_truth()
        try:
            return stream.upload(path, **SMALL).id
        except AiozStreamError as error:
            seen.append(type(error).__name__)
            if is_last or len(seen) > 100 * CALLS:
                raise


def test_all_arrive(chaos_round: Round, certificates: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    dice = random.Random(chaos_round.name)
    contents = {f"upload {number}": dice.randbytes(dice.randint(1, 9_000)) for number in range(UPLOADS)}
    for title, content in contents.items():
        (tmp_path / f"{title}.mp4").write_bytes(content)
    with _service(chaos_round.number, certificates, monkeypatch) as service:
        weather = Weather(chaos_round.name)
        service.chance = weather
        errors: list[str] = []

        def arrive(title: str) -> str:
            seen: list[str] = []

            def tells_truth() -> bool:
                if len(seen) >= CALLS:
                    service.chance = lambda _operation: None
                return len(seen) >= CALLS

            try:
                with AiozStream(token=TOKEN, base_url=service.url, max_retries=QUICK, timeout=10) as stream:
                    return _until_it_arrives(stream, tmp_path / f"{title}.mp4", seen, tells_truth)
            finally:
                errors.extend(seen)

        with ThreadPoolExecutor(4) as pool:
            ids = list(pool.map(arrive, contents))
        service.chance = lambda _operation: None
        print(f"{weather.told} lies, {len(errors)} calls that had to be made again: {sorted(set(errors))}")
        assert [service.ledger.videos[one].title for one in ids] == list(contents)
        _check(service, contents)
        assert weather.told
        _check_none_is_unfinished(service)


UPLOAD = """
import sys
from aioz_stream import AiozStream, AiozStreamError, PartLimits, RetryPolicy

url, token, path = sys.argv[1:]
with AiozStream(token=token, base_url=url, max_retries=RetryPolicy(first_delay=0.001, longest_delay=0.002)) as stream:
    try:
        stream.upload(path, part_size=1000, part_limits=PartLimits(1, 10**9), concurrency=2)
    except AiozStreamError as error:
        sys.exit(f"{type(error).__name__}: {error}")
"""


class Killer:
    """Kills the process that uploads, around the effect of one of its requests."""

    def __init__(self, dice: random.Random) -> None:
        self.at = dice.randint(1, 9)
        self.moment = dice.choice(["before", "effect", "answer"])
        self.process: subprocess.Popen[bytes] | None = None
        self._requests = 0
        self._lock = threading.Lock()
        self._ready = threading.Event()

    def aim(self, process: subprocess.Popen[bytes]) -> None:
        self.process = process
        self._ready.set()

    def __call__(self, operation: str) -> Lie | None:
        with self._lock:
            self._requests += 1
            return Lie(operation, self._kill) if self._requests == self.at else None

    def _kill(self, exchange: Exchange) -> Reply | None:
        self._ready.wait(PATIENCE)
        assert self.process is not None
        if self.moment == "before":
            self.process.kill()
            return None
        reply = exchange.truth()
        if self.moment == "answer":
            exchange.send(reply.encoded())
        self.process.kill()
        return None


@pytest.fixture
def kill_service(kill_round: Round, certificates: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    with _service(kill_round.number, certificates, monkeypatch) as running:
        yield running


def test_the_same_call_goes_on_after_a_kill(kill_round: Round, kill_service: Service, tmp_path: Path) -> None:
    dice = random.Random(f"kill {kill_round.name}")
    path, content = tmp_path / "killed.mp4", dice.randbytes(dice.randint(4_000, 9_000))
    path.write_bytes(content)

    def begin() -> subprocess.Popen[bytes]:
        command = [sys.executable, "-c", UPLOAD, kill_service.url, TOKEN, str(path)]
        return subprocess.Popen(command, stderr=subprocess.PIPE, env={**os.environ})

    for _ in range(dice.choice([1, 1, 2])):
        killer = Killer(dice)
        kill_service.chance = killer
        with begin() as process:
            killer.aim(process)
            process.communicate(timeout=PATIENCE)
        assert process.returncode in (0, 1, -signal.SIGKILL)
        if process.returncode == 0:
            break  # it had fewer requests than the one that was aimed at
    kill_service.chance = Weather(f"after {kill_round.name}") if dice.random() < 0.5 else lambda _operation: None
    said: list[bytes] = []
    while process.returncode:
        if len(said) >= CALLS:
            kill_service.chance = lambda _operation: None
        with begin() as process:
            said.append(process.communicate(timeout=PATIENCE)[1])
        assert process.returncode in (0, 1), said
        assert len(said) <= CALLS + 1, said
    _check(kill_service, {"killed": content})
    _check_none_is_unfinished(kill_service)
