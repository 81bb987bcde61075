"""The video of an upload: made exactly once, although the answer to create can be lost; and found again by a later run.

It is found by its id in the journal, or by the marker in its metadata. Of several with one marker all but one are
duplicates.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable

from aioz_stream.errors import (
    APIConnectionError,
    APIError,
    CreationUnknownError,
    JournalError,
    NotFoundError,
    SourceChangedError,
)
from aioz_stream.http.cancel_signal import CancelSignal
from aioz_stream.http.credentials import Credentials
from aioz_stream.http.retry import Attempts, RetryPolicy, repeat
from aioz_stream.http.session import Call
from aioz_stream.operations import calls
from aioz_stream.upload.cancellation import CancellableSession
from aioz_stream.upload.journal import AnyJournal, Record
from aioz_stream.upload.sources.part_source import PartSource
from aioz_stream_api.models import Video

logger = logging.getLogger("aioz_stream")

ABORT_ADVICE = (
    "To upload it again, give that upload up: `stream.uploads.abort(...)`, or the command `aioz-stream abort`."
)


class Creation:
    """A create that may be repeated, because the video can be found by the marker in its metadata.

    When an answer is lost, the video with the marker is looked for, and is the result. Where there is none, create is
    sent again with the same marker. If both come through, only the older video stays.
    """

    def __init__(self, session: CancellableSession, signal: CancelSignal, retries: RetryPolicy) -> None:
        self._session, self._signal, self._retries = session, signal, retries
        self.may_come_twice = False
        """Whether an attempt, of this run or an earlier one, may still be on its way to the service."""

    def run(self, create: Call[Video], marker: str | None, *, begun_before: bool) -> Video:
        """Makes the video. Raises CreationUnknownError when an answer is lost and no video with the marker is found.

        `begun_before` says that an earlier run has sent create with this marker. No video was found since, but the
        request may still be on its way.
        """
        self.may_come_twice = begun_before
        if begun_before and marker is None:
            raise _unknown_since_earlier_run(create)
        attempts = Attempts(self._retries, repeatable=marker is not None)
        try:
            video, is_answer = repeat(
                lambda: (self._session.send_once(create), True),
                attempts,
                self._signal.pause,
                lambda error: self._find(marker, error),
            )
        except CreationUnknownError:
            raise
        except APIError as error:
            raise (_unknown(error, marker) if attempts.may_have_taken_effect else error) from error.__cause__
        finally:
            self.may_come_twice |= attempts.may_have_taken_effect
        if is_answer and marker and self.may_come_twice:
            return keep_oldest(self._session, marker) or video
        return video

    def _find(self, marker: str | None, lost: APIError) -> tuple[Video, bool] | None:
        """The video of an attempt whose answer was lost."""
        try:
            video = keep_oldest(self._session, marker) if marker else None
        except APIError as error:
            raise _unknown(lost, marker) from error
        return None if video is None else (video, False)


def _unknown_since_earlier_run(create: Call[Video]) -> CreationUnknownError:
    request = create.request()
    return CreationUnknownError(
        "an earlier run asked for the video and ended before the answer came; without a marker it can't be known "
        "whether the video exists. Look for a video of this title, then give that upload up: "
        "`stream.uploads.abort(...)`, or the command `aioz-stream abort`",
        method=str(request["method"]).upper(),
        path=str(request["url"]),
    )


def _unknown(lost: APIError, marker: str | None) -> APIError:
    if not isinstance(lost, APIConnectionError):
        return lost  # an answer did come, and its error is more precise
    look = (
        f'look for a video whose metadata has "{calls.MARKER}": "{marker}" (the same call does so by itself)'
        if marker
        else "look for a video of this title"
    )
    error = CreationUnknownError(
        f"no answer came to the request that makes the video, so it may exist or not. Before you upload again, {look}. "
        f"What was lost: {lost.message}",
        method=lost.method,
        path=lost.path,
    )
    error.marker, error.attempt = marker or "", lost.attempt
    return error


def keep_oldest(session: CancellableSession, marker: str) -> Video | None:
    """The oldest video with the marker, or None. Younger ones are deleted: no caller has ever got their ids."""
    found = session.send(calls.list_by_marker(marker)).videos
    _delete_new(session, found[1:])
    return found[0] if found else None


def delete_duplicates(session: CancellableSession, marker: str, video_id: str) -> None:
    """Deletes the other videos with the marker: a create whose answer was lost may have come through late."""
    found = session.send(calls.list_by_marker(marker)).videos
    _delete_new(session, (video for video in found if video.id != video_id))


def _delete_new(session: CancellableSession, videos: Iterable[Video]) -> None:
    for video in videos:
        # No upload sends parts to a duplicate. What is not new was made by copying the metadata, marker included.
        if video.status == calls.NEW:
            session.send(calls.delete(video.id))


def load_record(journal: AnyJournal, source: PartSource) -> Record | None:
    """What an earlier run has written down; None where there is none, or it was the complete upload of other bytes.

    In the last case the journal is removed. Raises SourceChangedError when the source of an incomplete upload changed.
    """
    record = journal.record
    if record is None:
        return None
    if source.may_be(record.source):
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
        video = keep_oldest(session, record.marker) if record.marker else None
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
