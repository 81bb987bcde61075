"""What several sources on a command line mean: files, URLs, and the media files of folders, each of them once."""

from __future__ import annotations

import os
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING

import click
from attrs import evolve, field, frozen

from aioz_stream import UploadItem
from aioz_stream.upload.sources.remote import is_url, redact_url
from aioz_stream_cli.manifest import check_details, read_manifest
from aioz_stream_cli.parameters import home_expanded, is_folder

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import Any, BinaryIO

# Written down, because the system's own table differs from one machine to the next, has playlists and subtitles among
# its audio, and does not have .ts.
MEDIA = frozenset(
    f".{suffix}"
    for kind in (
        "3g2 3gp amv asf avi divx dv f4v flv m1v m2v m4v mj2 mkv mov mp4 mpe mpeg mpg mpv mxf ogm ogv qt rm rmvb vob",
        "webm wmv wtv aac ac3 aif aiff alac amr caf dts eac3 flac m4a m4b mka mp2 mp3 oga ogg opus wav weba wma",
    )
    for suffix in kind.split()
)
_STREAMS = frozenset({".m2t", ".m2ts", ".mts", ".tod", ".ts"})  # or programs in TypeScript
_PACKETS = ((0, 188), (4, 192))  # where the first packet of a transport stream begins, and how long each is


@frozen
class Patterns:
    """Which files of a folder are meant. A pattern is held against a file's name and its path inside of the folder."""

    include: tuple[str, ...] = ()
    """In place of all media files."""
    exclude: tuple[str, ...] = ()

    def has(self, path: str, inside: str) -> bool:
        if self.include:
            return _matches(inside, self.include) and not _matches(inside, self.exclude)
        return is_media(path) and not _matches(inside, self.exclude)


def _matches(path: str, patterns: tuple[str, ...]) -> bool:
    names = (path.lower(), path.rpartition("/")[2].lower())
    return any(fnmatchcase(name, pattern.lower()) for pattern in patterns for name in names)


def is_media(path: str) -> bool:
    """Whether a file's name says that it is a video or a sound."""
    suffix = Path(path).suffix.lower()
    if suffix not in _STREAMS:
        return suffix in MEDIA
    try:
        with Path(path).open("rb") as file:
            head = file.read(400)
    except OSError:
        return True  # which the upload tells
    return any(head[at : at + 1] == head[at + size : at + size + 1] == b"G" for at, size in _PACKETS)


@frozen
class Found:
    """What is to be uploaded, in order, and the folders that can't be read."""

    items: list[UploadItem] = field(factory=list[UploadItem])
    unreadable: list[OSError] = field(factory=list[OSError])


def find(words: Sequence[str], manifest: BinaryIO | None, patterns: Patterns, defaults: Mapping[str, Any]) -> Found:
    """The rows of a manifest, and what the words name beside them; nothing twice.

    Rows of one file that make different videos of it are all there. Raises UsageError if there is nothing at all, or a
    row is wrong; and ArgumentError if no video can have the fields in `defaults`.
    """
    check_details(defaults)
    found, seen = Found(), dict[str, list[UploadItem]]()
    for row in read_manifest(manifest, defaults) if manifest else ():
        same = seen.setdefault(_identity(str(row.source)), [])
        if (alike := evolve(row, source="")) not in same:
            same.append(alike)
            found.items.append(row)
    for word in words:
        for source in _files_in(word, patterns, found.unreadable):
            if _identity(source) not in seen:
                seen[_identity(source)] = []
                found.items.append(UploadItem(source=source, **defaults))
    if not found.items and not found.unreadable:
        looked_for = "file that --include and --exclude leave" if patterns != Patterns() else "media file"
        raise click.UsageError(
            f"There is no {looked_for} in {', '.join(words)}. --include '*' takes every file that is not hidden."
        )
    return found


def shown(item: UploadItem) -> str:
    """The source of an item, without what may be secret in a URL."""
    return redact_url(item.source) if isinstance(item.source, str) else "standard input"


def _identity(source: str) -> str:
    return source if is_url(source) else os.path.realpath(source)


def _files_in(word: str, patterns: Patterns, unreadable: list[OSError]) -> Iterator[str]:
    if word == "-":
        raise click.UsageError("- is standard input, which is uploaded alone.")
    if not is_folder(word):
        yield word if is_url(word) else home_expanded(word)
        return
    top = home_expanded(word)
    seen = {os.path.realpath(top)}

    def is_new(folder: str) -> bool:
        """Links are followed, so a folder may be met again, and inside of itself."""
        before = len(seen)
        seen.add(os.path.realpath(folder))
        return len(seen) > before

    for folder, inner, names in os.walk(top, onerror=unreadable.append, followlinks=True):
        inner[:] = [name for name in sorted(inner) if name[0] != "." and is_new(os.path.join(folder, name))]  # noqa: PTH118 - keeps ./
        for name in sorted(names):
            path = os.path.join(folder, name)  # noqa: PTH118 - keeps ./
            inside = os.path.relpath(path, top).replace(os.sep, "/")
            if name[0] != "." and _may_be_file(path) and patterns.has(path, inside):
                yield path


def _may_be_file(path: str) -> bool:
    """Also a link that leads nowhere, and a file that can't be looked at: their uploads say so."""
    return os.path.isfile(path) or not os.path.exists(path)  # noqa: PTH110, PTH113 - raise nothing
