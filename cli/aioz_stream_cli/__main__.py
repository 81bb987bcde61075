"""The command `aioz-stream`, which needs the extra [cli]."""

from __future__ import annotations

import sys


def main() -> None:
    try:
        from aioz_stream_cli.commands import cli  # noqa: PLC0415 - the extra may be missing, which gets a sentence of its own
    except ModuleNotFoundError as error:
        if error.name not in {"click", "rich"}:
            raise
        sys.exit("The aioz-stream command needs the extra [cli]: pip install 'aioz-stream[cli]'")
    cli(prog_name="aioz-stream")


if __name__ == "__main__":
    main()
