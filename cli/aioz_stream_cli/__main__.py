"""The command `aioz-stream`, which needs the extra [cli]."""

from __future__ import annotations

import errno
import os
import sys

from aioz_stream_cli import signals

_FULL = {getattr(errno, name) for name in ("ENOSPC", "EDQUOT", "EFBIG") if hasattr(errno, name)}


def main() -> None:
    if sys.stdin is None:  # pyright: ignore[reportUnnecessaryComparison] - closed, as by some daemons
        sys.stdin = open(os.devnull, encoding="utf-8")  # noqa: PTH123, SIM115 - as long as the process
    try:
        _run()
    except KeyboardInterrupt as interruption:  # before a command has begun
        signals.end_by_signal(signals.SignalExit(interruption).number)
    except signals.SignalExit as end:
        signals.end_by_signal(end.number)
    except OSError as error:
        if error.errno not in _FULL:
            raise
        # What is left in the buffer would be an error of its own at the end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(f"Error: the output can't be written: {error.strerror}.")


def _run() -> None:
    signals.unraised_interrupts()  # an import that is interrupted would print a traceback
    try:
        from aioz_stream_cli.commands import cli  # noqa: PLC0415 - the extra may be missing, which gets a sentence of its own
    except ModuleNotFoundError as error:
        if error.name not in {"click", "rich"}:
            raise
        sys.exit("The aioz-stream command needs the extra [cli]: pip install 'aioz-stream[cli]'")
    signals.raise_signals()
    cli(prog_name="aioz-stream")


if __name__ == "__main__":
    main()
