"""The uploads that began and did not end: listing them, as their journals describe them, going on, and giving up."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from contextlib import closing
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, Unpack, cast

from attrs import field, frozen

from aioz_stream.errors import JournalError, NotFoundError, SourceError, UploadInProgressError, warn
from aioz_stream.http.options import Options
from aioz_stream.http.session import Session
from aioz_stream.operations import calls
from aioz_stream.operations.matching import NEW, Claim, is_of_other_upload
from aioz_stream.upload.advice import abort_command
from aioz_stream.upload.background import start_thread
from aioz_stream.upload.creation import check_account
from aioz_stream.upload.journal import SUFFIX, Journal, JournalWarning, Record, default_directory, read_record
from aioz_stream.upload.lock import Lock, lock_path
from aioz_stream.upload.lookup import delete, find_by_marker, remember_late
from aioz_stream.upload.options import Sending, check_options
from aioz_stream.upload.sources.remote import is_url
from aioz_stream.upload.upload import Batch, Upload, run_upload
from aioz_stream_api.models import Video

_OF_VIDEO = ("title", "description", "is_public", "metadata", "tags", "qualities")


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
    is_resumable: bool = True
    """Whether its journal is enough to resume it: it knows no secrets of URLs, and no stream can be read again."""
    has_other_credentials: bool = False
    """Whether it was begun with other credentials than the client's, which may be another account's."""
    call: Mapping[str, Any] = field(factory=dict[str, Any], repr=False)
    """The call that began it: the service's address, the source, the part size, and the video to make or to fill."""


def _journals(folder: Path) -> list[Path]:
    try:
        return sorted(path for path in folder.iterdir() if path.suffix == SUFFIX)
    except FileNotFoundError:
        return []
    except OSError as error:
        raise JournalError(f"the journals in {folder} can't be listed: {error.strerror or error}.") from error


def _read(path: Path, options: Options) -> UnfinishedUpload | None:
    """The upload to this service that a journal describes; None where that is no unfinished one."""
    try:
        record, *_ = read_record(path)
    except JournalError as error:
        warn(str(error), JournalWarning)
        return None
    if record is None or record.is_complete or record.call.get("base_url") != options.base_url:
        return None
    new, size = record.call.get("new"), record.source.get("size")
    return UnfinishedUpload(
        journal=path,
        source=str(record.call.get("source")),
        size=size if isinstance(size, int) else None,
        sent=sum(end - start + 1 for start, end in record.parts),
        title=cast("dict[str, Any]", new).get("title") if isinstance(new, dict) else None,
        video_id=record.video_id,
        begun=datetime.fromtimestamp(record.begun, UTC),
        is_running=_is_running(path),
        is_resumable=_is_resumable(record),
        has_other_credentials=record.account is not None and not options.credentials.match(record.account),
        call=record.call,
    )


def _is_resumable(record: Record) -> bool:
    place = str(record.call.get("source"))
    return record.is_reopenable and (is_url(place) or Path(place).is_absolute())


def _resumption(upload: UnfinishedUpload, how: Sending) -> tuple[str, Sending, Batch, Callable[[Upload], Video]]:
    """The call that began an upload: its source, its options, what it shares with others, and how it is run."""
    record, *_ = read_record(upload.journal)
    if record is None:
        raise JournalError(f"The upload of {upload.source} is over: it has no journal any more.")
    if not _is_resumable(record):
        raise SourceError(
            f"Only the call that began the upload of {upload.source} resumes it: the journal does not keep what opens "
            "this source, such as a stream, or the query of a URL, which may be secret."
        )
    known: Sending = {"journal": upload.journal, "part_size": record.call["part_size"]}
    # Not written down, but seen: without, there are no times; and no marker.
    known["trust_times"], known["marker"] = len(record.source) > 1, record.marker is not None
    batch = Batch(keep_journal=str) if record.is_of_many else Batch()
    new, into = record.call.get("new", {}), record.call.get("into")
    video = {name: new.get(name) for name in _OF_VIDEO}

    def run(same: Upload) -> Video:
        return same.upload_into(into) if into else same.upload_new(**video, strict=False)

    return str(record.call["source"]), check_options({**how, **known}), batch, run


def _is_running(path: Path) -> bool:
    try:
        if lock_path(path).exists():
            Lock(path).release()
    except OSError as error:  # of another kind as on a read-only disk
        return isinstance(error, UploadInProgressError)
    return False


class Uploads:
    """The uploads from this machine that began and did not end: `AiozStream.uploads`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def unfinished(self, directory: str | os.PathLike[str] | None = None) -> list[UnfinishedUpload]:
        """The uploads to this service whose journals are in `directory`, the oldest first.

        By default it is the directory that AIOZ_STREAM_JOURNALS names, or the usual one of this user. Raises
        JournalError when it can't be read, and issues a JournalWarning for a journal that can't be.
        """
        paths = _journals(default_directory() if directory is None else Path(os.fsdecode(directory)))
        begun = (_read(path, self._session.options) for path in paths)
        return sorted(filter(None, begun), key=lambda upload: upload.begun)

    def resume(self, upload: UnfinishedUpload, **how: Unpack[Sending]) -> Video:
        """Goes on with an upload, as the call that began it would, and returns the video.

        `how` has the options of `Sending` that are not the upload's own: `journal`, `part_size`, `marker` and
        `trust_times` are as they were. Raises SourceError when the source is gone, or when only the call itself can
        name it (see `UnfinishedUpload.is_resumable`), and UploadInProgressError when a process is doing the upload.
        """
        source, options, batch, run = _resumption(upload, how)
        return run(Upload(self._session, source, options, batch=batch))

    def abort(self, upload: UnfinishedUpload) -> None:
        """Gives an upload up: deletes the video that it made, with all parts that were sent, and its journal.

        A video that the upload was given stays, and so does one that is complete. Raises UploadInProgressError when a
        process is doing the upload, and JournalError when the video has another title now, or is not in this account
        and may be in another one.
        """
        record, *_ = read_record(upload.journal)
        if record is None:
            return
        with closing(Journal(upload.journal, record.call)) as journal:
            # As it is under the lock: meanwhile another process may have ended the upload, and begun it anew.
            record = journal.record
            if record is not None and (new := record.call.get("new")):
                self._delete_made(record, str(new["title"]))
            journal.delete()

    def _delete_made(self, record: Record, title: str) -> None:
        send, claim = self._session.send, Claim(record.marker, title) if record.marker else None
        video = self._look_at(record.video_id, title, record.marker) if record.video_id else None
        if video is not None and video.status == NEW:
            delete(send, video.id)
        found = find_by_marker(send, claim) if claim and (video is None or record.may_have_duplicates) else []
        for one in found:
            delete(send, one.id)
        if video is None and not found:
            check_account(self._session.options.credentials, record)
        if claim and (record.video_id is None or record.may_have_duplicates):
            remember_late(claim, None, self._session.options)

    def _look_at(self, video_id: str, title: str, marker: str | None) -> Video | None:
        """The video; None where there is none. Raises JournalError when it may have come to mean another one."""
        try:
            video = self._session.send(calls.get(video_id))
        except NotFoundError:
            return None
        if video.status == NEW and (video.title != title or is_of_other_upload(video, marker)):
            raise JournalError(
                f"Video {video_id}, which the upload began as {title!r}, is called {video.title!r} now or has the "
                "marker of another upload, so it may be another one and was not deleted. Look at it and delete it "
                f"yourself; then forget the upload with {abort_command(video_id, '--keep-video')}. In Python, "
                "`stream.uploads.forget(...)` does."
            )
        return video

    def forget(self, upload: UnfinishedUpload) -> None:
        """Removes an upload's journal alone: the video stays as it is, and the upload can't be resumed.

        Raises UploadInProgressError when a process is doing the upload.
        """
        record, *_ = read_record(upload.journal)
        with closing(Journal(upload.journal, {} if record is None else record.call)) as journal:
            journal.delete()


def note_complete(upload: UnfinishedUpload) -> None:
    """For an upload that was completed by its id: what its own call would do with the journal at its end."""
    with closing(Journal(upload.journal, upload.call)) as journal:
        if journal.record is not None and journal.record.is_of_many:
            journal.mark_complete()  # so that the call of many passes over it
        else:
            journal.delete()


class AsyncUploads:
    """The same for asyncio: `AsyncAiozStream.uploads`."""

    def __init__(self, session: Session) -> None:
        self._session, self._uploads = session, Uploads(session)

    async def unfinished(self, directory: str | os.PathLike[str] | None = None) -> list[UnfinishedUpload]:
        """See `Uploads.unfinished`."""
        return await start_thread(partial(self._uploads.unfinished, directory))

    async def resume(self, upload: UnfinishedUpload, **how: Unpack[Sending]) -> Video:
        """See `Uploads.resume`. Cancelling the task ends the upload."""
        source, options, batch, run = await start_thread(partial(_resumption, upload, how))
        return await run_upload(self._session, source, options, run, batch)

    async def abort(self, upload: UnfinishedUpload) -> None:
        """See `Uploads.abort`."""
        await start_thread(partial(self._uploads.abort, upload))

    async def forget(self, upload: UnfinishedUpload) -> None:
        """See `Uploads.forget`."""
        await start_thread(partial(self._uploads.forget, upload))
