"""The command that gives an upload up, as messages name it: whole, to be pasted."""

from __future__ import annotations

import os
import shlex
from collections.abc import Sequence


def shell_line(words: Sequence[str]) -> str:
    """Words as this system's shell takes them."""
    if os.sep == "/":
        return shlex.join(words)
    from subprocess import list2cmdline  # noqa: PLC0415 - 2 ms, for Windows alone

    return list2cmdline(words)


def abort_command(name: str, *options: str) -> str:
    """For an upload by the id of its video or, where none is known, by its source."""
    return f"`{shell_line(['aioz-stream', 'abort', name, *options])}`"


def to_upload_again(name: str) -> str:
    """What to do about an upload that can't be resumed."""
    return (
        f"To upload it again, give that upload up with {abort_command(name)}. In Python, `stream.uploads.abort(...)` "
        "does."
    )
