"""Measures each contender over each link, one after the other, and writes down each result as it comes.

`upload_bench.page` makes the page of it. Needs Linux and root.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from aioz_stream.upload.plan import DEFAULT_PART_SIZE
from aioz_stream.upload.sources.part_source import BLOCK_SIZE
from link_bench.namespaces import LinkError, linked
from link_bench.profiles import PROFILES, Profile
from link_bench.run import RunError, Service, run, serving
from upload_bench.job import Job

if TYPE_CHECKING:
    from typing import TextIO

    from link_bench.namespaces import Namespaces

RESULTS = Path(__file__).parents[1] / "links.jsonl"
AUTO = 0
CONTENDERS = {
    **{f"aioz_stream {count or 'auto'}": ("aioz_stream", count) for count in (AUTO, 1, 2, 4, 8, 16)},
    "floor": ("floor", 4),
    "curl": ("curl", 4),
    "s3transfer": ("s3transfer", 10),
    "api.video": ("api.video", 1),
}
"""Name, program, and connections; s3transfer has ten by default."""
ROUND_TRIPS = 40
"""A part takes at least so many at the link's full rate, or has the usual size."""
SPARE = 1.3  # more of a file than the link carries in the time of a run


def part_size(profile: Profile) -> int:
    return min(DEFAULT_PART_SIZE, max(1 << 20, int(ROUND_TRIPS * profile.round_trip * profile.rate / 8)))


class Bench:
    """All runs that were asked for."""

    def __init__(self, options: argparse.Namespace, results: TextIO) -> None:
        self._options, self._results = options, results

    def run(self) -> None:
        for name in self._options.profiles:
            profile = PROFILES[name]
            with linked(profile) as ends, tempfile.TemporaryDirectory(dir="/dev/shm") as memory:
                with serving(ends, Path(memory)) as service:
                    self._measure(profile, ends, service, Path(memory))

    def _measure(self, profile: Profile, ends: Namespaces, service: Service, directory: Path) -> None:
        seconds = self._options.seconds or profile.seconds
        file = directory / "clip.bin"
        with file.open("wb") as content:
            content.truncate(int(profile.rate / 8 * seconds * SPARE))
        for name in self._options.contenders:
            self._one(profile, ends, service, self._job(name, service, file, profile), name, seconds, directory)
        chance = random.Random(self._options.seed)
        for _ in range(self._options.kills):
            job = self._job(self._options.contenders[0], service, file, profile)
            moment = chance.uniform(10, seconds)
            self._one(profile, ends, service, job, self._options.contenders[0], moment, directory, kind="kill")

    def _one(
        self,
        profile: Profile,
        ends: Namespaces,
        service: Service,
        job: Job,
        name: str,
        seconds: float,
        directory: Path,
        kind: str = "run",
    ) -> None:
        row: dict[str, object] = {"kind": kind, "link": profile.name, "contender": name, "part": job.part_size}
        try:
            result = run(ends, service, job, seconds, directory)
            row |= asdict(result) | {"share": result.size * 8 / result.seconds / profile.rate}
        except RunError as error:
            row["error"] = str(error)
        line = json.dumps(row)
        print(line, flush=True)
        self._results.write(f"{line}\n")
        self._results.flush()

    @staticmethod
    def _job(name: str, service: Service, file: Path, profile: Profile) -> Job:
        program, workers = CONTENDERS[name]
        size = file.stat().st_size
        return Job(program, service.url, None, str(file), size, workers, part_size(profile), BLOCK_SIZE)


def _names(text: str) -> list[str]:
    return [name.strip() for name in text.split(",")]


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="link_bench", description=__doc__)
    parser.add_argument("--profiles", type=_names, default=list(PROFILES), help="names of links, with commas")
    parser.add_argument("--contenders", type=_names, default=list(CONTENDERS))
    parser.add_argument("--seconds", type=float, help="of each run; as the link's profile says unless given")
    parser.add_argument("--kills", type=int, default=0, help="kill the first contender so often at a random moment")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--results", type=Path, default=RESULTS)
    options = parser.parse_args(arguments)
    try:
        with options.results.open("a", encoding="utf-8") as results:
            Bench(options, results).run()
    except LinkError as error:
        print(f"make bench-links: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
