"""Measures everything side by side, and writes down each result as it comes; `upload_bench.page` makes the page of it.

Contenders take turns in each round, so that a machine which slows down slows down all of them; each round begins with
another one.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import re
import subprocess
import sys
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aioz_stream.upload.plan import DEFAULT_PART_SIZE
from aioz_stream.upload.sources.part_source import BLOCK_SIZE
from upload_bench.contender import CHECKSUMS, WHERE
from upload_bench.figures import OURS
from upload_bench.job import AUTO_WORKERS, Job
from upload_bench.stage import PEERS, ContenderError, set_up

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import TextIO

    from upload_bench.stage import Server, Stage

RESULTS = Path(__file__).parents[1] / "uploads.jsonl"

PAIR = ("aioz_stream", "floor")
"""They get more rounds, because one is held against the other."""
ALONE = (*CHECKSUMS, "api.video")
"""Those that more connections make no difference to."""

_VERSION = "import importlib.metadata, sys; print(importlib.metadata.version(sys.argv[1]))"
_UNITS = {"": 1, "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30}


class Bench:
    """One run of all that was asked for."""

    def __init__(self, stage: Stage, options: argparse.Namespace, results: TextIO) -> None:
        self._stage, self._options, self._results = stage, options, results

    def run(self) -> None:
        options = self._options
        self._write({"kind": "machine", **_machine(), "part": options.part_size, "block": BLOCK_SIZE})
        others = options.rounds_of_others or [max(1, rounds // 2) for rounds in options.rounds]
        for place, size in enumerate(options.sizes):
            self._compare(size, _last_or(options.rounds, place), _last_or(others, place))
        server = next(iter(self._stage.servers.values()))
        if options.huge:
            with self._stage.file(options.huge) as (path, sparse):
                for name in PAIR:
                    self._upload(server, self._job(server, name, path, options.huge, max(options.workers)), sparse, 1)
        if options.files:
            self._many(server, options.files)

    def _compare(self, size: int, rounds: int, others: int) -> None:
        with self._stage.file(size) as (path, sparse):
            for turn in range(1, max(rounds, others) + 1):
                for transport, server in self._stage.servers.items():
                    for workers in (*self._options.workers, AUTO_WORKERS):
                        for name in self._turns(turn, rounds, others):
                            if self._takes(name, transport, workers):
                                self._upload(server, self._job(server, name, path, size, workers), sparse, turn)

    def _takes(self, name: str, transport: str, workers: int) -> bool:
        if workers == AUTO_WORKERS:
            return name == OURS
        if name in CHECKSUMS and transport != next(iter(self._stage.servers)):
            return False
        return name not in ALONE or workers == self._options.workers[0]

    def _turns(self, turn: int, rounds: int, others: int) -> Iterator[str]:
        names = [name for name in self._options.contenders if turn <= (rounds if name in PAIR else others)]
        first = (turn - 1) % len(names) if names else 0
        yield from names[first:] + names[:first]

    def _job(self, server: Server, name: str, path: Path, size: int, workers: int) -> Job:
        certificate = str(server.certificate) if server.certificate else None
        return Job(name, server.url, certificate, str(path), size, workers, self._options.part_size, BLOCK_SIZE)

    def _upload(self, server: Server, job: Job, sparse: bool, turn: int) -> None:
        transport = server.url.partition(":")[0]
        row: dict[str, Any] = {
            "kind": "upload",
            "contender": job.contender,
            "transport": transport,
            "size": job.size,
            "workers": job.workers,
            "round": turn,
            "sparse": sparse,
        }
        try:
            row |= self._stage.run(server, job)
        except ContenderError as error:
            row["error"] = str(error)
        self._write(row)

    def _many(self, server: Server, count: int) -> None:
        row: dict[str, Any] = {"kind": "many", "files": count}
        try:
            row |= self._stage.many(server, count)
        except ContenderError as error:
            row["error"] = str(error)
        self._write(row)

    def _write(self, row: dict[str, Any]) -> None:
        line = json.dumps(row)
        print(line, flush=True)
        self._results.write(f"{line}\n")
        self._results.flush()


def _machine() -> dict[str, Any]:
    """What it was measured on, without a name that would say where that is."""
    models = re.findall(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text(encoding="utf-8"))
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "processor": models[0] if models else platform.machine(),
        "cores": os.cpu_count(),
        "load": os.getloadavg()[0],
        "python": platform.python_version(),
        "versions": {
            "httpx": metadata.version("httpx"),
            **{name: _said([str(PEERS), "-c", _VERSION, name]) for name in ("api.video", "s3transfer")},
            "curl": (_said(["curl", "--version"]) or " absent").split(" ")[1],
        },
    }


def _said(command: list[str]) -> str:
    """What a program says, or nothing where it is absent."""
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return ""


def _size(text: str) -> int:
    match = re.fullmatch(r"(\d+)(\w*)", text.strip())
    if match is None or match[2] not in _UNITS:
        raise argparse.ArgumentTypeError(f"{text!r} is no size, such as 256MiB")
    return int(match[1]) * _UNITS[match[2]]


def _sizes(text: str) -> list[int]:
    return [_size(one) for one in text.split(",")]


def _last_or(values: list[int], place: int) -> int:
    """One value for each place; the last one for all that are left."""
    return values[min(place, len(values) - 1)]


def _names(text: str) -> list[str]:
    return [name.strip() for name in text.split(",")]


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="upload_bench", description=__doc__)
    parser.add_argument("--sizes", type=_sizes, default=_sizes("1GiB,8GiB"))
    parser.add_argument("--rounds", type=_sizes, default=[5, 3], help="of the client and its floor, for each size")
    parser.add_argument("--rounds-of-others", type=_sizes, help="half as many, and at least one, unless said")
    parser.add_argument("--workers", type=_sizes, default=[1, 2, 4])
    parser.add_argument("--transports", type=lambda text: text.split(","), default=["http", "https"])
    parser.add_argument("--contenders", type=_names, default=list(WHERE), help="their names, with commas between them")
    parser.add_argument("--part-size", type=_size, default=DEFAULT_PART_SIZE)
    parser.add_argument("--huge", type=_size, default=_size("64GiB"), help="a file only for memory; 0 for none")
    parser.add_argument("--files", type=int, default=10_000, help="tiny ones, in one call; 0 for none")
    parser.add_argument("--results", type=Path, default=RESULTS)
    return parser.parse_args(arguments)


def main(arguments: list[str]) -> None:
    options = _options(arguments)
    with options.results.open("w", encoding="utf-8") as results, set_up(options.transports) as stage:
        Bench(stage, options, results).run()


if __name__ == "__main__":
    main(sys.argv[1:])
