"""Whether a file can be media, which the command looks at before any bytes are sent."""

from __future__ import annotations

from aioz_stream.encoding.media_info import MediaInfo
from aioz_stream.errors import ConfigurationError, SourceError, SourceNotFoundError
from aioz_stream.upload.sources.remote import is_url
from aioz_stream_cli.parameters import is_file
from aioz_stream_cli.terminal import clean, notes


def doubt(source: object) -> str | None:
    """A warning about a file in which PyAV finds neither picture nor sound; without PyAV, None.

    The service has the last word on the file, so it is uploaded all the same.
    """
    # Of a pipe, what is read here would be missing from the upload.
    if not isinstance(source, str) or is_url(source) or not is_file(source):
        return None
    try:
        media = MediaInfo.probe(source)
    except (ConfigurationError, SourceNotFoundError):
        return None
    except SourceError:
        media = MediaInfo(video_tracks=0, audio_tracks=0)
    if media.video_tracks or media.audio_tracks:
        return None
    return f"{source} has no picture and no sound that can be read, so its transcoding is likely to fail."


def warn_unless_media(source: object) -> None:
    if said := doubt(source):
        notes.print(clean(f"Warning: {said}"), style="yellow", markup=False)
