"""Errors of the library as sentences and exit statuses."""

from __future__ import annotations

import warnings
from typing import Any, NoReturn

import click
from rich.control import Control
from rich.segment import ControlType

from aioz_stream import JournalWarning
from aioz_stream.errors import AiozStreamError
from aioz_stream_cli.ending import Command, keep_words
from aioz_stream_cli.signals import SignalExit, ignore_signals
from aioz_stream_cli.terminal import clean, notes, wrap


class ErrorGroup(click.Group):
    """Turns this package's errors into one sentence and exit status 1."""

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: Any
    ) -> click.Context:
        words = [info_name or "", *args]  # as they were typed; parsing empties the list
        ctx = super().make_context(info_name, args, parent, **extra)
        keep_words(ctx, words)
        return ctx

    def invoke(self, ctx: click.Context) -> object:
        try:
            with warnings.catch_warnings():
                warnings.showwarning = _show_warning
                return super().invoke(ctx)
        except (AiozStreamError, JournalWarning) as error:  # a warning is raised where Python is told to
            print_error(error)
            raise SystemExit(1) from None
        except KeyboardInterrupt as interruption:
            # The terminal shows ^C where the cursor is.
            notes.control(Control(ControlType.CARRIAGE_RETURN, (ControlType.ERASE_IN_LINE, 2)))
            _end(interruption)
        except click.Abort as abort:  # Click's word for Ctrl-C at a question, and for the end of its input
            if isinstance(abort.__context__, KeyboardInterrupt):
                _end(abort.__context__)
            raise


def _end(interruption: KeyboardInterrupt) -> NoReturn:
    ignore_signals()
    print_notes(interruption)
    raise SignalExit(interruption) from None


def print_error(error: BaseException) -> None:
    """A sentence in red, and what its notes say to do."""
    said = "\n".join(map(clean, str(error).splitlines()))
    notes.print(f"Error: {said}", style="red", markup=False)
    print_notes(error)


def _show_warning(message: Warning | str, *_: Any, **__: Any) -> None:
    """A sentence, without the line of this program that Python would show."""
    notes.print(clean(f"Warning: {message}"), style="yellow", markup=False)


def print_notes(error: BaseException) -> None:
    for note in getattr(error, "__notes__", ()):
        if isinstance(note, Command):
            notes.print(note, markup=False)  # never wrapped, so that it can be pasted
        else:
            wrap(note)
