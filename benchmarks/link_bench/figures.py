"""What the results over links say: shares of each link, and whether each bar is met. Pure: rows in, figures out."""

from __future__ import annotations

import json
import statistics
from typing import TYPE_CHECKING, Any

from link_bench.profiles import PROFILES
from upload_bench.figures import Bar

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

AUTO, TCP, S3TRANSFER = "aioz_stream auto", "TCP", "s3transfer"
KILLS = ("cable", "home")
"""The links on which the client is killed."""
LEAST_OF_BEST = {name: 0.90 if profile.seconds > 60 else 0.95 for name, profile in PROFILES.items()}
LEAST_OF_TCP = 0.90
FILLED = 0.85
"""The share of a link from which on one connection counts as filling it."""
MOST_AGAIN = 1.5  # parts


class LinkFigures:
    """All figures of one run."""

    def __init__(self, rows: Iterable[dict[str, Any]]) -> None:
        self.machine: dict[str, Any] = {}
        self.failures: list[dict[str, Any]] = []
        self._runs: dict[tuple[str, str], dict[str, Any]] = {}
        self._kills: dict[str, list[dict[str, Any]]] = {}
        for row in rows:
            if row["kind"] == "machine":
                self.machine = row
            elif "error" in row:
                self.failures.append(row)
            elif row["kind"] == "kill":
                self._kills.setdefault(row["link"], []).append(row)
            else:
                self._runs[row["link"], row["contender"]] = row

    @classmethod
    def read(cls, path: Path) -> LinkFigures:
        return cls(json.loads(line) for line in path.read_text(encoding="utf-8").splitlines())

    @property
    def links(self) -> list[str]:
        """Those that were measured, in the order of their profiles."""
        return [name for name in PROFILES if any(link == name for link, _ in self._runs)]

    @property
    def contenders(self) -> list[str]:
        return list(dict.fromkeys(name for _, name in self._runs))

    def share(self, link: str, contender: str) -> float | None:
        """Of what the link carries."""
        row = self._runs.get((link, contender))
        return row["share"] if row else None

    def start(self, contender: str) -> float | None:
        """Seconds until the first byte, the median over the links."""
        starts = [row["start"] for (_, name), row in self._runs.items() if name == contender]
        return statistics.median(starts) if starts else None

    def part(self, link: str) -> int:
        return max(int(row["part"]) for (one, name), row in self._runs.items() if one == link and name != TCP)

    def best_fixed(self, link: str) -> str | None:
        """The fastest number of connections that does not change."""
        fixed = [one for one in self.contenders if one.startswith("aioz_stream ") and one != AUTO]
        measured = [one for one in fixed if self.share(link, one) is not None]
        return max(measured, key=lambda one: self.share(link, one) or 0.0, default=None)

    def sent_again(self, link: str) -> list[float]:
        """Parts, one figure for each kill."""
        return [row["unsafe"] / row["part"] for row in self._kills.get(link, ())]

    def bars(self) -> list[Bar]:
        filled = [link for link in self.links if (self.share(link, TCP) or 0.0) >= FILLED]
        best = {link: self._ratio(link, self.best_fixed(link)) for link in self.links}
        short = [link for link in self.links if LEAST_OF_BEST[link] == 0.95]
        return [
            _bar("auto at least 0.95 of the best fixed number", {one: best[one] for one in short}, 0.95),
            _bar(
                "the same over the two long links, at least 0.90",
                {one: best[one] for one in self.links if one not in short},
                0.90,
            ),
            _bar(
                f"at least {LEAST_OF_TCP:.2f} of plain TCP where one connection fills the link",
                {link: self._ratio(link, TCP) for link in filled},
                LEAST_OF_TCP,
            ),
            _bar("at least as fast as s3transfer", {link: self._ratio(link, S3TRANSFER) for link in self.links}, 1.0),
            *(self._kill_bar(link) for link in KILLS),
        ]

    def _ratio(self, link: str, other: str | None) -> float | None:
        ours, theirs = self.share(link, AUTO), self.share(link, other) if other else None
        return ours / theirs if ours is not None and theirs else None

    def _kill_bar(self, link: str) -> Bar:
        promise = f"after a kill on {link}, at most {MOST_AGAIN} parts are sent again on average"
        again = self.sent_again(link)
        if not again:
            return Bar(promise, "not measured", None)
        mean = statistics.mean(again)
        said = f"{mean:.2f} over {len(again)} kills ({min(again):.2f} to {max(again):.2f})"
        return Bar(promise, said, mean <= MOST_AGAIN)


def _bar(promise: str, ratios: dict[str, float | None], least: float) -> Bar:
    known = {link: ratio for link, ratio in ratios.items() if ratio is not None}
    if not known:
        return Bar(promise, "not measured", None)
    said = ", ".join(f"{link} {ratio:.3f}" for link, ratio in known.items())
    return Bar(promise, said, all(ratio >= least for ratio in known.values()))
