"""The pictures: throughput with its spread and processor time at each setting, and the share of each link."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from link_bench.figures import AUTO, TCP
from upload_bench.figures import FLOOR, GIB, OURS, cpu, show_size, wall

if TYPE_CHECKING:
    from pathlib import Path

    from link_bench.figures import LinkFigures
    from upload_bench.figures import Figures, Setting

BEST = "best floor"
SHOWN = {
    OURS: "#d1495b",
    FLOOR: "#30638e",
    BEST: "#8fb8de",
    "curl": "#edae49",
    "api.video": "#a39594",
    "s3transfer": "#66a182",
    "s3transfer-bare": "#b5d6c3",
}


def draw(figures: Figures, path: Path) -> None:
    """Of the size with the most settings, the smallest where several have as many."""
    pyplot = _pyplot()
    sizes = [setting.size for setting in figures.settings]
    size = max(sorted(set(sizes)), key=sizes.count)
    settings = [setting for setting in figures.settings if setting.size == size]
    canvas, (above, below) = pyplot.subplots(2, 1, figsize=(10, 7), sharex=True, layout="constrained")
    for place, (name, colour) in enumerate(SHOWN.items()):
        _bars(above, below, figures, settings, name, colour, place)
    above.set_ylabel("GiB/s (lines: least to most)")
    below.set_ylabel("processor seconds per GiB")
    below.set_xticks(range(len(settings)), [f"{one.transport}\n{one.connections} at once" for one in settings])
    above.set_title(f"A file of {show_size(size)}, client and server on one machine")
    above.legend(ncols=len(SHOWN), loc="upper center", bbox_to_anchor=(0.5, -0.02), frameon=False)
    canvas.savefig(path, metadata={"Date": None})
    pyplot.close(canvas)


def draw_links(figures: LinkFigures, path: Path) -> None:
    """The share of each link that each contender reaches."""
    pyplot = _pyplot()
    canvas, axes = pyplot.subplots(figsize=(10, 4), layout="constrained")
    names = figures.contenders
    colours = {name: f"C{place % 10}" for place, name in enumerate(names)} | {AUTO: SHOWN[OURS], TCP: "#333333"}
    width = 0.8 / len(names)
    for place, name in enumerate(names):
        shares = [figures.share(link, name) or 0.0 for link in figures.links]
        places = [number - 0.4 + width * (place + 0.5) for number in range(len(shares))]
        axes.bar(places, shares, width, color=colours[name], label=name)
    axes.set_ylabel("share of the link")
    axes.set_xticks(range(len(figures.links)), figures.links)
    axes.legend(ncols=6, loc="upper center", bbox_to_anchor=(0.5, -0.08), frameon=False)
    canvas.savefig(path, metadata={"Date": None})
    pyplot.close(canvas)


def _pyplot() -> Any:
    matplotlib: Any = import_module("matplotlib")  # of the group `bench`
    matplotlib.use("Agg")
    matplotlib.rcParams.update({"svg.hashsalt": "benchmarks", "font.size": 9})
    return import_module("matplotlib.pyplot")


def _bars(
    above: Any, below: Any, figures: Figures, settings: list[Setting], name: str, colour: str, place: int
) -> None:
    width = 0.8 / len(SHOWN)
    label: str | None = name
    for number, setting in enumerate(settings):
        who = figures.best_floor(setting) if name == BEST else name
        time = figures.spread(setting, who, wall) if who else None
        used = figures.median(setting, who, cpu) if who else None
        if time is None or used is None:
            continue
        speed, size = setting.size / GIB / time.median, setting.size / GIB
        spread = [[speed - size / time.most], [size / time.least - speed]]
        x = number - 0.4 + width * (place + 0.5)
        above.bar(x, speed, width, color=colour, label=label, yerr=spread, error_kw={"elinewidth": 0.8})
        below.bar(x, used / size, width, color=colour)
        label = None
