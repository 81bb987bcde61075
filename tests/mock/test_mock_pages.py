"""The server's pages in a real browser: Debian's Chromium, driven by Playwright."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import httpx
import pytest

from aioz_stream_mock.sample import SAMPLE_ID, add_sample

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Frame, Page

    from tests.mock.conftest import Studio

Json = dict[str, Any]
AAC = {"codec": "aac"}

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
SCREENSHOTS = Path(__file__).resolve().parents[2] / "build" / "screenshots"
SWITCHES = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
WAIT = 30_000  # milliseconds

# Videos play at their own speed, however fast the machine is.
pytestmark = pytest.mark.slow

# What the tests want to know of a playing video.
_PLAYING = """
(video) => ({
  time: video.currentTime,
  size: [video.videoWidth, video.videoHeight],
  sound: video.webkitAudioDecodedByteCount,
  error: video.error && video.error.message,
})
"""


@dataclass
class Visitor:
    """Somebody with a browser, who writes down every complaint and every address that is asked for."""

    page: Page
    complaints: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.set_default_timeout(WAIT)
        self.page.on("console", lambda said: self._complain(said.type, said.text))
        self.page.on("pageerror", lambda error: self._complain("error", str(error)))
        self.page.on("request", lambda request: self.asked.append(request.url))

    def _complain(self, kind: str, text: str) -> None:
        if kind in ("error", "warning"):
            self.complaints.append(text)

    def watch(self, frame: Page | Frame, seconds: float) -> dict[str, Any]:
        """What the video is like once it has played for so long."""
        script = "(seconds) => { const v = document.querySelector('video'); return v && v.currentTime >= seconds }"
        frame.wait_for_function(script, arg=seconds)
        found: dict[str, Any] = frame.eval_on_selector("video", _PLAYING)
        return found

    def keep(self, name: str) -> Path:
        """A screenshot, kept where people find it."""
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        path = SCREENSHOTS / f"{name}.png"
        self.page.screenshot(path=path)
        return path


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    # Closed with each module: Playwright keeps an event loop running, next to which no other test can run its own.
    if CHROMIUM is None:
        pytest.skip("there is no Chromium here (on Debian: apt-get install chromium)")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=[*SWITCHES])
        yield browser
        browser.close()


@pytest.fixture
def visitor(browser: Browser) -> Iterator[Visitor]:
    with browser.new_context(viewport={"width": 1100, "height": 800}) as context:
        yield Visitor(context.new_page())


def quality(resolution: str, type_: str, container: str, codec: str = "h264") -> Json:
    video = {"codec": codec}
    return {
        "resolution": resolution,
        "type": type_,
        "container_type": container,
        "video_config": video,
        "audio_config": AAC,
    }


def source(studio: Studio) -> bytes:
    """Long enough for two segments."""
    picture = ("-f", "lavfi", "-i", "testsrc2=size=640x360:rate=25", "-f", "lavfi", "-i", "sine=sample_rate=48000")
    return studio.clip("six.mp4", *picture, "-t", "6", "-c:v", "libx264", "-preset", "ultrafast", "-c:a", "aac")


def site(studio: Studio) -> str:
    return studio.server.url.removesuffix("/api")


@pytest.mark.parametrize(
    ("kind", "container", "is_public"),
    [("hls", "mpegts", True), ("hls", "mp4", False), ("dash", "fmp4", True), ("dash", "fmp4", False)],
)
def test_the_embed_page_plays(visitor: Visitor, studio: Studio, kind: str, container: str, *, is_public: bool) -> None:
    ladder = (quality("360p", kind, container), quality("240p", kind, container))
    video = studio.make(source(studio), title="A clip", qualities=ladder, is_public=is_public)
    visitor.page.goto(video["assets"][f"{kind}_player_url"])
    assert visitor.page.title() == "A clip"
    visitor.page.eval_on_selector("video", "(video) => { video.playbackRate = 2; video.play() }")
    # Beyond the first segment, so that the player has gone from one to the next.
    shown = visitor.watch(visitor.page, 4.5)
    visitor.keep(f"{kind}-{container}-{'public' if is_public else 'private'}")
    assert shown["size"] in ([640, 360], [426, 240])
    assert shown["sound"] > 0
    assert shown["error"] is None
    assert visitor.page.locator(".message").is_hidden()
    assert visitor.complaints == []
    # Offline: nothing from any other place than the server itself.
    assert {urlsplit(url).netloc for url in visitor.asked if not url.startswith("blob:")} == {
        urlsplit(studio.server.url).netloc
    }
    assert not any("token-a" in url for url in visitor.asked)


@pytest.mark.parametrize(("kind", "container"), [("hls", "mp4"), ("dash", "fmp4")])
def test_the_player_page_names_what_cannot_play(visitor: Visitor, studio: Studio, kind: str, container: str) -> None:
    video = studio.make(source(studio), qualities=[quality("240p", kind, container, "h265")])
    visitor.page.goto(video["assets"][f"{kind}_player_url"])
    if visitor.page.evaluate("MediaSource.isTypeSupported('video/mp4; codecs=\"hvc1.1.6.L63.90\"')"):
        pytest.skip("this browser plays H.265")
    message = visitor.page.locator(".message")
    message.wait_for()
    visitor.keep(f"{kind}-h265")
    assert "can't play" in message.inner_text()
    assert "H.265" in message.inner_text()
    # The link leads to a real file.
    assert httpx.get(message.locator("a").evaluate("(link) => link.href")).headers["content-type"] == "video/mp4"


def test_containers_that_no_player_switches_between(visitor: Visitor, studio: Studio) -> None:
    video = studio.make(source(studio), qualities=[quality("240p", "hls", "mpegts"), quality("360p", "hls", "mp4")])
    visitor.page.goto(f"{video['assets']['hls_player_url']}?autoplay=1")
    assert visitor.watch(visitor.page, 4.5)["error"] is None
    assert visitor.complaints == []


def test_the_index_with_a_sample(visitor: Visitor, studio: Studio) -> None:
    """As `make mock` leaves a person: the sample is being made, its player open, and begins by itself."""
    add_sample(studio.server.state)
    visitor.page.goto(f"{site(studio)}/?play={SAMPLE_ID}")
    item = visitor.page.locator(f"#video-{SAMPLE_ID}")
    assert visitor.watch(player(visitor), 1)["size"] in ([640, 360], [1280, 720])
    item.locator('.facts[data-status="done"]').wait_for()
    # Still the same player: what is said of the video changed around it.
    assert visitor.watch(player(visitor), 2)["sound"] > 0
    assert item.locator('.ladder li[data-status="done"]').count() == 3
    assert item.locator(".picture").evaluate("(picture) => picture.naturalWidth") > 0
    visitor.keep("index")
    assert visitor.complaints == []
    add_sample(studio.server.state)
    visitor.page.reload()
    assert item.count() == 1
    item.get_by_text("Play DASH").click()
    assert item.locator("details[open] iframe").count() == 2


def player(visitor: Visitor) -> Frame:
    """The first player of the page, once it is there."""
    visitor.page.frame_locator("iframe").first.locator("video").wait_for()
    return visitor.page.frames[1]


def test_the_documentation(visitor: Visitor, studio: Studio) -> None:
    visitor.page.goto(f"{site(studio)}/")
    visitor.page.get_by_text("Documentation of the API").click()
    visitor.page.locator(".opblock").first.wait_for()
    assert visitor.page.locator(".opblock").count() == len(studio.server.state.contract.operations)
    visitor.keep("documentation")
    # What is tried out goes to this server, with the credentials that were typed in.
    visitor.page.get_by_role("button", name="Authorize").click()
    visitor.page.locator("#auth-bearer-value").fill("token-a")
    visitor.page.locator(".auth-btn-wrapper button.authorize").first.click()
    visitor.page.locator(".btn-done").first.click()
    visitor.page.get_by_text("/videos/cost").click()
    visitor.page.get_by_role("button", name="Try it out").click()
    visitor.page.get_by_role("button", name="Execute").click()
    visitor.page.locator(".live-responses-table .response-col_status").first.wait_for()
    visitor.keep("documentation-tried")
    assert {urlsplit(url).netloc for url in visitor.asked if not url.startswith("data:")} == {
        urlsplit(site(studio)).netloc
    }
    assert [entry.account for entry in studio.server.control.requests() if entry.operation == "getTranscodeCost"] == [
        "a"
    ]
    assert visitor.complaints == []
