"""ffmpeg as a program: where it is, and running it so that it can be stopped and comes to an end."""

from __future__ import annotations

import shutil
import subprocess
import threading
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from typing import TYPE_CHECKING

from aioz_stream_mock.media.watch import Watch

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from aioz_stream_mock.media.watch import Limits

EXTRA = "aioz-stream[media]"
MAX_SAID = 256 * 1024


class StoppedError(Exception):
    """The work is not wanted any more."""


@dataclass(frozen=True)
class Finished:
    """How a run ended, what it said, and the limit that it was ended for, if it was."""

    code: int
    said: str
    beyond: str = ""

    @property
    def why(self) -> str:
        """What is worth a line in the log."""
        return self.beyond or self.said[-500:]


def is_installed() -> bool:
    """Whether there is an ffmpeg: the extra `media` brings one."""
    return find_spec("imageio_ffmpeg") is not None


@cache
def _command() -> tuple[str, ...]:
    import imageio_ffmpeg  # noqa: PLC0415 # pyright: ignore[reportMissingTypeStubs] - an extra, without stubs

    # Whoever uses the machine goes before the mock's transcoding.
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

    def run(self, arguments: Sequence[str], folder: Path) -> Finished:
        """Run to the end in a folder. What is said goes through a file there, so that no pipe can fill up."""
        log = folder / "said.txt"
        with log.open("wb") as said:
            with self._lock:
                if self._stopped:
                    raise StoppedError
                process = self._process = subprocess.Popen(
                    [*_command(), *arguments], cwd=folder, stdout=subprocess.DEVNULL, stderr=said
                )
            with Watch(process, folder, self._limits) as watch:
                code = process.wait()
        if self._stopped:
            raise StoppedError
        with log.open("rb") as said:
            return Finished(code, said.read(MAX_SAID).decode("utf-8", "replace"), watch.reason)

    def stop(self) -> None:
        """End the present run, and allow no other."""
        with self._lock:
            self._stopped = True
            if self._process is not None:
                self._process.kill()
