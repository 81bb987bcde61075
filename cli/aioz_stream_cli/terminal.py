"""Where the command prints, and how text of the service becomes safe to print."""

from __future__ import annotations

import json
import re
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click
from rich.cells import cell_len
from rich.console import Console

from aioz_stream.bar import progress_bar

if TYPE_CHECKING:
    from collections.abc import Generator

    from aioz_stream.upload.progress import OnProgress

output = Console(highlight=False, soft_wrap=True)


notes = Console(stderr=True, highlight=False, soft_wrap=True)


def is_for_people() -> bool:
    """Whether the output is a terminal. FORCE_COLOR, which Rich goes by, does not make one of a pipe."""
    return output.file.isatty()


def say(text: str) -> None:
    """Prints a sentence for people, unless the output goes to a program: it reads the exit status."""
    if notes.is_terminal:
        wrap(text)


def wrap(text: str, style: str = "") -> None:
    """Prints a sentence on standard error. A terminal gets lines of its width, and no word, such as an id, is cut."""
    notes.print(wrapped(text), style=style, markup=False)


def wrapped(text: str) -> str:
    """A sentence as `wrap` prints it. Its indentation stays."""
    said = clean(text)
    if not notes.is_terminal:
        return said
    indent = said[: len(said) - len(said.lstrip())]
    return "\n".join(indent + line for line in break_into_lines(said, notes.width - len(indent)))


def print_sentence(text: str) -> None:
    """Prints a result that is a sentence, in the same way, on standard output."""
    click.echo("\n".join(break_into_lines(clean(text), output.width)) if is_for_people() else clean(text))


def break_into_lines(text: str, width: int) -> list[str]:
    """The text in lines. A word that is wider than they are has one of its own, whole; so has a command."""
    lines = [""]
    for word in re.findall(r"`aioz-stream [^`]*`\S*|\S+", text):
        longer = f"{lines[-1]} {word}".lstrip()
        if cell_len(longer) <= width or not lines[-1]:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def print_always(text: str, style: str = "") -> None:
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
    """Text of the service on one line, without control characters, which a terminal would obey."""
    return "".join(
        character if character.isprintable() else " " if character.isspace() else "\ufffd" for character in text
    )


def cell(value: object) -> str:
    """A value as programs read it: text as it is, all else as JSON."""
    if value is None:
        return ""
    return clean(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str))


def print_json(document: object, indent: int | None = 2) -> None:
    """Prints JSON in UTF-8, whatever the locale. Characters that can't be seen are escaped."""
    text = json.dumps(document, indent=indent, ensure_ascii=False)
    escaped = "".join(
        character if character.isprintable() or character == "\n" else json.dumps(character)[1:-1] for character in text
    )
    click.echo(escaped.encode())
