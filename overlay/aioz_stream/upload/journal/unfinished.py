"""Uploads that began and did not end: what their journals say, and giving them up."""

from __future__ import annotations

import asyncio
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from attrs import frozen

from aioz_stream.errors import JournalError, NotFoundError, UploadInProgressError
from aioz_stream.operations import calls
from aioz_stream.upload.journal import journal as journals
from aioz_stream.upload.journal.journal import Journal
from aioz_stream.upload.journal.lock import Lock, lock_of
from aioz_stream.upload.upload import check_account

if TYPE_CHECKING:
    from collections.abc import Iterator

    from aioz_stream.http.session import Session
    from aioz_stream.upload.journal.journal import Record


@frozen
class UnfinishedUpload:
    """What the journal of an upload says."""

    journal: Path
    source: str
    """The file, or where it is."""
    size: int | None
    """Bytes of the file, where that is known."""
    sent: int
    """Bytes that the service has acknowledged."""
    title: str | None
    """Of the video that is to be made; None for an upload into a video that there was."""
    video_id: str | None
    """None where the program ended before it heard of the video."""
    begun: datetime
    is_running: bool
    """Whether somebody is doing it right now."""


class Uploads:
    """The uploads that began and did not end, on this machine: `AiozStream.uploads`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def unfinished(self, directory: str | os.PathLike[str] | None = None) -> list[UnfinishedUpload]:
        """Those to this service whose journals are in a directory, by default in the usual one; the oldest first."""
        found = [upload for upload, call in _read(directory) if call.get("base_url") == self._session.options.base_url]
        return sorted(found, key=lambda upload: upload.begun)

    def abort(self, upload: UnfinishedUpload) -> None:
        """Gives an upload up: deletes its video, whatever of it was sent, and its journal.

        A video that is not new any more has become complete, and stays. Raises UploadInProgressError when the upload
        is being done, JournalError when there is no such video in this account, but may be in another.
        """
        record, _ = journals.read(upload.journal)
        if record is None:
            return
        journal = Journal(upload.journal, record.call)
        try:
            found = [self._is_deleted(video_id) for video_id in self._videos(record)]
            if not any(found):
                check_account(self._session, record)
            journal.remove()
        finally:
            journal.close()

    def forget(self, upload: UnfinishedUpload) -> None:
        """Removes an upload's journal alone: the video stays as it is, and the upload can't be resumed."""
        record, _ = journals.read(upload.journal)
        journal = Journal(upload.journal, {} if record is None else record.call)
        try:
            journal.remove()
        finally:
            journal.close()

    def _is_deleted(self, video_id: str) -> bool:
        """False where there is none."""
        try:
            if self._session.send(calls.get(video_id)).status == calls.NEW:
                self._session.send(calls.delete(video_id))
        except NotFoundError:
            return False
        return True

    def _videos(self, record: Record) -> list[str]:
        if record.video_id is not None:
            return [record.video_id]
        marker = record.marker
        return [video.id for video in self._session.send(calls.marked_with(marker)).videos] if marker else []


class AsyncUploads:
    """The same for asyncio: `AsyncAiozStream.uploads`."""

    def __init__(self, uploads: Uploads) -> None:
        self._uploads = uploads

    async def unfinished(self, directory: str | os.PathLike[str] | None = None) -> list[UnfinishedUpload]:
        """See `Uploads.unfinished`."""
        return await asyncio.to_thread(self._uploads.unfinished, directory)

    async def abort(self, upload: UnfinishedUpload) -> None:
        """See `Uploads.abort`."""
        await asyncio.to_thread(self._uploads.abort, upload)

    async def forget(self, upload: UnfinishedUpload) -> None:
        """See `Uploads.forget`."""
        await asyncio.to_thread(self._uploads.forget, upload)


def _read(directory: str | os.PathLike[str] | None) -> Iterator[tuple[UnfinishedUpload, dict[str, object]]]:
    folder = journals.directory() if directory is None else Path(os.fsdecode(directory))
    for path in sorted(folder.glob(f"*{journals.SUFFIX}")):
        try:
            record, _ = journals.read(path)
        except JournalError:
            continue  # Not one of ours, or of a later version.
        if record is None or record.is_complete:
            continue
        new = cast("dict[str, Any]", record.call.get("new") or {})
        size = record.source.get("size")
        sent = sum(end - start + 1 for start, end in record.parts)
        begun = datetime.fromtimestamp(record.begun, UTC)
        upload = UnfinishedUpload(
            path,
            str(record.call.get("source")),
            size,
            sent,
            new.get("title"),
            record.video_id,
            begun,
            _is_running(path),
        )
        yield upload, dict(record.call)


def _is_running(path: Path) -> bool:
    if not lock_of(path).exists():
        return False
    try:
        Lock(path).release()
    except UploadInProgressError:
        return True
    return False
