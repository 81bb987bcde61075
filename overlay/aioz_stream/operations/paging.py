"""Listing page by page, by offset, while videos come and go. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aioz_stream.operations import calls, dates

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import date

    from aioz_stream.http.session import Call
    from aioz_stream.operations.calls import Metadata, OrderBy, Page, SortBy, Status
    from aioz_stream_api.models import Video


class Pages:
    """The position in the pages of a list. A video that a later page shows again is left out."""

    def __init__(self) -> None:
        self.offset = 0
        self.finished = False
        self._seen: set[str] = set()

    def take(self, page: Page) -> Iterator[Video]:
        """The videos of the next page that no page before it had."""
        self.offset += len(page.videos)
        self.finished = not page.videos or self.offset >= page.total
        for video in page.videos:
            if video.id not in self._seen:
                self._seen.add(video.id)
                yield video


def created_between(after: str | date | None, before: str | date | None) -> Callable[[Video], bool]:
    """A filter for videos that were created at or after the one moment, and before the other.

    Where a bound is given, a video without a readable time of creation does not match.
    """
    first = None if after is None else dates.moment("created_after", after)
    end = None if before is None else dates.moment("created_before", before)

    def matches(video: Video) -> bool:
        if first is None and end is None:
            return True
        created = dates.service_time(video.created_at)
        if created is None:
            return False
        return (first is None or first <= created) and (end is None or created < end)

    return matches


def pager(
    sort_by: SortBy,
    order_by: OrderBy,
    tags: Sequence[str] | None,
    metadata: Metadata | None,
    status: Status | None,
    search: str | None,
) -> Callable[[int, int], Call[Page]]:
    """A function of offset and limit that returns the call for that page."""
    return lambda offset, limit: calls.page(offset, limit, sort_by, order_by, tags, metadata, status, search)
