"""Uploads that began and did not end, as their journals describe them."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from attrs import frozen

from aioz_stream.errors import JournalError, UploadInProgressError
from aioz_stream.upload.journal.disk import SUFFIX, default_directory
from aioz_stream.upload.journal.lock import Lock, lock_path
from aioz_stream.upload.journal.record import read_record

if TYPE_CHECKING:
    from collections.abc import Iterator


@frozen
class UnfinishedUpload:
    """An upload that began and did not end."""

    journal: Path
    source: str
    """The path or the URL of the file."""
    size: int | None
    """Bytes of the file, where that is known."""
    sent: int
    """Bytes that the service has acknowledged."""
    title: str | None
    """The title of the video to make; None for an upload to a video that existed before."""
    video_id: str | None
    """None where the upload ended before the service had answered with the video."""
    begun: datetime
    """In UTC."""
    is_running: bool
    """Whether a process is doing this upload now."""


def read_unfinished(directory: str | os.PathLike[str] | None, base_url: str) -> Iterator[UnfinishedUpload]:
    """The unfinished uploads to a service whose journals are in a directory, by default in the usual one."""
    folder = default_directory() if directory is None else Path(os.fsdecode(directory))
    for path in sorted(folder.glob(f"*{SUFFIX}")):
        try:
            record, _ = read_record(path)
        except JournalError:
            continue  # It is another program's file, or a later version's.
        if record is None or record.is_complete or record.call.get("base_url") != base_url:
            continue
        new = cast("dict[str, Any]", record.call.get("new") or {})
        size = record.source.get("size")
        sent = sum(end - start + 1 for start, end in record.parts)
        begun = datetime.fromtimestamp(record.begun, UTC)
        yield UnfinishedUpload(
            path,
            str(record.call.get("source")),
            size,
            sent,
            new.get("title"),
            record.video_id,
            begun,
            _is_running(path),
        )


def _is_running(path: Path) -> bool:
    if not lock_path(path).exists():
        return False
    try:
        Lock(path).release()
    except UploadInProgressError:
        return True
    return False
