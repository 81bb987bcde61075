"""Where the contract draws its lines, written by hand from the service's reference and docs/contract.md.

Nothing here is read from the contract: this is what the contract has to say. Per schema a value that it takes, and per
field what may stand there instead and what may not.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from contract_document import Json

if TYPE_CHECKING:
    from collections.abc import Mapping

MISSING = object()
INT64 = 2**63 - 1


@dataclass(frozen=True)
class Line:
    """What may stand in a place, what a reader must survive though nobody documents it, and what is refused."""

    takes: list[Json]
    refuses: list[Json]
    survives: list[Json] = field(default_factory=list[Json])


@dataclass(frozen=True)
class Shape:
    """An object: one that is right, and the line of each field; fields without one may hold anything."""

    whole: dict[str, Json]
    lines: Mapping[str, Line]

    def having(self, name: str, value: Json) -> dict[str, Json]:
        """The right object with another value in one field, or without it."""
        rest = {key: one for key, one in self.whole.items() if key != name}
        return rest if value is MISSING else {**rest, name: value}


PAIR = {"key": "k", "value": "v"}
TITLE = Line(["x", "x" * 255, "\N{GRINNING FACE}" * 255, " "], ["", "x" * 256, None, 5])
DESCRIPTION = Line([MISSING, "", "x" * 1000], ["x" * 1001, None, 5])
PUBLIC = Line([MISSING, True, False], [None, 0, "true"])
PAIRS = Line([MISSING, [], [PAIR] * 50], [[PAIR] * 51, None, [None], {"k": "v"}])
TAGS = Line([MISSING, [], [""], ["x" * 255] * 50], [["x"] * 51, ["x" * 256], None, [None], [5], "x"])
UNKNOWN = Line([MISSING], ["x"])

QUALITY = {"type": "hls", "container_type": "mp4", "resolution": "720p"}
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
RATES = [8000, 11025, 16000, 22050, 32000, 44100, 48000, 88200, 96000]
COUNT = Line([MISSING, 0, 7, 2.0, INT64], [-1, None, "0", 0.5, True, INT64 + 1])
POSITIVE = Line([MISSING, 1, 2.0, 10**9], [0, -1, None, "1", 1.5, True, INT64 + 1])

REQUESTS = {
    "CreateVideoRequest": Shape(
        {"title": "t"},
        {
            "title": Line(TITLE.takes, [*TITLE.refuses, MISSING]),
            "description": DESCRIPTION,
            "is_public": PUBLIC,
            "metadata": PAIRS,
            "tags": TAGS,
            "qualities": Line([MISSING, [QUALITY]], [[], None, [None], QUALITY]),
            "more": UNKNOWN,
        },
    ),
    "UpdateVideoRequest": Shape(
        {},
        {
            "title": Line([*TITLE.takes, MISSING], TITLE.refuses),
            "description": DESCRIPTION,
            "is_public": PUBLIC,
            "metadata": PAIRS,
            "tags": TAGS,
            "player_id": Line([MISSING, "", "dark"], [None, 5]),
            "more": UNKNOWN,
        },
    ),
    "ListVideosRequest": Shape(
        {},
        {
            "offset": COUNT,
            "limit": Line([MISSING, 1, 100, 25.0], [0, 101, None, "1", 1.5]),
            "sort_by": Line([MISSING, "created_at", "updated_at", "title", "size"], ["", "id", "sizex", None]),
            "order_by": Line([MISSING, "asc", "desc"], ["", "ASC", "descx", None]),
            "tags": Line([MISSING, [], ["a"], "", "a,b"], [None, [None], [5], {}]),
            "metadata": Line([MISSING, {}, {"k": "v"}, [], [PAIR]], [None, {"k": 5}, {"k": None}, [None], "k"]),
            "status": Line([MISSING, "", "new", "transcoding", "done", "fail", "deleted"], ["ready", "deletedx", None]),
            "search": Line([MISSING, "", "x"], [None, 5]),
            "more": UNKNOWN,
        },
    ),
    "MetadataPair": Shape(
        PAIR,
        {
            "key": Line(["", "x" * 255], [MISSING, "x" * 256, None, 5]),
            "value": Line(["", "x" * 255], [MISSING, "x" * 256, None, 5]),
            "more": UNKNOWN,
        },
    ),
    "Quality": Shape(
        QUALITY,
        {
            "type": Line(["hls"], [MISSING, "dash", "HLS", "dashx", None]),
            "container_type": Line(["mp4", "mpegts"], [MISSING, "fmp4", "MP4", "fmp4x", None]),
            "resolution": Line([MISSING, *NAMES], ["audio", "720P", "4320px", "720p\n", "", None, 720]),
            "video_config": Line([MISSING, {"codec": "h264"}], [None, {}, "h264"]),
            "audio_config": Line([MISSING, {"codec": "aac"}], [None, {}, "aac"]),
            "more": UNKNOWN,
        },
    ),
    "VideoConfig": Shape(
        {"codec": "h264"},
        {
            "codec": Line(["h264", "h265"], [MISSING, "aac", "H264", "h265x", None]),
            "bitrate": POSITIVE,
            "index": COUNT,
            "more": UNKNOWN,
        },
    ),
    "AudioConfig": Shape(
        {"codec": "aac"},
        {
            "codec": Line(["aac"], [MISSING, "h264", "AAC", "aacx", None]),
            "bitrate": POSITIVE,
            "channels": Line([MISSING, "1", "2"], ["0", "3", "2x", 2, None]),
            "sample_rate": Line([MISSING, *RATES, 44100.0], [24000, 96001, "44100", None, True]),
            "language": Line(
                [MISSING, "en", "fil", "pt-BR", "zh-Hant-TW", "abcdefgh", "en-12345678", "jp"],
                ["", "e", "en\n", "en-", "-en", "pt_BR", "e1", "abcdefghi", "en-123456789", "1en", "en--US", None],
            ),
            "index": COUNT,
            "more": UNKNOWN,
        },
    ),
    "UploadVideoPartRequest": Shape(
        {"index": "1", "hash": "0" * 32, "file": "bytes"},
        {
            "index": Line(["1", "10", "9" * 30], [MISSING, "0", "01", "-1", "x1", "1x", "1\n", "", 1, None]),
            "hash": Line(["aF" * 16], [MISSING, "0" * 31, "0" * 33, "g" * 32, "0" * 32 + "\n", "", None]),
            "file": Line(["", "bytes"], [MISSING, None, 5]),
            "more": UNKNOWN,
        },
    ),
    "UploadVideoThumbnailRequest": Shape(
        {"file": "bytes"}, {"file": Line(["", "bytes"], [MISSING, None, 5]), "more": UNKNOWN}
    ),
}

PICTURE, SOUND = {"codec": "h264"}, {"codec": "aac"}


def ladder(kind: str, container: str, resolution: str | None = None, **configs: Json) -> Json:
    return {
        "type": kind,
        "container_type": container,
        **configs,
        **({} if resolution is None else {"resolution": resolution}),
    }


def encoded(resolution: str, bitrate: int) -> Json:
    return ladder("hls", "mp4", resolution, video_config={"codec": "h264", "bitrate": bitrate})


QUALITIES = Line(
    [
        ladder("hls", "mpegts", "720p"),
        ladder("hls", "mp4", "720p"),
        ladder("dash", "fmp4", "720p"),
        ladder("dash", "fmp4"),
        ladder("dash", "fmp4", "any label", audio_config=SOUND),
        ladder("dash", "fmp4", audio_config=SOUND),
        *(ladder("hls", "mp4", name, video_config=PICTURE) for name in NAMES),
        *(ladder("hls", "mp4", name, video_config=PICTURE, audio_config=SOUND) for name in NAMES),
        *(encoded(name, bitrate) for name, bitrate in MAXIMA.items()),
        encoded("144p", 10**9),
        # The maximum is that of the picture.
        ladder("hls", "mp4", "240p", audio_config={"codec": "aac", "bitrate": 700_001}),
    ],
    [
        ladder("hls", "fmp4", "720p"),
        ladder("dash", "mpegts", "720p"),
        ladder("dash", "mp4", "720p"),
        ladder("dash", "fmp4", "any label"),
        ladder("dash", "fmp4", "", audio_config=SOUND),
        ladder("dash", "fmp4", video_config=PICTURE),
        ladder("dash", "fmp4", video_config=PICTURE, audio_config=SOUND),
        ladder("dash", "fmp4", "any label", video_config=PICTURE),
        ladder("dash", "fmp4", "any label", video_config=PICTURE, audio_config=SOUND),
        *(encoded(name, bitrate + 1) for name, bitrate in MAXIMA.items()),
    ],
)
"""What depends on more than one field of a quality."""

TEXT = Line([None, "", "x"], [5], [MISSING])
FLAG = Line([None, True, False], [0, "true"], [MISSING])
ANYTHING = Line([None, {}, "x", [1]], [], [MISSING])
MOMENT = Line(
    [None, "2026-03-01T08:30:00Z", "2026-03-01T08:30:00.123456789Z"],
    [5, {}],
    ["2026-03-01 08:30", "created_at", MISSING],
)
STATUS = Line(["new", "transcoding", "done", "fail", "deleted"], [None, 5, MISSING], ["ready", "deletedx", "New"])
SUCCESS = Line(["success"], [None, 5, MISSING], ["ok", "successx", "Success"])
VIDEO_ASSETS = ("source", "thumbnail", "hls", "hls_player", "dash", "dash_player", "mp4")
ASSETS: dict[str, Json] = dict.fromkeys([f"{name}_url" for name in VIDEO_ASSETS] + ["hls_iframe", "dash_iframe"])
OUTPUT = {"name": "720p", "status": "new", "type": "hls"}
VIDEO: dict[str, Json] = {
    "id": "v",
    "user_id": "u",
    "title": "t",
    "description": "",
    "metadata": None,
    "tags": None,
    "qualities": None,
    "subtitles": None,
    "chapters": None,
    "player_theme": None,
    "duration": 0,
    "size": 0,
    "is_mp4": False,
    "is_public": True,
    "is_panoramic": False,
    "status": "new",
    "created_at": "2026-03-01T08:30:00Z",
    "updated_at": "2026-03-01T08:30:00Z",
    "assets": None,
    "player_theme_id": "",
}
COST = {"price": 1.5, "is_enough": True}

ANSWERS = {
    "Video": Shape(
        VIDEO,
        {
            "id": Line(["v"], [MISSING, "", None, 5]),
            "user_id": TEXT,
            "title": Line(["", "t"], [MISSING, None, 5]),
            "description": TEXT,
            "metadata": Line([None, [], [PAIR]], [{}, [None], "x"], [MISSING]),
            "tags": Line([None, [], ["x"]], ["x", [5], [None]], [MISSING]),
            "qualities": Line([None, [], [OUTPUT]], [{}, ["720p"]], [MISSING]),
            **dict.fromkeys(("subtitles", "chapters", "player_theme"), ANYTHING),
            "duration": Line([None, 0, 283.492426], [-1, -0.5, "1"], [MISSING]),
            "size": Line([None, 0, INT64], [-1, 0.5, "1", INT64 + 1], [MISSING]),
            **dict.fromkeys(("is_mp4", "is_public", "is_panoramic"), FLAG),
            "status": STATUS,
            "created_at": MOMENT,
            "updated_at": MOMENT,
            "assets": Line([None, ASSETS], ["x", []], [MISSING]),
            "player_theme_id": TEXT,
        },
    ),
    "VideoMetadataPair": Shape(PAIR, {"key": TEXT, "value": TEXT}),
    "VideoQuality": Shape(
        OUTPUT,
        {
            "name": TEXT,
            "status": Line(STATUS.takes, [None, 5], [*STATUS.survives, MISSING]),
            "type": Line([None, "hls", "dash"], [5], [MISSING, "HLS", "dashx", "cmaf"]),
        },
    ),
    "VideoAssets": Shape(ASSETS, dict.fromkeys(ASSETS, TEXT)),
    "VideoResponse": Shape(
        {"status": "success", "data": VIDEO}, {"status": SUCCESS, "data": Line([], [MISSING, None, {}, []])}
    ),
    "VideoListResponse": Shape(
        {"status": "success", "data": {"videos": [], "total": 0}},
        {"status": SUCCESS, "data": Line([], [MISSING, None, {}, []])},
    ),
    "VideoList": Shape(
        {"videos": [VIDEO], "total": 1},
        {
            "videos": Line([None, []], [MISSING, {}, [None], [{}]]),
            "total": Line([0, INT64], [MISSING, None, -1, 0.5, "1", INT64 + 1]),
        },
    ),
    "TranscodeCostResponse": Shape(
        {"status": "success", "data": COST}, {"status": SUCCESS, "data": Line([], [MISSING, None, {}, []])}
    ),
    "TranscodeCost": Shape(
        COST,
        {
            "price": Line([0, 1.23, "0", "1.23"], [MISSING, None, -1, "-1", "1.23x", "x1", "", "1.", "1\n", True]),
            "is_enough": Line([True, False], [MISSING, None, 1, "true"]),
        },
    ),
    "MessageResponse": Shape(
        {"status": "success", "message": "Done."}, {"status": SUCCESS, "message": Line(["", "x"], [MISSING, None, 5])}
    ),
    "Error": Shape(
        {"status": "error", "message": "No."},
        {"status": Line(["error", "x"], [MISSING, None, 5]), "message": Line(["", "x"], [MISSING, None, 5])},
    ),
}

COST_NAMES = [name for name in NAMES if name != "4320p"]
PARAMETERS = {
    "qualities": Line(
        [*COST_NAMES, ",".join(COST_NAMES), "720p,720p"],
        [MISSING, "4320p", "144p,4320p", "", ",", "360p,", ",360p", "x360p", "360px", "360p\n", "360p,720px", None, 5],
    ),
    "duration": Line([60, 0.5, 1e-6], [MISSING, 0, -0.5, -1, None, "60"]),
    "Content-Range": Line(
        ["bytes 0-10/11", "bytes 0-0/1", f"bytes 0-{'9' * 19}/{'9' * 19}"],
        [
            *(MISSING, "", "bytes 0-10/*", "bytes=0-10/11", "x bytes 0-10/11", "bytes 0-10/11x", "bytes 0-10/11\n"),
            *("bytes -10/11", f"bytes 0-10/1{'0' * 19}", None),
        ],
    ),
    "video_id": Line(["v", "7f1c2f0e-4a56-4d5c-9a39-0d5f7b1f9b11"], ["", None, 5]),
}

HEADERS = {
    "X-Request-Id": Line(["x"], [None, 5]),
    "Retry-After": Line(["60", "Wed, 21 Oct 2026 07:28:00 GMT"], [None, 5]),
    "X-RateLimit-Limit": Line([0, 100], [-1, None, 0.5]),
    "X-RateLimit-Remaining": Line([0, 100], [-1, None, 0.5]),
    "X-RateLimit-Retry-After": Line([0, 0.5, 60], [-0.5, -1, None]),
}
