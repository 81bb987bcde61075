"""Credentials, pictures, sources and hashes for requests."""

from __future__ import annotations

import hashlib

BEARER = {"Authorization": "Bearer token-a"}
KEYS = {"stream-public-key": "public-a", "stream-secret-key": "secret-a"}
STRANGER = {"Authorization": "Bearer token-b"}

PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x02\x00\x00\x00rest"
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00rest"
NO_PICTURES = (b"GIF89a starts a picture of another type", b"\x89PNG\r\n\x1a\n, and then no picture")


def md5(data: bytes) -> str:
    return hashlib.md5(data, usedforsecurity=False).hexdigest()


def content_range(start: int, length: int, size: int) -> str:
    return f"bytes {start}-{start + length - 1}/{size}"


def mp4(seconds: int, padding: int = 0) -> bytes:
    """The shortest MP4 file with a duration."""
    header = bytes(12) + (1).to_bytes(4) + seconds.to_bytes(4) + bytes(80)
    return _box(b"ftyp", b"isom") + _box(b"moov", _box(b"mvhd", header)) + _box(b"free", bytes(padding))


def _box(kind: bytes, content: bytes) -> bytes:
    return (8 + len(content)).to_bytes(4) + kind + content
