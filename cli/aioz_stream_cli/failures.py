"""Errors of the library as sentences and exit statuses."""

from __future__ import annotations

import warnings
from enum import IntEnum
from typing import Any

import click

from aioz_stream import JournalWarning
from aioz_stream.errors import AiozStreamError
from aioz_stream_cli.terminal import clean, notes


class ExitStatus(IntEnum):
    """What a program is told by the command's end."""

    FAILED = 1
    TRANSCODING_FAILED = 7


class ErrorGroup(click.Group):
    """Turns this package's errors into one sentence and exit status 1."""

    def invoke(self, ctx: click.Context) -> object:
        try:
            with warnings.catch_warnings():
                warnings.showwarning = _show_warning
                return super().invoke(ctx)
        except (AiozStreamError, JournalWarning) as error:  # a warning is raised where Python is told to
            said = "\n".join(map(clean, str(error).splitlines()))
            notes.print(f"Error: {said}", style="red", markup=False)
            print_notes(error)
            raise SystemExit(exit_status(error)) from None
        except KeyboardInterrupt as interruption:
            print_notes(interruption)
            raise


def exit_status(_error: BaseException) -> ExitStatus:
    """The status with which the command ends after this error."""
    return ExitStatus.FAILED


def _show_warning(message: Warning | str, *_: Any, **__: Any) -> None:
    """A sentence, without the line of this program that Python would show."""
    notes.print(clean(f"Warning: {message}"), style="yellow", markup=False)


def print_notes(error: BaseException) -> None:
    for note in getattr(error, "__notes__", ()):
        notes.print(clean(note), markup=False)
