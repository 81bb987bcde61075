"""What the command prints: sentences, tables and JSON."""

from __future__ import annotations

import json
from contextlib import contextmanager
from typing import TYPE_CHECKING, cast

import click
from rich.console import Console
from rich.table import Column, Table
from rich.text import Text

from aioz_stream.bar import progress_bar

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable

    from aioz_stream import Video
    from aioz_stream.upload.progress import OnProgress


output = Console(highlight=False, soft_wrap=True)


notes = Console(stderr=True, highlight=False, soft_wrap=True)


def say(text: str) -> None:
    """Prints a sentence for people, unless the output goes to a program: it reads the exit status."""
    if notes.is_terminal:
        notes.print(text)


def print_error(text: str, style: str = "") -> None:
    """Prints what went wrong, for -q too."""
    quiet, notes.quiet = notes.quiet, False
    notes.print(text, style=style, markup=False)
    notes.quiet = quiet


@contextmanager
def upload_bar(label: str) -> Generator[OnProgress | None]:
    """A progress bar, unless nothing but errors is to be shown."""
    if notes.quiet:
        yield None
        return
    with progress_bar(label) as show:
        yield show


def clean(text: str) -> str:
    """Text of the service, without control characters, which a terminal would obey."""
    return "".join(character if character.isprintable() else "\ufffd" for character in text)


def cell(value: object) -> str:
    if value is None:
        return ""
    return clean(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str))


def print_video(video: Video, as_json: bool) -> None:
    fields = video.to_dict()
    if as_json:
        click.echo(json.dumps(fields, indent=2))
        return
    rows: list[tuple[str, ...]] = []
    for name, value in fields.items():
        inner = cast("dict[str, object]", value) if isinstance(value, dict) else {name: cast("object", value)}
        rows += [(cell(key), cell(item)) for key, item in inner.items() if item not in (None, "", [])]
    print_rows(None, rows)


def print_rows(titles: tuple[str, ...] | None, rows: Iterable[tuple[str, ...]]) -> None:
    """A table for a terminal; for a file or another program, a line each with tabs between, nothing cut off."""
    if not output.is_terminal:
        for row in rows:
            click.echo("\t".join(row))
        return
    table = Table(*(Column(title, overflow="fold") for title in titles or ("", "")), show_header=bool(titles), box=None)
    for row in rows:
        table.add_row(*map(Text, row))
    output.print(table)
