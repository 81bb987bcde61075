"""Errors of the library as sentences and exit statuses."""

from __future__ import annotations

import warnings
from enum import IntEnum
from functools import partial
from shutil import get_terminal_size
from typing import TYPE_CHECKING, Any, NoReturn, Self, TypeVar

import click
from rich.control import Control
from rich.segment import ControlType

from aioz_stream import JournalWarning, errors
from aioz_stream.errors import AiozStreamError, APIError, AuthenticationError
from aioz_stream.http.log import logger, one_line
from aioz_stream.http.retry import is_transient
from aioz_stream_cli.ending import Command, keep_words
from aioz_stream_cli.help_text import HelpGroup
from aioz_stream_cli.records import print_failure
from aioz_stream_cli.signals import SignalExit, ignored_signals
from aioz_stream_cli.terminal import is_for_people, notes, print_always, wrap, wrapped
from aioz_stream_cli.verbosity import showing_log
from aioz_stream_cli.wording import in_options, running_command, sentence

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from aioz_stream import Video
    from aioz_stream_cli.parameters import Form

T = TypeVar("T")
R = TypeVar("R")


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
    errors.PriceError: ExitStatus.REFUSED,
    errors.SourceError: ExitStatus.USAGE,
    errors.SourceChangedError: ExitStatus.FAILED,
    errors.VideoCompleteError: ExitStatus.REFUSED,
    errors.AssetMissingError: ExitStatus.NO_SUCH_VIDEO,
    errors.DestinationExistsError: ExitStatus.USAGE,
    errors.DownloadCancelledError: ExitStatus.INTERRUPTED,
    errors.DownloadTimeoutError: ExitStatus.UNAVAILABLE,
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


NARROW = 52
"""Columns that the lines of a help text would have at least."""


class ErrorGroup(HelpGroup):
    """Turns this package's errors into one sentence and an exit status."""

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: Any
    ) -> click.Context:
        if (columns := get_terminal_size().columns) < NARROW:  # Click would write wider lines
            extra.setdefault("terminal_width", columns)
        words = [info_name or "", *args]  # as they were typed; parsing empties the list
        ctx = super().make_context(info_name, args, parent, **extra)
        keep_words(ctx, words)
        return ctx

    def invoke(self, ctx: click.Context) -> object:
        try:
            with warnings.catch_warnings(), showing_log(ctx.meta):
                warnings.showwarning = partial(_show_warning, ctx)  # on any thread
                return super().invoke(ctx)
        except click.UsageError as error:
            raise _in_lines(error) from None
        except (AiozStreamError, JournalWarning) as error:  # a warning is raised where Python is told to
            raise SystemExit(print_error(error)) from None
        except KeyboardInterrupt as interruption:
            # The terminal shows ^C where the cursor is.
            notes.control(Control(ControlType.CARRIAGE_RETURN, (ControlType.ERASE_IN_LINE, 2)))
            _end(interruption)
        except click.Abort as abort:  # Click's word for Ctrl-C at a question, and for the end of its input
            if isinstance(abort.__context__, KeyboardInterrupt):
                _end(abort.__context__)
            raise


def _in_lines(error: click.UsageError) -> click.UsageError:
    """The same in lines of the terminal's width, in which no word, such as an id, is cut."""
    begin = "Error: "
    said = (begin + error.format_message()).splitlines()
    return click.UsageError("\n".join(map(wrapped, said)).removeprefix(begin), error.ctx)


def _end(interruption: KeyboardInterrupt) -> NoReturn:
    with ignored_signals():
        print_notes(interruption)
    raise SignalExit(interruption) from None


def print_error(error: Exception) -> ExitStatus:
    """Says what went wrong. The result is the status with which the command ends."""
    status = exit_status(error)
    logger.debug("exit status %d: %s", status, one_line(str(error)))
    said = sentence(error, running_command(click.get_current_context()))
    print_always("\n".join(map(wrapped, f"Error: {said}".splitlines())), style="red")
    print_notes(error)
    return status


class Attempts:
    """Does something for each of several. What fails is said and leaves the others alone.

    At its end the command exits with the status of the first failure.
    """

    def __init__(self) -> None:
        self._status = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None and self._status:
            raise SystemExit(self._status)

    def each(self, items: Iterable[T], do: Callable[[T], R]) -> Iterator[R]:
        """What comes of the items that don't fail. Without valid credentials all would, so that ends it."""
        for item in items:
            try:
                result = do(item)
            except AuthenticationError:
                raise
            except AiozStreamError as error:
                self._fail(print_error(error))
            else:
                yield result

    def settled(self, videos: Iterable[Video], form: Form) -> Iterator[Video]:
        """The videos. One that did not become playable is a failure; people get a sentence in its place."""
        for video in videos:
            if video.status != "done":
                print_failure(video)
                self._fail(ExitStatus.TRANSCODING_FAILED)
            if video.status == "done" or form or not is_for_people():
                yield video

    def _fail(self, status: int) -> None:
        self._status = self._status or status


def _show_warning(ctx: click.Context, message: Warning | str, *_: Any, **__: Any) -> None:
    """A sentence, without the line of this program that Python would show."""
    wrap(f"Warning: {in_options(str(message), running_command(ctx))}", style="yellow")


def print_notes(error: BaseException) -> None:
    command = running_command(click.get_current_context())
    for note in getattr(error, "__notes__", ()):
        if isinstance(note, Command):
            print_always(note)  # never wrapped, so that it can be pasted
        else:
            print_always(wrapped(in_options(note, command)))
