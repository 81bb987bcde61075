"""One run: a contender uploads over the link for so many seconds, and is killed; the server says what came when."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from link_bench.namespaces import SERVER
from upload_bench.contender import WHERE
from upload_bench.stage import PEERS

if TYPE_CHECKING:
    from collections.abc import Generator

    from link_bench.namespaces import Namespaces
    from upload_bench.job import Job

_STEP = 0.1  # seconds between two looks at the server's counts
_LONGEST_START = 60  # seconds
MODULES = str(Path(__file__).parents[1])


class RunError(Exception):
    """A contender did not upload."""


@dataclass(frozen=True)
class Counts:
    """What the server has seen."""

    swallowed: int
    """Bytes of bodies."""
    acknowledged: int
    """Bytes of bodies whose request it answered."""
    began: int
    """Parts whose body began to come."""


@dataclass(frozen=True)
class Result:
    """What a run came to."""

    start: float
    """Seconds from the start of the program to the first byte of the file."""
    seconds: float
    """From that byte on."""
    size: int
    """Bytes that came in that time."""
    unsafe: int
    """Bytes of parts that had begun and were not acknowledged when the contender was killed: they are sent again."""
    is_whole: bool
    """Whether the file was over before the time was."""


class Service:
    """The server at the other end, and its counts."""

    def __init__(self, url: str, report: Path) -> None:
        self.url, self._report = url, report

    def counts(self) -> Counts:
        return Counts(*json.loads(self._report.read_text()))


@contextmanager
def serving(ends: Namespaces, directory: Path) -> Generator[Service]:
    report = directory / "counts.json"
    command = [*ends.at("server"), sys.executable, "-m", "upload_bench.server", "--host", SERVER]
    environment = {**os.environ, "PYTHONPATH": MODULES}
    command += ["--report", str(report)]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        try:
            port = int(server.stdout.readline())
            while not report.exists():
                time.sleep(_STEP)
            yield Service(f"http://{SERVER}:{port}", report)
        finally:
            server.terminate()


def run(ends: Namespaces, service: Service, job: Job, seconds: float, directory: Path) -> Result:
    """Raises RunError when the contender ends with an error, or sends nothing."""
    python = str(PEERS) if WHERE[job.contender].startswith("peers:") else sys.executable
    command = [*ends.at("client"), python, "-m", "upload_bench.contender", json.dumps(asdict(job))]
    journals = directory / f"journals-{time.monotonic_ns()}"
    environment = {**os.environ, "PYTHONPATH": MODULES, "AIOZ_STREAM_JOURNALS": str(journals)}
    before, started = service.counts(), time.monotonic()
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, start_new_session=True
    ) as contender:
        try:
            first = _wait_for_first_byte(contender, service, before, started)
            is_whole = _wait_until(contender, first + seconds)
            ended, after = time.monotonic(), service.counts()
        finally:
            _kill(contender)
        if is_whole and contender.returncode:
            assert contender.stderr is not None
            raise RunError((contender.stderr.read().strip().splitlines() or ["it failed"])[-1])
    unsafe = (after.swallowed - before.swallowed) - (after.acknowledged - before.acknowledged)
    return Result(first - started, ended - first, after.swallowed - before.swallowed, unsafe, is_whole)


def _wait_for_first_byte(contender: subprocess.Popen[str], service: Service, before: Counts, started: float) -> float:
    while service.counts().began == before.began:
        if contender.poll() is not None or time.monotonic() > started + _LONGEST_START:
            assert contender.stderr is not None
            _kill(contender)
            raise RunError((contender.stderr.read().strip().splitlines() or ["it sent nothing"])[-1])
        time.sleep(_STEP)
    return time.monotonic()


def _wait_until(contender: subprocess.Popen[str], end: float) -> bool:
    """Whether the contender ended by itself before that."""
    while time.monotonic() < end:
        if contender.poll() is not None:
            return True
        time.sleep(_STEP)
    return False


def _kill(contender: subprocess.Popen[str]) -> None:
    """The whole session: curl's contender has a program for each connection."""
    if contender.poll() is None:
        os.killpg(contender.pid, 9)
        contender.wait()
