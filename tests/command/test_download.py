"""`aioz-stream download`, against a mock server and one that ends its answers early."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import pytest

from aioz_stream import AiozStream

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.command.conftest import OpenTerminal, Run

CONTENT = os.urandom(300_000)


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder that commands run in."""
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def talk(url: str, tmp_path: Path) -> str:
    """The id of a private video."""
    (tmp_path / "talk.mp4").write_bytes(CONTENT)
    with AiozStream(token="token-a", base_url=url) as stream:
        return stream.upload(tmp_path / "talk.mp4", title="A talk", is_public=False).id


def test_the_file_is_named_after_the_title_and_its_path_is_printed(run: Run, here: Path, talk: str) -> None:
    done = run("download", talk)
    assert (done.returncode, done.stdout) == (0, f"{here}/A talk\n")
    assert (here / "A talk").read_bytes() == CONTENT


def test_what_is_there_is_replaced_only_where_it_was_named(run: Run, here: Path, talk: str) -> None:
    (here / "A talk").write_bytes(b"mine")
    refused = run("download", talk)
    assert refused.returncode == 2
    assert "There is a file" in refused.stderr
    assert "--overwrite" in refused.stderr
    assert "=True" not in refused.stderr
    refused = run("download", talk, "-o", "A talk", "--no-overwrite")
    assert (refused.returncode, "To replace it, leave out --no-overwrite." in refused.stderr) == (2, True)
    assert (here / "A talk").read_bytes() == b"mine"
    assert run("download", talk, "--overwrite").returncode == 0
    assert (here / "A talk").read_bytes() == CONTENT
    (here / "A talk").write_bytes(b"mine")
    assert run("download", talk, "--output", "A talk").returncode == 0
    assert (here / "A talk").read_bytes() == CONTENT


def test_json_is_one_document(run: Run, here: Path, talk: str) -> None:
    done = run("download", talk, "-o", "a.mp4", "--json")
    assert json.loads(done.stdout) == {"id": talk, "asset": "source", "path": f"{here}/a.mp4", "size": len(CONTENT)}


def test_a_home_is_expanded(run: Run, tmp_path: Path, talk: str) -> None:
    """Also where no shell did."""
    assert run("download", talk, "--output=~/a.mp4").returncode == 0
    assert (tmp_path / "a.mp4").read_bytes() == CONTENT


def test_standard_output_has_the_bytes_and_nothing_else(
    environment: dict[str, str], run: Run, here: Path, talk: str, terminal: OpenTerminal
) -> None:
    words = [sys.executable, "-m", "aioz_stream", "download", talk, "-o", "-"]
    done = subprocess.run(words, env=environment, capture_output=True, check=False)
    assert (done.returncode, done.stdout) == (0, CONTENT)
    assert list(here.iterdir()) == []
    assert run("download", talk, "-o", "-", "--json").returncode == 2
    shown = terminal("download", talk, "-o", "-")
    assert shown.end() == 2
    assert "that is a terminal" in " ".join(shown.lines)


def test_a_terminal_shows_a_bar(terminal: OpenTerminal, here: Path, talk: str) -> None:
    shown = terminal("download", talk, "-o", "bar.mp4", columns=100)
    assert shown.end() == 0
    assert any("bar.mp4" in line and "300.0" in line for line in shown.lines)
    assert (here / "bar.mp4").read_bytes() == CONTENT


def test_what_is_not_ready_says_how_to_wait(run: Run, here: Path, url: str, talk: str) -> None:
    with AiozStream(token="token-a", base_url=url) as stream:
        new = stream.videos.create("New").id
    done = run("download", new)
    assert done.returncode != 0
    assert "has no source yet" in done.stderr
    assert f"`aioz-stream wait {new}`" in done.stderr
    missing = run("download", talk, "--asset", "thumbnail")
    assert missing.returncode != 0
    assert "has no thumbnail" in missing.stderr
    assert run("download", "unknown").returncode != 0
    assert run("download", talk, "--asset", "zip").returncode == 2
    assert list(here.iterdir()) == []


class Cutting(BaseHTTPRequestHandler):
    """A service whose first answer with the file ends early, when it is let go of."""

    protocol_version = "HTTP/1.1"

    def __init__(self, ranges: list[str], held: threading.Event, *arguments: Any) -> None:
        self._ranges, self._held = ranges, held
        super().__init__(*arguments)

    def do_GET(self) -> None:
        self.close_connection = True
        if self.path != "/file":
            origin = f"http://{self.headers['Host']}"
            video = {"id": "v", "title": "T", "status": "done", "assets": {"source_url": f"{origin}/file"}}
            self._send(200, json.dumps({"status": "success", "data": video}).encode(), "application/json")
            return
        asked = self.headers.get("Range", "")
        self._ranges.append(asked)
        if asked:
            start = int(asked.removeprefix("bytes=").removesuffix("-"))
            place = f"bytes {start}-{len(CONTENT) - 1}/{len(CONTENT)}"
            self._send(206, CONTENT[start:], "video/mp4", {"Content-Range": place, "ETag": '"1"'})
        else:
            first = len(self._ranges) == 1
            length = {"Content-Length": str(len(CONTENT)), "ETag": '"1"'}
            self._send(200, CONTENT[:100_000] if first else CONTENT, "video/mp4", length)
            self._held.wait(60)

    def _send(self, status: int, body: bytes, kind: str, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in ({"Content-Type": kind, "Content-Length": str(len(body))} | (headers or {})).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """It is not read."""


@pytest.fixture
def held() -> Iterator[threading.Event]:
    event = threading.Event()
    event.set()
    yield event
    event.set()


@pytest.fixture
def cutting(held: threading.Event) -> Iterator[tuple[str, list[str]]]:
    """Its base URL, and the ranges that it was asked for."""
    ranges: list[str] = []
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Cutting, ranges, held)) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/api", ranges
        held.set()
        server.shutdown()
        thread.join()


def test_the_same_command_goes_on(run: Run, here: Path, cutting: tuple[str, list[str]]) -> None:
    """After Ctrl-C, a crash or an error: here a disk that takes no more."""
    base_url, ranges = cutting
    assert run("download", "v", "-o", "b", AIOZ_STREAM_BASE_URL=base_url).returncode == 0
    assert ranges == ["", "bytes=100000-"], "a connection that ends is made again by itself"
    assert (here / "b").read_bytes() == CONTENT
    limited = "import resource, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (150_000, 150_000))"
    script = f"{limited}; import signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
    script += "from aioz_stream_cli.__main__ import main; main()"
    environment = {"AIOZ_STREAM_BASE_URL": base_url, "AIOZ_STREAM_TOKEN": "t", "PATH": os.environ["PATH"]}
    full = subprocess.run(
        [sys.executable, "-c", script, "download", "v", "-o", "a"],
        env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert full.returncode != 0
    assert "can't be written: File too large" in full.stderr
    assert "bytes are in" in full.stderr
    assert not (here / "a").exists()
    [part] = here.glob("a.*.part")
    there = part.stat().st_size
    assert there > 0
    ranges.clear()
    again = run("download", "v", "-o", "a", AIOZ_STREAM_BASE_URL=base_url)
    assert again.returncode == 0
    assert ranges[-1] == f"bytes={there}-"
    assert (here / "a").read_bytes() == CONTENT
    assert sorted(path.name for path in here.iterdir()) == ["a", "b"]


def test_ctrl_c_says_what_is_there(
    terminal: OpenTerminal, run: Run, here: Path, cutting: tuple[str, list[str]], held: threading.Event
) -> None:
    base_url, ranges = cutting
    held.clear()
    stopped = terminal("download", "v", "-o", "a", columns=200, AIOZ_STREAM_BASE_URL=base_url)
    while [part.stat().st_size for part in here.glob("a.*.part")] != [100_000]:
        time.sleep(0.01)
    stopped.child.sendintr()
    assert stopped.end() != 0
    assert any("100,000 bytes are in" in line and "The same command goes on" in line for line in stopped.lines)
    assert "aioz-stream download v -o a" in stopped.lines, "to be pasted"
    held.set()
    assert run("download", "v", "-o", "a", AIOZ_STREAM_BASE_URL=base_url).returncode == 0
    assert ranges[-1] == "bytes=100000-"
    assert (here / "a").read_bytes() == CONTENT
