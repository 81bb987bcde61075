"""Measures each contender over each link, and writes down each result as it comes.

`upload_bench.page` makes the page of it. Links are measured side by side, but for those that take most of the machine.
Each run has a link and a server of its own: what is still on the way when a contender is killed reaches no other one.
Needs Linux and root.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import sys
import tempfile
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from aioz_stream.upload.plan import DEFAULT_PART_SIZE
from aioz_stream.upload.sources.part_source import BLOCK_SIZE
from link_bench.figures import AUTO, KILLS, TCP
from link_bench.namespaces import LinkError, check, linked
from link_bench.profiles import PROFILES, Profile
from link_bench.run import RunError, run, serving
from upload_bench.job import AUTO_WORKERS, Job

if TYPE_CHECKING:
    from typing import TextIO

RESULTS = Path(__file__).parents[1] / "links.jsonl"
CONTENDERS = {
    AUTO: ("aioz_stream", AUTO_WORKERS),
    **{f"aioz_stream {count}": ("aioz_stream", count) for count in (1, 2, 4, 8, 16)},
    "floor": ("floor", 4),
    TCP: ("floor-one-pass", 1),
    "curl": ("curl", 4),
    "s3transfer": ("s3transfer", 10),
    "api.video": ("api.video", 1),
}
"""Name, program, and connections; s3transfer has ten by default. Plain TCP is a single part, as large as the file."""
ROUND_TRIPS = 200
"""A part takes at least so many at the link's full rate, or has the usual size. So what happens between two parts, and
while connections begin, has the weight that it has with real parts."""
SPARE = 1.3  # more of a file than the link carries in the time of a run
PARTS = 48
"""At least so many in a file, so that nobody's connections run out of them."""
FIRST_KILL = 10.0  # seconds


def part_size(profile: Profile) -> int:
    return min(DEFAULT_PART_SIZE, max(1 << 20, int(ROUND_TRIPS * profile.round_trip * profile.rate / 8)))


def file_size(profile: Profile, seconds: float) -> int:
    return max(int(profile.rate / 8 * seconds * SPARE), PARTS * part_size(profile))


class Bench:
    """All runs that were asked for."""

    def __init__(self, options: argparse.Namespace, results: TextIO) -> None:
        self._options, self._results = options, results
        self._writing = threading.Lock()

    def run(self) -> None:
        profiles = sorted((PROFILES[name] for name in self._options.profiles), key=self._seconds, reverse=True)
        self._write({"kind": "machine", "date": datetime.now(UTC).date().isoformat(), "cores": os.cpu_count()})
        with ThreadPoolExecutor(self._options.side_by_side) as threads:
            for _ in threads.map(self._measure, [profile for profile in profiles if not profile.is_alone]):
                pass
        for profile in profiles:
            if profile.is_alone:
                self._measure(profile)

    def _seconds(self, profile: Profile) -> float:
        return float(self._options.seconds or profile.seconds)

    def _measure(self, profile: Profile) -> None:
        seconds, chance = self._seconds(profile), random.Random(self._options.seed)
        for name in self._options.contenders:
            self._one(profile, name, seconds)
        if profile.name in KILLS:
            for _ in range(self._options.kills):
                self._one(profile, AUTO, chance.uniform(min(FIRST_KILL, seconds), seconds), kind="kill")

    def _one(self, profile: Profile, name: str, seconds: float, kind: str = "run") -> None:
        program, workers = CONTENDERS[name]
        size = file_size(profile, self._seconds(profile))
        part = size if name == TCP else part_size(profile)
        row: dict[str, object] = {"kind": kind, "link": profile.name, "contender": name, "part": part}
        try:
            with (
                tempfile.TemporaryDirectory(dir="/dev/shm") as directory,
                linked(profile) as ends,
                serving(ends, Path(directory)) as service,
            ):
                file = Path(directory) / "clip.bin"
                with file.open("wb") as content:
                    content.truncate(size)
                job = Job(program, service.url, None, str(file), size, workers, part, BLOCK_SIZE)
                result = run(ends, service, job, seconds, Path(directory))
            row |= asdict(result) | {"share": result.size * 8 / result.seconds / profile.rate}
        except RunError as error:
            row["error"] = str(error)
        self._write(row)

    def _write(self, row: dict[str, object]) -> None:
        with self._writing:
            line = json.dumps(row)
            print(line, flush=True)
            self._results.write(f"{line}\n")
            self._results.flush()


def _names(text: str) -> list[str]:
    return [name.strip() for name in text.split(",")]


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="link_bench", description=__doc__)
    parser.add_argument("--profiles", type=_names, default=list(PROFILES), help="names of links, with commas")
    parser.add_argument("--contenders", type=_names, default=list(CONTENDERS))
    parser.add_argument("--seconds", type=float, help="of each run; as the link's profile says unless given")
    parser.add_argument("--kills", type=int, default=10, help=f"so many, at random moments, on {' and '.join(KILLS)}")
    parser.add_argument("--side-by-side", type=int, default=3, help="how many links are measured at the same time")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--results", type=Path, default=RESULTS)
    options = parser.parse_args(arguments)
    try:
        check()
        with options.results.open("w", encoding="utf-8") as results:
            Bench(options, results).run()
    except LinkError as error:
        print(f"make bench-links: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
