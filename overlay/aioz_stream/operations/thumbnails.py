"""Thumbnails: PNG or JPEG, recognised by their content."""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from pathlib import Path

from aioz_stream.errors import ArgumentError, ArgumentTypeError, EmptySourceError, SourceError, SourceNotFoundError
from aioz_stream_api.types import File

_MEDIA_TYPES = {b"\x89PNG\r\n\x1a\n": "image/png", b"\xff\xd8\xff": "image/jpeg"}
_SENT_AS = {".png": ".png", ".jpg": ".jpg", ".jpeg": ".jpg"}


def read(path: str | os.PathLike[str]) -> Callable[[], File]:
    """Reads and checks a thumbnail (reference, "Upload video thumbnail"). Returns what makes the file to send from it.

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
            return lambda: File(io.BytesIO(content), name, media_type)
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
