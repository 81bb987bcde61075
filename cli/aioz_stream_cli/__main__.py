"""The command `aioz-stream`, which needs the extra [cli]."""

from __future__ import annotations

import sys

from aioz_stream_cli import signals


def main() -> None:
    try:
        signals.raise_signals()
        _run()
    except KeyboardInterrupt as interruption:  # while the libraries are imported
        signals.end_by_signal(signals.SignalExit(interruption).number)
    except signals.SignalExit as end:
        signals.end_by_signal(end.number)


def _run() -> None:
    try:
        from aioz_stream_cli.commands import cli  # noqa: PLC0415 - the extra may be missing, which gets a sentence of its own
    except ModuleNotFoundError as error:
        if error.name not in {"click", "rich"}:
            raise
        sys.exit("The aioz-stream command needs the extra [cli]: pip install 'aioz-stream[cli]'")
    cli(prog_name="aioz-stream")


if __name__ == "__main__":
    main()
