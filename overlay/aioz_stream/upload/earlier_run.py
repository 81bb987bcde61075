"""The earlier run of an upload: its record in the journal, and its video."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from aioz_stream.errors import JournalError, NotFoundError, SourceChangedError
from aioz_stream.operations import calls
from aioz_stream.upload import duplicates

if TYPE_CHECKING:
    from aioz_stream.http.credentials import Credentials
    from aioz_stream.upload.cancellation import CancellableSession
    from aioz_stream.upload.journal.journal import AnyJournal
    from aioz_stream.upload.journal.record import Record
    from aioz_stream.upload.sources.source import PartSource
    from aioz_stream_api.models import Video

logger = logging.getLogger("aioz_stream")

ABORT_ADVICE = (
    "To upload it again, give that upload up: `stream.uploads.abort(...)`, or the command `aioz-stream abort`."
)


def load_record(journal: AnyJournal, source: PartSource) -> Record | None:
    """What an earlier run has written down; None where there is none, or it was the complete upload of other bytes.

    In the last case the journal is removed. Raises SourceChangedError when the source of an incomplete upload changed.
    """
    record, identity = journal.record, source.identity()
    if record is None:
        return None
    if all(record.source[name] == value for name, value in identity.items() if name in record.source):
        return record
    if record.is_complete:
        journal.remove()
        return None
    raise SourceChangedError(
        f"{source.place} changed since its upload began"
        + (f" (video {record.video_id})" if record.video_id else "")
        + f". Bring the old file back to resume. {ABORT_ADVICE}"
    )


def find_video(
    journal: AnyJournal, source: PartSource, session: CancellableSession, credentials: Credentials
) -> Video | None:
    """The video that an earlier run has made, or has begun to make; None where there is none.

    Writes down the id of a video that is found by its marker, and removes the journal of a video that is gone.
    """
    record = load_record(journal, source)
    if record is None:
        return None
    if record.video_id is None:
        video = duplicates.keep_oldest(session, record.marker) if record.marker else None
        if video is not None:
            journal.add_video(video.id)
        else:
            check_account(credentials, record)
        return video
    try:
        return session.send(calls.get(record.video_id))
    except NotFoundError:
        if not record.is_complete:
            check_account(credentials, record)
        logger.warning("video %s of an earlier run is gone; the upload begins anew", record.video_id)
        journal.remove()
        return None


def check_account(credentials: Credentials, record: Record) -> None:
    """For an upload whose video is not found: raises JournalError when it may be in another account."""
    if record.account is not None and not credentials.match(record.account):
        raise JournalError(
            f"The upload of {record.call.get('source')}"
            + (f" to video {record.video_id}" if record.video_id else "")
            + " was begun with other credentials, which may be another account's, and with these there is no such "
            "video. Go on with those; or forget that upload (`stream.uploads.forget(...)`, or the command `aioz-stream "
            "abort --keep-video`), which leaves its video as it is; or name another journal."
        )
