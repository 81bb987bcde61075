"""How much the command tells of what it does."""

from __future__ import annotations

import logging
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from aioz_stream import AiozStream
from aioz_stream_cli.commands import cli
from aioz_stream_mock import MockServer, Settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.command.conftest import OpenTerminal, Run

NOWHERE = "http://127.0.0.1:9/api"
RETRY = r"no answer from 127\.0\.0\.1:9: .*, trying again in \d+\.\d s"


@pytest.fixture
def video(url: str) -> str:
    with AiozStream(token="token-a", base_url=url) as stream:
        return stream.videos.create(title="Told").id


@pytest.fixture
def server() -> Iterator[MockServer]:
    with MockServer(Settings(transcode_seconds=0)) as server:
        yield server


@pytest.mark.parametrize("name", [None, *sorted(cli.commands)])
def test_every_command_takes_them(name: str | None) -> None:
    command = cli.commands[name] if name else cli
    assert {"-v", "-q", "--log-file"} <= {option for parameter in command.params for option in parameter.opts}


def test_requests_are_shown_wherever_it_is_said(run: Run, video: str) -> None:
    line = rf"GET /api/videos/{video}: 200 after \d\.\d+ s.*\n"
    assert run("get", video).stderr == ""
    for words in (["-v", "get", video], ["get", video, "-v"]):
        done = run(*words)
        assert re.fullmatch(line, done.stderr), done.stderr
        assert done.stdout == run("get", video).stdout
    for words in (["-vv", "get", video], ["-v", "get", video, "-v"], ["get", video, "-vvv"]):
        assert re.fullmatch(rf"GET /api/videos/{video} begins\n{line}", run(*words).stderr)
    assert re.fullmatch(line, run("get", video, AIOZ_STREAM_LOG="info").stderr)


def test_a_level_that_there_is_not(run: Run, video: str) -> None:
    done = run("get", video, AIOZ_STREAM_LOG="loud")
    assert (done.returncode, done.stderr.count("AIOZ_STREAM_LOG must be info or debug")) == (2, 1)


@pytest.mark.slow
def test_retries_are_shown_to_people(run: Run, terminal: OpenTerminal, server: MockServer) -> None:
    shown = terminal("list", columns=200, AIOZ_STREAM_BASE_URL=NOWHERE)
    assert shown.end() == 6
    assert [bool(re.fullmatch(RETRY, line)) for line in shown.lines[:5]] == [True] * 4 + [False]
    assert shown.lines[4].startswith("Error: ")
    server.control.fault("status", status=503)
    assert run("list", AIOZ_STREAM_BASE_URL=server.url).stderr == ""


def test_a_retry_stands_above_the_bar(terminal: OpenTerminal, server: MockServer, tmp_path: Path) -> None:
    (tmp_path / "clip.mp4").write_bytes(b"bytes")
    server.control.fault("status", operation="uploadVideoPart", status=503)
    shown = terminal("upload", str(tmp_path / "clip.mp4"), columns=120, AIOZ_STREAM_BASE_URL=server.url)
    assert shown.end() == 0
    lines = [line for line in shown.lines if "trying again" in line or line.startswith("clip.mp4")]
    assert re.fullmatch(r"503: This answer was made to fail, trying again in \d\.\d s", lines[-2]), shown.lines
    assert lines[-1].startswith("clip.mp4"), shown.lines
    assert len(lines) == 2, shown.lines


def test_quiet(run: Run, terminal: OpenTerminal, server: MockServer, video: str, tmp_path: Path) -> None:
    (tmp_path / "clip.mp4").write_bytes(b"bytes")
    loud = terminal("upload", str(tmp_path / "clip.mp4"), columns=120)
    assert loud.end() == 0
    assert "clip.mp4" in loud.lines[0]
    quiet = terminal("upload", str(tmp_path / "clip.mp4"), "-q", columns=120)
    assert quiet.end() == 0
    assert quiet.lines[0].lstrip().startswith("id")
    server.control.fault("status", status=503)
    failed = terminal("-q", "get", "none", columns=200, AIOZ_STREAM_BASE_URL=server.url)
    assert failed.end() == 4
    assert failed.lines[0].startswith("Error: ")
    assert run("-q", "get", video, "-v").stderr == ""


def test_quiet_hides_no_error(run: Run, video: str, tmp_path: Path) -> None:
    (tmp_path / "clip.mp4").write_bytes(b"bytes")
    for words in (["upload", "gone.mp4"], ["upload", str(tmp_path / "clip.mp4"), "gone.mp4"]):
        for more in ([], ["--dry-run"], ["--json"]):
            done = run(*words, *more, "-q")
            assert (done.returncode, "gone.mp4" in done.stderr) == (2, True), (words, more)
    assert run("upload", str(tmp_path / "clip.mp4"), "-q").stderr == ""
    assert run("get", video, "-q").stderr == ""


def test_a_program_that_runs_a_command_keeps_its_own_level() -> None:
    logger = logging.getLogger("aioz_stream")
    before = logger.level
    cli.main(["ladder", "--height", "240"], standalone_mode=False)
    assert logger.level == before != logging.DEBUG


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
def test_a_log_file_that_takes_no_more_ends_nothing(run: Run, video: str) -> None:
    done = run("--log-file", "/dev/full", "get", video)
    assert (done.returncode, video in done.stdout) == (0, True)
    assert done.stderr == "Warning: the log file can't be written: [Errno 28] No space left on device\n"


def test_a_log_file(run: Run, video: str, tmp_path: Path) -> None:
    log = tmp_path / "command.log"
    assert run("--log-file", str(log), "get", video).stderr == ""
    assert run("get", "none", "--log-file", str(log)).returncode == 4
    lines = log.read_text(encoding="utf-8").splitlines()
    assert all(re.match(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} (DEBUG|INFO) ", line) for line in lines), lines
    assert [line.split(" ", 3)[3].split(" after ")[0].split(" (request ")[0] for line in lines] == [
        f"GET /api/videos/{video} begins",
        f"GET /api/videos/{video}: 200",
        "GET /api/videos/none begins",
        "GET /api/videos/none: 404",
        "exit status 4: GET /api/videos/none: 404: Video not found.",
    ]
    assert "token-a" not in "".join(lines)
    unwritable = run("list", "--log-file", str(tmp_path / "no" / "command.log"))
    assert unwritable.returncode == 2
    assert "--log-file" in unwritable.stderr
