"""Thumbnails: PNG or JPEG, recognised by their content."""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from pathlib import Path

from aioz_stream.errors import ArgumentError, ArgumentTypeError, EmptySourceError, SourceError, SourceNotFoundError
from aioz_stream_api.types import File

_KINDS = {b"\x89PNG\r\n\x1a\n": ("image/png", ".png"), b"\xff\xd8\xff": ("image/jpeg", ".jpg")}
_ENDINGS = (".png", ".jpg", ".jpeg")


def read(path: str | os.PathLike[str]) -> Callable[[], File]:
    """Reads and checks a thumbnail (reference, "Upload video thumbnail"). Returns what makes the file to send from it.

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
