"""Recognizes PNG and JPEG.

The content decides; the name only has to end in one of two ways, and need not match (ruling U12).
"""

from __future__ import annotations

ACCEPTED_EXTENSIONS = (".png", ".jpg")

_PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_PNG_HEADER = b"\x00\x00\x00\x0dIHDR"
_JPEG_START = b"\xff\xd8\xff"


def accepts_name(filename: str) -> bool:
    """Whether a file name ends the way the reference allows; the case of the letters is ignored."""
    return filename.lower().endswith(ACCEPTED_EXTENSIONS)


def media_type(head: bytes) -> str | None:
    """The media type that the first bytes of a picture show, or None for anything else."""
    if _is_png(head):
        return "image/png"
    if _is_jpeg(head):
        return "image/jpeg"
    return None


def _is_png(head: bytes) -> bool:
    """A signature, and a header chunk that gives a width and a height."""
    if not head.startswith(_PNG_SIGNATURE + _PNG_HEADER) or len(head) < 24:
        return False
    return int.from_bytes(head[16:20]) > 0 and int.from_bytes(head[20:24]) > 0


def _is_jpeg(head: bytes) -> bool:
    """A start of image followed by a marker that can follow it, with a segment length."""
    if not head.startswith(_JPEG_START) or len(head) < 6:
        return False
    return 0xC0 <= head[3] <= 0xFE and int.from_bytes(head[4:6]) >= 2
