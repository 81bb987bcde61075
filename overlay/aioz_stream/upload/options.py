"""The options of an upload, and their checks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from os import PathLike
from typing import Any, TypedDict, cast

from aioz_stream import arguments
from aioz_stream import upload as uploading
from aioz_stream.errors import ArgumentTypeError

DEFAULT_FILES = 4
MAX_CONCURRENCY = 64


class Sending(TypedDict, total=False):
    """How to send a file: the keyword arguments that all ways of uploading have in common. Each may be left out."""

    part_size: int
    """Bytes of a part, 52,428,800 to 200,000,000; 52,428,800 (50 MiB) by default (reference, "Upload video part")."""
    part_limits: uploading.PartLimits
    """The sizes of parts that the service takes; by default those of AIOZ Stream. For others, such as a mock server."""
    concurrency: uploading.Concurrency
    """How many parts are sent at the same time, 1 to 64; by default "auto": 4 at first, then as many as make the upload
    faster, 2 to 16."""
    max_speed: int | None
    """Bytes per second for all parts together; unlimited by default."""
    on_progress: uploading.OnProgress | None
    """Called with a Progress about ten times a second."""
    on_created: Callable[[str], object] | None
    """Called with the video's id as soon as it is known, before any part is sent."""
    deadline: float | None
    """Seconds after which the upload ends with UploadTimeoutError; none by default."""
    cancel: uploading.Cancellation | None
    """Ends the upload with UploadCancelledError when its `cancel()` is called."""
    journal: bool | str | PathLike[str]
    """Where the upload is written down, so that the same call resumes it: True (the default) for a file in the usual
    directory, False for none, or a file's path. Raises JournalError when a path can't be used."""
    marker: bool
    """Whether the metadata of a new video names the upload, so that the video is found when the answer to create is
    lost; True by default. Takes one of the 50 pairs."""
    size: int | None
    """Bytes of a stream, whose parts are then sent from memory: it takes `concurrency` × `part_size` of it, with "auto"
    4 × `part_size`."""
    spool: bool
    """Whether to copy a stream, or what is behind a URL, to a temporary file first; False by default."""
    trust_times: bool
    """Whether a source's times, tags and versions tell that it did not change; True by default. Without, all its bytes
    are read again at the end, and compared."""


def check_options(given: Mapping[str, Any]) -> Sending:
    """The options of an upload. Raises ArgumentError for a wrong value, and TypeError for an unknown keyword."""
    unknown = sorted(set(given) - set(Sending.__annotations__))
    if unknown:
        raise TypeError(f"an upload has no keyword argument {unknown[0]!r}")
    options = cast("Sending", given)
    if "part_limits" in options:
        arguments.instance("part_limits", options["part_limits"], uploading.PartLimits, "a PartLimits")
    if options.get("cancel") is not None:
        arguments.instance("cancel", options.get("cancel"), uploading.Cancellation, "a Cancellation")
    journal = options.get("journal", True)
    arguments.instance("journal", journal, bool | str | PathLike, "True, False or a file's path")
    if not str(journal) or "\0" in str(journal):
        raise ArgumentTypeError("journal must be True, False or a file's path.", argument="journal")
    for name in ("on_progress", "on_created"):
        arguments.callback(name, given.get(name))
    if (concurrency := options.get("concurrency", "auto")) != "auto":
        arguments.integer("concurrency", concurrency, smallest=1, largest=MAX_CONCURRENCY)
    if (max_speed := options.get("max_speed")) is not None:
        arguments.integer("max_speed", max_speed, smallest=1)
    if (deadline := options.get("deadline")) is not None:
        arguments.seconds("deadline", deadline)
    for name in ("marker", "spool", "trust_times"):
        arguments.boolean(name, given.get(name, False))
    return options
