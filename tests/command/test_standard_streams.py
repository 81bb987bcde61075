"""Pipes as sources, and standard input and output that are closed or full."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import av
import pytest

from aioz_stream import AiozStream
from aioz_stream.encoding import Source

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.command.conftest import Run

    Shell = Callable[[str], subprocess.CompletedProcess[str]]

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the shell is one of POSIX")

CONTENT = os.urandom(3_000_000)
SOON = 8.0  # seconds


def slowly(*words: str) -> list[Any]:
    """Those that `make slow` tries: each is a process of its own."""
    return [pytest.param(one, marks=pytest.mark.slow) for one in words]


@pytest.fixture
def shell(environment: dict[str, str], tmp_path: Path) -> Shell:
    """Runs a line of bash, in which `aioz-stream` is the command."""

    def call(line: str) -> subprocess.CompletedProcess[str]:
        line = f'aioz-stream() {{ "{sys.executable}" -m aioz_stream "$@"; }}; {line}'
        return subprocess.run(
            ["bash", "-c", line], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False, timeout=60
        )

    return call


def stored(url: str, printed: str, path: Path) -> bytes:
    """What the service has of the video that the command printed."""
    video = dict(line.split("\t", 1) for line in printed.splitlines())["id"]
    with AiozStream(token="token-a", base_url=url) as stream:
        return Path(stream.videos.download(video, path / "back", "source")).read_bytes()


def test_a_named_pipe_is_read_once(run: Run, url: str, tmp_path: Path) -> None:
    """To look for pictures in it would take bytes out of it."""
    os.mkfifo(pipe := tmp_path / "pipe.mp4")
    threading.Thread(target=pipe.write_bytes, args=(CONTENT,), daemon=True).start()
    done = run("upload", str(pipe), "--spool")
    assert done.returncode == 0, done.stderr
    assert stored(url, done.stdout, tmp_path) == CONTENT


@pytest.mark.parametrize(
    "source",
    ["<(cat talk.mp4) --spool", "/dev/stdin --spool < <(cat talk.mp4)", "/dev/stdin --size 3MB < <(cat talk.mp4)"],
)
def test_so_is_a_pipe_of_a_shell(shell: Shell, url: str, tmp_path: Path, source: str) -> None:
    (tmp_path / "talk.mp4").write_bytes(CONTENT)
    done = shell(f"aioz-stream upload {source}")
    assert done.returncode == 0, done.stderr
    assert stored(url, done.stdout, tmp_path) == CONTENT


def test_ctrl_c_is_no_fault_of_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """PyAV makes one of each exception that comes up inside of it."""

    def interrupted(*_: Any, **__: Any) -> NoReturn:
        try:
            os.kill(os.getpid(), signal.SIGINT)
            time.sleep(1)
        except BaseException:  # noqa: BLE001 - as PyAV does
            pass
        raise av.InvalidDataError(1, "no media")

    monkeypatch.setattr(av, "open", interrupted)
    (tmp_path / "talk.mp4").write_bytes(b"bytes")
    with pytest.raises(KeyboardInterrupt):
        Source.probe(tmp_path / "talk.mp4")


def test_a_probe_that_waits_keeps_no_program_alive(tmp_path: Path) -> None:
    os.mkfifo(pipe := tmp_path / "pipe.mp4")
    lines = "import sys; from aioz_stream.encoding import Source; print(flush=True); Source.probe(sys.argv[1])"
    command = [sys.executable, "-c", lines, str(pipe)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as program:
        assert program.stdout is not None
        program.stdout.readline()
        time.sleep(0.3)
        program.send_signal(signal.SIGINT)
        assert program.wait(SOON) == -signal.SIGINT


@pytest.mark.parametrize("closed", ["2>&-", ">&-"])
def test_a_signal_ends_a_command_whose_output_is_closed(shell: Shell, closed: str) -> None:
    without_service = "export AIOZ_STREAM_BASE_URL=http://127.0.0.1:9/api; set -m"
    command = f'"{sys.executable}" -m aioz_stream wait ID {closed}'
    done = shell(f'{without_service}; {command} & sleep 2; kill -TERM %1; wait %1; echo "ended $?"')
    assert done.stdout.endswith("ended 143\n")


def test_json_stays_json_where_standard_error_is_closed(shell: Shell, tmp_path: Path) -> None:
    (tmp_path / "talk.mp4").write_bytes(b"bytes")
    assert json.loads(shell("aioz-stream upload talk.mp4 --json 2>&-").stdout)["size"] == 5


def test_a_full_log_file_ends_nothing_where_standard_error_is_closed(shell: Shell) -> None:
    assert shell("aioz-stream --log-file /dev/full list 2>&-").returncode == 0


def test_a_name_that_is_too_long_fails_alone(shell: Shell, tmp_path: Path) -> None:
    (tmp_path / "talk.mp4").write_bytes(b"bytes")
    done = shell(f"aioz-stream upload {'a' * 300}.mp4 talk.mp4")
    assert "1 of 2 videos are uploaded; 1 failed" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "words",
    ["upload - --title x", "get -", "login", *slowly("wait -", "delete - --yes", "check -", "upload --manifest -")],
)
def test_standard_input_that_is_closed_is_empty(shell: Shell, words: str) -> None:
    closed, empty = (shell(f"aioz-stream {words} {how}") for how in ("<&-", "< /dev/null"))
    assert "Traceback" not in closed.stderr
    assert (closed.returncode, bool(closed.stderr)) == (empty.returncode, bool(empty.stderr))


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no device that is always full")
@pytest.mark.parametrize(
    "words",
    ["list --json", "--help", *slowly("list", "whoami", "ladder --height 240", "completion bash", "--version")],
)
def test_standard_output_that_is_full_is_a_sentence(shell: Shell, words: str) -> None:
    shell("aioz-stream upload - --title x < <(echo bytes) --spool")  # so that there is something to list
    done = shell(f"aioz-stream {words} > /dev/full")
    assert done.returncode == 1
    assert done.stderr == "Error: the output can't be written: No space left on device.\n"
