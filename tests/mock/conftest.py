"""One server for most tests, and the few calls that all of them make."""

from __future__ import annotations

import hashlib
import re
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin
from xml.etree import ElementTree as ET

import clips
import httpx
import pytest

from aioz_stream_mock import Account, ManualClock, MockServer, Settings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_MPD = "{urn:mpeg:dash:schema:mpd:2011}"


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
    with httpx.Client(base_url=server.url, headers={"Authorization": "Bearer token-a"}) as http:
        yield Caller(http, clock)


@pytest.fixture(scope="session")
def poor(server: MockServer, clock: ManualClock) -> Iterator[Caller]:
    """Account b, which has nothing."""
    with httpx.Client(base_url=server.url, headers={"Authorization": "Bearer token-b"}) as http:
        yield Caller(http, clock)


@pytest.fixture
def alone() -> Iterator[Caller]:
    """Account a on a server of the test's own."""
    clock = ManualClock()
    with (
        MockServer(Settings(clock=clock)) as running,
        httpx.Client(base_url=running.url, headers={"Authorization": "Bearer token-a"}) as http,
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

    def settled(self, video: str, seconds: float = 60) -> dict[str, Any]:
        deadline = time.monotonic() + seconds
        while (shown := self.get(video))["status"] == "transcoding":
            assert time.monotonic() < deadline, shown
            time.sleep(0.02)
        return shown

    def segments(self, url: str, http: httpx.Client | None = None) -> list[str]:
        """The addresses that the playlist of one output leads to, in the order of their bytes."""
        text = (http or self.anyone).get(url).raise_for_status().text
        assert text.endswith("#EXT-X-ENDLIST\n")
        names = [*re.findall(r'EXT-X-MAP:URI="([^"]+)"', text), *re.findall(r"^[^#\n].*$", text, re.MULTILINE)]
        return [urljoin(url, name) for name in names]

    def joined(self, urls: list[str]) -> bytes:
        return b"".join(self.anyone.get(url).raise_for_status().content for url in urls)

    def representations(self, url: str, http: httpx.Client | None = None) -> dict[str, Representation]:
        """Those of a manifest, by id."""
        root = ET.fromstring((http or self.anyone).get(url).raise_for_status().text)
        found: dict[str, Representation] = {}
        for adaptation in root.iter(f"{_MPD}AdaptationSet"):
            for one in adaptation.iter(f"{_MPD}Representation"):
                template = next(one.iter(f"{_MPD}SegmentTemplate"))
                count = sum(int(segment.get("r", "0")) + 1 for segment in template.iter(f"{_MPD}S"))
                media = template.attrib["media"]
                names = [template.attrib["initialization"]]
                names += [media.replace("$Number%05d$", f"{number:05}") for number in range(1, count + 1)]
                addresses = [urljoin(url, name) for name in names]
                found[one.attrib["id"]] = Representation(dict(adaptation.attrib), dict(one.attrib), addresses)
        return found


@dataclass
class Representation:
    """One track of a manifest: what is said of it and of the set around it, and where all of it is."""

    set: dict[str, str]
    own: dict[str, str]
    addresses: list[str]


@pytest.fixture(scope="session")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    clock = ManualClock()
    # So that no test depends on what the others have spent.
    accounts = (Account.named("a", 1_000_000), Account.named("b", 1_000_000))
    with (
        MockServer(Settings(accounts=accounts, clock=clock, transcode=True)) as running,
        httpx.Client(base_url=running.url, headers={"Authorization": "Bearer token-a"}) as http,
        httpx.Client() as anyone,
    ):
        yield Studio(http, clock, running, tmp_path_factory.mktemp("clips"), anyone)
