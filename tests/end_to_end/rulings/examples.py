"""Values that the rulings are tried with, and the tables of the reference, written by hand."""

from __future__ import annotations

import hashlib
import struct
from typing import Any, TypeAlias

from aioz_stream.encoding import check

Json = dict[str, Any]
Table: TypeAlias = "list[tuple[Json, bool]]"
"""Values, and whether each is valid."""

HELLO = b"hello world"
HELLO_MD5 = hashlib.md5(HELLO).hexdigest()
PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x02\x00\x00\x00rest"
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00rest"

SAMPLE = """
id user_id title description metadata tags qualities subtitles chapters player_theme duration size is_mp4 is_public
is_panoramic status created_at updated_at assets player_theme_id
"""
SAMPLE_FIELDS = set(SAMPLE.split())
SAMPLE_ASSETS = {
    f"{name}_url" for name in ("source", "thumbnail", "hls", "hls_player", "dash", "dash_player", "mp4")
} | {
    "hls_iframe",
    "dash_iframe",
}
MESSAGES = {
    "uploadVideoPart": "Upload part successfully.",
    "completeVideoUpload": "Upload video complete successfully.",
    "updateVideo": "Update video info successfully.",
    "uploadVideoThumbnail": "Upload thumbnail successfully.",
    "deleteVideo": "Delete video successfully.",
}
MAXIMUM_BITRATES = {
    "240p": 700_000,
    "360p": 1_200_000,
    "480p": 2_000_000,
    "720p": 4_000_000,
    "1080p": 6_000_000,
    "1440p": 12_000_000,
    "2160p": 30_000_000,
    "4320p": 60_000_000,
}
RESOLUTIONS = ["144p", *MAXIMUM_BITRATES]
STATUSES = ["new", "transcoding", "done", "fail", "deleted"]

H264 = {"codec": "h264"}
AAC = {"codec": "aac"}
QUALITY: Json = {"resolution": "720p", "type": "hls", "container_type": "mp4", "video_config": H264}
AUDIO_ONLY: Json = {"resolution": "audio", "type": "dash", "container_type": "fmp4", "audio_config": AAC}


def without(fields: Json, name: str) -> Json:
    return {key: value for key, value in fields.items() if key != name}


def mp4(seconds: int) -> bytes:
    """The least that says how long it is."""

    def box(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I4s", 8 + len(body), kind) + body

    header = struct.pack(">4x4x4xII", 1000, seconds * 1000) + bytes(80)
    return box(b"ftyp", b"isomiso2") + box(b"mdat", b"x" * 100) + box(b"moov", box(b"mvhd", header))


def codes(*qualities: Json) -> list[str]:
    """What the client's encoding check says of a ladder."""
    return [finding.code for finding in check(qualities)]
