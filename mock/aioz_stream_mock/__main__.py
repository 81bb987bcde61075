"""The command `aioz-stream-mock`, which needs the extra [mock]."""

from __future__ import annotations

import sys

from aioz_stream_mock import LIBRARIES, NEEDED


def main() -> int:
    try:
        from aioz_stream_mock.cli import main as run  # noqa: PLC0415 - the extra may be missing, which gets a sentence
    except ModuleNotFoundError as error:
        if error.name not in LIBRARIES:
            raise
        print(f"{NEEDED}.", file=sys.stderr)
        return 1
    return run()


if __name__ == "__main__":
    sys.exit(main())
