"""What a list of videos shows: which videos match, and in which order."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from contract_document import is_object

if TYPE_CHECKING:
    from collections.abc import Callable

    from contract_document import Json


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


ORDERS: dict[str, Callable[[Json], Any]] = {
    "created_at": lambda video: moment(video["created_at"]),
    "updated_at": lambda video: moment(video["updated_at"]),
    "title": lambda video: video["title"].casefold(),
    "size": lambda video: video["size"],
}
"""Per word of `sort_by` the key that videos are sorted by."""


def matches(video: Json, asked: Json) -> bool:
    """Whether the filters of a list let a video through."""
    status = asked.get("status", "")
    search = asked.get("search", "").casefold()
    return bool(
        (video["status"] == status if status else video["status"] != "deleted")
        and wanted_tags(asked) <= set(video["tags"] or ())
        and wanted_pairs(asked) <= {(pair["key"], pair["value"]) for pair in video["metadata"] or ()}
        and any(search in video[field].casefold() for field in ("title", "description"))
    )


def wanted_tags(asked: Json) -> set[str]:
    tags = asked.get("tags", [])
    words: list[str] = [word.strip() for word in tags.split(",")] if isinstance(tags, str) else tags
    return {word for word in words if word}


def wanted_pairs(asked: Json) -> set[tuple[str, str]]:
    pairs = asked.get("metadata", {})
    if is_object(pairs):
        return set(pairs.items())
    return {(pair["key"], pair["value"]) for pair in pairs}
