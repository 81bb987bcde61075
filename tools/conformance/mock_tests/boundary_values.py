"""Boundary values of the contract, written by hand from the service's reference and docs/contract.md.

Nothing here is read from the contract: these values say what the contract has to accept. Each field of a
schema has values that are accepted there and values that are rejected; the first ones are a valid object.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from traceback import extract_stack
from typing import TypeAlias

from contract_document import Json

MISSING = object()
INT64 = 2**63 - 1
NAMES = ("144p", "240p", "360p", "480p", "720p", "1080p", "1440p", "2160p", "4320p")
MAXIMA = {
    "240p": 700_000,
    "360p": 1_200_000,
    "480p": 2_000_000,
    "720p": 4_000_000,
    "1080p": 6_000_000,
    "1440p": 12_000_000,
    "2160p": 30_000_000,
    "4320p": 60_000_000,
}
RATES = (8_000, 11_025, 16_000, 22_050, 32_000, 44_100, 48_000, 88_200, 96_000)


def _line_of_caller() -> str:
    # The frame before the last two, of this function and of the constructor.
    return f"{Path(__file__).name}:{extract_stack(limit=3)[0].lineno}"


@dataclass(frozen=True)
class Boundary:
    """Values of one place: accepted ones, rejected ones, and undocumented ones that a client must tolerate."""

    accepted: list[Json]
    rejected: list[Json]
    tolerated: list[Json] = field(default_factory=list[Json])
    line: str = field(default_factory=_line_of_caller, compare=False)
    """Where it is written, for the message of a test that fails."""


Fields: TypeAlias = dict[str, Boundary]
"""The fields of an object."""


def valid(fields: Fields) -> dict[str, Json]:
    """The object with the first accepted value of each field; it is without those that may be missing."""
    first = {name: boundary.accepted[0] for name, boundary in fields.items()}
    return {name: value for name, value in first.items() if value is not MISSING}


def with_field(fields: Fields, name: str, value: Json) -> dict[str, Json]:
    """The valid object with another value in one field, or without the field."""
    return {key: one for key, one in {**valid(fields), name: value}.items() if one is not MISSING}


PAIR = {"key": "k", "value": "v"}
TITLE = Boundary(["x", "x" * 255, "\N{GRINNING FACE}" * 255, " "], ["", "x" * 256, None, 5])
DESCRIPTION = Boundary([MISSING, "", "x" * 1000], ["x" * 1001, None, 5])
PUBLIC = Boundary([MISSING, True, False], [None, 0, "true"])
PAIRS = Boundary([MISSING, [], [PAIR] * 50], [[PAIR] * 51, None, [None], {"k": "v"}])
TAGS = Boundary([MISSING, [], [""], ["x" * 255] * 50], [["x"] * 51, ["x" * 256], None, [None], [5], "x"])

QUALITY = {"type": "hls", "container_type": "mp4", "resolution": "720p"}
COUNT = Boundary([MISSING, 0, 7, 2.0, INT64], [-1, None, "0", 0.5, True, INT64 + 1])
POSITIVE = Boundary([MISSING, 1, 2.0, 10**9], [0, -1, None, "1", 1.5, True, INT64 + 1])

REQUESTS: dict[str, Fields] = {
    "CreateVideoRequest": {
        "title": Boundary(TITLE.accepted, [*TITLE.rejected, MISSING]),
        "description": DESCRIPTION,
        "is_public": PUBLIC,
        "metadata": PAIRS,
        "tags": TAGS,
        "qualities": Boundary([MISSING, [QUALITY]], [[], None, [None], QUALITY]),
    },
    "UpdateVideoRequest": {
        "title": Boundary([*TITLE.accepted, MISSING], TITLE.rejected),
        "description": DESCRIPTION,
        "is_public": PUBLIC,
        "metadata": PAIRS,
        "tags": TAGS,
        "player_id": Boundary([MISSING, "", "dark"], [None, 5]),
    },
    "ListVideosRequest": {
        "offset": COUNT,
        "limit": Boundary([MISSING, 1, 100, 25.0], [0, 101, None, "1", 1.5]),
        "sort_by": Boundary([MISSING, "created_at", "updated_at", "title", "size"], ["", "id", "sizex", None]),
        "order_by": Boundary([MISSING, "asc", "desc"], ["", "ASC", "descx", None]),
        "tags": Boundary([MISSING, [], ["a"], "", "a,b"], [None, [None], [5], {}]),
        "metadata": Boundary([MISSING, {}, {"k": "v"}, [], [PAIR]], [None, {"k": 5}, {"k": None}, [None], "k"]),
        "status": Boundary([MISSING, "", "new", "transcoding", "done", "fail", "deleted"], ["ready", "deletedx", None]),
        "search": Boundary([MISSING, "", "x"], [None, 5]),
    },
    "MetadataPair": {
        "key": Boundary(["", "x" * 255], [MISSING, "x" * 256, None, 5]),
        "value": Boundary(["", "x" * 255], [MISSING, "x" * 256, None, 5]),
    },
    "Quality": {
        "type": Boundary(["hls"], [MISSING, "dash", "HLS", "dashx", None]),
        "container_type": Boundary(["mp4", "mpegts"], [MISSING, "fmp4", "MP4", "fmp4x", None]),
        "resolution": Boundary(["720p", MISSING, *NAMES], ["audio", "720P", "4320px", "720p\n", "", None, 720]),
        "video_config": Boundary([MISSING, {"codec": "h264"}], [None, {}, "h264"]),
        "audio_config": Boundary([MISSING, {"codec": "aac"}], [None, {}, "aac"]),
    },
    "VideoConfig": {
        "codec": Boundary(["h264", "h265"], [MISSING, "aac", "H264", "h265x", None]),
        "bitrate": POSITIVE,
        "index": COUNT,
    },
    "AudioConfig": {
        "codec": Boundary(["aac"], [MISSING, "h264", "AAC", "aacx", None]),
        "bitrate": POSITIVE,
        "channels": Boundary([MISSING, "1", "2"], ["0", "3", "2x", 2, None]),
        "sample_rate": Boundary([MISSING, *RATES, 44100.0], [24000, 96001, "44100", None, True]),
        "language": Boundary(
            [MISSING, "en", "fil", "pt-BR", "zh-Hant-TW", "abcdefgh", "en-12345678", "jp"],
            ["", "e", "en\n", "en-", "-en", "pt_BR", "e1", "abcdefghi", "en-123456789", "1en", "en--US", None],
        ),
        "index": COUNT,
    },
    "UploadVideoPartRequest": {
        "index": Boundary(["0", "1", "10", "9" * 30], [MISSING, "00", "01", "-1", "x1", "1x", "1\n", "", 1, None]),
        "hash": Boundary(["aF" * 16], [MISSING, "0" * 31, "0" * 33, "g" * 32, "0" * 32 + "\n", "", None]),
        "file": Boundary(["", "bytes"], [MISSING, None, 5]),
    },
    "UploadVideoThumbnailRequest": {"file": Boundary(["", "bytes"], [MISSING, None, 5])},
}

VIDEO_CONFIG, AUDIO_CONFIG = {"codec": "h264"}, {"codec": "aac"}


def quality(kind: str, container: str, resolution: str | None = None, **configs: Json) -> Json:
    return {
        "type": kind,
        "container_type": container,
        **configs,
        **({} if resolution is None else {"resolution": resolution}),
    }


def encoded(resolution: str, bitrate: int) -> Json:
    return quality("hls", "mp4", resolution, video_config={"codec": "h264", "bitrate": bitrate})


QUALITIES = Boundary(
    [
        quality("hls", "mpegts", "720p"),
        quality("hls", "mp4", "720p"),
        quality("dash", "fmp4", "720p"),
        quality("dash", "fmp4"),
        quality("dash", "fmp4", "any label", audio_config=AUDIO_CONFIG),
        quality("dash", "fmp4", audio_config=AUDIO_CONFIG),
        *(quality("hls", "mp4", name, video_config=VIDEO_CONFIG) for name in NAMES),
        *(quality("hls", "mp4", name, video_config=VIDEO_CONFIG, audio_config=AUDIO_CONFIG) for name in NAMES),
        *(encoded(name, bitrate) for name, bitrate in MAXIMA.items()),
        encoded("144p", 10**9),
        # The maximum is for the video only.
        quality("hls", "mp4", "240p", audio_config={"codec": "aac", "bitrate": 700_001}),
    ],
    [
        quality("hls", "fmp4", "720p"),
        quality("dash", "mpegts", "720p"),
        quality("dash", "mp4", "720p"),
        quality("dash", "fmp4", "any label"),
        quality("dash", "fmp4", "", audio_config=AUDIO_CONFIG),
        quality("dash", "fmp4", video_config=VIDEO_CONFIG),
        quality("dash", "fmp4", video_config=VIDEO_CONFIG, audio_config=AUDIO_CONFIG),
        quality("dash", "fmp4", "any label", video_config=VIDEO_CONFIG),
        quality("dash", "fmp4", "any label", video_config=VIDEO_CONFIG, audio_config=AUDIO_CONFIG),
        *(encoded(name, bitrate + 1) for name, bitrate in MAXIMA.items()),
    ],
)
"""Qualities for the rules about more than one field."""

TEXT = Boundary([None, "", "x"], [5], [MISSING])
FLAG = Boundary([None, True, False], [0, "true"], [MISSING])
ANYTHING = Boundary([None, {}, "x", [1]], [], [MISSING])
MOMENT = Boundary(
    [None, "2026-03-01T08:30:00Z", "2026-03-01T08:30:00.123456789Z"],
    [5, {}],
    ["2026-03-01 08:30", "created_at", MISSING],
)
STATUS = Boundary(["new", "transcoding", "done", "fail", "deleted"], [None, 5, MISSING], ["ready", "deletedx", "New"])
SUCCESS = Boundary(["success"], [None, 5, MISSING], ["ok", "successx", "Success"])
VIDEO_ASSETS = ("source", "thumbnail", "hls", "hls_player", "dash", "dash_player", "mp4")
ASSETS: Fields = dict.fromkeys([*(f"{name}_url" for name in VIDEO_ASSETS), "hls_iframe", "dash_iframe"], TEXT)
OUTPUT: Fields = {
    "name": TEXT,
    "status": Boundary(STATUS.accepted, [None, 5], [*STATUS.tolerated, MISSING]),
    "type": Boundary([None, "hls", "dash"], [5], [MISSING, "HLS", "dashx", "cmaf"]),
}
VIDEO: Fields = {
    "id": Boundary(["v"], [MISSING, "", None, 5]),
    "user_id": TEXT,
    "title": Boundary(["", "t"], [MISSING, None, 5]),
    "description": TEXT,
    "metadata": Boundary([None, [], [PAIR]], [{}, [None], "x"], [MISSING]),
    "tags": Boundary([None, [], ["x"]], ["x", [5], [None]], [MISSING]),
    "qualities": Boundary([None, [], [valid(OUTPUT)]], [{}, ["720p"]], [MISSING]),
    **dict.fromkeys(("subtitles", "chapters", "player_theme"), ANYTHING),
    "duration": Boundary([None, 0, 283.492426], [-1, -0.5, "1"], [MISSING]),
    "size": Boundary([None, 0, INT64], [-1, 0.5, "1", INT64 + 1], [MISSING]),
    **dict.fromkeys(("is_mp4", "is_public", "is_panoramic"), FLAG),
    "status": STATUS,
    "created_at": MOMENT,
    "updated_at": MOMENT,
    "assets": Boundary([None, valid(ASSETS)], ["x", []], [MISSING]),
    "player_theme_id": TEXT,
}
COST: Fields = {
    "price": Boundary([0, 1.23, "0", "1.23"], [MISSING, None, -1, "-1", "1.23x", "x1", "", "1.", "1\n", True]),
    "is_enough": Boundary([True, False], [MISSING, None, 1, "true"]),
}

ANSWERS: dict[str, Fields] = {
    "Video": VIDEO,
    "VideoMetadataPair": {"key": TEXT, "value": TEXT},
    "VideoQuality": OUTPUT,
    "VideoAssets": ASSETS,
    "VideoResponse": {"status": SUCCESS, "data": Boundary([valid(VIDEO)], [MISSING, None, {}, []])},
    "VideoListResponse": {"status": SUCCESS, "data": Boundary([{"videos": [], "total": 0}], [MISSING, None, {}, []])},
    "VideoList": {
        "videos": Boundary([[valid(VIDEO)], None, []], [MISSING, {}, [None], [{}]]),
        "total": Boundary([0, INT64], [MISSING, None, -1, 0.5, "1", INT64 + 1]),
    },
    "TranscodeCostResponse": {"status": SUCCESS, "data": Boundary([valid(COST)], [MISSING, None, {}, []])},
    "TranscodeCost": COST,
    "MessageResponse": {"status": SUCCESS, "message": Boundary(["", "x"], [MISSING, None, 5])},
    "Error": {
        "status": Boundary(["error", "x"], [MISSING, None, 5]),
        "message": Boundary(["", "x"], [MISSING, None, 5]),
    },
}

COST_NAMES = [name for name in NAMES if name != "4320p"]
PARAMETERS = {
    "qualities": Boundary(
        [*COST_NAMES, ",".join(COST_NAMES), "720p,720p"],
        [MISSING, "4320p", "144p,4320p", "", ",", "360p,", ",360p", "x360p", "360px", "360p\n", "360p,720px", None, 5],
    ),
    "duration": Boundary([60, 0.5, 1e-6], [MISSING, 0, -0.5, -1, None, "60"]),
    "Content-Range": Boundary(
        ["bytes 0-10/11", "bytes 0-0/1", f"bytes 0-{'9' * 19}/{'9' * 19}"],
        [
            *(MISSING, "", "bytes 0-10/*", "bytes=0-10/11", "x bytes 0-10/11", "bytes 0-10/11x", "bytes 0-10/11\n"),
            *("bytes -10/11", f"bytes 0-10/1{'0' * 19}", None),
        ],
    ),
    "video_id": Boundary(["v", "7f1c2f0e-4a56-4d5c-9a39-0d5f7b1f9b11"], ["", None, 5]),
}

HEADERS = {
    "X-Request-Id": Boundary(["x"], [None, 5]),
    "Retry-After": Boundary(["60", "Wed, 21 Oct 2026 07:28:00 GMT"], [None, 5]),
    "X-RateLimit-Limit": Boundary([0, 100], [-1, None, 0.5]),
    "X-RateLimit-Remaining": Boundary([0, 100], [-1, None, 0.5]),
    "X-RateLimit-Retry-After": Boundary([0, 0.5, 60], [-0.5, -1, None]),
}
