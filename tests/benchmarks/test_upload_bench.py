"""The benchmark of uploads: a tiny run of it, and what it makes of figures."""

from __future__ import annotations

import gc
import json
import os
import subprocess
import sys
import tracemalloc
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from aioz_stream import AiozStream, UploadItem
from upload_bench.figures import FLOOR, GIB, MIB, OURS, Bar, Figures
from upload_bench.job import AUTO_WORKERS, Job
from upload_bench.page import page
from upload_bench.stage import ContenderError, set_up

if TYPE_CHECKING:
    from collections.abc import Callable

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the server and the meter read what only Linux has")


def row(contender: str, size: int = GIB, workers: int = 1, **other: Any) -> dict[str, Any]:
    """A result: one second, of which the processor worked one, and 10 MiB."""
    of = {"kind": "upload", "transport": "http", "round": 1, "sparse": False}
    return {**of, "contender": contender, "size": size, "workers": workers} | {
        "wall": 1.0,
        "cpu": 1.0,
        "idle": 30 * MIB,
        "peak": 40 * MIB,
        "first": {"wall": 0.25, "cpu": 0.2, "idle": 20 * MIB, "peak": 32 * MIB},
        **other,
    }


def bar(rows: list[dict[str, Any]], words: str) -> Bar:
    [found] = [one for one in Figures(rows).bars() if words in one.promise]
    return found


def test_a_small_run_measures_what_is_sent(tmp_path: Path) -> None:
    results = tmp_path / "results.jsonl"
    names = "aioz_stream,floor,floor-sendfile,floor-in-step,MD5"
    small = ["--sizes", "2MiB", "--part-size", "1MiB", "--rounds", "1", "--workers", "2"]
    rest = ["--transports", "http", "--huge", "0", "--files", "3", "--contenders", names, "--results", str(results)]
    command = [sys.executable, "-m", "upload_bench", *small, *rest]
    subprocess.run(command, env={**os.environ, "PYTHONPATH": str(BENCHMARKS)}, check=True)
    rows = [json.loads(line) for line in results.read_text(encoding="utf-8").splitlines()]
    assert [one for one in rows if "error" in one] == []
    uploads = [(one["contender"], one["workers"]) for one in rows if one["kind"] == "upload"]
    assert uploads == [*((name, 2) for name in names.split(",")), (OURS, AUTO_WORKERS)]
    assert all(one["wall"] > 0 and one["cpu"] > 0 and one["peak"] >= one["idle"] > 0 for one in rows[1:])
    assert "| auto | **aioz_stream** | 1 |" in page(Figures(rows))
    firsts = {one["contender"]: one["first"] for one in rows if one["kind"] == "upload"}
    assert firsts["aioz_stream"]["peak"] > firsts["aioz_stream"]["idle"]
    assert rows[-1]["files"] == 3
    assert "| 2 | **aioz_stream** | 1 |" in page(Figures(rows))


def test_memory_does_not_grow_with_the_number_of_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By less than 1 KiB a file; the server is in another process, so its memory does not count."""
    monkeypatch.setenv("AIOZ_STREAM_JOURNALS", str(tmp_path / "journals"))
    path = tmp_path / "tiny.bin"
    path.write_bytes(b"tiny")
    counts = (40, 80, 120)
    taken: list[int] = []
    with set_up(["http"]) as stage, AiozStream(token="t", base_url=f"{stage.servers['http'].url}/aioz") as stream:
        items = (UploadItem(source=path, title=str(number)) for number in range(counts[-1]))
        tracemalloc.start()
        try:
            for count, result in enumerate(stream.upload_many(items), start=1):
                result.unwrap()
                if count in counts:
                    gc.collect()
                    taken.append(tracemalloc.get_traced_memory()[0])
        finally:
            tracemalloc.stop()
    # A module that is loaded late takes memory once, and a file each time.
    assert min(after - before for before, after in pairwise(taken)) < 1024 * (counts[1] - counts[0])


def test_who_sends_less_or_fails_is_found_out() -> None:
    with set_up(["http"]) as stage, stage.file(100_000) as (path, _):
        server = stage.servers["http"]
        job = Job("floor", server.url, None, str(path), 100_000, 1, 50_000, 10_000)
        assert stage.run(server, job)["wall"] > 0
        with pytest.raises(ContenderError, match="for a file of 50,000,000"):
            # It believes its job, and the file ends before.
            stage.run(server, Job("aioz_stream", server.url, None, str(path), 50_000_000, 1, 50_000, 10_000))
        with pytest.raises(ContenderError, match="No such file"):
            stage.run(server, Job("floor", server.url, None, f"{path}.gone", 100_000, 1, 50_000, 10_000))


@pytest.mark.parametrize(
    ("words", "good", "bad"),
    [
        ("of the floor's throughput", {"wall": 1 / 0.91}, {"wall": 1 / 0.89}),
        ("most that of s3transfer", {"cpu": 1.4}, {"cpu": 1.6}),
        ("at most 24 MiB", {"peak": 53 * MIB}, {"peak": 55 * MIB}),
    ],
)
def test_a_bar_is_met_at_every_setting_or_missed(words: str, good: dict[str, Any], bad: dict[str, Any]) -> None:
    others = [row(FLOOR), row(FLOOR, workers=2), row("MD5", cpu=0.5), row("CRC32", cpu=0.2), row("SHA-256", cpu=0.3)]
    others += [row("s3transfer", workers=workers, cpu=1.5) for workers in (1, 2)]
    assert bar([*others, row(OURS), row(OURS, workers=2, **good)], words).is_met
    missed = bar([*others, row(OURS), row(OURS, workers=2, **bad)], words)
    assert missed.is_met is False
    assert "missed at http, 1 GiB, 2 workers" in missed.measured


def test_auto_is_held_against_the_best_fixed_number() -> None:
    fixed = [row(FLOOR), row(OURS, workers=1, wall=1.2), row(OURS, workers=2)]
    assert bar([*fixed, row(OURS, workers=AUTO_WORKERS, wall=1 / 0.98)], "best fixed number").is_met
    missed = bar([*fixed, row(OURS, workers=AUTO_WORKERS, wall=1 / 0.96)], "best fixed number")
    assert missed.is_met is False
    assert "missed at http, 1 GiB, auto workers (0.96)" in missed.measured
    assert bar(fixed, "best fixed number").is_met is None


@pytest.mark.parametrize(
    ("words", "good", "bad"),
    [
        ("peak memory the same", {"peak": 41.9 * MIB}, {"peak": 42.1 * MIB}),
        ("relative to the floor", {"cpu": 1.09}, {"cpu": 1.11}),
    ],
)
def test_what_is_the_same_for_all_sizes(words: str, good: dict[str, Any], bad: dict[str, Any]) -> None:
    others = [row(FLOOR), row(FLOOR, 8 * GIB), row(OURS)]
    assert bar([*others, row(OURS, 8 * GIB, **good)], words).is_met
    assert bar([*others, row(OURS, 8 * GIB, **bad)], words).is_met is False
    assert bar([row(FLOOR), row(OURS)], words).is_met is None


def test_many_files() -> None:
    grown: Callable[[int], dict[str, Any]] = lambda each: {  # noqa: E731 - one line
        "kind": "many",
        "files": 1000,
        "wall": 1.0,
        "idle": 0,
        "peak": 1000 * each,
    }
    assert bar([grown(1023)], "many files").is_met
    assert bar([grown(1024)], "many files").is_met is False
    assert bar([], "many files").is_met is None


def test_medians_count_and_failures_are_told() -> None:
    rows = [row(OURS, wall=wall) for wall in (1.0, 1.0, 9.0)] + [row(FLOOR)]
    assert bar(rows, "of the floor's throughput").is_met
    failed = {"kind": "upload", "contender": "curl", "transport": "http", "round": 2, "error": "it broke"}
    assert "- curl, http, round 2: it broke" in page(Figures([*rows, failed]))


def test_what_a_first_upload_loads_is_told() -> None:
    rows = [row(OURS, first={"wall": wall, "idle": 20 * MIB, "peak": 31 * MIB}) for wall in (0.1, 0.2, 0.9)]
    assert "a file of one byte took 200 ms and 11.0 MiB, once." in page(Figures([*rows, row(FLOOR)]))
    assert "file of one byte took" not in page(Figures([row(FLOOR)]))
