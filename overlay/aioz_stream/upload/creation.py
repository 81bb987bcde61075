"""Making a video exactly once, although the answer to it can be lost."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING

from aioz_stream.errors import APIConnectionError, APIError, CreationUnknownError
from aioz_stream.http.session import may_be_done
from aioz_stream.operations import calls

if TYPE_CHECKING:
    from collections.abc import Callable

    from aioz_stream.http.retry import RetryPolicy
    from aioz_stream.http.session import Call
    from aioz_stream.upload.cancellation import Stop
    from aioz_stream_api.models import Video


class Creation:
    """A create that may be repeated, because the video carries a marker by which it is found.

    When an answer is lost, it looks for a video with the marker, and adopts it. Where there is none, it creates again
    with the same marker; should both come to be, only the older one stays.
    """

    def __init__(
        self,
        send: Callable[[Call[Video]], Video],
        marked: Callable[[str], Video | None],
        stop: Stop,
        retries: RetryPolicy,
    ) -> None:
        """`send` tries once: how often it is tried again is decided here. `marked` finds the video with a marker."""
        self._send, self._marked, self._stop, self._retries = send, marked, stop, retries
        self.may_come_twice = False
        """Whether a try, of this run or an earlier one, may still be on its way to the service."""

    def run(self, create: Call[Video], marker: str | None, *, begun_before: bool) -> Video:
        """Raises CreationUnknownError when an answer is lost and it can't be found out what came of it.

        `begun_before` says that an earlier run has created with this marker. Nothing was found of it, but it may still
        be on its way.
        """
        was_lost, self.may_come_twice = False, begun_before
        if begun_before and marker is None:
            request = create.request()
            raise CreationUnknownError(
                "an earlier run asked for the video, and ended before it heard of it; without a marker nobody knows "
                "whether it exists. Look for a video of this title, then give that upload up: "
                "`stream.uploads.abort(...)`, or the command `aioz-stream abort`",
                method=str(request["method"]).upper(),
                path=str(request["url"]),
            )
        for retry in count():
            try:
                video = self._send(create)
            except APIError as error:
                error.attempt = retry + 1
                was_lost |= may_be_done(error)
                self.may_come_twice |= was_lost
                delay = self._retries.delay(error, retry)
                if was_lost and (found := self._found(marker, error)):
                    return found
                if delay is None or (was_lost and marker is None):
                    raise (_unknown(error, marker) if was_lost else error) from error.__cause__
                self._stop.pause(delay)
            else:
                if marker and self.may_come_twice:
                    return self._marked(marker) or video
                return video
        raise AssertionError("count() never ends")

    def _found(self, marker: str | None, lost: APIError) -> Video | None:
        try:
            return self._marked(marker) if marker else None
        except APIError as error:
            raise _unknown(lost, marker) from error


def _unknown(lost: APIError, marker: str | None) -> APIError:
    if not isinstance(lost, APIConnectionError):
        return lost  # An answer did come; it says more than this could.
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
