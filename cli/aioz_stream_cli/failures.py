"""Errors of the library as sentences and exit statuses."""

from __future__ import annotations

import warnings
from enum import IntEnum
from functools import partial
from typing import Any

import click

from aioz_stream import JournalWarning, errors
from aioz_stream.errors import AiozStreamError, APIError
from aioz_stream.http.log import logger, one_line
from aioz_stream.http.retry import is_transient
from aioz_stream_cli.terminal import clean, notes, print_error
from aioz_stream_cli.verbosity import showing_log
from aioz_stream_cli.wording import in_options, running_command, sentence


class ExitStatus(IntEnum):
    """What a program is told by the command's end. `docs/settings.md` describes them; 130 is Ctrl-C's."""

    FAILED = 1
    """Something on this machine: a journal, a file that changed; or a question was answered with no."""
    USAGE = 2
    """Click's own, too."""
    CREDENTIALS = 3
    NO_SUCH_VIDEO = 4
    REFUSED = 5
    UNAVAILABLE = 6
    TRANSCODING_FAILED = 7
    INTERRUPTED = 130


_STATUSES: dict[type[BaseException], ExitStatus] = {
    AiozStreamError: ExitStatus.FAILED,
    errors.ConfigurationError: ExitStatus.USAGE,
    errors.CredentialsError: ExitStatus.CREDENTIALS,
    errors.ArgumentError: ExitStatus.USAGE,
    errors.EncodingError: ExitStatus.REFUSED,
    errors.SourceError: ExitStatus.USAGE,
    errors.SourceChangedError: ExitStatus.FAILED,
    errors.VideoCompleteError: ExitStatus.REFUSED,
    errors.UploadCancelledError: ExitStatus.INTERRUPTED,
    errors.UploadTimeoutError: ExitStatus.UNAVAILABLE,
    errors.WaitTimeoutError: ExitStatus.UNAVAILABLE,
    APIError: ExitStatus.UNAVAILABLE,
    errors.APIStatusError: ExitStatus.REFUSED,
    errors.AuthenticationError: ExitStatus.CREDENTIALS,
    errors.PermissionDeniedError: ExitStatus.CREDENTIALS,
    errors.NotFoundError: ExitStatus.NO_SUCH_VIDEO,
}
"""By class of error; a class that is not here has its base's."""


def exit_status(error: BaseException) -> ExitStatus:
    """The status with which the command ends after this error."""
    if isinstance(error, APIError) and is_transient(error):
        return ExitStatus.UNAVAILABLE
    return next((_STATUSES[kind] for kind in type(error).__mro__ if kind in _STATUSES), ExitStatus.FAILED)


class ErrorGroup(click.Group):
    """Turns this package's errors into one sentence and an exit status."""

    def invoke(self, ctx: click.Context) -> object:
        try:
            with warnings.catch_warnings(), showing_log(ctx.meta):
                warnings.showwarning = partial(_show_warning, ctx)  # on any thread
                return super().invoke(ctx)
        except (AiozStreamError, JournalWarning) as error:  # a warning is raised where Python is told to
            said, status = "\n".join(map(clean, sentence(error, running_command(ctx)).splitlines())), exit_status(error)
            logger.debug("exit status %d: %s", status, one_line(said))
            print_error(f"Error: {said}", style="red")
            print_notes(error)
            raise SystemExit(status) from None
        except KeyboardInterrupt as interruption:
            print_notes(interruption)
            raise


def _show_warning(ctx: click.Context, message: Warning | str, *_: Any, **__: Any) -> None:
    """A sentence, without the line of this program that Python would show."""
    notes.print(clean(f"Warning: {in_options(str(message), running_command(ctx))}"), style="yellow", markup=False)


def print_notes(error: BaseException) -> None:
    command = running_command(click.get_current_context())
    for note in getattr(error, "__notes__", ()):
        print_error(clean(in_options(note, command)))
