"""The mock server killed at any moment: what it has acknowledged stays so, and nothing half-done shows.

The requests are plain ones, so that of every byte it is known whether it was acknowledged. A deed whose answer was
lost may have been done or not; either is fine, and the summary counts both.
"""

from __future__ import annotations

import hashlib
import json
import queue
import re
import sqlite3
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Generic, Self, TypeVar
from urllib.parse import urljoin

import clips
import httpx
import pytest
from mock_process import MockProcess, launched, started

from aioz_stream_mock.state import tariff

if TYPE_CHECKING:
    import random
    from collections.abc import Iterator
    from pathlib import Path

    from tests.soak.conftest import Round

PHASES = (
    # The first few are those of `make test`.
    "inside a part",
    "complete",
    "transcoding",
    "delete",
    "end of a part",
    "after a part",
    "part replaced",
    "create",
    "update",
    "thumbnail",
    "restart",
)
TRANSCODED = {"transcoding": 1.0, "delete": 0.5, "complete": 0.3}
"""How likely a server of a phase transcodes; of all others, one in ten."""

HEIGHTS = ("144p", "240p", "360p")
QUALITIES = [
    {"resolution": height, "type": "hls", "container_type": "mpegts", "video_config": {"codec": "h264"}}
    for height in HEIGHTS
]
CLIP_SECONDS = 3
LATEST = 2.0
"""The latest that a kill comes, as a share of what its deed usually takes."""
PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\1\0\0\0\1"
"""As much of a picture as the server looks at."""
BLOCK = 16 * 1024
PATIENCE = 60.0

T = TypeVar("T")
Fate = Callable[[], str]
"""Asked when all is known: what became of the deed that a kill was aimed at."""


class Told(Generic[T]):
    """What the server was told, as far as that is certain: all values that it may hold now."""

    def __init__(self, value: T) -> None:
        self.possible = [value]

    @contextmanager
    def becoming(self, value: T) -> Iterator[None]:
        """Around a request. Without an answer the new value is possible, and the old one still is."""
        self.possible = [*self.possible, value]
        yield
        self.possible = [value]

    def is_certainly(self, value: T) -> bool:
        return self.possible == [value]

    def settle(self, found: T) -> None:
        assert found in self.possible
        self.possible = [found]


@dataclass
class Film:
    """One video: what was said about it, and what of that was acknowledged."""

    name: str
    data: bytes
    starts: list[int]
    id: str = ""
    exists: Told[bool] = field(default_factory=lambda: Told(value=False))
    title: Told[str] = field(init=False)
    picture: Told[bytes | None] = field(default_factory=lambda: Told[bytes | None](None))
    parts: list[Told[bytes | None]] = field(init=False)
    complete: Told[bool] = field(default_factory=lambda: Told(value=False))
    gone: Told[bool] = field(default_factory=lambda: Told(value=False))

    def __post_init__(self) -> None:
        self.title = Told(self.name)
        self.parts = [Told[bytes | None](None) for _ in self.starts]

    @property
    def is_alive(self) -> bool:
        return self.exists.is_certainly(value=True) and not self.gone.is_certainly(value=True)

    @property
    def price(self) -> Decimal:
        seconds = tariff.billed_seconds(CLIP_SECONDS if self.data[4:8] == b"ftyp" else 0, len(self.data))
        return tariff.price([tariff.video_rate(height) for height in HEIGHTS], seconds)

    def piece(self, number: int) -> bytes:
        end = [*self.starts, len(self.data)][number + 1]
        return self.data[self.starts[number] : end]

    @classmethod
    def cut(cls, name: str, data: bytes, pieces: int, dice: random.Random) -> Self:
        """A film in pieces of any sizes."""
        return cls(name, data, [0, *sorted(dice.sample(range(1, len(data)), pieces - 1))])


@dataclass(frozen=True)
class Plan:
    """What happens in a round, drawn before it begins."""

    phase: str
    transcode: bool
    threads: int
    aim: float
    """When the kill comes, as a share of what the deed usually takes."""
    parts_before: int
    """How many parts of the main film are stored before the deed begins."""
    outputs_before: int
    """How many outputs are transcoded before the kill is aimed, where it is aimed at the transcoding."""

    @classmethod
    def drawn(cls, number: int, dice: random.Random) -> Self:
        phase = PHASES[number % len(PHASES)]
        return cls(
            phase=phase,
            transcode=dice.random() < TRANSCODED.get(phase, 0.1),
            threads=dice.randint(2, 4),
            aim=dice.uniform(0, LATEST),
            parts_before=dice.randint(0, 3),
            outputs_before=dice.randint(0, 2),
        )

    @property
    def options(self) -> tuple[str, ...]:
        return ("--transcode",) if self.transcode else ("--no-transcode", "--transcode-seconds", "0")


class Cast:
    """The films of a round."""

    def __init__(self, plan: Plan, clip: bytes, dice: random.Random) -> None:
        def film(name: str, pieces: int, size: int) -> Film:
            return Film.cut(name, clip if plan.transcode else dice.randbytes(size), pieces, dice)

        self.subject = film("subject", 3, 200_000)
        self.late = film("late", 2, 100_000)
        pieces = dice.randint(6, 9)
        self.main = film("main", pieces, dice.randint(500_000, 6_000_000))
        # In the same pieces, so that they take as long.
        self.rehearsals = [Film(name, self.main.data, self.main.starts) for name in ("first", "second")]
        # The last one is held back, so that the upload is never whole before the kill; the one before is struck.
        self.struck = pieces - 2
        self.order = dice.sample(range(pieces - 2), pieces - 2)

    @property
    def films(self) -> list[Film]:
        return [*self.rehearsals, self.subject, self.late, self.main]


class Caller:
    """A connection, and what is done with films by it."""

    def __init__(self, url: str) -> None:
        headers = {"Authorization": "Bearer token-a"}
        # Without verification nothing is read to verify with, which takes longer than all requests together.
        self._http = httpx.Client(base_url=url, headers=headers, timeout=PATIENCE, verify=False)
        self.seconds: dict[str, float] = {}
        """What each kind of request took the last time."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def create(self, film: Film) -> None:
        with film.exists.becoming(value=True):
            body = {"title": film.name, "qualities": QUALITIES}
            film.id = self._ask("create", "POST", "/videos/create", json=body).json()["data"]["id"]

    def update(self, film: Film, title: str) -> None:
        with film.title.becoming(title):
            self._ask("update", "PATCH", f"/videos/{film.id}", json={"title": title})

    def thumbnail(self, film: Film, picture: bytes) -> None:
        with film.picture.becoming(picture):
            self._ask("thumbnail", "POST", f"/videos/{film.id}/thumbnail", files={"file": ("a.png", picture)})

    def complete(self, film: Film) -> None:
        with film.complete.becoming(value=True):
            self._ask("complete", "GET", f"/videos/{film.id}/complete")

    def delete(self, film: Film) -> None:
        with film.gone.becoming(value=True):
            self._ask("delete", "DELETE", f"/videos/{film.id}")

    def part(
        self,
        film: Film,
        number: int,
        piece: bytes,
        *,
        at: Callable[[float], None] | None = None,
        sent: Callable[[], None] | None = None,
    ) -> None:
        """Send a part. `at` is told before each block how far it reaches, `sent` that all of them are on their way."""
        body, headers = _part(film, number, piece)
        told = film.parts[number]
        before, last = told.possible, 0.0

        def blocks() -> Iterator[bytes]:
            nonlocal last
            for offset in range(0, len(body), BLOCK):
                if at:
                    at((offset + BLOCK) / len(body))
                if offset + BLOCK >= len(body):
                    # Until now, not even a careless server could have stored it.
                    told.possible, last = [*before, piece], time.monotonic()
                yield body[offset : offset + BLOCK]
            if sent:
                sent()

        self._ask("part", "POST", f"/videos/{film.id}/part", content=blocks(), headers=headers)
        self.seconds["end of a part"] = time.monotonic() - last
        told.possible = [piece]

    def make(self, film: Film) -> None:
        self.create(film)
        self.thumbnail(film, PNG + film.name.encode())

    def send_the_rest(self, film: Film) -> None:
        """All parts that are not certain to be stored."""
        for number, part in enumerate(film.parts):
            if not part.is_certainly(film.piece(number)):
                self.part(film, number, film.piece(number))

    def shown(self, film: Film) -> dict[str, Any]:
        data: dict[str, Any] = self._ask("get", "GET", f"/videos/{film.id}").json()["data"]
        return data

    def listed(self, **filters: str) -> dict[str, str]:
        """Titles by id."""
        answer = self._ask("list", "POST", "/videos", json={"limit": 100, **filters})
        return {video["id"]: video["title"] for video in answer.json()["data"]["videos"]}

    def fetch(self, url: str) -> httpx.Response:
        return self._ask("fetch", "GET", url)

    def refused(self, url: str, status: int) -> str:
        answer = self._http.get(url)
        assert answer.status_code == status, answer.text
        return str(answer.json()["message"])

    def _ask(self, what: str, method: str, url: str, **request: Any) -> httpx.Response:
        begun = time.monotonic()
        answer = self._http.request(method, url, **request)
        self.seconds[what] = time.monotonic() - begun
        assert answer.is_success, f"{what}: {answer.status_code} {answer.text}"
        return answer


def _part(film: Film, number: int, piece: bytes) -> tuple[bytes, dict[str, str]]:
    fields = {"index": str(number + 1), "hash": hashlib.md5(piece).hexdigest()}
    form = httpx.Request("POST", "http://mock", data=fields, files={"file": ("part", piece)})
    body, start = form.read(), film.starts[number]
    return body, {
        "Content-Type": form.headers["Content-Type"],
        "Content-Length": str(len(body)),
        "Content-Range": f"bytes {start}-{start + len(piece) - 1}/{len(film.data)}",
    }


class Scene:
    """One server's life, from its first request to its kill."""

    def __init__(self, plan: Plan, cast: Cast, server: MockProcess) -> None:
        self._plan, self._cast, self._server = plan, cast, server
        self._usual: dict[str, float] = {}
        self._waiting: queue.SimpleQueue[int] = queue.SimpleQueue()
        for number in cast.order:
            self._waiting.put(number)
        self._stored = threading.Semaphore(0)

    def play(self) -> Fate:
        with Caller(self._server.url) as caller, ThreadPoolExecutor(self._plan.threads) as crew:
            self._prepare(caller)
            jobs = [crew.submit(self._dare, self._upload) for _ in range(self._plan.threads)]
            for _ in range(self._plan.parts_before):
                assert self._stored.acquire(timeout=PATIENCE)
            fate = self._strike(caller)
            for job in jobs:
                job.result()
        assert self._server.is_killed.wait(PATIENCE)
        self._server.process.wait(PATIENCE)
        return fate

    def _prepare(self, caller: Caller) -> None:
        """Everything once or twice, for what it usually takes; then all that comes before the deed."""
        for film in self._cast.rehearsals:
            caller.make(film)
            caller.update(film, "rehearsed")
            caller.send_the_rest(film)
            # The one that is struck comes last, so that it is the one whose time is remembered.
            piece = film.piece(self._cast.struck)
            caller.part(film, self._cast.struck, bytes(len(piece)))
            caller.part(film, self._cast.struck, piece)
            caller.complete(film)
            caller.delete(film)
        self._usual = dict(caller.seconds)
        caller.make(self._cast.subject)
        caller.send_the_rest(self._cast.subject)
        if self._plan.phase in {"transcoding", "delete"}:
            caller.complete(self._cast.subject)
        caller.create(self._cast.main)

    def _upload(self) -> None:
        """What one thread of several does."""
        with Caller(self._server.url) as caller, suppress(queue.Empty):
            while True:
                number = self._waiting.get_nowait()
                caller.part(self._cast.main, number, self._cast.main.piece(number))
                self._stored.release()

    def _dare(self, deed: Callable[[], object]) -> None:
        """Do something that the kill may come in between of."""
        try:
            deed()
        except httpx.TransportError:
            if not self._server.is_killed.is_set():
                raise

    def _strike(self, caller: Caller) -> Fate:
        subject, late = self._cast.subject, self._cast.late
        picture = PNG + b"another"
        deeds: dict[str, tuple[Told[Any], object, Callable[[], None]]] = {
            "create": (late.exists, True, lambda: caller.create(late)),
            "update": (subject.title, "another", lambda: caller.update(subject, "another")),
            "thumbnail": (subject.picture, picture, lambda: caller.thumbnail(subject, picture)),
            "complete": (subject.complete, True, lambda: caller.complete(subject)),
            "delete": (subject.gone, True, lambda: caller.delete(subject)),
        }
        if self._plan.phase == "transcoding":
            return self._strike_transcoding(caller)
        if self._plan.phase not in deeds:
            return self._strike_part(caller)
        told, value, deed = deeds[self._plan.phase]
        self._server.kill_in(self._plan.aim * self._usual[self._plan.phase])
        self._dare(deed)
        return _fate(told, value)

    def _strike_part(self, caller: Caller) -> Fate:
        film, number, aim = self._cast.main, self._cast.struck, self._plan.aim
        piece, end = film.piece(number), aim * self._usual["end of a part"]

        def at(reaches: float) -> None:
            if reaches >= aim / LATEST:
                self._server.kill()
                raise httpx.WriteError("killed; the rest stays here")

        if self._plan.phase == "inside a part":
            self._dare(lambda: caller.part(film, number, piece, at=at))
        elif self._plan.phase == "after a part":
            caller.part(film, number, piece)
            self._server.kill()
        else:
            if self._plan.phase == "part replaced":
                caller.part(film, number, bytes(len(piece)))
            self._dare(lambda: caller.part(film, number, piece, sent=lambda: self._server.kill_in(end)))
        return _fate(film.parts[number], piece)

    def _strike_transcoding(self, caller: Caller) -> Fate:
        made = 0
        deadline = time.monotonic() + PATIENCE
        while (made := self._made(caller)) < self._plan.outputs_before:
            assert time.monotonic() < deadline
        self._server.kill_in(0.3 * self._plan.aim)
        while not self._server.is_killed.wait(0.02):
            with suppress(httpx.TransportError):
                made = self._made(caller)
        return lambda: f"{made} of {len(HEIGHTS)} outputs made"

    def _made(self, caller: Caller) -> int:
        return sum(one["status"] == "done" for one in caller.shown(self._cast.subject)["qualities"])


def _fate(told: Told[T], value: T) -> Fate:
    if told.is_certainly(value):
        return lambda: "answered before"

    def fate() -> str:
        if len(told.possible) > 1:
            return "not answered"
        return "not answered, but done" if told.is_certainly(value) else "not answered, not done"

    return fate


class Inspection:
    """The next server's answers, held against what was acknowledged by the one before."""

    def __init__(self, caller: Caller, films: list[Film], *, transcode: bool) -> None:
        self._caller, self._films, self._transcode = caller, films, transcode

    @property
    def _alive(self) -> list[Film]:
        return [film for film in self._films if film.is_alive]

    def look(self) -> None:
        """What is there, before anything else is done."""
        alive, gone = self._caller.listed(), self._caller.listed(status="deleted")
        for film in self._films:
            film.id = film.id or next((id_ for id_, title in alive.items() if title == film.name), "")
            film.exists.settle(bool(film.id))
            film.gone.settle(film.id in gone)
        assert set(alive) == {film.id for film in self._alive}
        assert set(gone) == {film.id for film in self._films if film.gone.is_certainly(value=True)}
        for film in self._films:
            if film.is_alive:
                self._look_at(film)
            elif film.id:
                self._caller.refused(f"/videos/{film.id}", 404)
                self._caller.refused(f"/videos/{film.id}/source", 404)

    def _look_at(self, film: Film) -> None:
        shown = self._caller.shown(film)
        film.title.settle(shown["title"])
        picture = shown["assets"]["thumbnail_url"]
        film.picture.settle(self._caller.fetch(picture).content if picture else None)
        film.complete.settle(shown["status"] != "new")
        if film.complete.is_certainly(value=False):
            assert shown["assets"]["source_url"] is None
            self._caller.refused(f"/videos/{film.id}/source", 404)
            if any(part.is_certainly(None) for part in film.parts):
                self._look_at_parts(film)

    def _look_at_parts(self, film: Film) -> None:
        """An upload that can't be whole is not completed, and is told which bytes are missing."""
        said = self._caller.refused(f"/videos/{film.id}/complete", 400)
        gaps = [(int(first), int(last)) for first, last in re.findall(r"(\d+)-(\d+)", said)]
        for part, start in zip(film.parts, film.starts, strict=True):
            is_missing = "all bytes" in said or any(first <= start <= last for first, last in gaps)
            part.possible = [value for value in part.possible if (value is None) == is_missing]
            assert part.possible, f"part at {start}: {said}"

    def finish(self) -> None:
        """Each upload goes on where it was, and ends with the right bytes."""
        for film in self._alive:
            if film.complete.is_certainly(value=False):
                self._caller.send_the_rest(film)
            self._caller.complete(film)
            assert self._caller.fetch(f"/videos/{film.id}/source").content == film.data
        for film in self._alive:
            shown = self._settled(film)
            assert shown["status"] == "done"
            if self._transcode:
                assert [one["name"] for one in shown["qualities"]] == list(HEIGHTS)
                self._watch(shown)

    def _settled(self, film: Film) -> dict[str, Any]:
        deadline = time.monotonic() + PATIENCE
        while (shown := self._caller.shown(film))["status"] == "transcoding":
            assert time.monotonic() < deadline, shown
            time.sleep(0.05)
        return shown

    def _watch(self, shown: dict[str, Any]) -> None:
        """Fetch what a player would."""
        assert self._caller.fetch(shown["assets"]["mp4_url"]).content
        master = shown["assets"]["hls_url"]
        playlists = re.findall(r"^[^#\n].*$", self._caller.fetch(master).text, re.MULTILINE)
        assert len(playlists) == len(HEIGHTS)
        for playlist in playlists:
            url = urljoin(master, playlist)
            text = self._caller.fetch(url).text
            assert text.endswith("#EXT-X-ENDLIST\n")
            for segment in re.findall(r"^[^#\n].*$", text, re.MULTILINE):
                assert self._caller.fetch(urljoin(url, segment)).content

    def clear(self, dice: random.Random) -> None:
        """Delete some, so that what the first server stored is taken away by the second."""
        for film in dice.sample(self._alive, len(self._alive) // 2):
            self._caller.delete(film)


def _contents(folder: Path) -> set[str]:
    """Parts and pictures, half of them or whole, and attempts to transcode."""
    return {path.relative_to(folder).as_posix() for path in (*folder.glob("[fi]*/*"), *folder.glob("media/*/*"))}


def check_folder(folder: Path, films: list[Film]) -> None:
    """Every file has a row, every row its file, and everything was paid for once."""
    # First, because looking into the database leaves files behind.
    assert {path.name for path in folder.iterdir()} <= {"files", "incoming", "media", "signing.key", "state.sqlite3"}
    with closing(sqlite3.connect(f"{(folder / 'state.sqlite3').as_uri()}?mode=ro", uri=True)) as rows:
        named = {file for (file,) in rows.execute("SELECT file FROM parts")}
        pictures = rows.execute("SELECT thumbnail FROM videos WHERE thumbnail <> 'null'")
        named |= {json.loads(text)["file"] for (text,) in pictures}
        outcomes = rows.execute("SELECT id, outcome FROM videos WHERE outcome <> 'null' AND deleted_at IS NULL")
        media = {f"{id_}/{json.loads(text)['folder']}" for id_, text in outcomes}
        balances = sorted(Decimal(balance) for (balance,) in rows.execute("SELECT balance FROM accounts"))
    assert {file.name for file in (folder / "files").iterdir()} == named
    assert list((folder / "incoming").iterdir()) == []
    assert {path.relative_to(folder / "media").as_posix() for path in (folder / "media").glob("*/*")} == media
    assert {path.name for path in (folder / "media").iterdir()} == {path.split("/")[0] for path in media}
    assert balances == [0, 1000 - sum(film.price for film in films if film.complete.is_certainly(value=True))]


@pytest.fixture(scope="session")
def clip(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("clips") / "clip.mp4"
    picture = ("-f", "lavfi", "-i", "testsrc2=size=640x360:rate=25", "-t", str(CLIP_SECONDS))
    clips.encode(path, *picture, "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p")
    return path.read_bytes()


def test_what_was_acknowledged_outlives_a_kill(
    soak_round: Round, clip: bytes, tmp_path: Path, struck: Callable[[str, str], None]
) -> None:
    dice, folder = soak_round.dice, tmp_path / "data"
    plan = Plan.drawn(soak_round.number, dice)
    cast = Cast(plan, clip, dice)
    print(plan)
    with ExitStack() as stack:
        first = stack.enter_context(started(folder, tmp_path / "first.log", *plan.options))
        fate = Scene(plan, cast, first).play()
        if plan.phase == "restart":
            half_up = stack.enter_context(launched(folder, tmp_path / "half-up.log", *plan.options))
            time.sleep(first.boot_seconds * (0.4 + plan.aim / 2))
            half_up.kill()
            half_up.process.wait(PATIENCE)
        left = _contents(folder)
        second = stack.enter_context(started(folder, tmp_path / "second.log", *plan.options))
        for place in sorted({path.split("/")[0] for path in left - _contents(folder)}):
            struck("swept by the next start", f"something in {place}")
        with Caller(second.url) as caller:
            inspection = Inspection(caller, cast.films, transcode=plan.transcode)
            inspection.look()
            struck(plan.phase, fate())
            inspection.finish()
            inspection.clear(dice)
        assert second.stop() == 0
        assert "Traceback" not in second.log()
        check_folder(folder, cast.films)
