"""Finding the videos of an upload by its marker, without believing what a list says."""

from __future__ import annotations

from contextlib import suppress
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
    for pages in (Pages(metadata={MARKER: claim.marker}), Pages(metadata=[{"key": MARKER, "value": claim.marker}])):
        try:
            listed = _take(send, pages, 1)
        except APIResponseError:
            continue  # it may know the other form
        if held := _look_at(send, listed, claim):
            break
    else:
        held = _look_at(send, _take(send, Pages(), _MOST_PAGES), claim)
    return [video for video in reversed(held) if claim.fits(video)]


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
    held: list[Video] = []
    for likely in [video for video in listed if claim.may_be_held_by(video)][:_MOST_LOOKS]:
        with suppress(NotFoundError):
            held.append(send(calls.get(likely.id)))
    return [video for video in held if claim.is_held_by(video)]
