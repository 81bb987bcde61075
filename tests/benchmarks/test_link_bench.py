"""The benchmark over emulated links: the link itself, what the server counts, and what the page makes of figures."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from link_bench.__main__ import CONTENDERS, ROUND_TRIPS, file_size, main, part_size
from link_bench.emulator import Direction
from link_bench.figures import AUTO, KILLS, TCP, LinkFigures
from link_bench.profiles import PROFILES
from upload_bench.figures import Figures
from upload_bench.page import page

if TYPE_CHECKING:
    from collections.abc import Generator

    from upload_bench.figures import Bar

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"
PATIENCE = 30
PACKET = bytes(1000)


class TestLink:
    """One direction, packet by packet."""

    def through(self, link: Direction, packets: int, interval: float) -> list[float]:
        """When each packet comes out."""
        for number in range(packets):
            link.enter(PACKET, number * interval)
        out: list[float] = []
        while (at := link.next_at()) is not None:
            out += [at] * len(link.leave(at))
        return out

    def test_rate_and_delay(self) -> None:
        out = self.through(Direction(10_000, 0.5, 10**6, 0.0, seed=1), 20, 0.0)
        assert out == pytest.approx([0.5 + 0.1 * number for number in range(1, 21)])

    def test_a_full_queue_drops_its_tail(self) -> None:
        out = self.through(Direction(10_000, 0.5, 5_000, 0.0, seed=1), 20, 0.0)
        assert out == pytest.approx([0.5 + 0.1 * number for number in range(1, 6)])

    def test_losses(self) -> None:
        out = self.through(Direction(10**9, 0.0, 10**6, 0.1, seed=1), 2000, 1.0)
        assert 1700 < len(out) < 1900


@pytest.mark.parametrize("name", PROFILES)
def test_parts_are_real_or_take_many_round_trips(name: str) -> None:
    profile = PROFILES[name]
    seconds = part_size(profile) * 8 / profile.rate
    assert part_size(profile) == 50 << 20 or seconds >= 40 * profile.round_trip
    assert ROUND_TRIPS >= 40


@pytest.mark.parametrize("name", PROFILES)
def test_no_connection_runs_out_of_parts(name: str) -> None:
    """Neither at the end of the run, nor with most connections: three parts for each."""
    size = file_size(PROFILES[name], 60)
    assert size > PROFILES[name].rate / 8 * 60
    assert size >= 3 * max(workers for _, workers in CONTENDERS.values()) * part_size(PROFILES[name])


def test_where_no_link_can_be_made_it_says_so(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    results = tmp_path / "links.jsonl"
    results.write_text("earlier")
    monkeypatch.setattr("link_bench.namespaces.sys.platform", "darwin")
    assert main(["--results", str(results)]) == 1
    monkeypatch.setattr("link_bench.namespaces.sys.platform", "linux")
    monkeypatch.setattr("link_bench.namespaces.os.geteuid", lambda: 1000)
    assert main(["--results", str(results)]) == 1
    said = capsys.readouterr().err
    assert "needs Linux" in said
    assert "needs root" in said
    assert results.read_text() == "earlier"


@contextmanager
def reporting(report: Path) -> Generator[int]:
    """The server's port."""
    command = [sys.executable, "-m", "upload_bench.server", "--report", str(report)]
    environment = {**os.environ, "PYTHONPATH": str(BENCHMARKS)}
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        try:
            yield int(server.stdout.readline())
        finally:
            server.terminate()


@pytest.mark.skipif(sys.platform != "linux", reason="the server is made for Linux")
def test_the_server_tells_acknowledged_bytes_from_those_of_a_part_that_was_cut(tmp_path: Path) -> None:
    report, size, cut = tmp_path / "counts.json", 300_000, 200_000

    def wait_for(*counts: int) -> None:
        end = time.monotonic() + PATIENCE
        while not report.exists() or json.loads(report.read_text()) != list(counts):
            assert time.monotonic() < end, report.read_text()
            time.sleep(0.02)

    head = f"POST /aioz/videos/one/part HTTP/1.1\r\nContent-Length: {size}\r\n\r\n".encode()
    with reporting(report) as port, socket.create_connection(("127.0.0.1", port)) as connection:
        connection.sendall(head + bytes(size))
        assert b" 200 " in connection.recv(1000)
        wait_for(size, size, 1)
        connection.sendall(head + bytes(cut))
        connection.shutdown(socket.SHUT_WR)
        connection.recv(1000)
        whole = cut - cut % (64 * 1024)
        end = time.monotonic() + PATIENCE
        while json.loads(report.read_text())[0] < size + whole:
            assert time.monotonic() < end
            time.sleep(0.02)
        assert json.loads(report.read_text())[1:] == [size, 2]


def run(link: str, contender: str, share: float) -> dict[str, Any]:
    return {"kind": "run", "link": link, "contender": contender, "part": 10_000_000, "share": share, "start": 0.5}


def kill(link: str, parts: float) -> dict[str, Any]:
    return {"kind": "kill", "link": link, "contender": AUTO, "part": 10_000_000, "unsafe": int(parts * 10_000_000)}


def rows(**auto: float) -> list[dict[str, Any]]:
    """Figures of all links, where the client reaches 0.9 unless said, and others 0.9."""
    found = [run(link, name, 0.9) for link in PROFILES for name in CONTENDERS if name != AUTO]
    found += [run(link, AUTO, auto.get(link, 0.9)) for link in PROFILES]
    return found + [kill(link, parts) for link in KILLS for parts in (1.0, 2.0)]


def bar(given: list[dict[str, Any]], words: str) -> Bar:
    [found] = [one for one in LinkFigures(given).bars() if words in one.promise]
    return found


class TestFigures:
    def test_all_is_met(self) -> None:
        assert [one.is_met for one in LinkFigures(rows()).bars()] == [True] * 6

    def test_nothing_is_measured(self) -> None:
        assert {one.is_met for one in LinkFigures([]).bars()} == {None}

    @pytest.mark.parametrize(
        ("words", "link", "good", "bad"),
        [
            ("best fixed number", "cable", 0.86, 0.85),
            ("two long links", "satellite", 0.82, 0.80),
            ("plain TCP", "cable", 0.82, 0.80),
            ("as s3transfer", "home", 0.9, 0.89),
        ],
    )
    def test_a_bar_is_met_on_every_link_or_missed(self, words: str, link: str, good: float, bad: float) -> None:
        assert bar(rows(**{link: good}), words).is_met
        assert bar(rows(**{link: bad}), words).is_met is False

    def test_plain_tcp_counts_where_it_fills_the_link(self) -> None:
        given = [one for one in rows(wireless=0.5) if (one["link"], one["contender"]) != ("wireless", TCP)]
        assert bar([*given, run("wireless", TCP, 0.84)], "plain TCP").is_met
        assert bar([*given, run("wireless", TCP, 0.86)], "plain TCP").is_met is False

    def test_the_best_fixed_number_is_ours(self) -> None:
        figures = LinkFigures([*rows(), run("cable", "aioz_stream 2", 0.95), run("cable", "s3transfer", 0.99)])
        assert figures.best_fixed("cable") == "aioz_stream 2"

    @pytest.mark.parametrize(("more", "is_met"), [(1.5, True), (1.6, False)])
    def test_kills_count_by_their_mean(self, more: float, is_met: bool) -> None:
        assert bar([*rows(), kill("home", more)], "kill on home").is_met is is_met

    def test_the_page_has_them(self) -> None:
        failed = {"kind": "run", "link": "cable", "contender": "curl", "error": "it broke"}
        machine = {"kind": "machine", "date": "2026-01-02", "cores": 2}
        said = page(Figures([]), LinkFigures([machine, *rows(), failed]))
        assert "Measured on 2026-01-02, with 2 cores" in said
        shares = " | ".join(["0.90"] * len(PROFILES))
        assert f"| **{AUTO}** | {shares} | 0.5 |" in said
        assert "| wireless | 50 Mbit/s | 60 ms | 0.5% | 375 kB | reno | 10 MiB |" in said
        assert "Sent again after each kill on home, in parts: 1.00, 2.00." in said
        assert "- curl over cable failed: it broke" in said
        assert "## Over links" not in page(Figures([]))
        assert "## Over links" not in page(Figures([]), LinkFigures([]))


def may_make_links() -> bool:
    """Whether this machine, or this container, lets its root make network namespaces."""
    if sys.platform != "linux" or os.geteuid() != 0 or not Path("/dev/net/tun").exists() or not shutil.which("ip"):
        return False
    name = f"lb-probe-{os.getpid()}"
    is_made = subprocess.run(["ip", "netns", "add", name], check=False, capture_output=True).returncode == 0
    return is_made and subprocess.run(["ip", "netns", "delete", name], check=False).returncode == 0


@pytest.mark.slow
@pytest.mark.skipif(not may_make_links(), reason="the emulated link needs Linux and root")
def test_a_small_run(tmp_path: Path) -> None:
    results = tmp_path / "links.jsonl"
    small = ["--profiles", "home", "--contenders", f"{AUTO},{TCP}", "--seconds", "4", "--kills", "1"]
    command = [sys.executable, "-m", "link_bench", *small, "--results", str(results)]
    subprocess.run(command, env={**os.environ, "PYTHONPATH": str(BENCHMARKS)}, check=True)
    found = [json.loads(line) for line in results.read_text(encoding="utf-8").splitlines()]
    assert [(row["kind"], row.get("contender")) for row in found] == [
        ("machine", None),
        ("run", AUTO),
        ("run", TCP),
        ("kill", AUTO),
    ]
    for row in found[1:]:
        assert "error" not in row
        assert 0.3 < row["share"] <= 1.05
        assert 0 < row["unsafe"] <= row["size"]
