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

_KINDS = {b"\x89PNG\r\n\x1a\n": ("image/png", ".png"), b"\xff\xd8\xff": ("image/jpeg", ".jpg")}
_ENDINGS = (".png", ".jpg", ".jpeg")


@frozen
class Thumbnail:
    """A picture that the service takes."""

    name: str
    """The file name as it is sent: its ending says what the content is."""
    media_type: str
    content: bytes = field(repr=False)

    def open(self) -> io.BytesIO:
        return io.BytesIO(self.content)


def read(path: str | os.PathLike[str]) -> Thumbnail:
    """Reads and checks a thumbnail (reference, "Upload video thumbnail").

    The name must end in .png, .jpg or .jpeg, in any case; the content must be PNG or JPEG. Where the two differ, it is
    sent under the ending of its content. Raises ArgumentError for any other, SourceError where a file can't be read.
    """
    try:
        file = Path(path)
    except TypeError:
        raise ArgumentTypeError(f"thumbnail must be a path, not {type(path).__name__}.", argument="thumbnail") from None
    if file.suffix.lower() not in _ENDINGS:
        raise ArgumentError(f"{file} must be a .png or .jpg file.", argument="thumbnail")
    content = _content(file)
    for beginning, (media_type, ending) in _KINDS.items():
        if content.startswith(beginning):
            name = file.stem.encode("utf-8", "replace").decode() + ending
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
