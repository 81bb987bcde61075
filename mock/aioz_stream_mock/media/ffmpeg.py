"""Programs that work on sources, ffmpeg above all: run within limits until they are stopped."""

from __future__ import annotations

import shutil
import subprocess
import sys
import threading
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from aioz_stream_mock.media.watchdog import Watchdog

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aioz_stream_mock.media.watchdog import Limits

MAX_OUTPUT = 1024 * 1024
MAX_REASON = 300
_INSPECTION = Path(__file__).with_name("inspection.py")


class StoppedError(Exception):
    """The work is not wanted any more."""


@dataclass(frozen=True)
class CompletedRun:
    """How a run ended, its output, and the limit that it exceeded, if it did."""

    code: int
    output: str
    exceeded: str = ""

    @property
    def reason(self) -> str:
        """Why a run failed, for people: the limit that it exceeded, or the last of what it said."""
        if self.exceeded:
            return self.exceeded
        lines = [line for line in self.output.splitlines() if line.strip()]
        return lines[-1].strip()[:MAX_REASON] if lines else f"it ended with the code {self.code}"


def _inspection() -> tuple[str, ...]:
    # As a file and without its folder on the path: it needs none of the modules beside it.
    return (sys.executable, "-P", str(_INSPECTION))


@cache
def _nice() -> tuple[str, ...]:
    # Other programs of the machine go before the mock server's transcoding.
    nice = shutil.which("nice")
    return (nice, "-n", "10") if nice else ()


@cache
def _ffmpeg() -> tuple[str, ...]:
    import imageio_ffmpeg  # noqa: PLC0415 # pyright: ignore[reportMissingTypeStubs] - an extra, without stubs

    return (str(imageio_ffmpeg.get_ffmpeg_exe()), "-hide_banner", "-nostdin", "-y")


class Runner:
    """Runs programs for one piece of work, one after the other, until it is stopped."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._stopped = False

    def run(self, arguments: Sequence[str], folder: Path) -> CompletedRun:
        """Run ffmpeg to the end in a folder; its output is what it says of failures."""
        return self._run((*_ffmpeg(), *arguments), folder, is_report=False)

    def inspect(self, arguments: Sequence[str], folder: Path) -> CompletedRun:
        """Run the program that looks into a source; its output is its report."""
        return self._run((*_inspection(), *arguments), folder, is_report=True)

    def _run(self, command: Sequence[str], folder: Path, *, is_report: bool) -> CompletedRun:
        # The output goes through a file, so that no pipe can fill up.
        log = folder / "said.txt"
        with log.open("wb") as said:
            out, errors = (said, subprocess.DEVNULL) if is_report else (subprocess.DEVNULL, said)
            with self._lock:
                if self._stopped:
                    raise StoppedError
                process = self._process = subprocess.Popen(
                    [*_nice(), *command], cwd=folder, stdin=subprocess.DEVNULL, stdout=out, stderr=errors
                )
            with Watchdog(process, folder, self._limits) as watch:
                code = process.wait()
        if self._stopped:
            raise StoppedError
        with log.open("rb") as said:
            return CompletedRun(code, said.read(MAX_OUTPUT).decode("utf-8", "replace"), watch.reason)

    def stop(self) -> None:
        """End the present run, and allow no other."""
        with self._lock:
            self._stopped = True
            if self._process is not None:
                self._process.kill()
