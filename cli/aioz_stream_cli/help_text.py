"""How the text of `--help` is broken into lines."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import click
from click.formatting import wrap_text

if TYPE_CHECKING:
    from collections.abc import Iterable

_KEPT = {"-": "\u2011", " ": "\u00a0"}
"""A hyphen and a space at which no line is broken."""

_NARROW = 58
"""Columns of text: those of a terminal that has 60."""
_BELOW = 4
_LONGEST = 200
"""Characters of a first sentence."""


class _Formatter(click.HelpFormatter):
    """Keeps commands and options whole, so that they can be copied. Click breaks lines at their hyphens and spaces."""

    def write(self, string: str) -> None:
        for plain, kept in _KEPT.items():
            string = string.replace(kept, plain)
        super().write(string)

    def write_text(self, text: str) -> None:
        super().write_text(_keep_whole(text))

    def write_dl(self, rows: Iterable[tuple[str, str]], col_max: int = 30, col_spacing: int = 2) -> None:
        kept = [(term, _keep_whole(text)) for term, text in rows]
        if self.width >= _NARROW:
            super().write_dl(kept, col_max, col_spacing)
            return
        for term, text in kept:  # below the term, since beside it there is room for a word or two
            indent = " " * self.current_indent
            self.write(wrap_text(_keep_whole(term), self.width, indent, f"{indent}  ") + "\n")
            if text:
                indent += " " * _BELOW
                self.write(wrap_text(text, self.width, indent, indent) + "\n")


def _keep_whole(text: str) -> str:
    commands = re.sub("`[^`]*`", lambda command: command[0].replace(" ", _KEPT[" "]), text)
    return commands.replace("-", _KEPT["-"])


class HelpGroup(click.Group):
    """Lists its commands with whole sentences. Click cuts them to one line."""

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        names = self.list_commands(ctx)
        with formatter.section("Commands"):
            formatter.write_dl([(name, self.commands[name].get_short_help_str(_LONGEST)) for name in names])


class HelpContext(click.Context):
    """The context of a command whose help is written so."""

    formatter_class = _Formatter
