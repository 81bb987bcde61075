"""What the pages tell people to write works as it is printed."""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys
import threading
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any

import imageio_ffmpeg
import pytest

import aioz_stream
from aioz_stream import AiozStream
from aioz_stream.bar import progress_bar
from aioz_stream_mock import MockServer, Settings

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
TALK = 100_000


def blocks(page: Path) -> list[str]:
    return re.findall(r"```python\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """And a folder with the files that the samples name, to work in."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("AIOZ_STREAM_TOKEN", "token-a")
    monkeypatch.setenv("AIOZ_STREAM_JOURNALS", str(tmp_path / "journals"))
    for name in ("talk.mp4", "intro.mp4", "a.mp4", "b.mp4"):
        Path(name).write_bytes(os.urandom(TALK))
    with MockServer(Settings(transcode_seconds=0)) as running:
        monkeypatch.setenv("AIOZ_STREAM_BASE_URL", running.url)
        yield


class Files(BaseHTTPRequestHandler):
    """An http server that gives one file by range."""

    def __init__(self, content: bytes, *arguments: Any) -> None:
        self._content = content
        super().__init__(*arguments)

    def do_GET(self) -> None:
        start, end = map(int, self.headers["Range"].removeprefix("bytes=").split("-"))
        end = min(end, len(self._content) - 1)
        self.send_response(206)
        self.send_header("Content-Range", f"bytes {start}-{end}/{len(self._content)}")
        self.end_headers()
        self.wfile.write(self._content[start : end + 1])

    def log_message(self, *_: Any) -> None:
        """Nobody reads it."""


@pytest.fixture
def files() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Files, b"from elsewhere")) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.mark.parametrize(
    "page", ["README.md", "CONTRIBUTING.md", *(f"docs/{path.name}" for path in sorted(DOCS.glob("*.md")))]
)
def test_links_between_pages_lead_somewhere(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    for link in re.findall(r"\]\((?!https?:)([^)#]+)", text):
        assert ((ROOT / page).parent / link).exists(), link


@pytest.mark.usefixtures("server")
def test_all_of_uploading(files: str, capsys: pytest.CaptureFixture[str]) -> None:
    """One after the other, as somebody follows the page."""
    names: dict[str, Any] = {"__name__": "__main__"}
    samples = blocks(DOCS / "uploading.md")
    assert len(samples) >= 12
    for sample in samples:
        code = sample.replace("https://files.example.com", files)
        exec(compile(code, sample.splitlines()[0], "exec"), names)
    names["stream"].close()
    shown = capsys.readouterr().out
    assert "100% at" in shown
    assert "left behind" in shown
    with AiozStream() as stream:
        sizes = {video.title: (video.size, video.status) for video in stream.videos.list(status="done")}
        assert [one.title for one in stream.uploads.unfinished()] == ["Cancelled"]
    whole = dict.fromkeys(("Talk", "Recorded", "Watched", "With a bar", "Patient", "Intro"), (TALK, "done"))
    assert sizes.items() >= whole.items()
    assert sizes["Without its header"] == (TALK - 1000, "done")
    assert sizes["From elsewhere"] == (14, "done")
    assert "Cancelled" not in sizes


@pytest.mark.usefixtures("server")
def test_the_page_of_the_generated_client(capsys: pytest.CaptureFixture[str]) -> None:
    names: dict[str, Any] = {}
    for number, block in enumerate(blocks(DOCS / "generated-client.md")):
        exec(compile(block, f"block {number} of the page", "exec"), names)
    shown = capsys.readouterr().out
    assert "200 application/json" in shown
    assert "MessageResponse(" in shown  # the upload is complete
    assert shown.splitlines()[-1].startswith("The credentials")
    names["client"].get_httpx_client().close()
    names["with_keys"].get_httpx_client().close()
    names["strict"].get_httpx_client().close()


@pytest.mark.usefixtures("server")
def test_all_of_the_readmes_tables(
    files: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Row by row: what an operation is called with, and what is done with several of them."""
    media = ("-f", "lavfi", "-i", "testsrc2=size=640x360:rate=10", "-f", "lavfi", "-i", "sine", "-t", "1")
    subprocess.run([imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", *media, "-y", "talk.mp4"], check=True)
    Path("cover.png").write_bytes(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\1\0\0\0\1\x08\x06\0\0\0\x1f\x15\xc4\x89")
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| ([^|]+) \| `(.*)` \|$", text[text.index("| operation | code |") :], re.MULTILINE)
    assert len(rows) >= 22
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BufferedReader(Stream(b"live"))))
    with AiozStream() as stream:
        names: dict[str, Any] = {
            "aioz_stream": aioz_stream,
            "stream": stream,
            "sys": sys,
            "progress_bar": progress_bar,
            "part": aioz_stream.plan(Path("talk.mp4").stat().st_size)[0],
            "qualities": [aioz_stream.encoding.hls("360p")],
            "cancellation": aioz_stream.Cancellation(),
        }
        for task, code in rows:
            if task == "a file into a video that exists":
                names["video"] = stream.videos.create(title="There")
            exec(compile(code.replace("https://files.example.com", files), task, "exec"), names)
        titles = [video.title for video in stream.videos.list(status="done")]
    assert {"Talk", "There", "Live", "a", "b"} <= set(titles)
    assert len(capsys.readouterr().out.splitlines()) == 2


class Stream(io.RawIOBase):
    """What can't seek."""

    def __init__(self, content: bytes) -> None:
        super().__init__()
        self._content = io.BytesIO(content)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        return self._content.readinto(buffer)
