"""One server for most tests, and the few calls that all of them make."""

from __future__ import annotations

import hashlib
import io
import logging
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin

import av
import clips
import httpx
import m3u8
import pytest
from av.container import InputContainer
from mpegdash.parser import MPEGDASHParser

from aioz_stream_mock import Account, ManualClock, MockServer, Settings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# The matrix over all that media can be takes minutes: it is `make matrix`, and collected only where it is named.
collect_ignore = ["matrix"]


@dataclass
class Caller:
    """Somebody with credentials, and what tests do with a server."""

    http: httpx.Client
    clock: ManualClock

    def create(self, **body: Any) -> str:
        answer = self.http.post("/videos/create", json={"title": "a title", **body})
        assert answer.status_code == 201, answer.text
        return str(answer.json()["data"]["id"])

    def get(self, video: str) -> dict[str, Any]:
        answer = self.http.get(f"/videos/{video}")
        assert answer.status_code == 200, answer.text
        data: dict[str, Any] = answer.json()["data"]
        return data

    def part(
        self,
        video: str,
        data: bytes,
        *,
        start: int = 0,
        size: int | None = None,
        index: str = "1",
        **odd: str,
    ) -> httpx.Response:
        """Send a part; `odd` takes a wrong `hash` or `content_range`."""
        whole = start + len(data) if size is None else size
        fields = {"index": index, "hash": odd.get("hash", hashlib.md5(data).hexdigest())}
        return self.http.post(
            f"/videos/{video}/part",
            files={"file": ("part.bin", data)},
            data=fields,
            headers={"Content-Range": odd.get("content_range", f"bytes {start}-{start + len(data) - 1}/{whole}")},
        )

    def complete(self, video: str) -> httpx.Response:
        return self.http.get(f"/videos/{video}/complete")

    def upload(self, data: bytes = b"hello world", **body: Any) -> str:
        """A video whose upload is complete."""
        video = self.create(**body)
        assert self.part(video, data).status_code == 200
        assert self.complete(video).status_code == 200
        return video

    def listed(self, **body: Any) -> list[str]:
        answer = self.http.post("/videos", json=body)
        assert answer.status_code == 200, answer.text
        return [video["id"] for video in answer.json()["data"]["videos"]]

    def thumbnail(self, video: str, data: bytes, name: str = "t.png") -> httpx.Response:
        return self.http.post(f"/videos/{video}/thumbnail", files={"file": (name, data)})

    @staticmethod
    def refused(answer: httpx.Response, status: int) -> str:
        """What a refusal says; also checks that it comes in the envelope."""
        assert answer.status_code == status, answer.text
        body = answer.json()
        assert body["status"] == "error"
        assert set(body) == {"status", "message"}
        assert answer.headers["x-request-id"]
        return str(body["message"])


@pytest.fixture(autouse=True)
def restored_log() -> Iterator[None]:
    """The server's command sets up the log of the whole process, for a standard error that is the test's alone."""
    yield
    for handler in logging.root.handlers[:]:
        if handler.name == "stderr":
            logging.root.removeHandler(handler)


@pytest.fixture(scope="session")
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture(scope="session")
def server(clock: ManualClock) -> Iterator[MockServer]:
    with MockServer(Settings(clock=clock)) as running:
        yield running


@pytest.fixture(scope="session")
def rich(server: MockServer, clock: ManualClock) -> Iterator[Caller]:
    """Account a, which can pay."""
    with httpx.Client(base_url=server.url, headers={"Authorization": "Bearer token-a"}, timeout=60) as http:
        yield Caller(http, clock)


@pytest.fixture(scope="session")
def poor(server: MockServer, clock: ManualClock) -> Iterator[Caller]:
    """Account b, which has nothing."""
    with httpx.Client(base_url=server.url, headers={"Authorization": "Bearer token-b"}, timeout=60) as http:
        yield Caller(http, clock)


@pytest.fixture
def alone() -> Iterator[Caller]:
    """Account a on a server of the test's own."""
    clock = ManualClock()
    with (
        MockServer(Settings(clock=clock)) as running,
        httpx.Client(base_url=running.url, headers={"Authorization": "Bearer token-a"}, timeout=60) as http,
    ):
        yield Caller(http, clock)


@dataclass
class Studio(Caller):
    """Account a on a server that really transcodes, and the clips that are sent to it."""

    server: MockServer
    clips: Path
    anyone: httpx.Client

    def clip(self, name: str, *arguments: str) -> bytes:
        """A clip that ffmpeg makes, once in a session."""
        path = self.clips / name
        if not path.exists():
            clips.encode(path, *arguments)
        return path.read_bytes()

    def make(self, source: bytes, **body: Any) -> dict[str, Any]:
        """The video that becomes of a source, when nothing more happens to it."""
        return self.settled(self.upload(source, **body))

    def settled(self, video: str, seconds: float = 110) -> dict[str, Any]:
        deadline = time.monotonic() + seconds
        while (shown := self.get(video))["status"] == "transcoding":
            assert time.monotonic() < deadline, shown
            time.sleep(0.02)
        return shown

    def playlist(self, url: str, http: httpx.Client | None = None) -> m3u8.M3U8:
        """A playlist as a package of others reads it, strictly: what needs a later version than it says is an error."""
        text = (http or self.anyone).get(url).raise_for_status().text
        return m3u8.M3U8(text, base_uri=urljoin(url, "."), strict=True)

    def playlists(self, url: str, http: httpx.Client | None = None) -> list[str]:
        """The addresses that a master playlist leads to, the sounds first."""
        master = self.playlist(url, http)
        assert master.is_variant
        return [one.absolute_uri for one in (*master.media, *master.playlists)]

    def segments(self, url: str, http: httpx.Client | None = None) -> list[str]:
        """The addresses that the playlist of one output leads to, in the order of their bytes."""
        playlist = self.playlist(url, http)
        assert playlist.is_endlist
        return [one.absolute_uri for one in (*playlist.segment_map, *playlist.segments)]

    def joined(self, urls: list[str]) -> bytes:
        return b"".join(self.anyone.get(url).raise_for_status().content for url in urls)

    def representations(self, url: str, http: httpx.Client | None = None) -> dict[str, Representation]:
        """Those of a manifest, by id, as a package of others reads it."""
        manifest = MPEGDASHParser.parse((http or self.anyone).get(url).raise_for_status().text)
        return {
            one.id: Representation(adaptation, one, [urljoin(url, name) for name in _names(one)])
            for period in manifest.periods
            for adaptation in period.adaptation_sets
            for one in adaptation.representations
        }

    def output(self, video: dict[str, Any], number: int) -> list[Track]:
        """The tracks of one quality, by its number in the request, as they are served."""
        if video["qualities"][number]["type"] == "hls":
            url = urljoin(video["assets"]["hls_url"], f"media/{number}/index.m3u8")
            return self.tracks(self.joined(self.segments(url)))
        found = self.representations(video["assets"]["dash_url"])
        mine = sorted(name for name in found if name.split("-")[0] == str(number))
        return [self.tracks(self.joined(found[name].addresses))[0] for name in mine]

    @staticmethod
    def tracks(data: bytes) -> list[Track]:
        """What a file holds, looked at with another library than the one that made it."""
        with av.open(io.BytesIO(data)) as file:
            assert isinstance(file, InputContainer)
            for picture in file.streams.video:
                picture.codec_context.thread_count = 1  # H.265 in FFmpeg 7.1 can hang with several
            found = [_track(stream) for stream in file.streams]
            for packet in file.demux():
                found[packet.stream.index].frames += len(packet.decode())
                found[packet.stream.index].bits += 8 * packet.size
            return found


@dataclass
class Representation:
    """One track of a manifest: what is said of it and of the set around it, and where all of it is."""

    set: Any  # `mpegdash` has no types
    own: Any
    addresses: list[str]


def _names(representation: Any) -> list[str]:
    """The files of a representation, spelt out from its template."""
    (template,) = representation.segment_templates
    (timeline,) = template.segment_timelines
    count = sum((line.r or 0) + 1 for line in timeline.Ss)
    numbers = range(template.start_number, template.start_number + count)
    return [template.initialization, *(template.media.replace("$Number%05d$", f"{number:05}") for number in numbers)]


@dataclass
class Track:
    """One track, as it was found in what was served."""

    kind: str
    codec: str
    tag: str
    width: int = 0
    height: int = 0
    channels: int = 0
    sample_rate: int = 0
    language: str = ""
    frames: int = 0
    bits: int = 0


def _track(stream: Any) -> Track:
    context = stream.codec_context
    found = Track(stream.type, context.name, context.codec_tag, language=stream.language or "")
    if stream.type == "video":
        found.width, found.height = context.width, context.height
    else:
        found.channels, found.sample_rate = context.layout.nb_channels, context.sample_rate
    return found


@pytest.fixture(scope="session")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    clock = ManualClock()
    # So that no test depends on what the others have spent.
    accounts = (Account.named("a", 1_000_000), Account.named("b", 1_000_000))
    with (
        MockServer(Settings(accounts=accounts, clock=clock, transcode=True)) as running,
        httpx.Client(base_url=running.url, headers={"Authorization": "Bearer token-a"}, timeout=60) as http,
        httpx.Client(timeout=60) as anyone,
    ):
        yield Studio(http, clock, running, tmp_path_factory.mktemp("clips"), anyone)
