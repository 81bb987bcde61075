"""Listing the uploads that did not end, and giving them up."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from aioz_stream.errors import NotFoundError
from aioz_stream.operations import calls
from aioz_stream.upload.earlier_run import check_account
from aioz_stream.upload.journal.journal import Journal
from aioz_stream.upload.journal.record import read_record
from aioz_stream.upload.journal.unfinished import read_unfinished

if TYPE_CHECKING:
    import os

    from aioz_stream.http.session import Session
    from aioz_stream.upload.journal.record import Record
    from aioz_stream.upload.journal.unfinished import UnfinishedUpload


class Uploads:
    """The uploads from this machine that began and did not end: `AiozStream.uploads`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def unfinished(self, directory: str | os.PathLike[str] | None = None) -> list[UnfinishedUpload]:
        """The uploads to this service whose journals are in `directory`, the oldest first.

        By default it is the directory that AIOZ_STREAM_JOURNALS names, or the usual one of this user.
        """
        found = read_unfinished(directory, self._session.options.base_url)
        return sorted(found, key=lambda upload: upload.begun)

    def abort(self, upload: UnfinishedUpload) -> None:
        """Gives an upload up: deletes its video, with all parts that were sent, and its journal.

        A video whose status is not "new" is complete, and stays. Raises UploadInProgressError when a process is doing
        the upload, and JournalError when the video is not in this account and may be in another one.
        """
        record, _ = read_record(upload.journal)
        if record is None:
            return
        journal = Journal(upload.journal, record.call)
        try:
            found = [self._delete_if_new(video_id) for video_id in self._find_videos(record)]
            if not any(found):
                check_account(self._session.options.credentials, record)
            journal.remove()
        finally:
            journal.close()

    def forget(self, upload: UnfinishedUpload) -> None:
        """Removes an upload's journal alone: the video stays as it is, and the upload can't be resumed.

        Raises UploadInProgressError when a process is doing the upload.
        """
        record, _ = read_record(upload.journal)
        journal = Journal(upload.journal, {} if record is None else record.call)
        try:
            journal.remove()
        finally:
            journal.close()

    def _delete_if_new(self, video_id: str) -> bool:
        """Deletes a video that has no complete upload. False where there is no such video."""
        try:
            if self._session.send(calls.get(video_id)).status == calls.NEW:
                self._session.send(calls.delete(video_id))
        except NotFoundError:
            return False
        return True

    def _find_videos(self, record: Record) -> list[str]:
        if record.video_id is not None:
            return [record.video_id]
        marker = record.marker
        return [video.id for video in self._session.send(calls.list_by_marker(marker)).videos] if marker else []


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
