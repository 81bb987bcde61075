"""Runs the command in a process that has its libraries already: they take longer to load than most commands to run."""

from __future__ import annotations

import io
import multiprocessing
import os
import runpy
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_CONTEXT = multiprocessing.get_context("forkserver")
# Not the command itself: what it reads of its environment when it is loaded is to be that of the test.
_CONTEXT.set_forkserver_preload(["httpx", "click", "rich.progress", "rich.table", "aioz_stream.clients.client", "h11"])
_IN_THE_FORK = "in the fork"
"""The name of this file there, where pytest does not make a module of it."""
_STREAMS = (("stdin", os.O_RDONLY), ("stdout", os.O_WRONLY), ("stderr", os.O_WRONLY))


def run_forked(
    words: Sequence[str], standard_input: str, environment: Mapping[str, str], folder: Path
) -> subprocess.CompletedProcess[str]:
    """What `subprocess.run` gives for the command in a pipe. The folder is for what it reads and writes."""
    paths = [folder / name for name, _ in _STREAMS]
    for path in paths[1:]:
        path.touch()
    os.mkfifo(paths[0])  # as in a shell: standard input is no file
    threading.Thread(target=_write, args=(paths[0], standard_input), daemon=True).start()
    request = {"REQUEST": (words, dict(environment), Path.cwd(), paths)}
    process = _CONTEXT.Process(target=runpy.run_path, args=(__file__, request, _IN_THE_FORK))
    process.start()
    process.join()
    said, noted = (path.read_text(encoding="utf-8") for path in paths[1:])
    assert process.exitcode is not None
    return subprocess.CompletedProcess(words, process.exitcode, said, noted)


def _write(pipe: Path, text: str) -> None:
    with suppress(BrokenPipeError):  # the command need not read it
        pipe.write_text(text, encoding="utf-8", newline="")


def _main(words: Sequence[str], environment: dict[str, str], here: Path, paths: Sequence[Path]) -> None:
    os.chdir(here)
    os.environ.clear()
    os.environ.update(environment)
    for descriptor, (path, (_, flags)) in enumerate(zip(paths, _STREAMS, strict=True)):
        os.dup2(os.open(path, flags), descriptor)
    raw = [io.FileIO(descriptor, "w" if descriptor else "r", closefd=False) for descriptor in range(3)]
    for stream, (name, _) in zip(raw, _STREAMS, strict=True):
        stream.name = f"<{name}>"
    sys.stdin = io.TextIOWrapper(io.BufferedReader(raw[0]), encoding="utf-8")
    sys.stdout = io.TextIOWrapper(io.BufferedWriter(raw[1]), encoding="utf-8")
    sys.stderr = io.TextIOWrapper(io.BufferedWriter(raw[2]), encoding="utf-8", line_buffering=True)
    sys.argv = ["aioz-stream", *words]
    from aioz_stream_cli.__main__ import main

    main()


if __name__ == _IN_THE_FORK:
    _main(*globals()["REQUEST"])
