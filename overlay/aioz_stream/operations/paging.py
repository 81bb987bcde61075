"""Going through pages that are counted by offset, while videos come and go. Decisions only."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aioz_stream.operations import dates

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import date

    from aioz_stream.operations.calls import Page
    from aioz_stream_api.models import Video


class Pages:
    """Where a walk through the pages is. A video that a later page shows again is left out."""

    def __init__(self) -> None:
        self.offset = 0
        self.finished = False
        self._seen: set[str] = set()

    def take(self, page: Page) -> Iterator[Video]:
        self.offset += len(page.videos)
        self.finished = not page.videos or self.offset >= page.total
        for video in page.videos:
            if video.id not in self._seen:
                self._seen.add(video.id)
                yield video


def created_between(after: str | date | None, before: str | date | None) -> Callable[[Video], bool]:
    """Whether a video was created at or after the one moment, and before the other.

    Where a bound is given, a video whose time of creation is missing or unreadable does not match.
    """
    first = None if after is None else dates.moment("created_after", after)
    end = None if before is None else dates.moment("created_before", before)

    def matches(video: Video) -> bool:
        if first is None and end is None:
            return True
        created = video.created_at
        if created is None:
            return False
        return (first is None or first <= created) and (end is None or created < end)

    return matches
