"""What a right server would know and say: a second, small and slow reading of the rules, with nothing of the first.

It judges requests that are well-formed. Which are, the contract says and other tests look at.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING

from conformance.meaning import moment, quality_name, wanted_pairs, wanted_tags
from conformance.plans import Part
from conformance.samples import JPEG, PNG, md5
from conformance.tariff import BYTES_PER_SECOND, SOUND, price

if TYPE_CHECKING:
    from conformance.shapes import Json

DEFAULTS: tuple[Json, ...] = tuple(
    {"type": "hls", "container_type": "mpegts", "resolution": name} for name in ("360p", "720p", "1080p")
)
RENAMED = {"player_id": "player_theme_id"}
ASSETS = (
    *("source_url", "thumbnail_url", "hls_url", "hls_iframe", "hls_player_url"),
    *("dash_url", "dash_iframe", "dash_player_url", "mp4_url"),
)


@dataclass
class Video:
    """One video, as its owner has made it."""

    id: str
    owner: str
    said: Json
    """What the server said of it when it was made: id, owner and moments are the server's to choose."""
    fields: dict[str, Json]
    qualities: tuple[Json, ...]
    seconds: int
    """How long its source plays, if it is uploaded as it is meant."""
    parts: dict[int, Part] = field(default_factory=dict[int, Part])
    size: int | None = None
    completed_at: float | None = None
    is_deleted: bool = False
    picture: bytes | None = None

    @property
    def is_complete(self) -> bool:
        return self.completed_at is not None

    @property
    def source(self) -> bytes:
        return b"".join(self.parts[start].data for start in sorted(self.parts))

    def missing(self) -> list[tuple[int, int]]:
        """The gaps, as first and last byte."""
        gaps: list[tuple[int, int]] = []
        position = 0
        for start in sorted(self.parts):
            if start > position:
                gaps.append((position, start - 1))
            position = self.parts[start].end + 1
        if self.size is not None and position < self.size:
            gaps.append((position, self.size - 1))
        return gaps

    def takes(self, part: Part) -> bool:
        """Whether a part is as it should be, and fits to those that are there."""
        honest = (
            part.start <= part.end < part.size
            and len(part.data) == part.end - part.start + 1
            and part.claimed.lower() == md5(part.data)
            and self.size in (None, part.size)
            and not self.is_complete
        )
        return honest and all(
            (other.start, other.end, other.index) == (part.start, part.end, part.index)
            or part.end < other.start
            or other.end < part.start
            for other in self.parts.values()
        )

    def price(self) -> Decimal:
        outputs = [SOUND if is_sound(quality) else quality_name(quality) for quality in self.qualities]
        source = self.source
        seconds = Decimal(self.seconds) if is_mp4(source) else Decimal(len(source)) / BYTES_PER_SECOND
        return price(outputs, seconds)


@dataclass
class Oracle:
    """All accounts and their videos."""

    balances: dict[str, Decimal]
    transcode_seconds: float
    now: float = 0.0
    videos: dict[str, Video] = field(default_factory=dict[str, Video])

    def create(self, owner: str, body: Json, said: Json, seconds: int) -> Video:
        fields: dict[str, Json] = {"description": "", "metadata": None, "tags": None, "is_public": True}
        fields |= {"player_theme_id": ""} | {name: value for name, value in body.items() if name != "qualities"}
        made = Video(said["id"], owner, said, fields, tuple(body.get("qualities", DEFAULTS)), seconds)
        self.videos[made.id] = made
        return made

    def update(self, video: Video, body: Json) -> None:
        for name, value in body.items():
            video.fields[RENAMED.get(name) or name] = value

    def part(self, video: Video, part: Part) -> bool:
        if not video.takes(part):
            return False
        video.parts[part.start] = part
        video.size = part.size
        return True

    def complete(self, video: Video) -> int:
        """The status that completing gets, after its effect."""
        if video.is_complete:
            return 200
        if not video.parts or video.missing():
            return 400
        if self.balances[video.owner] < video.price():
            return 402
        self.balances[video.owner] -= video.price()
        video.completed_at = self.now
        return 200

    def thumbnail(self, video: Video, name: str, data: bytes) -> bool:
        if not re.search(r"\.(png|jpg)$", name, re.IGNORECASE) or data not in (PNG, JPEG):
            return False
        video.picture = data
        return True

    def status(self, video: Video) -> str:
        if video.is_deleted:
            return "deleted"
        if video.completed_at is None:
            return "new"
        return "done" if self.now >= video.completed_at + self.transcode_seconds else "transcoding"

    def differences(self, video: Video, shown: Json) -> dict[str, Json]:
        """What a server shows of a video and should not: field, and what it should be."""
        wanted = self.shown(video)
        wrong = {name: value for name, value in wanted.items() if name not in shown or shown[name] != value}
        addresses: dict[str, Json] = shown.get("assets") or {}
        named = {name for name in ASSETS if addresses.get(name) is not None}
        if named != self.assets(video):
            wrong["assets"] = sorted(self.assets(video))
        return wrong | {name: "nothing" for name in shown if name not in {*wanted, *video.said}}

    def shown(self, video: Video) -> dict[str, Json]:
        """All of a video that follows from what was done to it."""
        status = self.status(video)
        return {
            **video.fields,
            "id": video.id,
            "user_id": video.said["user_id"],
            "created_at": video.said["created_at"],
            "status": status,
            "qualities": [
                {"name": quality_name(one), "status": status, "type": one["type"]} for one in video.qualities
            ],
            "size": video.size if video.is_complete else 0,
            "duration": video.seconds if status == "done" and is_mp4(video.source) else 0,
            "is_mp4": False,
            "is_panoramic": False,
            **dict.fromkeys(("subtitles", "chapters", "player_theme")),
        }

    def assets(self, video: Video) -> set[str]:
        """The addresses that there is something behind."""
        if video.is_deleted:
            return set()
        source = {"source_url"} if video.is_complete else set[str]()
        return source | ({"thumbnail_url"} if video.picture else set[str]())

    def listed(self, owner: str, asked: Json) -> list[Video]:
        """All videos of an account that match, in no order."""
        return [video for video in self.videos.values() if video.owner == owner and self._matches(video, asked)]

    def _matches(self, video: Video, asked: Json) -> bool:
        fields, status, wanted = video.fields, self.status(video), asked.get("status", "")
        search = asked.get("search", "").casefold()
        return bool(
            (status == wanted if wanted else status != "deleted")
            and wanted_tags(asked) <= set(fields["tags"] or ())
            and wanted_pairs(asked) <= {(pair["key"], pair["value"]) for pair in fields["metadata"] or ()}
            and any(search in fields[name].casefold() for name in ("title", "description"))
        )

    def page(self, owner: str, asked: Json, seen: dict[str, Json]) -> list[str]:
        """The ids of a page, ordered by what the server itself says of each video."""
        order = asked.get("sort_by", "created_at")
        descending = asked.get("order_by", "desc") == "desc"
        ids = sorted(video.id for video in self.listed(owner, asked))
        ids.sort(key=lambda id_: sort_key(seen[id_], order), reverse=descending)
        offset = asked.get("offset", 0)
        return ids[offset : offset + asked.get("limit", 25)]


def sort_key(shown: Json, order: str) -> Json:
    value = shown[order]
    if order in ("created_at", "updated_at"):
        return moment(value)
    return value.casefold() if order == "title" else value


def is_sound(quality: Json) -> bool:
    return "audio_config" in quality and "video_config" not in quality


def is_mp4(data: bytes) -> bool:
    return data[4:8] == b"ftyp"
