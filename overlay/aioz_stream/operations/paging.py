"""Listing page by page, by offset, while videos come and go. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date

from aioz_stream.http.session import Call
from aioz_stream.operations import calls
from aioz_stream.operations.operation import Extra, with_extra
from aioz_stream.operations.values import Metadata, OrderBy, Page, SortBy, Status
from aioz_stream_api.models import Video

_MOST_REPEATED = 10
"""Pages in a row with nothing new, after which a list is over. A few may come when many videos are made meanwhile."""


class Pages:
    """The pages of a list, one after the other. A video that a later page shows again is left out."""

    def __init__(
        self,
        tags: Sequence[str] | None = None,
        metadata: Metadata | None = None,
        status: Status | None = None,
        search: str | None = None,
        created_after: str | date | None = None,
        created_before: str | date | None = None,
        sort_by: SortBy = "created_at",
        order_by: OrderBy = "desc",
        page_size: int | None = None,
        extra: Extra | None = None,
    ) -> None:
        size = calls.largest_page() if page_size is None else page_size
        self._matches = _created_between(created_after, created_before)
        self._at: Callable[[int], Call[Page]] = lambda offset: with_extra(
            calls.page(offset, size, sort_by, order_by, tags, metadata, status, search), extra or {}
        )
        self._size = size
        self._offset = self._repeated = 0
        self._seen: set[str] = set()
        self.next: Call[Page] | None = self._at(0)
        """The call for the next page; None after the last one."""

    def take(self, page: Page) -> Iterator[Video]:
        """The videos of the next page that match, and that no page before it had."""
        new = list({video.id: video for video in page.videos if video.id not in self._seen}.values())
        self._seen.update(video.id for video in new)
        self._offset += len(page.videos)
        self._repeated = 0 if new else self._repeated + 1
        # A total below what was shown is none: then a page that is not full is the last.
        goes_on = self._offset < page.total or (self._offset > page.total and len(page.videos) >= self._size)
        self.next = self._at(self._offset) if page.videos and goes_on and self._repeated < _MOST_REPEATED else None
        return filter(self._matches, new)


def _created_between(after: str | date | None, before: str | date | None) -> Callable[[Video], bool]:
    """A filter for videos that were created at or after the one moment, and before the other.

    Where a bound is given, a video without a readable time of creation does not match.
    """
    from aioz_stream.operations import dates  # noqa: PLC0415 - 9 ms, for the few lists that have a bound

    first = None if after is None else dates.moment("created_after", after)
    end = None if before is None else dates.moment("created_before", before)

    def matches(video: Video) -> bool:
        created = video.created_at
        if created is None:
            return first is None and end is None
        return (first is None or first <= created) and (end is None or created < end)

    return matches
