"""Makes docs/benchmarks.md and its picture from the results. Every word about a figure follows from the figure."""

from __future__ import annotations

import argparse
import json
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

from link_bench.figures import AUTO, LinkFigures
from link_bench.profiles import MBIT, PROFILES
from upload_bench import plot
from upload_bench.__main__ import RESULTS
from upload_bench.figures import (
    FLOOR,
    GIB,
    MIB,
    OURS,
    Figures,
    cpu,
    memory,
    show_size,
    wall,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from upload_bench.figures import Bar, Setting

PAGE = Path(__file__).parents[2] / "docs" / "benchmarks.md"
PICTURE = "images/benchmarks.svg"
LINKS_PICTURE = "images/links.svg"

BARE = "s3transfer-bare"

_WORDS = {True: "**met**", False: "**missed**", None: "not measured"}

HEAD = """\
<!-- Made by `make bench`, or from its results by `make bench-page`. Do not edit. -->
# Benchmarks

How fast a file is uploaded, and what that costs, side by side: this client, the floors that no client can be faster
than, and other clients. `make bench` measures all of it again, on any Linux machine.
"""

LINKS = """\
## Over links

`make bench-links` measures uploads over emulated links, between two network namespaces of one machine: rate, delay,
losses, and a queue that drops its tail. Figures are shares of what the link carries, headers included: no upload
reaches 1. Each contender sends for a minute, over the two long links for three, and is then killed; the server says
what came. Time counts from the first byte of the file; the start-up before it, from the start of the program on, is in
a column of its own. Some links are measured side by side. Measured on {date}, with {cores} cores.

Our client has `concurrency="auto"` or a fixed number; the floor and curl have four connections, s3transfer ten, its
default, api.video one. TCP is a single request through one plain socket, as large as the file.

| link | rate | round trip | loss | queue | congestion control | part |
|---|---|---|---|---|---|---|
{profiles}
"""

LIGHT = """\
## How light it is

`make bench-light` compares processor time in fresh environments, one without extras and one with `[cli]`: medians of 15
cold processes that take turns. The page of videos is decoded from the answer's bytes, beside `json.loads` of the same
bytes. Measured on {date}, with Python {python} and httpx {httpx}.

| what | ours, ms | beside | ms | share | at most | |
|---|---|---|---|---|---|---|
{rows}
"""

FIRST = "Each process has uploaded a file of one byte before, by a client of its own. "
METHOD = """\
## How it is measured

Each contender runs in a process of its own and uploads the same file, in parts of {part}, to a server on the same
machine that swallows bytes and answers in the contender's protocol. The server has a process for each connection, and
over plain HTTP the kernel drops the bytes without copying them; it counts them, so nobody sends less than the file.
Client and server share the machine's cores. {files} Contenders take turns in every round, and each round begins with
another one. {first}Time and processor time are those of the upload alone, with a client that stands ready and has made
one call. Memory is the peak above that.

| contender | what it is |
|---|---|
| aioz_stream | this client's `upload`, with its journal: create, the parts with their MD5s, complete, get |
| floor | a plain program of the same structure: blocks of {block}, a pass to hash and one to send, the same threads; \
sockets and multipart made by hand, no HTTP library, no journal, no checks |
| floor-… | other structures: smaller blocks, `sendfile`, a mapped file, one pass with the hash behind the file. \
The fastest of all floors is the best floor of any structure |
| curl | a script: for each part slices through pipes, `md5sum`, and `curl --form`. \
Its memory is one curl's, of as many as there are workers |
| api.video | api.video's Python client, which sends one part after the other and takes no checksum |
| s3transfer | boto3's, as it comes: a CRC32, and over plain HTTP also an SHA-256 |
| s3transfer-bare | the same with signatures and checksums off: it reads the file once, nobody checks what arrives |

"Without checksums" is processor time minus that of the contender's checksums, measured alone on bytes in memory.
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--results", type=Path, default=RESULTS)
    parser.add_argument("--links", type=Path, default=RESULTS.with_name("links.jsonl"))
    parser.add_argument("--page", type=Path, default=PAGE)
    parser.add_argument("--light", type=Path, default=RESULTS.with_name("light.json"))
    options = parser.parse_args()
    figures = Figures.read(options.results)
    picture = options.page.parent / PICTURE
    picture.parent.mkdir(parents=True, exist_ok=True)
    plot.draw(figures, picture)
    links = LinkFigures.read(options.links) if options.links.exists() else LinkFigures([])
    if links.links:
        plot.draw_links(links, options.page.parent / LINKS_PICTURE)
    light = json.loads(options.light.read_text(encoding="utf-8")) if options.light.exists() else None
    options.page.write_text(page(figures, links, light), encoding="utf-8")
    print(f"{options.page} and its pictures are made from {options.results} and {options.links}.")


def page(figures: Figures, links: LinkFigures | None = None, light: dict[str, Any] | None = None) -> str:
    promises = [*_machine(figures), *_bars(figures.bars()), *_bare(figures), *_first(figures), _picture()]
    over_links = _over_links(links) if links and links.links else ()
    is_light = [_light(light)] if light else ()
    return "\n".join([HEAD, *promises, *over_links, *is_light, _method(figures), *_tables(figures)])


def _light(light: dict[str, Any]) -> str:
    rows = [
        f"| {row['what']} | {row['ours']:.1f} | {row['beside']} | {row['other']:.1f} | {share:.2f} | {row['most']} | "
        f"{_WORDS[share <= row['most']]} |"
        for row in light["rows"]
        for share in [row["ours"] / row["other"]]
    ]
    return LIGHT.format(**light["machine"], rows="\n".join(rows))


def _over_links(links: LinkFigures) -> Iterator[str]:
    date, cores = links.machine.get("date", "an unknown day"), links.machine.get("cores", "?")
    yield LINKS.format(date=date, cores=cores, profiles="\n".join(_profile(links, name) for name in links.links))
    yield from _bars(links.bars())
    yield f"![Share of each link that each contender reaches]({LINKS_PICTURE})\n"
    yield f"| contender | {' | '.join(links.links)} | start-up, s |\n|---|{'---|' * (len(links.links) + 1)}"
    for name in links.contenders:
        shares = [links.share(link, name) for link in links.links]
        cells = ["" if share is None else f"{share:.2f}" for share in shares]
        shown = f"**{name}**" if name == AUTO else name
        yield f"| {shown} | {' | '.join(cells)} | {links.start(name) or 0.0:.1f} |"
    yield ""
    for link in links.links:
        if again := links.sent_again(link):
            shares_of_parts = ", ".join(f"{one:.2f}" for one in sorted(again))
            yield f"Sent again after each kill on {link}, in parts: {shares_of_parts}.\n"
    yield from (f"- {row['contender']} over {row['link']} failed: {row['error']}" for row in links.failures)
    yield ""


def _profile(links: LinkFigures, name: str) -> str:
    profile = PROFILES[name]
    loss = f"{profile.loss:.1%}" if profile.loss else "none"
    cells = [name, f"{profile.rate // MBIT} Mbit/s", f"{profile.round_trip * 1000:.0f} ms", loss]
    cells += [f"{profile.queue // 1000} kB", profile.congestion_control, show_size(round(links.part(name) / MIB) * MIB)]
    return f"| {' | '.join(cells)} |"


def _machine(figures: Figures) -> Iterator[str]:
    machine = figures.machine
    if machine:
        versions = ", ".join(f"{name} {version or 'absent'}" for name, version in machine["versions"].items())
        yield (
            f"Measured on {machine['date']}: {machine['cores']} cores ({machine['processor']}), "
            f"load {machine['load']:.1f} at the beginning, Python {machine['python']}, {versions}.\n"
        )


def _bars(bars: Iterable[Bar]) -> Iterator[str]:
    yield "| promise | measured | |\n|---|---|---|"
    yield from (f"| {bar.promise} | {bar.measured} | {_WORDS[bar.is_met]} |" for bar in bars)
    yield ""


def _bare(figures: Figures) -> Iterator[str]:
    """No promise, but it would be hiding something not to say it."""
    if ratios := figures.cpu_beside(BARE).values():
        yield (
            f"Beside {BARE}, which reads the file once because nobody checks what arrives, the client needs "
            f"{min(ratios):.2f} to {max(ratios):.2f} times as much processor time, MD5 not counted: it reads twice.\n"
        )


def _first(figures: Figures) -> Iterator[str]:
    time, above = figures.first_upload(wall), figures.first_upload(memory)
    if time is not None and above is not None:
        yield (
            f"The first upload of a process loads what uploads need: a file of one byte took {time * 1000:.0f} ms and "
            f"{above / MIB:.1f} MiB, once. The figures here are those of the next upload.\n"
        )


def _picture() -> str:
    return f"![Throughput and processor time of each contender]({PICTURE})\n"


def _method(figures: Figures) -> str:
    sizes = sorted({setting.size for setting in figures.settings})
    said = "The files are in memory (tmpfs), and have random bytes in blocks of 64 MiB."
    if sparse := [show_size(size) for size in sizes if size in figures.sparse]:
        said += f" Those of {', '.join(sparse)} would not fit there, and are sparse."
    machine = figures.machine
    return METHOD.format(
        part=show_size(machine.get("part", 0)),
        block=f"{machine.get('block', 0) // 1024} KiB",
        files=said,
        first=FIRST if figures.first_upload(wall) is not None else "",
    )


def _tables(figures: Figures) -> Iterator[str]:
    yield "## All figures\n\nMedian of the rounds (least to most).\n"
    for (transport, size), settings in groupby(figures.settings, key=lambda setting: setting[:2]):
        yield f"### {transport}, {show_size(size)}\n"
        yield (
            "| workers | contender | rounds | GiB/s | of the floor | CPU s/GiB | without checksums | memory, MiB |\n"
            "|---|---|---|---|---|---|---|---|"
        )
        for setting in settings:
            best = figures.best_floor(setting)
            yield from (_line(figures, setting, name, name == best) for name in figures.contenders(setting))
        yield ""
    if figures.failures:
        yield "### What failed\n"
        yield from (
            f"- {row.get('contender', 'many files')}, {row.get('transport', 'http')}, round {row.get('round', 1)}: "
            f"{row['error']}"
            for row in figures.failures
        )
        yield ""


def _line(figures: Figures, setting: Setting, name: str, is_best_floor: bool) -> str:
    time, size = figures.spread(setting, name, wall), setting.size / GIB
    used, above = figures.median(setting, name, cpu), figures.median(setting, name, memory)
    alone, floor = figures.cpu_without_checksum(setting, name), figures.median(setting, FLOOR, wall)
    assert time is not None
    assert used is not None
    assert above is not None
    speeds = f"{size / time.median:.2f} ({size / time.most:.2f} to {size / time.least:.2f})"
    share = f"{floor / time.median:.2f}" if floor else ""
    shown = f"**{name}**" if name == OURS else name + " (the best floor)" * is_best_floor
    left = "" if alone is None else f"{alone / size:.2f}"
    cells = [setting.connections, shown, str(time.rounds), speeds, share, f"{used / size:.2f}", left]
    return f"| {' | '.join(cells)} | {above / MIB:.1f} |"


if __name__ == "__main__":
    main()
