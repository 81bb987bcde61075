"""Encoding ladders: find every mistake before it costs an upload.

    from aioz_stream import encoding

    for finding in encoding.check(qualities, source="talk.mp4"):
        print(finding)

    encoding.ladder(source_height=1080, type="hls")  # a whole one that has none

A ladder is the list of qualities that a video is transcoded into. `docs/encoding.md` has every rule with an example.
"""

from aioz_stream.encoding.build import audio, dash, hls, ladder
from aioz_stream.encoding.checker import LadderWarning, check
from aioz_stream.encoding.media_info import MediaInfo as Source
from aioz_stream.encoding.price import LadderCost
from aioz_stream.errors import EncodingError, Finding

__all__ = [
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
