"""What is known of the file that a ladder is for."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from concurrent.futures import Future
from fractions import Fraction
from pathlib import Path
from typing import Any, Self, TypeVar

from attrs import field, frozen
from attrs.validators import ge, instance_of, optional

from aioz_stream import arguments
from aioz_stream.errors import ConfigurationError, SourceError, SourceNotFoundError

T = TypeVar("T")

_COUNT = optional([instance_of(int), ge(0)])


def _shorter_side(stream: Any) -> int | None:
    """The whole lines of the shorter side, with square pixels: exact, as heights are compared. None if unknown.

    Turning a picture upright changes nothing about it.
    """
    # PyAV has no codec for a track that no decoder knows.
    codec: Any = stream.codec_context
    if codec is None or not (codec.width and codec.height):
        return None
    aspect = stream.sample_aspect_ratio or codec.sample_aspect_ratio or Fraction(1)
    return int(min(codec.width * aspect, Fraction(codec.height)))


def _beside_main(look: Callable[[], T]) -> T:
    """Calls on another thread than the main one, which gets Ctrl-C: PyAV makes an error of the file of that."""
    if threading.current_thread() is not threading.main_thread():
        return look()
    looking = Future[T]()

    def run() -> None:
        try:
            looking.set_result(look())
        except BaseException as error:  # noqa: BLE001 - it is raised where the result is asked for
            looking.set_exception(error)

    try:
        # After Ctrl-C the end of the program must not wait for it: it may wait for a pipe, or a disk that is away.
        threading.Thread(target=run, name="aioz-stream-probe", daemon=True).start()
    except RuntimeError:  # the system starts no more threads, or the interpreter is ending
        return look()
    return looking.result()


@frozen
class MediaInfo:
    """A media file that is to be transcoded; users know it as `aioz_stream.encoding.Source`.

    What is not known is None, and nothing is checked against it.
    """

    height: int | None = field(default=None, validator=_COUNT)
    """The shorter side of the picture in pixels, after rotation and with square pixels: what resolutions are compared
    with."""
    video_tracks: int | None = field(default=None, validator=_COUNT)
    audio_tracks: int | None = field(default=None, validator=_COUNT)
    duration: float | None = None
    """Seconds."""

    @classmethod
    def probe(cls, path: str | os.PathLike[str]) -> Self:
        """Looks into a media file, with PyAV from the extra [probe].

        Raises SourceError when the file can't be read as media, ConfigurationError when PyAV is not installed.
        """
        try:
            import av  # noqa: PLC0415 - an extra
            from av.error import FFmpegError  # noqa: PLC0415 - an extra
            from av.stream import Disposition  # noqa: PLC0415 - an extra
        except ModuleNotFoundError:
            raise ConfigurationError(
                "Looking into a file needs PyAV: pip install 'aioz-stream[probe]'. "
                "In Python, you can say what you know instead: Source(height=1080, audio_tracks=1)."
            ) from None

        def look() -> dict[str, Any]:
            # Opened here, so that a name is never taken for an address, and a playlist never leads to another file.
            with (
                Path(path).open("rb") as file,
                av.open(file, "r", options={"protocol_whitelist": "none"}, metadata_errors="replace") as container,
            ):
                still = Disposition.attached_pic | Disposition.timed_thumbnails
                pictures = [stream for stream in container.streams.video if not stream.disposition & still]
                return {
                    "height": max(filter(None, map(_shorter_side, pictures)), default=None),
                    "video_tracks": len(pictures),
                    "audio_tracks": len(container.streams.audio),
                    "duration": container.duration / av.time_base if container.duration else None,
                }

        try:
            return cls(**_beside_main(look))
        except FileNotFoundError:
            raise SourceNotFoundError(f"There is no file {Path(path)}.") from None
        except (FFmpegError, OSError, ValueError) as error:
            raise SourceError(f"{Path(path)} can't be read as media: {error}") from error

    @classmethod
    def if_readable(cls, path: str | os.PathLike[str]) -> Self | None:
        """The same, or None where PyAV is missing or can't read the file: the service has the last word on it."""
        try:
            return cls.probe(path)
        except (ConfigurationError, SourceError):
            return None

    @classmethod
    def of(cls, source: MediaInfo | str | os.PathLike[str] | None) -> MediaInfo | None:
        """What `source=` of a check may be: nothing, what is known, or a path to probe."""
        if source is None or isinstance(source, MediaInfo):
            return source
        arguments.instance("source", source, str | os.PathLike, "a path or a Source")
        return cls.probe(source)


Source = MediaInfo
