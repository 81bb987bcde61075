"""What the results say: medians, spreads, and whether each bar is met. Pure: rows in, figures out."""

from __future__ import annotations

import json
import statistics
from collections import defaultdict
from typing import TYPE_CHECKING, Any, NamedTuple

from upload_bench.contender import CHECKSUMS
from upload_bench.job import AUTO_WORKERS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

MIB, GIB = 1 << 20, 1 << 30

OURS, FLOOR = "aioz_stream", "floor"
LEAST_THROUGHPUT = 0.90
LEAST_OF_FIXED = 0.97
MOST_MEMORY = 24 * MIB
MOST_DIFFERENCE = 0.05
MOST_CPU_DRIFT = 0.10
MOST_PER_FILE = 1024


class Setting(NamedTuple):
    """What a contender was asked to do."""

    transport: str
    size: int
    workers: int

    def __str__(self) -> str:
        return f"{self.transport}, {show_size(self.size)}, {self.connections} worker{'s' * (self.workers != 1)}"

    @property
    def connections(self) -> str:
        return str(self.workers) if self.workers != AUTO_WORKERS else "auto"


class Spread(NamedTuple):
    """Of one figure over the rounds."""

    median: float
    least: float
    most: float
    rounds: int


class Bar(NamedTuple):
    """What was promised, what was measured for it, and whether the promise is kept."""

    promise: str
    measured: str
    is_met: bool | None
    """None where nothing was measured."""


class Figures:
    """All figures of one run."""

    def __init__(self, rows: Iterable[dict[str, Any]]) -> None:
        self.machine: dict[str, Any] = {}
        self.failures: list[dict[str, Any]] = []
        self.sparse: set[int] = set()
        self._many: dict[str, Any] | None = None
        self._rows: dict[tuple[Setting, str], list[dict[str, Any]]] = defaultdict(list)
        for row in rows:
            if row["kind"] == "machine":
                self.machine = row
            elif "error" in row:
                self.failures.append(row)
            elif row["kind"] == "many":
                self._many = row
            else:
                setting = Setting(row["transport"], row["size"], row["workers"])
                self._rows[setting, row["contender"]].append(row)
                if row["sparse"]:
                    self.sparse.add(row["size"])

    @classmethod
    def read(cls, path: Path) -> Figures:
        return cls(json.loads(line) for line in path.read_text(encoding="utf-8").splitlines())

    @property
    def settings(self) -> list[Setting]:
        """Those in which the client was measured."""
        return sorted({setting for setting, name in self._rows if name == OURS})

    def contenders(self, setting: Setting) -> list[str]:
        """In the order in which they were asked, without the checksums."""
        return [name for other, name in self._rows if other == setting and name not in CHECKSUMS]

    def spread(self, setting: Setting, name: str, of: Callable[[dict[str, Any]], float]) -> Spread | None:
        values = [of(row) for row in self._rows.get((setting, name), ())]
        return Spread(statistics.median(values), min(values), max(values), len(values)) if values else None

    def median(self, setting: Setting, name: str, of: Callable[[dict[str, Any]], float]) -> float | None:
        spread = self.spread(setting, name, of)
        return spread.median if spread else None

    def throughput(self, setting: Setting) -> float | None:
        """The client's, as a share of the floor's."""
        return _ratio(self.median(setting, FLOOR, wall), self.median(setting, OURS, wall))

    def cpu_ratio(self, setting: Setting) -> float | None:
        """The client's processor time, as a multiple of the floor's."""
        return _ratio(self.median(setting, OURS, cpu), self.median(setting, FLOOR, cpu))

    def best_floor(self, setting: Setting) -> str | None:
        """The fastest of all floors."""
        floors = [name for name in self.contenders(setting) if name.startswith(FLOOR)]
        return min(floors, key=lambda name: self.median(setting, name, wall) or 0.0, default=None)

    def cpu_without_checksum(self, setting: Setting, name: str) -> float | None:
        """Processor time, minus that of the checksums that it takes, measured by themselves."""
        whole = self.median(setting, name, cpu)
        parts = [self._checksum(setting.size, one) for one in checksums_of(name, setting.transport)]
        return None if whole is None or None in parts else whole - sum(part or 0.0 for part in parts)

    def _checksum(self, size: int, name: str) -> float | None:
        found = [self.median(setting, name, cpu) for setting, one in self._rows if one == name and setting.size == size]
        return found[0] if found else None

    def first_upload(self, of: Callable[[dict[str, Any]], float]) -> float | None:
        """Of the tiny upload that came before, which loads what a process loads once. The median of all settings."""
        rows = [row for (_, name), rows in self._rows.items() if name == OURS for row in rows]
        values = [of(row["first"]) for row in rows if "first" in row]
        return statistics.median(values) if values else None

    def bars(self) -> list[Bar]:
        transports = sorted({setting.transport for setting in self.settings})
        return [
            *(self._throughput_bar(transport) for transport in transports),
            self._auto_bar(),
            *(self._cpu_bar(peer) for peer in ("s3transfer", "api.video")),
            self._memory_bar(),
            self._same_memory_bar(),
            self._drift_bar(),
            self._many_bar(),
        ]

    def _throughput_bar(self, transport: str) -> Bar:
        ratios = {
            setting: ratio
            for setting in self.settings
            if setting.transport == transport and (ratio := self.throughput(setting)) is not None
        }
        promise = f"over {transport}, at least {LEAST_THROUGHPUT:.2f} of the floor's throughput at every setting"
        return _bar(promise, ratios, lambda ratio: ratio >= LEAST_THROUGHPUT, "{:.2f}".format)

    def auto_of_fixed(self, setting: Setting) -> float | None:
        """The client's throughput with "auto", as a share of that with the best of the fixed numbers."""
        fixed = [one for one in self.settings if one[:2] == setting[:2] and one.workers != AUTO_WORKERS]
        times = [time for one in fixed if (time := self.median(one, OURS, wall)) is not None]
        return _ratio(min(times, default=None), self.median(setting, OURS, wall))

    def _auto_bar(self) -> Bar:
        autos = [setting for setting in self.settings if setting.workers == AUTO_WORKERS]
        ratios = {setting: ratio for setting in autos if (ratio := self.auto_of_fixed(setting)) is not None}
        promise = f'with concurrency="auto", at least {LEAST_OF_FIXED:.2f} of the best fixed number\'s throughput'
        return _bar(promise, ratios, lambda ratio: ratio >= LEAST_OF_FIXED, "{:.2f}".format)

    def cpu_beside(self, peer: str) -> dict[Setting, float]:
        """The client's processor time as a multiple of a peer's, both without their checksums."""
        pairs = {
            setting: [self.cpu_without_checksum(setting, name) for name in (OURS, peer)] for setting in self.settings
        }
        return {setting: ratio for setting, pair in pairs.items() if (ratio := _ratio(*pair)) is not None}

    def _cpu_bar(self, peer: str) -> Bar:
        ratios = self.cpu_beside(peer)
        promise = f"processor time without checksums at most that of {peer}"
        return _bar(promise, ratios, lambda ratio: ratio <= 1, "{:.2f} of it".format)

    def _memory_bar(self) -> Bar:
        above = {setting: self.median(setting, OURS, memory) or 0.0 for setting in self.settings}
        promise = f"peak memory at most {MOST_MEMORY // MIB} MiB above an idle client, at every setting"
        return _bar(promise, above, lambda one: one <= MOST_MEMORY, lambda one: f"{one / MIB:.1f} MiB")

    def _of_sizes(self) -> list[Setting]:
        """The settings that differ only in the size of the file, with all sizes among them."""
        if not self.settings:
            return []
        largest = max(self.settings, key=lambda setting: (setting.size, setting.workers))
        return [one for one in self.settings if one[::2] == largest[::2]]

    def _same_memory_bar(self) -> Bar:
        peaks = {setting: self.median(setting, OURS, peak) or 0.0 for setting in self._of_sizes()}
        promise = f"peak memory the same (within {MOST_DIFFERENCE:.0%}) for all sizes"
        if len(peaks) < 2:
            return Bar(promise, "only one size was measured", None)
        difference = max(peaks.values()) / min(peaks.values()) - 1
        said = ", ".join(f"{show_size(setting.size)}: {one / MIB:.1f} MiB" for setting, one in peaks.items())
        return Bar(promise, f"{said}; {difference:.1%} apart", difference <= MOST_DIFFERENCE)

    def _drift_bar(self) -> Bar:
        ratios = {setting: ratio for setting in self._of_sizes() if (ratio := self.cpu_ratio(setting)) is not None}
        promise = f"processor time relative to the floor the same (within {MOST_CPU_DRIFT:.0%}) for all sizes"
        if len(ratios) < 2:
            return Bar(promise, "only one size was measured", None)
        drift = max(ratios.values()) / min(ratios.values()) - 1
        said = ", ".join(f"{show_size(setting.size)}: {one:.2f}" for setting, one in ratios.items())
        return Bar(promise, f"{said}; {drift:.1%} apart", drift <= MOST_CPU_DRIFT)

    def _many_bar(self) -> Bar:
        promise = f"many files in one call: memory grows by less than {MOST_PER_FILE:,} bytes a file"
        if self._many is None:
            return Bar(promise, "not measured", None)
        each = memory(self._many) / self._many["files"]
        seconds = f"{self._many['wall']:.0f} s"
        said = f"{each:,.0f} bytes a file, for {self._many['files']:,} files in {seconds}"
        return Bar(promise, said, each < MOST_PER_FILE)


def wall(row: dict[str, Any]) -> float:
    return float(row["wall"])


def cpu(row: dict[str, Any]) -> float:
    return float(row["cpu"])


def peak(row: dict[str, Any]) -> float:
    return float(row["peak"])


def memory(row: dict[str, Any]) -> float:
    """Above what it had before it began."""
    return float(row["peak"]) - float(row["idle"])


def checksums_of(name: str, transport: str) -> tuple[str, ...]:
    """Which a contender takes of each byte."""
    if name == "s3transfer":
        return ("CRC32", "SHA-256") if transport == "http" else ("CRC32",)
    return () if name in {"api.video", "s3transfer-bare"} else ("MD5",)


def show_size(size: float) -> str:
    unit, name = (GIB, "GiB") if size >= GIB else (MIB, "MiB")
    return f"{size / unit:g} {name}"


def _ratio(one: float | None, other: float | None) -> float | None:
    return one / other if one and other else None


def _bar(
    promise: str, measured: dict[Setting, float], is_met: Callable[[float], bool], show: Callable[[float], str]
) -> Bar:
    """Met when each of them is. The worst is the one that fails, or else the nearest to failing."""
    if not measured:
        return Bar(promise, "not measured", None)
    missed = [setting for setting, value in measured.items() if not is_met(value)]
    low, high = min(measured.values()), max(measured.values())
    said = f"{show(low)} to {show(high)} in {_count(measured)}"
    if missed:
        said += "; missed at " + "; ".join(f"{setting} ({show(measured[setting])})" for setting in missed)
    return Bar(promise, said, not missed)


def _count(things: dict[Setting, float] | Sequence[object]) -> str:
    return f"{len(things)} setting{'s' * (len(things) > 1)}"
