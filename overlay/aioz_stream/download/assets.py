"""The files of a video: which there are, whether they are ready, and what they are called on a disk. Pure."""

from __future__ import annotations

import mimetypes
from typing import Literal, NoReturn

import attrs

from aioz_stream.errors import (
    ArgumentError,
    AssetMissingError,
    AssetNotReadyError,
    NotFoundError,
    UnexpectedResponseError,
)
from aioz_stream.http.fetching import SCHEMES
from aioz_stream.http.network import parse_url
from aioz_stream.operations.matching import NEW
from aioz_stream.operations.waiting import is_settled
from aioz_stream.upload.sources.remote import redact_url
from aioz_stream_api.models import Video, VideoAssets

Asset = Literal["source", "mp4", "thumbnail", "hls", "dash"]
"""A file of a video; `hls` and `dash` are the playlist and the manifest, which only name the files that they play."""

ASSETS = tuple(
    name.removesuffix("_url")
    for name in attrs.fields_dict(VideoAssets)
    if name.endswith("_url") and not name.endswith("_player_url")  # the players are pages
)
"""The same words, read off the contract."""

_ENDINGS = {"mp4": ".mp4", "hls": ".m3u8", "dash": ".mpd"}
_TYPES = mimetypes.MimeTypes()  # Python's own table, not the machine's
_NO_TYPE = "application/octet-stream"
_LONGEST_NAME = 150  # bytes: file systems take 255, and a file that is not whole yet has a longer name
_UNSAFE = frozenset('<>:"/\\|?*')
_DEVICES = frozenset(
    {"CON", "PRN", "AUX", "NUL", *(f"{name}{digit}" for name in ("COM", "LPT") for digit in range(10))}
)
"""Names that Windows gives to devices, whatever ending they have."""


def check_asset(asset: object) -> str:
    if asset not in ASSETS:
        raise ArgumentError(f"asset is {asset!r}; it must be one of {', '.join(ASSETS)}.", argument="asset")
    return str(asset)


def address(video: Video, asset: str) -> str:
    """Where the asset is. Raises AssetMissingError where there is nothing behind it."""
    url: str | None = getattr(video.assets, f"{asset}_url", None)
    if not url or (asset == "mp4" and video.is_mp4 is False):
        raise_missing(video, asset)
    parsed = parse_url(url)
    if parsed is None or parsed.scheme not in SCHEMES:
        said = f"video {video.id} gives {redact_url(url)!r} for its {asset}, which is no address of a file."
        raise UnexpectedResponseError(said, method="GET", path=f"{asset}_url")
    return url


def raise_missing(video: Video, asset: str, cause: NotFoundError | None = None) -> NoReturn:
    """Raises AssetNotReadyError where waiting helps, else AssetMissingError."""
    if is_settled(video):
        said = f"Video {video.id} has no {asset}; its status is {video.status!r}, so none is being made."
        raise AssetMissingError(said, video=video) from cause
    until = "its upload is not complete" if video.status == NEW else "wait until it is 'done'"
    said = f"Video {video.id} has no {asset} yet: its status is {video.status!r}; {until}."
    raise AssetNotReadyError(said, video=video) from cause


def known_size(video: Video, asset: str) -> int | None:
    """Bytes of the asset as far as the video tells: its size is that of what was uploaded."""
    return (video.size or None) if asset == "source" else None


def file_name(video: Video, asset: str, media_type: str) -> str:
    """A name that every file system takes, and that leads nowhere else: the title's, or the id's."""
    stem = _safe(video.title) or _safe(video.id) or "video"
    kind = media_type.partition(";")[0].strip().lower()
    ending = _ENDINGS.get(asset) or ("" if kind == _NO_TYPE else _TYPES.guess_extension(kind) or "")
    return stem if stem.lower().endswith(ending) else stem + ending


def _safe(text: str) -> str:
    shown = "".join(one if one.isprintable() and one not in _UNSAFE else "_" for one in text)
    stem = shown.lstrip(" .-").encode()[:_LONGEST_NAME].decode(errors="ignore").rstrip(" .")
    if stem.partition(".")[0].strip().upper() in _DEVICES:
        return f"_{stem}"
    return stem if stem.strip("_") else ""
