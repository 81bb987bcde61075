"""Finding the videos of an upload by its marker, without believing what a list says."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from itertools import islice
from typing import Protocol, TypeVar

from aioz_stream.errors import APIResponseError, NotFoundError
from aioz_stream.http.session import Call
from aioz_stream.operations import calls
from aioz_stream.operations.matching import MARKER, Claim
from aioz_stream.operations.paging import Pages
from aioz_stream_api.models import Video

T = TypeVar("T")

_MOST_PAGES = 10
_MOST_LOOKS = 100  # at videos of one list that may be the upload's


class Send(Protocol):
    """Sends a call, through whichever session."""

    def __call__(self, call: Call[T], /) -> T: ...


def find_by_marker(send: Send, claim: Claim) -> list[Video]:
    """The videos that an upload has made, the oldest first; each as a look at it alone shows it.

    The service is asked for the marker in both forms that its filter may have. Where neither finds a video that has it,
    the newest videos are looked through, up to a thousand.
    """
    pair = {"key": MARKER, "value": claim.marker}
    for pages in (Pages(metadata={MARKER: claim.marker}), Pages(metadata=[pair])):
        try:
            listed = _take(send, pages, 1)
        except APIResponseError:
            continue  # it may know the other form
        if held := _look_at(send, listed, claim):
            return _fitting(held, claim)
    return _fitting(_look_at(send, _take(send, Pages(), _MOST_PAGES), claim), claim)


def delete_duplicates(send: Send, claim: Claim, video_id: str | None) -> None:
    """Deletes what a create made whose answer was lost, beside the video that the upload is about.

    No upload ever sends a byte to a duplicate, so one that has bytes is none.
    """
    for video in find_by_marker(send, claim):
        if video.id != video_id and not video.size:
            delete(send, video.id)


def delete(send: Send, video_id: str) -> None:
    """Deletes a video, unless it is gone."""
    with suppress(NotFoundError):
        send(calls.delete(video_id))


def _take(send: Send, pages: Pages, most: int) -> list[Video]:
    """The videos of the first pages, the newest first."""
    found: list[Video] = []
    for _ in range(most):
        if pages.next is not None:
            found += pages.take(send(pages.next))
    return found


def _look_at(send: Send, listed: list[Video], claim: Claim) -> list[Video]:
    """Those of them whose own metadata has the marker."""
    likely = islice((video for video in listed if claim.may_be_held_by(video)), _MOST_LOOKS)
    return [video for video in _get_each(send, likely) if claim.is_held_by(video)]


def _get_each(send: Send, listed: Iterator[Video]) -> Iterator[Video]:
    for video in listed:
        try:
            yield send(calls.get(video.id))
        except NotFoundError:
            continue


def _fitting(held: list[Video], claim: Claim) -> list[Video]:
    return [video for video in reversed(held) if claim.fits(video)]
