"""How the text of `--help` is broken into lines."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Iterable

_KEPT = {"-": "\u2011", " ": "\u00a0"}
"""A hyphen and a space at which no line is broken."""


class _Formatter(click.HelpFormatter):
    """Keeps commands and options whole, so that they can be copied. Click breaks lines at their hyphens and spaces."""

    def write(self, string: str) -> None:
        for plain, kept in _KEPT.items():
            string = string.replace(kept, plain)
        super().write(string)

    def write_text(self, text: str) -> None:
        super().write_text(_keep_whole(text))

    def write_dl(self, rows: Iterable[tuple[str, str]], col_max: int = 30, col_spacing: int = 2) -> None:
        super().write_dl([(term, _keep_whole(text)) for term, text in rows], col_max, col_spacing)


def _keep_whole(text: str) -> str:
    commands = re.sub("`[^`]*`", lambda command: command[0].replace(" ", _KEPT[" "]), text)
    return commands.replace("-", _KEPT["-"])


class HelpContext(click.Context):
    """The context of a command whose help is written so."""

    formatter_class = _Formatter
