"""Errors of the library as sentences and exit statuses."""

from __future__ import annotations

import warnings
from enum import IntEnum
from typing import TYPE_CHECKING, Any, NoReturn, Self, TypeVar

import click
from rich.control import Control
from rich.segment import ControlType

from aioz_stream import JournalWarning
from aioz_stream.errors import AiozStreamError, AuthenticationError
from aioz_stream_cli.ending import Command, keep_words
from aioz_stream_cli.records import print_failure
from aioz_stream_cli.signals import SignalExit, ignored_signals
from aioz_stream_cli.terminal import clean, is_for_people, notes, wrap

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from aioz_stream import Video
    from aioz_stream_cli.parameters import Form

T = TypeVar("T")
R = TypeVar("R")


class ExitStatus(IntEnum):
    FAILED = 1
    TRANSCODING_FAILED = 7


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
            raise SystemExit(exit_status(error)) from None
        except KeyboardInterrupt as interruption:
            # The terminal shows ^C where the cursor is.
            notes.control(Control(ControlType.CARRIAGE_RETURN, (ControlType.ERASE_IN_LINE, 2)))
            _end(interruption)
        except click.Abort as abort:  # Click's word for Ctrl-C at a question, and for the end of its input
            if isinstance(abort.__context__, KeyboardInterrupt):
                _end(abort.__context__)
            raise


def _end(interruption: KeyboardInterrupt) -> NoReturn:
    with ignored_signals():
        print_notes(interruption)
    raise SignalExit(interruption) from None


def exit_status(_error: BaseException) -> ExitStatus:
    return ExitStatus.FAILED


def print_error(error: BaseException) -> None:
    said = "\n".join(map(clean, str(error).splitlines()))
    notes.print(f"Error: {said}", style="red", markup=False)
    print_notes(error)


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
                print_error(error)
                self._fail(exit_status(error))
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


def _show_warning(message: Warning | str, *_: Any, **__: Any) -> None:
    """A sentence, without the line of this program that Python would show."""
    notes.print(clean(f"Warning: {message}"), style="yellow", markup=False)


def print_notes(error: BaseException) -> None:
    for note in getattr(error, "__notes__", ()):
        if isinstance(note, Command):
            notes.print(note, markup=False)  # never wrapped, so that it can be pasted
        else:
            wrap(note)
