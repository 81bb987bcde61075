"""The filters, the order and the page of a list of videos. Pure decisions, no effects."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from aioz_stream_mock.state.videos import DELETED, Json, Video

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

USUAL_ORDER = "created_at"
"""What a list is sorted by that asks for nothing else, or for a word that is new in the contract."""

_ORDERS: dict[str, Callable[[Video], Any]] = {
    "created_at": lambda video: video.created_at,
    "updated_at": lambda video: video.updated_at,
    "title": lambda video: video.title.casefold(),
    "size": lambda video: video.size,
}


@dataclass(frozen=True)
class Listing:
    """What a list request asks for, in one form for all ways to write it."""

    offset: int
    limit: int
    sort_by: str
    descending: bool
    tags: frozenset[str]
    metadata: frozenset[tuple[str, str]]
    status: str
    search: str


def parse_listing(body: Json) -> Listing:
    """Read a valid list request; an empty filter filters nothing (ruling L1)."""
    return Listing(
        offset=int(body.get("offset", 0)),
        limit=int(body.get("limit", 25)),
        sort_by=body.get("sort_by", USUAL_ORDER),
        descending=body.get("order_by", "desc") == "desc",
        tags=_tags(body.get("tags", [])),
        metadata=_pairs(body.get("metadata", [])),
        status=body.get("status", ""),
        search=body.get("search", "").casefold(),
    )


def select(videos: Iterable[Video], listing: Listing, now: int) -> tuple[list[Video], int]:
    """One page, and how many videos match in all."""
    matching = [video for video in videos if _matches(video, listing, now)]
    # Two stable sorts: ties keep the order of the ids, whichever direction the first key goes.
    matching.sort(key=lambda video: video.id)
    matching.sort(key=_ORDERS.get(listing.sort_by, _ORDERS[USUAL_ORDER]), reverse=listing.descending)
    return matching[listing.offset : listing.offset + listing.limit], len(matching)


def _matches(video: Video, listing: Listing, now: int) -> bool:
    status = video.status(now)
    if status == DELETED and listing.status != DELETED:
        return False
    return (
        listing.status in ("", status)
        and listing.tags.issubset(video.tags or ())
        and listing.metadata.issubset(_pairs(video.metadata or []))
        and (listing.search in video.title.casefold() or listing.search in video.description.casefold())
    )


def _tags(tags: list[str] | str) -> frozenset[str]:
    """Tags from a list, where each counts as it stands, or from words joined by commas (ruling L2)."""
    words = [word.strip() for word in tags.split(",")] if isinstance(tags, str) else tags
    return frozenset(word for word in words if word)


def _pairs(metadata: dict[str, str] | list[Json]) -> frozenset[tuple[str, str]]:
    """Pairs from an object or from a list of them (ruling L3)."""
    if isinstance(metadata, dict):
        return frozenset(metadata.items())
    return frozenset((pair["key"], pair["value"]) for pair in metadata)
