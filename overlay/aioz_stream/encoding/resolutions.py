"""What the contract says of each resolution: its name, its height, its highest bitrate, whether it has a price."""

from __future__ import annotations

import re
from functools import lru_cache

from aioz_stream import request_schemas

_NAME = re.compile(r"([0-9]{1,5})p")
_ANY_BITRATE = 10**18


def qualities() -> request_schemas.RequestSchema:
    """The schema of a ladder."""
    return _qualities(request_schemas.body("createVideo"))


@lru_cache(maxsize=1)
def _qualities(create: request_schemas.RequestSchema) -> request_schemas.RequestSchema:
    return create.part("qualities")


def height(name: object) -> int | None:
    """The length of the picture's shorter side in pixels, as the name says it."""
    found = _NAME.fullmatch(name) if isinstance(name, str) else None
    return int(found[1]) if found else None


def names() -> list[str]:
    return list(qualities().definition("Resolution").get("enum", ()))


def by_height() -> dict[str, int]:
    """The heights of all resolutions, the lowest first."""
    heights = {name: height(name) for name in names()}
    return dict(sorted(((name, pixels) for name, pixels in heights.items() if pixels), key=lambda one: one[1]))


def highest_bitrates() -> dict[str, int]:
    """Bits per second of the picture, by resolution. Empty where the library that reads the contract is missing."""
    return _highest_bitrates(qualities())


@lru_cache(maxsize=1)
def _highest_bitrates(schema: request_schemas.RequestSchema) -> dict[str, int]:
    highest = {name: _highest(schema, name) for name in by_height()}
    return {name: bitrate for name, bitrate in highest.items() if bitrate is not None}


def _highest(schema: request_schemas.RequestSchema, name: str) -> int | None:
    """Found by trial, so that it does not matter how the contract says it."""
    bitrate = _ANY_BITRATE
    while True:
        ladder = [{"resolution": name, "video_config": {"bitrate": bitrate}}]
        refused = [one for one in schema.breaches(ladder) if one.path == (0, "video_config", "bitrate")]
        if not refused:
            return bitrate if bitrate != _ANY_BITRATE else None
        if refused[0].keyword != "maximum" or refused[0].limit >= bitrate:
            return None
        bitrate = refused[0].limit


def is_priced(name: str) -> bool:
    return name in request_schemas.separated("getTranscodeCost", "qualities").property().get("enum", ())
