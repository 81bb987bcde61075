"""Results as JSON, as lines for a pipe, and as tables or records for people."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click
from rich.cells import cell_len
from rich.table import Table
from rich.text import Text

from aioz_stream_cli.terminal import (
    break_into_lines,
    cell,
    is_for_people,
    output,
    print_always,
    print_json,
    say,
    wrapped,
)
from aioz_stream_cli.values import (
    GAP,
    Record,
    describe_quality,
    field,
    heading,
    least_width,
    longest_word,
    readable,
    widths,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from aioz_stream import Video
    from aioz_stream_cli.parameters import Form


def print_records(
    records: Iterable[Record],
    form: Form,
    usual: Sequence[str],
    chosen: Sequence[str] | None,
    *,
    fewest: int | None = None,
    none: str,
) -> None:
    """Prints results by the fields that are chosen, or by the usual ones.

    Of the usual ones a narrow terminal shows fewer, but no less than `fewest`, all by default. `none` is what people
    are told where there are no results.
    """
    if form:
        if chosen:
            raise click.UsageError("--columns chooses what a table or a line has; JSON has all fields.")
        print_as_json(records, form)
    elif not is_for_people():
        for record in records:
            click.echo("\t".join(cell(field(record, name)) for name in chosen or usual))
    elif shown := list(records):
        # What is empty everywhere comes last, so that it is the first to go where there is little room.
        names = chosen or sorted(usual, key=lambda name: not any(readable(name, field(one, name)) for one in shown))
        _print_table(shown, names, len(names) if chosen or fewest is None else fewest)
    else:
        say(none)


def print_videos(videos: Iterable[Video], form: Form, *, single: bool = True) -> None:
    """Prints all fields. With `single`, JSON is the video itself and not an array."""
    if form:
        print_as_json((video.to_dict() for video in videos), form, single=single)
        return
    for place, video in enumerate(videos):
        if place:
            click.echo()
        print_record(video.to_dict())
        if is_for_people() and video.status == "fail":
            print_failure(video)


def print_results(result: str, ids: Iterable[str], sentence: str, form: Form, *, single: bool = True) -> None:
    """Says what was done to videos: as JSON, or as a sentence for each, in which {} stands for its id."""
    if form:
        print_as_json(({"id": video_id, "result": result} for video_id in ids), form, single=single)
    else:
        for video_id in ids:
            say(sentence.format(video_id))


def print_failure(video: Video) -> None:
    """A sentence about a transcoding that did not succeed, with what the service lets one know of the reason."""
    if video.status == "fail":
        qualities = [quality.to_dict() for quality in video.qualities or ()]
        reasons = [
            f"{name}: {value}"
            for known in (video.to_dict(), *qualities)
            for name, value in known.items()
            if value and any(word in name.lower() for word in ("error", "reason", "message"))
        ]
        told = "; ".join([*map(describe_quality, qualities), *(reasons or ["the service gives no reason"])])
        said = f"Transcoding failed: {video.title} ({video.id}). {told[0].upper()}{told[1:]}."
    else:
        said = f"It can't be watched: {video.title} ({video.id}) is {video.status}."
    print_always(wrapped(said), "red")


def print_as_json(records: Iterable[Record], form: Form, *, single: bool = False) -> None:
    if form == "jsonl" or single:
        for record in records:
            print_json(record, None if form == "jsonl" else 2)
    else:
        print_json(list(records))


def _print_table(records: Sequence[Record], names: Sequence[str], fewest: int) -> None:
    """A table of the first fields, as many as fit. Where these are too few, all fields, a line each."""
    columns = {name: [heading(name), *(readable(name, field(record, name)) for record in records)] for name in names}
    needed = [(least_width(name, cells), max(map(cell_len, cells))) for name, cells in columns.items()]
    fitting = (widths(needed[:count], output.width) for count in range(len(names), fewest - 1, -1))
    drawn = next(filter(None, fitting), None)
    if drawn is None:
        for place, record in enumerate(records):
            if place:
                click.echo()
            _print_lines([(heading(name), readable(name, field(record, name))) for name in columns])
        return
    shown = list(columns.items())[: len(drawn)]
    # Gaps are columns of their own: Rich counted padding that it did not draw before 14.3, and broke ids for it.
    table = Table(box=None, padding=0)
    for place, ((_, cells), width) in enumerate(zip(shown, drawn, strict=True)):
        if place:
            table.add_column(width=GAP)
        table.add_column(cells[0], width=width, overflow="fold")
    for row in zip(*(cells[1:] for _, cells in shown), strict=True):
        texts = [Text(text, style="red" if text == "fail" else "") for text in row]
        table.add_row(*[one for text in texts for one in ("", text)][1:])
    output.print(table)


def print_record(record: Record, form: Form = None) -> None:
    """Prints all fields that have a value, those of an object inside the record among them."""
    if form:
        print_as_json([record], form, single=True)
        return
    fields: list[tuple[str, object]] = []
    for name, value in record.items():
        fields += value.items() if isinstance(value, dict) else [(name, value)]
    given = [(name, value) for name, value in fields if value not in (None, "", [])]
    if is_for_people():
        _print_lines([(heading(name), readable(name, value)) for name, value in given])
        return
    for name, value in given:
        click.echo(f"{cell(name)}\t{cell(value)}")


def _print_lines(fields: Sequence[tuple[str, str]]) -> None:
    """A field on each line. Where a word does not fit beside the name, the value begins a line of its own.

    A word is never broken: one that is wider than the terminal is written in one piece, so that it can be copied.
    """
    beside = max(cell_len(name) for name, _ in fields) + GAP
    for name, value in fields:
        if value:
            fits = beside + longest_word(value) <= output.width
            between = "\n" + " " * beside if fits else "\n"
            start = " " * (beside - cell_len(name)) if fits else "\n"
            lines = between.join(break_into_lines(value, output.width - beside if fits else output.width))
            output.print(Text(name, style="dim"), start, Text(lines), sep="")
