"""Where the command prints, and how text of the service becomes safe to print."""

from __future__ import annotations

import json

import click
from rich.console import Console

output = Console(highlight=False, soft_wrap=True)


notes = Console(stderr=True, highlight=False, soft_wrap=True)


def is_for_people() -> bool:
    """Whether the output is a terminal. FORCE_COLOR, which Rich goes by, does not make one of a pipe."""
    return output.file.isatty()


def say(text: str) -> None:
    """Prints a sentence for people, unless the output goes to a program: it reads the exit status."""
    if notes.is_terminal:
        notes.print(text, markup=False)


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
