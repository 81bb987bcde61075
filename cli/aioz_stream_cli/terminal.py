"""What the command prints: sentences, tables and JSON."""

from __future__ import annotations

import json
import textwrap
from typing import TYPE_CHECKING, cast

import click
from rich.console import Console
from rich.table import Column, Table
from rich.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from aioz_stream import Video


output = Console(highlight=False, soft_wrap=True)


notes = Console(stderr=True, highlight=False, soft_wrap=True)


def say(text: str) -> None:
    """Prints a sentence for people, unless the output goes to a program: it reads the exit status."""
    if notes.is_terminal:
        notes.print(text)


def wrap(text: str) -> None:
    """Prints a sentence on standard error. A terminal gets lines of its width, and no word, such as an id, is cut."""
    lines = textwrap.wrap(clean(text), notes.width, break_long_words=False, break_on_hyphens=False)
    notes.print("\n".join(lines) if notes.is_terminal else clean(text), markup=False)


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
