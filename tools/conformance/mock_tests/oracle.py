"""The oracle of the state machine: a small and slow model of the service, which shares nothing with the mock server.

It expects well-formed requests. The derived examples test which requests are.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING

from conformance.mock_tests.part_plans import Part
from conformance.mock_tests.tariff import BYTES_PER_SECOND, SOUND, price
from conformance.shared.listing import ORDERS, matches
from conformance.shared.sample_data import JPEG, PNG, md5, mp4_seconds

if TYPE_CHECKING:
    from contract_document import Json

DEFAULTS: tuple[Json, ...] = tuple(
    {"type": "hls", "container_type": "mpegts", "resolution": name} for name in ("360p", "720p", "1080p")
)
RENAMED = {"player_id": "player_theme_id"}


@dataclass
class Video:
    """One video with everything that its owner did to it."""

    id: str
    owner: str
    created: Json
    """The server's answer to the create. The server chooses the id, the owner and the moments."""
    fields: dict[str, Json]
    qualities: tuple[Json, ...]
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
        """Whether a part is right by itself, and fits to those that are stored."""
        is_right = (
            part.start <= part.end < part.size
            and len(part.data) == part.end - part.start + 1
            and part.hash.lower() == md5(part.data)
            and self.size in (None, part.size)
            and not self.is_complete
        )
        return is_right and all(
            (other.start, other.end, other.index) == (part.start, part.end, part.index)
            or part.end < other.start
            or other.end < part.start
            for other in self.parts.values()
        )

    def price(self) -> Decimal:
        outputs = [SOUND if is_sound(quality) else quality_name(quality) for quality in self.qualities]
        seconds = mp4_seconds(self.source) or Decimal(len(self.source)) / BYTES_PER_SECOND
        return price(outputs, seconds)


@dataclass
class Oracle:
    """All accounts and their videos."""

    balances: dict[str, Decimal]
    transcode_seconds: float
    now: float = 0.0
    videos: dict[str, Video] = field(default_factory=dict[str, Video])

    def create(self, owner: str, body: Json, created: Json) -> Video:
        fields: dict[str, Json] = {"description": "", "metadata": None, "tags": None, "is_public": True}
        fields |= {"player_theme_id": ""} | {name: value for name, value in body.items() if name != "qualities"}
        made = Video(created["id"], owner, created, fields, tuple(body.get("qualities", DEFAULTS)))
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
        """Complete an upload, if that is possible; the result is the status of the answer."""
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
        ending = re.search(r"\.[^.]*$", name)
        kinds = {".png": PNG, ".jpg": JPEG}
        if data not in (PNG, JPEG) or (ending and kinds.get(ending[0].lower()) != data):
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
        """The fields that a server shows wrongly, each with the value that it should have."""
        wanted = self.shown(video)
        wrong = {name: value for name, value in wanted.items() if name not in shown or shown[name] != value}
        if {name for name, address in shown["assets"].items() if address is not None} != self.assets(video):
            wrong["assets"] = sorted(self.assets(video))
        return wrong

    def shown(self, video: Video) -> dict[str, Json]:
        """All fields of a video that follow from what its owner did to it."""
        status = self.status(video)
        return {
            **video.fields,
            "id": video.id,
            "user_id": video.created["user_id"],
            "created_at": video.created["created_at"],
            "status": status,
            "qualities": [
                {"name": quality_name(one), "status": status, "type": one["type"]} for one in video.qualities
            ],
            "size": video.size if video.is_complete else 0,
            "duration": mp4_seconds(video.source) if status == "done" else 0,
            "is_mp4": False,
            "is_panoramic": False,
            **dict.fromkeys(("subtitles", "chapters", "player_theme")),
        }

    def assets(self, video: Video) -> set[str]:
        """The names of the addresses that a video has."""
        if video.is_deleted:
            return set()
        source = {"source_url"} if video.is_complete else set[str]()
        return source | ({"thumbnail_url"} if video.picture else set[str]())

    def listed(self, owner: str, asked: Json) -> list[Video]:
        """All videos of an account that a list is about, in no order."""
        videos = (video for video in self.videos.values() if video.owner == owner)
        return [video for video in videos if matches({**video.fields, "status": self.status(video)}, asked)]

    def page(self, owner: str, asked: Json, seen: dict[str, Json]) -> list[str]:
        """The ids of a page, ordered by what the server itself says of each video."""
        order = asked.get("sort_by", "created_at")
        descending = asked.get("order_by", "desc") == "desc"
        ids = sorted(video.id for video in self.listed(owner, asked))
        ids.sort(key=lambda video: ORDERS[order](seen[video]), reverse=descending)
        offset = asked.get("offset", 0)
        return ids[offset : offset + asked.get("limit", 25)]


def quality_name(quality: Json) -> str:
    """The name of an output: its resolution or label, or else a name that the service chooses."""
    return str(quality.get("resolution", "audio" if is_sound(quality) else "720p"))


def is_sound(quality: Json) -> bool:
    return "audio_config" in quality and "video_config" not in quality
