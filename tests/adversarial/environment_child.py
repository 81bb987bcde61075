"""A process on an odd machine: it does what its specification says, and writes down what came of it.

The specification is the JSON file that its only argument names; what came of it is written beside that.
"""

from __future__ import annotations

import errno
import io
import json
import os
import pathlib
import shutil
import sys
import threading
import time
import traceback
import warnings
from typing import Any

SPECIFICATION = pathlib.Path(sys.argv[1])
SPEC: dict[str, Any] = json.loads(SPECIFICATION.read_text(encoding="utf-8"))
RESULT = os.open(SPECIFICATION.with_suffix(".result"), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
folder, journals, path = SPEC["folder"], SPEC["journals"], SPEC["path"]


# What makes a machine odd


def refuse(name: str, number: int) -> None:
    """A function of `os` that fails below the folder of journals, and for descriptors."""
    real = getattr(os, name)

    def refused(place: Any, *others: Any, **options: Any) -> Any:
        if isinstance(place, int) or str(place).startswith(journals):
            raise OSError(number, os.strerror(number))
        return real(place, *others, **options)

    setattr(os, name, refused)


def limit_files(size: int) -> None:
    """No file may become larger, as if the disk were full."""
    import resource
    import signal

    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))


def limit_threads(count: int) -> None:
    """No more than so many threads besides the first."""
    start = threading._start_new_thread  # type: ignore[attr-defined]  # CPython's own name for it

    def limited(*arguments: Any) -> Any:
        if threading.active_count() - 1 > count:  # the new one is counted already
            raise RuntimeError("can't start new thread")
        return start(*arguments)

    threading._start_new_thread = limited  # type: ignore[attr-defined]  # CPython's own name for it


class Pipe(io.RawIOBase):
    """A stream of a few thousand bytes that can't seek."""

    def __init__(self) -> None:
        super().__init__()
        self._rest = io.BytesIO(pathlib.Path(path).read_bytes())

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        return self._rest.readinto(buffer)


# What programs do


def small() -> dict[str, Any]:
    from aioz_stream import PartLimits

    return {"part_size": 1000, "part_limits": PartLimits(1, 10**9)}


def client() -> Any:
    from aioz_stream import AiozStream

    return AiozStream(max_retries=1)


def async_client() -> Any:
    from aioz_stream import AsyncAiozStream

    return AsyncAiozStream(max_retries=1)


def upload(stream: Any = None, source: Any = None, **options: Any) -> Any:
    if stream is not None:
        return stream.upload(source or path, **{**small(), **options})
    with client() as own:
        return own.upload(source or path, **{**small(), **options})


async def async_upload(stream: Any, **options: Any) -> Any:
    return await stream.upload(path, **{**small(), **options})


def say(function: Any) -> None:
    """Does it, and writes down what came of it."""
    import aioz_stream

    said: dict[str, Any] = {}
    with warnings.catch_warnings(record=not SPEC["warnings_are_errors"]) as caught:
        if caught is not None:
            warnings.simplefilter("always")
        try:
            result = function()
            said["video"] = getattr(result, "id", None)
        except aioz_stream.AiozStreamError as error:
            said["error"] = [kind.__name__ for kind in type(error).__mro__]
            said["message"] = "\n".join([str(error), *getattr(error, "__notes__", ())])
        except BaseException as error:  # noqa: BLE001 - the parent judges
            said["untyped"] = f"{type(error).__name__}: {error}"
            said["trace"] = traceback.format_exc()
    said["warnings"] = [f"{one.category.__name__}: {one.message}" for one in caught or ()]
    _write(said)


def _write(said: dict[str, Any]) -> None:
    if "limit_files" in SPEC["before"]:
        import resource

        resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    os.write(RESULT, json.dumps(said).encode() + b"\n")


def run_command() -> None:
    from aioz_stream_cli.__main__ import main

    sys.argv = ["aioz-stream", "upload", path]
    main()


namespace: dict[str, Any] = {
    **globals(),
    "errno": errno,
    "shutil": shutil,
    "time": time,
}
exec(SPEC["before"], namespace)  # the table's own text
if SPEC["way"] == "command":
    run_command()
elif SPEC["program"]:
    from aioz_stream import AiozStreamError, Cancellation

    namespace.update(AiozStreamError=AiozStreamError, Cancellation=Cancellation)
    exec(SPEC["program"], namespace)  # the table's own text
else:
    say(upload)
