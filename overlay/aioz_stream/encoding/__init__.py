"""Encoding ladders: find every mistake before it costs an upload.

    from aioz_stream import encoding

    for finding in encoding.check(qualities, source="talk.mp4"):
        print(finding)

    encoding.ladder(source_height=1080, type="hls")  # a whole one that has none

A ladder is the list of qualities that a video is transcoded into. The page "Encoding ladders" has every rule
with an example.
"""

from typing import TYPE_CHECKING

from aioz_stream.errors import EncodingError, Finding
from aioz_stream_api.lazy import lazy_names

if TYPE_CHECKING:
    from aioz_stream.encoding.build import audio, dash, hls, ladder
    from aioz_stream.encoding.checker import LadderWarning, check
    from aioz_stream.encoding.checker import accepted as accepted
    from aioz_stream.encoding.media_info import MediaInfo as Source
    from aioz_stream.encoding.price import Cost, LadderCost
    from aioz_stream.encoding.price import question as question
    from aioz_stream.encoding.price import read_cost as read_cost
else:
    __getattr__, __dir__ = lazy_names(
        __name__,
        {
            ".build": ("audio", "dash", "hls", "ladder"),
            ".checker": ("LadderWarning", "accepted", "check"),
            ".media_info": ("Source",),
            ".price": ("Cost", "LadderCost", "question", "read_cost"),
        },
    )

__all__ = [
    "Cost",
    "EncodingError",
    "Finding",
    "LadderCost",
    "LadderWarning",
    "Source",
    "audio",
    "check",
    "dash",
    "hls",
    "ladder",
]
