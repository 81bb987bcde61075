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
from urllib.parse import urljoin

import clips
import httpx
from rich.console import Console

from aioz_stream import AiozStream, AiozStreamError, Video, VideoAssets
from aioz_stream.bar import progress_bar
from aioz_stream_mock import MockServer, Settings

CLIP = Path(__file__).resolve().parent.parent / "build" / "demo-clip.mp4"
BLOCK = 1024 * 1024
MOMENT = 60.0  # seconds: long enough to open a page, and not in the way of going on

console = Console(highlight=False, soft_wrap=True)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("video", nargs="?", type=Path, help="a video file; without it, a clip of over 100 MB is made")
    parser.add_argument("--stay", action="store_true", help="let the server run until Enter or Ctrl-C")
    options = parser.parse_args()
    path: Path = options.video or find_clip()
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
        console.print(f"Mock server at {server.url}")
        with AiozStream(token=server.accounts[0].token, base_url=server.url) as stream:
            video = wait_for_transcoding(stream, upload(stream, path))
        urls = named_urls(video)
        fine = compare_source(path, urls.get("source_url")) and fetch_segments(urls.get("hls_url"))
        for name, url in urls.items():
            console.print(f"  {name:16} {url}", markup=False)
        if stay or (sys.stdin.isatty() and console.is_terminal):
            keep_serving(None if stay else MOMENT)
    console.print(
        "The mock server is stopped now. `make demo ARGS=--stay` keeps it, `make mock` starts one of its own."
    )
    return 0 if fine and video.status == "done" else 1


def find_clip() -> Path:
    if not CLIP.exists():
        CLIP.parent.mkdir(parents=True, exist_ok=True)
        with console.status("Encoding a clip (H.264 and AAC) …"):
            clips.make(CLIP, seconds=20, bitrate="45M")
    return CLIP


def upload(stream: AiozStream, path: Path) -> Video:
    started = time.monotonic()
    with progress_bar(f"Uploading {path.name}") as bar:
        video = stream.upload(path, title="A video of the demo", tags=["demo"], on_progress=bar)
    size = path.stat().st_size
    console.print(f"Uploaded {size:,} bytes in {time.monotonic() - started:.1f} s, and completed the upload.")
    return video


def wait_for_transcoding(stream: AiozStream, video: Video) -> Video:
    started = time.monotonic()
    with console.status("Transcoding …"):
        video = stream.videos.wait(video.id, timeout=600)
    ladder = ", ".join(f"{one.name} {one.type_} {one.status}" for one in video.qualities or [])
    seconds = time.monotonic() - started
    console.print(f"Video {video.id} is {video.status} after {seconds:.1f} s: {ladder}.", markup=False)
    return video


def named_urls(video: Video) -> dict[str, str]:
    assets = video.assets.to_dict() if isinstance(video.assets, VideoAssets) else {}
    return {name: url for name, url in assets.items() if name.endswith("_url") and url}


def compare_source(path: Path, url: str | None) -> bool:
    """Whether the source that the server gives back is the file."""
    if url is None:
        console.print("The server names no source.", style="red")
        return False
    with path.open("rb") as file, httpx.stream("GET", url) as response:
        response.raise_for_status()
        same = all(file.read(len(block)) == block for block in response.iter_bytes(BLOCK)) and not file.read(1)
    verdict = "the same bytes." if same else "[red]NOT the same bytes, which must never happen.[/]"
    console.print(f"Fetched the source back: {verdict}")
    return same


def fetch_segments(url: str | None) -> bool:
    """Whether every playlist and segment that a player would fetch is there."""
    if url is None:
        console.print("The server names nothing to play.", style="red")
        return False
    count = size = 0
    with httpx.Client() as http:
        for playlist in fetch_links(http, url):
            for segment in fetch_links(http, playlist):
                count, size = count + 1, size + len(http.get(segment).raise_for_status().content)
    console.print(f"Fetched what a player would: {count} segments, {size:,} bytes.")
    return count > 0


def fetch_links(http: httpx.Client, playlist: str) -> list[str]:
    content = http.get(playlist).raise_for_status().text
    return [urljoin(playlist, line) for line in re.findall(r"^[^#\n].*$", content, re.MULTILINE)]


def keep_serving(seconds: float | None) -> None:
    """Let the URLs answer for a while longer, until Enter or Ctrl-C at a terminal."""
    stays = "The server stays" if seconds is None else f"The server stays for {seconds:.0f} s"
    console.print(f"{stays}: open hls_player_url in a browser. Enter or Ctrl-C stops it.")
    with suppress(KeyboardInterrupt):
        select.select([sys.stdin] if sys.stdin.isatty() else [], [], [], seconds)


if __name__ == "__main__":
    sys.exit(main())
