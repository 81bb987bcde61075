"""Thumbnails: PNG or JPEG, recognised by their content."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING

from attrs import field, frozen

from aioz_stream.errors import (
    ArgumentError,
    ArgumentTypeError,
    EmptySourceError,
    SourceError,
    SourceNotFoundError,
)

if TYPE_CHECKING:
    import os

_MEDIA_TYPES = {b"\x89PNG\r\n\x1a\n": "image/png", b"\xff\xd8\xff": "image/jpeg"}
_SENT_AS = {".png": ".png", ".jpg": ".jpg", ".jpeg": ".jpg"}


@frozen
class Thumbnail:
    """A picture that the service takes."""

    name: str
    """The file name as it is sent, with an extension that the service knows."""
    media_type: str
    content: bytes = field(repr=False)

    def open(self) -> io.BytesIO:
        return io.BytesIO(self.content)


def read(path: str | os.PathLike[str]) -> Thumbnail:
    """Reads and checks a thumbnail (reference, "Upload video thumbnail").

    The name must end in .png, .jpg or .jpeg, in any case; the content must be PNG or JPEG, and need not match the
    name. Raises ArgumentError where it is not, SourceError where the file can't be read.
    """
    try:
        file = Path(path)
    except TypeError:
        raise ArgumentTypeError(f"thumbnail must be a path, not {type(path).__name__}.", argument="thumbnail") from None
    extension = _SENT_AS.get(file.suffix.lower())
    if extension is None:
        raise ArgumentError(f"{file} must be a .png or .jpg file.", argument="thumbnail")
    content = _content(file)
    for beginning, media_type in _MEDIA_TYPES.items():
        if content.startswith(beginning):
            name = file.stem.encode("utf-8", "replace").decode() + extension
            return Thumbnail(name, media_type, content)
    raise ArgumentError(f"{file} is not a PNG or JPEG picture, whatever its name says.", argument="thumbnail")


def _content(file: Path) -> bytes:
    try:
        content = file.read_bytes()
    except FileNotFoundError:
        raise SourceNotFoundError(f"There is no file {file}.") from None
    except (OSError, ValueError) as error:
        raise SourceError(f"{file} can't be read: {error}") from error
    if not content:
        raise EmptySourceError(f"{file} is empty.")
    return content
