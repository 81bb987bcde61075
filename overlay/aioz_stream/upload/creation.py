"""Making a video exactly once, although the answer to create can be lost."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aioz_stream.errors import APIConnectionError, APIError, CreationUnknownError
from aioz_stream.http.retry import Attempts, repeat
from aioz_stream.operations import calls
from aioz_stream.upload import duplicates

if TYPE_CHECKING:
    from aioz_stream.http.cancel_signal import CancelSignal
    from aioz_stream.http.retry import RetryPolicy
    from aioz_stream.http.session import Call
    from aioz_stream.upload.cancellation import CancellableSession
    from aioz_stream_api.models import Video


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
            return duplicates.keep_oldest(self._session, marker) or video
        return video

    def _find(self, marker: str | None, lost: APIError) -> tuple[Video, bool] | None:
        """The video of an attempt whose answer was lost."""
        try:
            video = duplicates.keep_oldest(self._session, marker) if marker else None
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
