"""What the contract says of each resolution: its name, its height, its highest bitrate."""

from __future__ import annotations

import re
from functools import lru_cache

from aioz_stream.arguments.schemas import RequestSchema, request_schema

_NAME = re.compile(r"([0-9]{1,5})p")
_ANY_BITRATE = 10**18


def ladder_schema() -> RequestSchema:
    return request_schema("createVideo", "body").part("qualities")


def height(name: object) -> int | None:
    """The length of the picture's shorter side in pixels, as the name says it."""
    found = _NAME.fullmatch(name) if isinstance(name, str) else None
    return int(found[1]) if found else None


def by_height() -> dict[str, int]:
    """The heights of all resolutions, the lowest first."""
    names = request_schema("createVideo", "body", "$defs", "Resolution").keywords.get("enum", ())
    return dict(sorted(((name, pixels) for name in names if (pixels := height(name))), key=lambda one: one[1]))


def highest_bitrates() -> dict[str, int]:
    """Bits per second of the picture, by resolution. Empty where the library that reads the contract is missing."""
    return _highest_bitrates(ladder_schema())


@lru_cache(maxsize=4)
def _highest_bitrates(schema: RequestSchema) -> dict[str, int]:
    """Found by trial, so that it does not matter how the contract says it."""
    tried = {name: [{"resolution": name, "video_config": {"bitrate": _ANY_BITRATE}}] for name in by_height()}
    return {
        name: breach.limit
        for name, ladder in tried.items()
        for breach in schema.breaches(ladder)
        if breach.path == (0, "video_config", "bitrate") and breach.keyword == "maximum"
    }
