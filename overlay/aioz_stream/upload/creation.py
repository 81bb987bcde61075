"""The video of an upload: made exactly once, although the answer to create can be lost; and found again by a later run.

It is found by its id in the journal, or by the marker in its metadata.
"""

from __future__ import annotations

import logging
from contextlib import suppress

from aioz_stream.errors import (
    APIConnectionError,
    APIError,
    ArgumentError,
    CreationUnknownError,
    JournalError,
    NotFoundError,
    SourceChangedError,
    UnexpectedResponseError,
)
from aioz_stream.http.cancel_signal import CancelSignal
from aioz_stream.http.credentials import Credentials
from aioz_stream.http.retry import Attempts, RetryPolicy, may_have_taken_effect, repeat
from aioz_stream.http.session import Call
from aioz_stream.operations import calls
from aioz_stream.operations.matching import DELETED, MARKER, NEW, Claim, OtherVideoError, is_of_other_upload
from aioz_stream.upload.advice import abort_command, to_upload_again
from aioz_stream.upload.cancellation import CancellableSession
from aioz_stream.upload.journal import Journal, Record
from aioz_stream.upload.lookup import find_by_marker
from aioz_stream.upload.sources.part_source import PartSource
from aioz_stream_api.models import Video

logger: logging.Logger = logging.getLogger("aioz_stream")


class Creation:
    """A create that may be repeated, because the video can be found by the marker in its metadata.

    When an answer is lost, can't be read or is about another video, the video with the marker is looked for, and is the
    result. Where there is none, create is sent again with the same marker.
    """

    def __init__(self, session: CancellableSession, signal: CancelSignal, retries: RetryPolicy, place: str) -> None:
        """`place` is that of the source, by which the upload is named."""
        self._session, self._signal, self._retries, self._source = session, signal, retries, place
        self.possible: int = 0
        """How many videos there may be, or may still come to be."""

    def run(self, create: Call[Video], claim: Claim | None, *, begun_before: bool) -> Video:
        """Makes the video. Raises CreationUnknownError when an answer is lost and no video with the marker is found.

        `begun_before` says that an earlier run has sent create with this marker. No video was found since, but the
        request may still be on its way.
        """
        self.possible = int(begun_before)
        if begun_before and claim is None:
            method, path = _place(create)
            raise CreationUnknownError(
                "an earlier run asked for the video and ended before the answer came; without a marker it can't be "
                "known whether the video exists. Look for a video of this title, then give that upload up with "
                f"{abort_command(self._source)}. In Python, `stream.uploads.abort(...)` does.",
                method=method,
                path=path,
            )
        attempts = Attempts(self._retries, repeatable=claim is not None)
        try:
            return repeat(
                lambda: self._send(create, claim), attempts, self._signal.pause, lambda error: self._find(claim, error)
            )
        except CreationUnknownError:
            raise
        except APIError as error:
            raise (_unknown(error, claim) if attempts.may_have_taken_effect else error) from error.__cause__
        except BaseException as ended:  # cancelled, too late, or Ctrl-C, while the answer was awaited
            if self.possible:
                ended.add_note(_may_exist(claim))
            raise

    def _send(self, create: Call[Video], claim: Claim | None) -> Video:
        """Sends create once, and believes the answer only about a video of this upload."""
        self.possible += 1
        try:
            video = self._session.send_once(create)
            if claim and video.metadata is None:
                self._check(video, create, claim)
        except APIError as error:
            if isinstance(error, UnexpectedResponseError) and error.status < 300:
                error.damaged = True  # a success that says nothing of our video: like a lost answer
                if claim and (own := self._under_another_title(error.__cause__, claim)):
                    return own
            self.possible -= not may_have_taken_effect(error)
            raise
        return video

    def _under_another_title(self, why: BaseException | None, claim: Claim) -> Video | None:
        """The video that the answer was about, where it is ours and the service has changed its title."""
        own = self._look_at(why.video) if isinstance(why, OtherVideoError) else None
        return own if own and own.status == NEW and claim.is_held_by(own) else None

    def _check(self, video: Video, create: Call[Video], claim: Claim) -> None:
        """For an answer without metadata: raises UnexpectedResponseError when the video itself has other metadata."""
        own = self._look_at(video)
        if own and own.metadata is not None and not claim.is_held_by(own):
            said = f"the answer is about video {video.id}, which another call has made"
            method, path = _place(create)
            raise UnexpectedResponseError(said, method=method, path=path)

    def _look_at(self, video: Video) -> Video | None:
        try:
            return self._session.send_once(calls.get(video.id))
        except (APIError, ArgumentError):
            return None  # an id may be one that no request can ask for

    def _find(self, claim: Claim | None, lost: APIError) -> Video | None:
        """The video of an attempt whose answer was lost."""
        try:
            found = find_by_marker(self._session.send, claim) if claim else []
        except APIError as error:
            raise _unknown(lost, claim) from error
        self.possible = max(self.possible, len(found))
        return found[0] if found else None


def _place(create: Call[Video]) -> tuple[str, str]:
    request = create.request()
    return str(request["method"]).upper(), str(request["url"])


def _unknown(lost: APIError, claim: Claim | None) -> APIError:
    if not isinstance(lost, APIConnectionError):
        # An answer did come, and its error is more precise.
        lost.add_note(_may_exist(claim))
        return lost
    error = CreationUnknownError(
        f"no answer came to the request that makes the video. {_may_exist(claim)} What was lost: {lost.message}",
        method=lost.method,
        path=lost.path,
    )
    error.marker, error.attempt = claim.marker if claim else "", lost.attempt
    return error


def _may_exist(claim: Claim | None) -> str:
    look = f'whose metadata has "{MARKER}": "{claim.marker}"' if claim else "of this title"
    return f"The video may exist or not. Before you upload again, look for a video {look}."


def load_record(journal: Journal, source: PartSource) -> Record | None:
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
        + f". Bring the old file back to resume. {to_upload_again(record.video_id or source.place)}"
    )


def find_video(
    journal: Journal, source: PartSource, session: CancellableSession, credentials: Credentials, title: str
) -> Video | None:
    """The video that an earlier run has made, or has begun to make; None where there is none.

    Writes down the id of a video that is found by its marker, and removes the journal of a video that is gone.
    """
    record = load_record(journal, source)
    if record is None:
        return None
    known = record.video_id
    if known is not None:
        with suppress(NotFoundError):
            video = session.send(calls.get(known))
            if video.status != DELETED and not is_of_other_upload(video, record.marker):
                return video
    # That it is gone is looked into, since all that was sent would be lost.
    found = find_by_marker(session.send, Claim(record.marker, title)) if record.marker else []
    for video in found:
        if known is None:
            journal.add_video(video.id, may_have_duplicates=True)
        if known in (None, video.id):
            return video
    check_account(credentials, record)
    if known is not None:
        logger.warning("video %s of an earlier run is gone; the upload begins anew", known)
        journal.remove()
    return None


class OtherAccountError(JournalError):
    """The video of an upload is not found, and may be in another account."""


def check_account(credentials: Credentials, record: Record) -> None:
    """For an upload whose video is not found: raises OtherAccountError when it may be in another account."""
    if record.account is not None and not credentials.match(record.account):
        source = str(record.call.get("source"))
        forget = abort_command(record.video_id or source, "--keep-video")
        advice = (
            f"Go on with those; or forget that upload with {forget}, which leaves its video as it is. In Python, "
            "`stream.uploads.forget(...)` does, and you can name another journal."
        )
        if record.is_complete:
            advice = "It is one of several files. Go on with those credentials; or upload it alone with journal=False."
        raise OtherAccountError(
            f"The upload of {source}"
            + (f" to video {record.video_id}" if record.video_id else "")
            + " was begun with other credentials, which may be another account's, and with these there is no such "
            f"video. {advice}"
        )
