"""Uploads a real video to a mock server over HTTP, has it transcoded, and fetches all of it back."""

from __future__ import annotations

import argparse
import re
import select
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urljoin

import clips
import httpx
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn

from aioz_stream import AiozStream, AiozStreamError, Video, VideoAssets
from aioz_stream_mock import MockServer, Settings

if TYPE_CHECKING:
    from aioz_stream import Progress as Reading

CLIP = Path(__file__).resolve().parent.parent / "build" / "demo-clip.mp4"
BLOCK = 1024 * 1024
MOMENT = 60.0  # seconds: long enough to open a page, and nobody is kept from going on

console = Console(highlight=False, soft_wrap=True)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("video", nargs="?", type=Path, help="a video file; without it, a clip of over 100 MB is made")
    parser.add_argument("--stay", action="store_true", help="let the server run until Enter or Ctrl-C")
    options = parser.parse_args()
    path: Path = options.video or made_clip()
    try:
        return demonstrate(path, stay=options.stay)
    except AiozStreamError as error:
        console.print(f"Error: {error}", style="red", markup=False)
        return 1


def demonstrate(path: Path, *, stay: bool) -> int:
    with (
        tempfile.TemporaryDirectory() as folder,
        MockServer(Settings(data_dir=Path(folder), transcode=True)) as server,
    ):
        account = server.accounts[0]
        console.print(f"Mock server at {server.url}")
        with AiozStream(token=account.token, base_url=server.url) as stream:
            video = uploaded(stream, path)
            video = transcoded(stream, video)
            fine = compared(path, video) and played(video)
        show_urls(video)
        if stay or (sys.stdin.isatty() and console.is_terminal):
            let_watch(None if stay else MOMENT)
    console.print(
        "The mock server is stopped now. `make demo ARGS=--stay` keeps it, `make mock` starts one of its own."
    )
    return 0 if fine and video.status == "done" else 1


def made_clip() -> Path:
    if not CLIP.exists():
        CLIP.parent.mkdir(parents=True, exist_ok=True)
        with console.status("Encoding a clip (H.264 and AAC) …"):
            clips.make(CLIP, seconds=20, bitrate="45M")
    return CLIP


def uploaded(stream: AiozStream, path: Path) -> Video:
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    started = time.monotonic()
    with Progress(*columns, console=console) as bar:
        task = bar.add_task(f"Uploading {path.name}", total=None)

        def on_progress(reading: Reading) -> None:
            bar.update(task, completed=reading.sent, total=reading.total)

        video = stream.upload(path, title="A video of the demo", tags=["demo"], on_progress=on_progress)
    size = path.stat().st_size
    console.print(f"Uploaded {size:,} bytes in {time.monotonic() - started:.1f} s, and completed the upload.")
    return video


def transcoded(stream: AiozStream, video: Video) -> Video:
    started = time.monotonic()
    with console.status("Transcoding …"):
        video = stream.videos.wait(video.id, timeout=600)
    ladder = ", ".join(f"{one.name} {one.type_} {one.status}" for one in video.qualities or [])
    seconds = time.monotonic() - started
    console.print(f"Video {video.id} is {video.status} after {seconds:.1f} s: {ladder}.", markup=False)
    return video


def compared(path: Path, video: Video) -> bool:
    """Whether the source that the server gives back is the file."""
    if not isinstance(video.assets, VideoAssets) or not isinstance(video.assets.source_url, str):
        console.print("The server names no source.", style="red")
        return False
    with path.open("rb") as file, httpx.stream("GET", video.assets.source_url) as response:
        response.raise_for_status()
        same = all(file.read(len(block)) == block for block in response.iter_bytes(BLOCK)) and not file.read(1)
    console.print(
        "Fetched the source back: "
        + ("the same bytes." if same else "[red]NOT the same bytes, which must never happen.[/]")
    )
    return same


def played(video: Video) -> bool:
    """Whether every playlist and segment that a player would fetch is there."""
    if not isinstance(video.assets, VideoAssets) or not isinstance(video.assets.hls_url, str):
        console.print("The server names nothing to play.", style="red")
        return False
    count = size = 0
    with httpx.Client() as http:
        master = video.assets.hls_url
        for playlist in linked(master, http.get(master).raise_for_status().text):
            for segment in linked(playlist, http.get(playlist).raise_for_status().text):
                count, size = count + 1, size + len(http.get(segment).raise_for_status().content)
    console.print(f"Fetched what a player would: {count} segments, {size:,} bytes.")
    return count > 0


def linked(url: str, playlist: str) -> list[str]:
    return [urljoin(url, line) for line in re.findall(r"^[^#\n].*$", playlist, re.MULTILINE)]


def let_watch(seconds: float | None) -> None:
    """Where somebody sits at a terminal, the URLs answer for a while longer."""
    stays = "The server stays" if seconds is None else f"The server stays for {seconds:.0f} s"
    console.print(f"{stays}: open hls_player_url in a browser. Enter or Ctrl-C stops it.")
    with suppress(KeyboardInterrupt):
        select.select([sys.stdin] if sys.stdin.isatty() else [], [], [], seconds)


def show_urls(video: Video) -> None:
    if isinstance(video.assets, VideoAssets):
        for name, url in video.assets.to_dict().items():
            if name.endswith("_url") and url:
                console.print(f"  {name:16} {url}", markup=False)


if __name__ == "__main__":
    sys.exit(main())
