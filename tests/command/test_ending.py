"""A command that is ended on its way: by a signal, or by a failure. It says what is safe, and which command goes on."""

from __future__ import annotations

import json
import os
import re
import shlex
import signal
import subprocess
import sys
import threading
import time
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from aioz_stream import AiozStream
from aioz_stream_cli.commands import cli
from aioz_stream_cli.signals import SignalExit, end_by_signal
from aioz_stream_mock import MockServer, Settings
from tests.command.conftest import Terminal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from aioz_stream import UnfinishedUpload
    from tests.command.conftest import OpenTerminal, Run

FIRST = 50 << 20
"""Bytes of a part."""
WIDTHS = pytest.mark.parametrize("columns", [40, 80, 120])
PARTS = "uploadVideoPart"


@pytest.fixture(scope="module")
def running() -> Iterator[MockServer]:
    """A server that takes an hour to transcode."""
    with MockServer(Settings(transcode_seconds=3600)) as server:
        yield server


@pytest.fixture
def server(running: MockServer) -> Iterator[MockServer]:
    running.control.reset()
    yield running
    running.control.reset()  # and lets go of the requests that hang


@pytest.fixture
def url(server: MockServer) -> str:
    return server.url


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    """A file of two parts, with a name that a shell must have quoted."""
    path = tmp_path / "my talk.mp4"
    with path.open("wb") as file:
        file.truncate(2 * FIRST)
    return path


@pytest.fixture
def first_is_sent(server: MockServer, journals: Path) -> Callable[[], UnfinishedUpload | None]:
    """Looks for an upload whose first part is acknowledged; the second one hangs."""
    server.control.fault("delay", operation=PARTS, after=1, times=None, seconds=3600)

    def look() -> UnfinishedUpload | None:
        with AiozStream(token="token-a", base_url=server.url) as stream:
            return next((one for one in stream.uploads.unfinished(journals) if one.sent == FIRST), None)

    return look


def wait_for(look: Callable[[], object]) -> None:
    while not look():
        time.sleep(0.02)


def commands(said: str) -> list[str]:
    """What can be pasted: whole lines of what was written."""
    return [line for line in said.replace("\r\n", "\n").splitlines() if line.startswith("aioz-stream ")]


def paste(command: str, run: Run) -> subprocess.CompletedProcess[str]:
    name, *words = shlex.split(command)
    assert name == "aioz-stream"
    return run(*words)


def asked(server: MockServer, operation: str) -> int:
    return sum(entry.operation == operation for entry in server.control.requests())


@WIDTHS
def test_ctrl_c_says_what_is_safe_and_the_command_that_goes_on(
    columns: int,
    terminal: OpenTerminal,
    run: Run,
    server: MockServer,
    clip: Path,
    first_is_sent: Callable[[], UnfinishedUpload | None],
) -> None:
    words = ["upload", str(clip), "--title", "My [b] talk", "--tag", "it's", "--concurrency", "1", "--private"]
    shown = terminal(*words, columns=columns)
    one = shown.read_until(first_is_sent)
    shown.interrupt()
    assert shown.end() == -signal.SIGINT
    _, _, said = shown.text.partition("Interrupted. ")
    assert said.split()[:7] == [f"{FIRST:,}", "of", f"{2 * FIRST:,}", "bytes", "are", "safe,", "in"]
    assert commands(said) == [f"aioz-stream {shlex.join(words)}"]
    assert "\x1b[?25h" in shown.text, "the cursor is shown again"
    assert len(re.findall("safe,", shown.text)) == 1
    assert "same call" not in shown.text
    assert any(str(one.video_id) in line for line in shown.lines)
    server.control.clear_faults()
    server.control.clear_requests()
    done = paste(commands(said)[0], run)
    assert (done.returncode, asked(server, "createVideo"), asked(server, PARTS)) == (0, 0, 1)
    assert f"Going on with video {one.video_id}, 'My [b] talk'" in done.stderr


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_each_signal_ends_it_by_itself(
    name: str, environment: dict[str, str], clip: Path, first_is_sent: Callable[[], UnfinishedUpload | None]
) -> None:
    words = [sys.executable, "-m", "aioz_stream", "upload", str(clip), "--concurrency", "1"]
    with subprocess.Popen(words, env=environment, stderr=subprocess.PIPE, text=True) as running:
        wait_for(first_is_sent)
        running.send_signal(getattr(signal, name))
        _, said = running.communicate(timeout=60)
    assert running.returncode == -getattr(signal, name)
    assert "Traceback" not in said
    assert f"Interrupted. {FIRST:,} of" in said
    assert commands(said) == [f"aioz-stream upload {shlex.quote(str(clip))} --concurrency 1"]


def test_nohup_is_heeded(
    environment: dict[str, str], clip: Path, first_is_sent: Callable[[], UnfinishedUpload | None]
) -> None:
    words = ["nohup", sys.executable, "-m", "aioz_stream", "upload", str(clip), "--concurrency", "1"]
    with subprocess.Popen(words, env=environment, stderr=subprocess.PIPE, stdout=subprocess.PIPE) as running:
        wait_for(first_is_sent)
        running.send_signal(signal.SIGHUP)
        running.send_signal(signal.SIGTERM)
        running.communicate(timeout=60)
    assert running.returncode == -signal.SIGTERM


def test_ctrl_c_ends_a_shells_loop(
    environment: dict[str, str], clip: Path, server: MockServer, first_is_sent: Callable[[], UnfinishedUpload | None]
) -> None:
    (clip.with_name("other.mp4")).write_bytes(b"bytes")
    shell = Terminal(["bash", "--norc", "--noprofile"], 80, environment | {"PS1": "ready$ "})
    shell.expect(r"ready\$ ")
    program = f"{shlex.quote(sys.executable)} -m aioz_stream"
    folder = shlex.quote(str(clip.parent))
    shell.type(f'for f in {folder}/*.mp4; do {program} upload "$f" --concurrency 1; done')
    shell.read_until(first_is_sent)
    shell.interrupt()
    shell.expect(r"goes on:.*ready\$ ")
    shell.type('echo "status: $?"')
    shell.expect("status: 130")
    shell.type("exit")
    shell.end()
    assert asked(server, "createVideo") == 1


@pytest.mark.parametrize("words", [["list"], ["get", "some"]], ids=str)
def test_ctrl_c_where_nothing_is_left(words: list[str], server: MockServer, environment: dict[str, str]) -> None:
    server.control.fault("delay", times=None, seconds=3600)
    command = [sys.executable, "-m", "aioz_stream", *words]
    with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True) as running:
        wait_for(server.control.requests)
        running.send_signal(signal.SIGINT)
        _, said = running.communicate(timeout=60)
    assert (running.returncode, said) == (-signal.SIGINT, "")


@WIDTHS
@pytest.mark.parametrize("command", ["upload", "wait"])
def test_ctrl_c_while_it_waits(
    command: str, columns: int, terminal: OpenTerminal, tmp_path: Path, server: MockServer
) -> None:
    (tmp_path / "small.mp4").write_bytes(b"bytes")
    with AiozStream(token="token-a", base_url=server.url) as stream:
        if command == "wait":
            video_id = stream.upload(tmp_path / "small.mp4").id
            shown = terminal("wait", video_id, columns=columns)
        else:
            shown = terminal("upload", str(tmp_path / "small.mp4"), "--wait", columns=columns)
        shown.expect("Transcoding")
        [video] = stream.videos.list()
    shown.interrupt()
    assert shown.end() == -signal.SIGINT
    assert commands(shown.text) == [f"aioz-stream wait {video.id}"]


def test_ctrl_c_twice_at_once_says_it_all_the_same(
    terminal: OpenTerminal, clip: Path, first_is_sent: Callable[[], UnfinishedUpload | None]
) -> None:
    shown = terminal("upload", str(clip), "--concurrency", "1", "-q", columns=120)
    shown.read_until(first_is_sent)
    for pause in (0.01, 0.03, 0.1):
        shown.interrupt()
        time.sleep(pause)
    shown.interrupt()
    assert shown.end() == -signal.SIGINT
    # The terminal may show a ^C in front of it.
    assert shown.text.count("aioz-stream upload '") == 1


def test_ctrl_c_while_libraries_are_imported_ends_it_without_a_word(tmp_path: Path) -> None:
    (tmp_path / "click.py").write_text("import os, signal, time\nos.kill(os.getpid(), signal.SIGINT)\ntime.sleep(9)\n")
    variables = os.environ | {"PYTHONPATH": f"{tmp_path}{os.pathsep}{os.environ.get('PYTHONPATH', '')}"}
    command = [sys.executable, "-m", "aioz_stream_cli", "list"]
    done = subprocess.run(command, env=variables, capture_output=True, check=False, timeout=60)
    assert (done.returncode, done.stdout, done.stderr) == (-signal.SIGINT, b"", b"")


def test_a_price_that_is_not_covered_leads_to_complete(run: Run, tmp_path: Path, server: MockServer) -> None:
    (tmp_path / "small.mp4").write_bytes(b"bytes")
    done = run("upload", str(tmp_path / "small.mp4"), AIOZ_STREAM_TOKEN="token-b")
    [command] = commands(done.stderr)
    with AiozStream(token="token-b", base_url=server.url) as stream:
        [video] = stream.videos.list()
    assert command == f"aioz-stream complete {video.id}"
    assert f"5 of 5 bytes are safe, in video {video.id}." in done.stderr


def test_what_is_complete_is_no_unfinished_upload(run: Run, tmp_path: Path, server: MockServer) -> None:
    (tmp_path / "small.mp4").write_bytes(b"bytes")
    server.control.fault("status", operation="completeVideoUpload", status=402)
    [command] = commands(run("upload", str(tmp_path / "small.mp4")).stderr)
    assert run("uploads", "--columns", "source").stdout == f"{tmp_path / 'small.mp4'}\n"
    assert run(*command.split()[1:]).returncode == 0
    assert run("uploads").stdout == ""


def test_one_of_many_that_is_complete_is_passed_over(run: Run, tmp_path: Path, server: MockServer) -> None:
    names = [str(tmp_path / name) for name in ("a.mp4", "b.mp4")]
    for name in names:
        Path(name).write_bytes(b"bytes")
    server.control.fault("status", operation="completeVideoUpload", status=402, times=2)
    assert run("upload", *names).returncode == 5
    ids = dict(line.split("\t")[::-1] for line in run("uploads", "--columns", "video_id,source").stdout.splitlines())
    assert run("complete", ids[names[0]]).returncode == 0
    again = run("upload", *names).stdout.splitlines()
    assert {f"{ids[names[0]]}\tcomplete before\t{names[0]}", f"{ids[names[1]]}\tuploaded\t{names[1]}"} == set(again)


@pytest.mark.parametrize(
    ("operation", "status", "resumes"),
    [(PARTS, 401, True), ("completeVideoUpload", 403, True), (PARTS, 400, False), ("createVideo", 401, False)],
)
def test_a_failure_that_the_same_command_passes_says_so(
    operation: str, status: int, resumes: bool, run: Run, tmp_path: Path, server: MockServer
) -> None:
    (tmp_path / "small.mp4").write_bytes(b"bytes")
    server.control.fault("status", operation=operation, status=status, times=None)
    done = run("upload", str(tmp_path / "small.mp4"))
    assert done.returncode not in (0, 130)
    assert commands(done.stderr) == ([f"aioz-stream upload {tmp_path}/small.mp4"] if resumes else [])
    if resumes:
        server.control.clear_faults()
        assert paste(commands(done.stderr)[0], run).returncode == 0
        assert asked(server, "createVideo") == 1


def test_a_lost_create_is_looked_for(run: Run, tmp_path: Path, server: MockServer) -> None:
    (tmp_path / "small.mp4").write_bytes(b"bytes")
    server.control.fault("lost_answer", operation="createVideo", times=None)
    server.control.fault("status", operation="listVideos", status=401, times=None)
    done = run("upload", str(tmp_path / "small.mp4"))
    assert "Its video may exist, and is looked for." in done.stderr
    assert commands(done.stderr) == [f"aioz-stream upload {tmp_path}/small.mp4"]


class _Files(BaseHTTPRequestHandler):
    """Gives one file of five bytes by range."""

    def do_GET(self) -> None:
        start, end = map(int, self.headers["Range"].removeprefix("bytes=").split("-"))
        end = min(end, 4)
        self.send_response(206)
        self.send_header("ETag", '"1"')
        self.send_header("Content-Range", f"bytes {start}-{end}/5")
        self.end_headers()
        self.wfile.write(b"bytes"[start : end + 1])

    def log_message(self, *_: Any) -> None:
        """It is not read."""


@pytest.fixture
def address() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), _Files) as files:
        thread = threading.Thread(target=files.serve_forever, args=(0.01,))
        thread.start()
        yield f"127.0.0.1:{files.server_port}/talk.mp4"
        files.shutdown()
        thread.join()


@pytest.mark.parametrize(
    "written", ["http://{}?signature=geheim", "http://user:geheim@{}", "http://{}"], ids=["query", "user", "none"]
)
def test_a_secret_of_a_url_is_not_printed(written: str, run: Run, server: MockServer, address: str) -> None:
    source = written.format(address)
    server.control.fault("status", operation="completeVideoUpload", status=401)
    done = run("upload", source)
    assert "geheim" not in done.stdout + done.stderr
    if "geheim" in source:
        assert commands(done.stderr) == []
        assert "\nThe same command goes on.\n" in done.stderr
    else:
        assert commands(done.stderr) == [f"aioz-stream upload {source}"]
    assert run("upload", source).returncode == 0
    assert asked(server, "createVideo") == 1


def test_what_no_terminal_shows_as_it_is_is_not_pasted(run: Run, tmp_path: Path, server: MockServer) -> None:
    (tmp_path / "small.mp4").write_bytes(b"bytes")
    server.control.fault("status", operation="completeVideoUpload", status=401)
    done = run("upload", str(tmp_path / "small.mp4"), "--title", "two\nlines \x1b[2J")
    assert "The same command goes on.\n" in done.stderr
    assert "\x1b" not in done.stderr


@pytest.mark.parametrize("words", [["-", "--title", "Piped"], ["small.mp4", "--no-journal"]], ids=str)
def test_where_nothing_resumes_it_says_the_truth(
    words: list[str], run: Run, tmp_path: Path, server: MockServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "small.mp4").write_bytes(b"bytes")
    server.control.fault("status", operation="completeVideoUpload", status=401)
    done = run("upload", *words, standard_input="bytes")
    with AiozStream(token="token-a", base_url=server.url) as stream:
        [video] = stream.videos.list()
        assert f"Video {video.id} exists, with 5 of 5 bytes. Its upload can't be resumed: the same" in done.stderr
        assert commands(done.stderr) == [f"aioz-stream delete {video.id}"]
        assert run(*shlex.split(commands(done.stderr)[0])[1:], "--yes").returncode == 0
        assert not list(stream.videos.list())


def test_ctrl_c_in_a_stream_says_the_truth_too(environment: dict[str, str], clip: Path, server: MockServer) -> None:
    """The bytes are no more than handed over; which video it is, the note of the library says."""
    server.control.fault("delay", operation=PARTS, times=None, seconds=3600)
    command = [sys.executable, "-m", "aioz_stream", "upload", "-"]
    with (
        clip.open("rb") as file,
        subprocess.Popen(command, env=environment, stdin=file, stderr=subprocess.PIPE, text=True) as running,
    ):
        wait_for(partial(asked_for_part, server))
        running.send_signal(signal.SIGINT)
        _, said = running.communicate(timeout=60)
    assert running.returncode == -signal.SIGINT
    assert re.search(r"Interrupted. Video \S+ exists, with 0 of 104,857,600 bytes. Its upload can't be resumed", said)


def asked_for_part(server: MockServer) -> bool:
    """Whether a video was made, whose parts hang."""
    with AiozStream(token="token-a", base_url=server.url) as stream:
        made = bool(list(stream.videos.list()))
    time.sleep(0.3 * made)  # until the answer to create has arrived
    return made


def test_bytes_for_a_given_video_are_sent_again(run: Run, tmp_path: Path, server: MockServer) -> None:
    (tmp_path / "small.mp4").write_bytes(b"bytes")
    with AiozStream(token="token-a", base_url=server.url) as stream:
        video_id = stream.videos.create(title="Given").id
    server.control.fault("status", operation="completeVideoUpload", status=401)
    words = ["upload", str(tmp_path / "small.mp4"), "--into", video_id]
    done = run(*words, "--no-journal")
    assert commands(done.stderr) == []
    assert "the same command sends all bytes again." in done.stderr
    server.control.fault("status", operation="completeVideoUpload", status=401)
    again = run(*words)
    assert commands(again.stderr) == [f"aioz-stream {shlex.join(words)}"]
    assert paste(commands(again.stderr)[0], run).returncode == 0


def test_what_is_read_from_standard_input_is_needed_again(run: Run, tmp_path: Path, server: MockServer) -> None:
    (tmp_path / "small.mp4").write_bytes(b"bytes")
    ladder = json.dumps([{"type": "hls", "container_type": "mpegts", "resolution": "240p"}])
    server.control.fault("status", operation="completeVideoUpload", status=401)
    done = run("upload", str(tmp_path / "small.mp4"), "--qualities=-", standard_input=ladder)
    assert "This command, with the same standard input, goes on:\naioz-stream upload" in done.stderr


def test_a_signal_that_came_by_way_of_click_is_an_exit_status(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("aioz_stream_cli.upload.open_client", interrupted)
    assert CliRunner().invoke(cli, ["upload", "talk.mp4"]).exit_code == 130
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler, "this process has its signals back"


def test_where_there_are_no_signals_the_status_says_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "name", "nt")
    with pytest.raises(SystemExit) as ended:
        end_by_signal(SignalExit(KeyboardInterrupt()).number)
    assert ended.value.code == 130
