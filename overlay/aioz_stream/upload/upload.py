"""A whole upload: parts, then complete. Everything that can be known beforehand is checked beforehand."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from attrs import field, frozen

from aioz_stream import arguments, calls
from aioz_stream.encoding.source import Source
from aioz_stream.errors import AiozStreamError, ArgumentError, ArgumentTypeError
from aioz_stream.upload.engine import DEFAULT_CONCURRENCY, Engine
from aioz_stream.upload.plan import DEFAULT_PART_SIZE, PART_LIMITS, Part, PartLimits, plan
from aioz_stream.upload.source import FileSource
from aioz_stream.upload.stop import Stop

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence

    from aioz_stream.calls import Metadata, Qualities
    from aioz_stream.session import Session
    from aioz_stream.upload.progress import OnProgress
    from aioz_stream.upload.source import Path
    from aioz_stream_api.models import Video

_MOST_WORKERS = 64


@frozen
class UploadOptions:
    """How to send a file."""

    part_size: int = DEFAULT_PART_SIZE
    part_limits: PartLimits = PART_LIMITS
    concurrency: int = DEFAULT_CONCURRENCY
    on_progress: OnProgress | None = None
    stop: Stop = field(factory=Stop, repr=False)


class Upload:
    """A file that is ready to be sent. Nothing was sent yet; what is wrong with file or options was raised."""

    def __init__(self, session: Session, source: Path, options: UploadOptions) -> None:
        if not isinstance(options.part_limits, PartLimits):  # pyright: ignore[reportUnnecessaryIsInstance] - as below
            raise ArgumentTypeError("part_limits must be a PartLimits.", argument="part_limits")
        arguments.integer("concurrency", options.concurrency, smallest=1, largest=_MOST_WORKERS)
        self._session = session
        self._options = options
        self._source = FileSource(source)
        self._parts: Sequence[Part] = plan(self._source.size, options.part_size, options.part_limits)

    def to_new_video(
        self,
        title: str | None,
        description: str | None,
        is_public: bool,
        metadata: Metadata | None,
        tags: Sequence[str] | None,
        qualities: Qualities | None,
        strict: bool,
    ) -> Video:
        name = self._source.path.stem.encode("utf-8", "replace").decode()[: arguments.LONGEST_TITLE]
        media = None if qualities is None else Source.if_readable(self._source.path)
        create = calls.create(
            name if title is None else title, description, is_public, metadata, tags, qualities, media, strict
        )
        self._options.stop.check()
        return self.to_video(self._session.send(create, self._options.stop.pause).id)

    def to_video(self, video_id: str) -> Video:
        identifier = arguments.video_id(video_id)
        with naming(identifier):
            stop = self._options.stop
            engine = Engine(self._session, identifier, self._source, stop)
            engine.run(self._parts, self._options.concurrency, self._options.on_progress)
            stop.check()
            self._session.send(calls.complete(identifier), stop.pause)
            return self._session.send(calls.get(identifier))


def send_part(
    session: Session,
    video_id: str,
    source: Path,
    part: Part,
    limits: PartLimits,
    stop: Stop | None = None,
) -> None:
    """Sends one part of a file. Raises ArgumentError when it is no part of this file, or outside the limits."""
    identifier = arguments.video_id(video_id)
    if not isinstance(part, Part):  # pyright: ignore[reportUnnecessaryIsInstance] - callers without a type checker
        raise ArgumentTypeError(
            f"part must be a Part, as plan() makes them, not {type(part).__name__}.", argument="part"
        )
    file = FileSource(source)
    if part.file_size != file.size:
        raise ArgumentError(
            f"part is of a file of {part.file_size:,} bytes; {file.path} has {file.size:,}.", argument="part"
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
    with naming(identifier):
        Engine(session, identifier, file, stop or Stop()).run([part])


@contextmanager
def naming(video_id: str) -> Generator[None]:
    """What ends an upload says which video it leaves behind, be it Ctrl-C or a callback's own error."""
    try:
        yield
    except BaseException as error:
        error.add_note(f"Video {video_id} exists, and its upload is not complete.")
        if isinstance(error, AiozStreamError):
            error.video_id = video_id
        raise
