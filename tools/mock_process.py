"""The command `aioz-stream-mock` in a process of its own, so that it can be killed like any other."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sysconfig
import threading
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Generator

COMMAND = Path(sysconfig.get_path("scripts")) / "aioz-stream-mock"


class MockProcess:
    """A server, and what it wrote to its log."""

    def __init__(self, process: subprocess.Popen[str], log: Path) -> None:
        self.process = process
        self._log, self._launched = log, time.monotonic()
        self.url = ""
        self.boot_seconds = 0.0
        self.is_killed = threading.Event()
        """Set before the kill, so that a caller that loses a connection by it can know why."""

    def wait_until_it_listens(self) -> None:
        said = ""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            said += line
            match = re.search(r"AIOZ_STREAM_BASE_URL=(\S+)", line)
            if match is not None:
                self.url, self.boot_seconds = match[1], time.monotonic() - self._launched
                return
        raise RuntimeError(f"the server did not start: {said}{self.log()}")

    def kill(self) -> None:
        """Without a chance to clean up."""
        self.is_killed.set()
        self.process.kill()

    def kill_in(self, seconds: float) -> None:
        """Kill it while the caller is busy with something else."""
        timer = threading.Timer(seconds, self.kill)
        timer.daemon = True
        timer.start()

    def stop(self, by: signal.Signals = signal.SIGTERM) -> int:
        """Let it end by itself; gives the exit status."""
        self.process.send_signal(by)
        return self.process.wait(30)

    def log(self) -> str:
        return self._log.read_text(encoding="utf-8")


@contextmanager
def launched(folder: Path | None, log: Path, *options: str, **environment: str) -> Generator[MockProcess]:
    """A server on its way up. What is left of it in the end is killed, its ffmpeg too."""
    kept = ("--data-dir", str(folder)) if folder else ()
    command = [str(COMMAND), "--port", "0", *kept, *options]
    with (
        log.open("w", encoding="utf-8") as errors,
        # A session of its own, so that all of it can be found again after its first process is gone.
        subprocess.Popen(
            command,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            start_new_session=True,
            # Buffered, as users have it: a terminal that goes leaves words in the buffer.
            env={**os.environ, "PYTHONUNBUFFERED": "", **environment},
        ) as process,
    ):
        try:
            yield MockProcess(process, log)
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)


@contextmanager
def started(folder: Path | None, log: Path, *options: str, **environment: str) -> Generator[MockProcess]:
    """A server that takes requests."""
    with launched(folder, log, *options, **environment) as server:
        server.wait_until_it_listens()
        yield server
