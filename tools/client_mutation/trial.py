"""One mutant in processes of its own: a copy of the client with the mistake in it, and the tests that may notice.

A process group, and not a fork: a mistake may hang, or leave processes behind, and all of it has to end.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from client_mutation.neighbours import ROOT

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from client_mutation.mutations import Mutation

PACKAGE = ROOT / "overlay" / "aioz_stream"
OPTIONS = ("-q", "--no-header", "--tb=no", "-p", "no:cacheprovider", "-m", "not slow", "-W", "ignore")
NO_TEST = 5
"""How pytest ends where all tests are left out."""
HELD_UP = "took too long"


class TrialError(Exception):
    """The tests could not be asked at all."""


@dataclass(frozen=True)
class Verdict:
    """What came of one mutant."""

    mutation: Mutation
    noticed_by: str
    """The test that failed; empty where none did."""
    seconds: float


def failures(
    tests: Sequence[str], folder: Path, seconds: float, *, left_out: Collection[str] = (), first: bool = True
) -> list[str]:
    """The tests that fail on the client in the folder: the first one, or all. `HELD_UP` where they never end."""
    command = [
        sys.executable,
        "-m",
        "pytest",
        *OPTIONS,
        *(["-x"] if first else ["-n", "2", "--dist", "loadgroup"]),
        "--timeout=40",
    ]
    command += [f"--deselect={test}" for test in left_out]
    environment = {**os.environ, "PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1", "TMPDIR": str(folder)}
    process = subprocess.Popen(
        [*command, *tests],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
        preexec_fn=_heed_interrupts,  # noqa: PLW1509 - one call, which takes no lock
        text=True,
    )
    try:
        output, _ = process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        return [HELD_UP]
    finally:
        # What tests have left behind holds the pipe open, and the folder.
        _end(process)
    if process.returncode not in (0, 1, 2, NO_TEST):
        if first:
            return [output.strip().splitlines()[-1]]  # the mistake is noticed already where a test imports the client
        raise TrialError(output[-2000:])
    failed = re.findall(r"^(?:FAILED|ERROR) (\S.*?)(?: - .*)?$", output, re.MULTILINE)
    return failed or ([] if process.returncode in (0, NO_TEST) else [output.strip().splitlines()[-1]])


def _heed_interrupts() -> None:
    """A shell's background jobs ignore them, and tests of Ctrl-C would then fail."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def _end(process: subprocess.Popen[str]) -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def noticed(mutation: Mutation, layers: Sequence[Sequence[str]], left_out: Collection[str], seconds: float) -> str:
    """The first test that notices, of the first layer in which one does; nothing where none does."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        folder = Path(name)
        shutil.copytree(PACKAGE, folder / "aioz_stream", ignore=shutil.ignore_patterns("__pycache__"))
        (folder / "aioz_stream" / mutation.module).write_text(mutation.after, encoding="utf-8")
        for tests in layers:
            failed = failures(tests, folder, seconds, left_out=left_out)
            if failed:
                return failed[0]
    return ""
