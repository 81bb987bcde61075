"""Sending a single part of a file."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

from aioz_stream import arguments
from aioz_stream.errors import ArgumentError, ArgumentTypeError, Part
from aioz_stream.upload.engine import Engine, Transfer
from aioz_stream.upload.failure import noting_video
from aioz_stream.upload.sources.source import open_source

if TYPE_CHECKING:
    from aioz_stream.http.cancel_signal import CancelSignal
    from aioz_stream.http.session import Session
    from aioz_stream.upload.plan import PartLimits
    from aioz_stream.upload.sources.source import PartSource, Source


def send_part(
    session: Session, video_id: str, source: Source, part: Part, limits: PartLimits, signal: CancelSignal
) -> None:
    """Sends one part of a file. Raises ArgumentError when it is no part of this file, or outside the limits."""
    identifier = arguments.video_id(video_id)
    if not isinstance(part, Part):  # pyright: ignore[reportUnnecessaryIsInstance] - callers without a type checker
        raise ArgumentTypeError(
            f"part must be a Part, as plan() makes them, not {type(part).__name__}.", argument="part"
        )
    with closing(open_source(source, session, signal)) as file:
        _check_part(part, file, limits)
        with noting_video(identifier, resumable=False):
            Engine(Transfer(session=session, video_id=identifier, source=file, parts=[part], signal=signal)).run()


def _check_part(part: Part, file: PartSource, limits: PartLimits) -> None:
    if part.file_size != file.size:
        raise ArgumentError(
            f"part is of a file of {part.file_size:,} bytes; {file.place} has {file.size:,}.", argument="part"
        )
    if not (part.index >= 1 and 0 <= part.start <= part.end < part.file_size):
        raise ArgumentError(f"part has no place in its file: {part}.", argument="part")
    is_last = part.end == part.file_size - 1
    if part.size > limits.largest or (part.size < limits.smallest and not is_last):
        raise ArgumentError(
            f"part has {part.size:,} bytes; it must have {limits.smallest:,} to {limits.largest:,}, "
            "or fewer if it is the file's last.",
            argument="part",
        )
