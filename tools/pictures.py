"""Draws the terminal and the mock server's page: all pictures in build/pictures, those that pages show in docs/images.

Each command runs in a pseudo-terminal of 40, 80 and 120 columns, and its screen becomes an SVG that is light or dark as
the reader's system is. What differs from run to run, such as ids, is replaced by text that is as wide, so a second run
changes nothing. The page is drawn by Chromium, where there is one. Linux, or another system with pseudo-terminals.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import sys
import tempfile
from datetime import UTC, datetime
from html import escape
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import pexpect
import pyte
from attrs import frozen
from playwright.sync_api import sync_playwright

from aioz_stream import AiozStream, Cancellation, Progress, UploadCancelledError
from aioz_stream.bar import progress_bar
from aioz_stream_cli.file_bars import FileBars
from aioz_stream_mock import MockServer, Settings
from aioz_stream_mock.sample import SAMPLE_ID, add_sample

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from aioz_stream_mock.media.backend import Backend

ROOT = Path(__file__).resolve().parent.parent
ALL = ROOT / "build/pictures"
SHOWN = ROOT / "docs/images"
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
WIDTHS = (40, 80, 120)
ROWS = 100
NOW = datetime(2026, 3, 14, 9, 26, tzinfo=UTC)
IN_DOCS = {"bar-80", "files-80", "list-80", "list-40", "uploads-80", "errors-80"}
"""The pictures that pages show."""

_TOKEN = "token-a"  # noqa: S105 - the mock server's own
_PART = 52_428_800
_TALK = "5d1f0c1e-9a53-4c8e-b1de-2f6a7c0e4b11"
OTHER_ID = "c2a4e8d0-6b1f-4e57-a3c9-8d7e5f104b04"
"""In the place of ids that the server made up."""
_LADDER = '[{"type": "hls", "container_type": "fmp4", "resolution": "720p"}]'

SCREENS: dict[str, list[str]] = {
    "help": ["aioz-stream --help"],
    "bar": ["aioz-stream upload talk.mp4"],
    "files": ["aioz-stream upload recordings/"],
    "list": ["aioz-stream list"],
    "get": [f"aioz-stream get {_TALK}"],
    "uploads": ["aioz-stream uploads"],
    "errors": [
        "aioz-stream check ladder.json",
        "aioz-stream get 00000000-0000-4000-8000-000000000000",
        "aioz-stream upload tlak.mp4",
    ],
}
"""The commands of each picture."""


@frozen
class Style:
    """How a cell looks."""

    color: str
    is_bold: bool


COLORS = {
    "default": ("#24292f", "#e6edf3"),
    "black": ("#57606a", "#8b949e"),
    "brightblack": ("#57606a", "#8b949e"),
    "red": ("#b42318", "#ff8a80"),
    "brightred": ("#b42318", "#ff8a80"),
    "green": ("#1a7f37", "#56d364"),
    "brown": ("#8a5a00", "#e3b341"),
    "blue": ("#0550ae", "#79c0ff"),
    "magenta": ("#8250df", "#d2a8ff"),
    "cyan": ("#0a6a75", "#76e3ea"),
    "white": ("#57606a", "#b1bac4"),
    "ff005f": ("#1f6feb", "#58a6ff"),  # of a bar: what is done
    "3a3a3a": ("#d0d7de", "#3d444d"),  # and what is not
}
"""What a terminal's colors look like on a light and on a dark ground."""
GROUND = ("#f6f8fa", "#161b22")
BOLD = ' font-weight="bold"'
_COLUMN, _ROW, _MARGIN = 8.4, 18, 12


def draw_bar() -> None:
    """The bar of one upload, as it stands after a few seconds."""
    with progress_bar("talk.mp4") as show:
        show(Progress(3 * _PART + 9_000_000, 9 * _PART, safe=3 * _PART, speed=12_400_000, retries=1))
        leave()


def draw_files() -> None:
    """The bars of several uploads."""
    names = ["intro.mp4", "talk.mp4", "questions.mp4", "a very long name of a recording.mp4"]
    with FileBars([f"recordings/{name}" for name in names]) as bars:
        for number, sent in enumerate((1, 6, 2, 0)):
            watch = bars.watch(number)
            watch(Progress(0, 8 * _PART))
            watch(Progress(sent * _PART + 4_000_000, 8 * _PART, safe=sent * _PART, speed=3_100_000))
        bars.end(0, has_failed=False)
        with bars.hidden():
            pass  # draws them as they are now
        leave()


def leave() -> None:
    """Ends this process with the bar still on the screen."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)


DRAWN = {"bar": draw_bar, "files": draw_files}
"""Screens whose speed and time differ from run to run: they are drawn from figures."""


def prepare(server: MockServer, folder: Path, environment: dict[str, str]) -> None:
    """Fills the account, and leaves an upload unfinished."""
    server.control.clock.set(NOW)
    server.control.freeze()
    ladder = [{"resolution": "720p", "type": "hls", "container_type": "mpegts"}]
    more = {"description": "What we know by now", "metadata": [{"key": "room", "value": "2"}], "qualities": ladder}
    server.control.seed([
        {"title": "Questions and answers", "tags": ["talk"], "size": 4_200_000, "status": "transcoding",
         "id": "0b6b7a0e-4a3f-4d8c-9a68-6a1c5f3f2e02"},
        {"title": "第一回　日本語のタイトル", "tags": ["course"], "size": 700_000, "status": "done",
         "id": "9f0a3d77-1c57-4f0b-8f6d-0f4f6f1d7c03"},
        {"title": "How we measure uploads over slow links", "tags": ["talk", "2026"], "size": 1_300_000,
         "status": "done", "id": _TALK, **more},
    ])  # fmt: skip
    server.control.advance(60)  # the list has the newest first
    (folder / "ladder.json").write_text(_LADDER, encoding="utf-8")
    talk = folder / "talk.mp4"
    with talk.open("wb") as file:
        file.truncate(3 * _PART)
    cancellation = Cancellation()

    def stop(reading: Progress) -> None:
        if reading.parts_done:
            cancellation.cancel()

    os.environ |= environment  # the journals' folder
    with AiozStream(token=_TOKEN, base_url=server.url) as stream:
        try:
            stream.upload(talk, title="The talk", concurrency=1, on_progress=stop, cancel=cancellation)
        except UploadCancelledError:
            return
    raise RuntimeError("the upload was to be stopped")


def screen(name: str, columns: int, folder: Path, environment: dict[str, str]) -> pyte.Screen:
    """What a terminal shows after the commands."""
    shown = pyte.Screen(columns, ROWS)
    stream = pyte.Stream(shown)
    for command in SCREENS[name]:
        stream.feed(f"\x1b[1m$ {command}\x1b[0m\r\n")
        words = ["-m", "aioz_stream", *command.split()[1:]]
        if name in DRAWN:
            words = [str(Path(__file__).resolve()), "--draw", name]
        child = cast("Any", pexpect).spawn(
            sys.executable, words, cwd=str(folder), env=environment, dimensions=(ROWS, columns), encoding="utf-8"
        )  # fmt: skip
        stream.feed(child.read())
        child.close()
    return shown


def rows(shown: pyte.Screen, folder: str) -> list[list[tuple[str, Style, int, int]]]:
    """The lines of a screen as runs of one style: text, style, first column, how many columns."""
    found = list[Any]()
    for number in range(shown.lines):
        cells = [shown.buffer[number][column] for column in range(shown.columns)]
        # The second cell of a wide character is empty, and a fixed text is as wide.
        text = fixed("".join(cell.data or "\0" for cell in cells), folder)
        looks = [Style(cell.fg, cell.bold) for cell in cells]
        line = list[Any]()
        for words in re.finditer(r"\S+(?: \S+)*", text):  # what is in columns keeps its place
            for look, run in groupby(range(*words.span()), key=looks.__getitem__):
                if at := [column for column in run if text[column] != " "]:
                    first, end = at[0], at[-1] + 1
                    line.append((text[first:end].replace("\0", ""), look, first, end - first))
        found.append(line)
    while found and not found[-1]:
        found.pop()
    return found


def fixed(line: str, folder: str) -> str:
    """A line without what differs from run to run; as wide as before."""
    line = line.replace(folder, "/home/you/videos"[: len(folder)].ljust(len(folder)))
    today = f"{datetime.now(UTC):%Y-%m-}"
    line = re.sub(rf"{today}\d\d \d\d:\d\d(:\d\d)?", lambda found: "2026-03-14 09:26:53"[: len(found[0])], line)
    return re.sub(r"\b[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}\b", fixed_id, line)


def fixed_id(found: re.Match[str]) -> str:
    seeded = found[0] in ("00000000-0000-4000-8000-000000000000", _TALK) or found[0].endswith(("2e02", "7c03"))
    return found[0] if seeded else OTHER_ID


def svg(lines: Sequence[Sequence[tuple[str, Style, int, int]]], columns: int, title: str) -> str:
    """A picture of the lines, in the reader's own fixed-width font."""
    width, height = round(columns * _COLUMN + 2 * _MARGIN), len(lines) * _ROW + 2 * _MARGIN
    used = sorted({look.color for line in lines for _, look, _, _ in line} | {"default"})
    light, dark = ("".join(f".c{name}{{fill:{of(name)[mode]}}}" for name in used) for mode in (0, 1))
    drawn = "".join(
        f'<text class="c{look.color}" x="{_MARGIN + first * _COLUMN:.1f}" y="{_MARGIN + 13 + number * _ROW}" '
        f'textLength="{wide * _COLUMN:.1f}"{BOLD if look.is_bold else ""}>{escape(text)}</text>\n'
        for number, line in enumerate(lines)
        for text, look, first, wide in line
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        'role="img" font-family="ui-monospace,Menlo,Consolas,\'DejaVu Sans Mono\',monospace" font-size="14" '
        f'xml:space="preserve">\n<title>{escape(title)}</title>\n'
        f"<style>.ground{{fill:{GROUND[0]}}}{light}@media(prefers-color-scheme:dark){{.ground{{fill:{GROUND[1]}}}{dark}}}"
        f'</style>\n<rect class="ground" width="{width}" height="{height}" rx="8"/>\n{drawn}</svg>\n'
    )


def of(name: str) -> tuple[str, str]:
    return COLORS.get(name, (f"#{name}", f"#{name}"))


def draw_terminals() -> Iterator[tuple[str, str]]:
    """The name and the text of each picture of a terminal."""
    with (
        MockServer(Settings(transcode=False, transcode_seconds=3600, public_url="http://127.0.0.1:8080")) as server,
        tempfile.TemporaryDirectory(dir="/tmp") as place,
    ):
        folder = Path(place)
        environment = {
            "AIOZ_STREAM_BASE_URL": server.url,
            "AIOZ_STREAM_TOKEN": _TOKEN,
            "AIOZ_STREAM_JOURNALS": str(folder / "journals"),
            "HOME": place,
            "LANG": "C.UTF-8",
            "PATH": os.environ["PATH"],
            "TERM": "xterm-256color",
        }
        prepare(server, folder, environment)
        for name, commands in SCREENS.items():
            for columns in WIDTHS:
                lines = rows(screen(name, columns, folder, environment), place)
                yield f"{name}-{columns}", svg(lines, columns, ", ".join(commands))


def draw_page() -> None:
    """The mock server's page, its sample video six seconds after the beginning."""
    if CHROMIUM is None:
        print("The page is not drawn: there is no Chromium here (on Debian: apt-get install chromium).")
        return
    with MockServer(Settings(transcode=True)) as server, sync_playwright() as playwright:
        add_sample(cast("Backend", server.state))
        with AiozStream(token=_TOKEN, base_url=server.url) as stream:
            stream.videos.wait(SAMPLE_ID)
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1100, "height": 800})
        page.goto(server.url.removesuffix("/api"))
        page.locator("summary").first.click()
        frame = page.locator("iframe").first.element_handle()
        player = frame.content_frame() if frame else None
        video = (player or page).locator("video").first
        video.evaluate(
            """video => new Promise(resolve => {
                const seek = () => {
                    video.addEventListener("seeked", resolve, {once: true})
                    video.controls = false
                    video.currentTime = 6
                }
                video.readyState < 2 ? video.addEventListener("loadeddata", seek, {once: true}) : seek()
            })"""
        )
        page.screenshot(path=SHOWN / "mock-server.png")
        browser.close()


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--draw", choices=[*DRAWN], help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.draw:
        DRAWN[options.draw]()
    ALL.mkdir(parents=True, exist_ok=True)
    for name, text in draw_terminals():
        for folder in (ALL, SHOWN) if name in IN_DOCS else (ALL,):
            (folder / f"terminal-{name}.svg").write_text(text, encoding="utf-8")
    draw_page()
    print(f"The pictures are in {ALL}, and those that pages show in {SHOWN}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
