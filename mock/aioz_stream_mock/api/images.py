"""Recognizes PNG and JPEG by their content; a name that has an ending has to agree (ruling U12)."""

from __future__ import annotations

from pathlib import PurePath

PNG, JPEG = "image/png", "image/jpeg"
_ENDINGS = {".png": PNG, ".jpg": JPEG}

_PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_PNG_HEADER = b"\x00\x00\x00\x0dIHDR"
_JPEG_START = b"\xff\xd8\xff"


def find_problem(filename: str, found: str | None) -> str:
    """Why a picture with a name is refused; empty for one that is taken. The case of the letters is ignored.

    Streams and browsers send names without an ending, such as `blob`: those say nothing.
    """
    _, dot, kind = PurePath(filename).name.rpartition(".")
    ending = (dot + kind).lower() if dot else ""
    if ending and ending not in _ENDINGS:
        return "the file name must end in .png or .jpg, or have no ending"
    if found is None:
        return "is neither a PNG nor a JPEG picture"
    if _ENDINGS.get(ending, found) != found:
        return f"the file name ends in {ending}, and the content is {found}"
    return ""


def media_type(head: bytes) -> str | None:
    """The media type that the first bytes of a picture show, or None for anything else."""
    if _is_png(head):
        return PNG
    if _is_jpeg(head):
        return JPEG
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
