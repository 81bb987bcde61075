"""How much the command tells: -v, -q and --log-file, which stand before or after the command."""

from __future__ import annotations

import logging
import sys
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

import click

from aioz_stream.http.log import level_of_environment, logger
from aioz_stream_cli.terminal import clean, notes

if TYPE_CHECKING:
    from collections.abc import Generator, MutableMapping

_VERBOSE = f"{__name__}.verbose"
_LEVELS = (logging.WARNING, logging.INFO, logging.DEBUG)


def options() -> list[click.Option]:
    """For the group and for each of its commands."""
    return [
        click.Option(
            ["-v", "--verbose"],
            count=True,
            expose_value=False,
            callback=_add_verbose,
            help="Show each request; -vv shows when it begins, too.",
        ),
        click.Option(
            ["-q", "--quiet"],
            is_flag=True,
            expose_value=False,
            callback=_set_quiet,
            help="Show errors and results alone.",
        ),
        click.Option(
            ["--log-file"],
            metavar="FILE",
            type=click.Path(dir_okay=False),
            expose_value=False,
            callback=_open_log_file,
            help="Add all that -vv shows to this file, with times.",
        ),
    ]


def _add_verbose(ctx: click.Context, _: click.Parameter, count: int) -> None:
    ctx.meta[_VERBOSE] = ctx.meta.get(_VERBOSE, 0) + count


def _set_quiet(ctx: click.Context, _: click.Parameter, is_quiet: bool) -> None:
    if is_quiet:
        notes.quiet = True
        ctx.find_root().call_on_close(lambda: setattr(notes, "quiet", False))


def _open_log_file(ctx: click.Context, _: click.Parameter, path: str | None) -> None:
    if path is None or ctx.resilient_parsing:
        return
    try:
        handler = _LogFile(path, encoding="utf-8")
    except OSError as error:
        raise click.BadParameter(f"{path} can't be written: {error.strerror}.") from None
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    logger.addHandler(handler)

    def close() -> None:
        logger.removeHandler(handler)
        with suppress(OSError):  # said when it was written
            handler.close()

    ctx.find_root().call_on_close(close)


class _LogFile(logging.FileHandler):
    """A file that takes no more, such as on a full disk, is said once and ends nothing."""

    _has_failed = False

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - logging's name
        del record
        error = sys.exception()
        if not self._has_failed:
            self._has_failed = True
            with suppress(OSError, AttributeError):  # standard error may be full or closed, too
                sys.stderr.write(f"Warning: the log file can't be written: {error}\n")


@contextmanager
def showing_log(meta: MutableMapping[str, Any]) -> Generator[None]:
    """Shows the library's log as the options of the command say, by the time of each record."""
    asked = level_of_environment()
    handler = _Shown(meta, _LEVELS.index(asked) if asked else 0)
    before = logger.level
    logger.setLevel(logging.DEBUG)
    logger.addHandler(handler)
    try:
        yield
    finally:
        logger.removeHandler(handler)
        logger.setLevel(before)


class _Shown(logging.Handler):
    """Shows records on standard error; without -v, those of a request that is tried again at a terminal alone."""

    def __init__(self, meta: MutableMapping[str, Any], at_least: int) -> None:
        super().__init__()
        self._meta, self._at_least = meta, at_least

    def emit(self, record: logging.LogRecord) -> None:
        verbose = max(self._meta.get(_VERBOSE, 0), self._at_least)
        if notes.quiet:
            return
        if record.levelno >= _LEVELS[min(verbose, len(_LEVELS) - 1)]:
            line = record.getMessage()
        elif hasattr(record, "retry_in") and notes.is_terminal:
            line = _retry(**vars(record))
        else:
            return
        # Not by the console: while a bar is drawn, what is written here appears above it.
        sys.stderr.write(f"{clean(line)}\n")


def _retry(status: int | None, reason: str, retry_in: float, **_: object) -> str:
    answer = f"{status}: {reason}" if status else reason
    return f"{answer.rstrip('.')}, trying again in {retry_in:.1f} s"
