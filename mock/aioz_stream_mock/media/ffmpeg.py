"""ffmpeg as a program: finding it, and running it within limits until it is stopped."""

from __future__ import annotations

import shutil
import subprocess
import threading
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from aioz_stream_mock.media.watchdog import Watchdog

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from aioz_stream_mock.media.watchdog import Limits

MAX_OUTPUT = 256 * 1024


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
        """The end of a failed run, for the log."""
        return self.exceeded or self.output[-500:]


@cache
def _command() -> tuple[str, ...]:
    import imageio_ffmpeg  # noqa: PLC0415 # pyright: ignore[reportMissingTypeStubs] - an extra, without stubs

    # Other programs of the machine go before the mock server's transcoding.
    nice = shutil.which("nice")
    low = (nice, "-n", "10") if nice else ()
    return (*low, str(imageio_ffmpeg.get_ffmpeg_exe()), "-hide_banner", "-nostdin", "-y")


class Runner:
    """Runs ffmpeg for one piece of work, one run after the other, until it is stopped."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._stopped = False

    def run(self, arguments: Sequence[str], folder: Path) -> CompletedRun:
        """Run to the end in a folder. The output goes through a file there, so that no pipe can fill up."""
        log = folder / "said.txt"
        with log.open("wb") as said:
            with self._lock:
                if self._stopped:
                    raise StoppedError
                process = self._process = subprocess.Popen(
                    [*_command(), *arguments], cwd=folder, stdout=subprocess.DEVNULL, stderr=said
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
