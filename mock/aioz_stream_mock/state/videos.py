"""The video: its data, its status, and its form in responses."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any

from aioz_stream_mock.state.clock import rfc3339

if TYPE_CHECKING:
    from aioz_stream_mock.state.outcome import Outcome

Json = dict[str, Any]

NEW, TRANSCODING, DONE, FAIL, DELETED = "new", "transcoding", "done", "fail", "deleted"

DEFAULT_QUALITIES: tuple[Json, ...] = tuple(
    {"resolution": name, "type": "hls", "container_type": "mpegts"} for name in ("360p", "720p", "1080p")
)
"""What a video without `qualities` is made into: the three of the reference's samples."""

DEFAULT_RESOLUTION = "720p"
"""What a quality gets that asks for a picture and leaves its height to the service."""


@dataclass(frozen=True)
class Thumbnail:
    """A thumbnail: the file that holds it, and what it is."""

    file: str
    media_type: str
    size: int


@dataclass(frozen=True)
class Video:
    """One video. Moments are microseconds since 1970."""

    id: str
    owner: str
    title: str
    created_at: int
    updated_at: int
    description: str = ""
    metadata: list[Json] | None = None
    tags: list[str] | None = None
    qualities: tuple[Json, ...] = DEFAULT_QUALITIES
    is_public: bool = True
    player_id: str = ""
    file_size: int | None = None
    completed_at: int | None = None
    done_at: int | None = None
    deleted_at: int | None = None
    duration: float = 0.0
    thumbnail: Thumbnail | None = None
    uses_defaults: bool = False
    """Whether the service chose the qualities."""
    outcome: Outcome | None = None
    """What transcoding has made; None where nothing is transcoded and the moments decide."""

    @property
    def is_complete(self) -> bool:
        return self.completed_at is not None

    @property
    def size(self) -> int:
        """Bytes of the source; 0 until the upload is complete."""
        return self.file_size or 0 if self.is_complete else 0

    def status(self, now: int) -> str:
        """How far the video is. It follows from the moments, so nothing has to run for it to change."""
        if self.deleted_at is not None:
            return DELETED
        if self.outcome is not None:
            return self.outcome.status
        if self.done_at is None:
            return NEW
        return DONE if now >= self.done_at else TRANSCODING

    def next_updated_at(self, now: int) -> int:
        """A new `updated_at`, later than the last one even where the clock stands still."""
        return max(now, self.updated_at + 1)


def quality_name(quality: Json) -> str:
    """The name of an output in a response: its resolution or label (ruling V4)."""
    fallback = "audio" if is_audio_only(quality) else DEFAULT_RESOLUTION
    return str(quality.get("resolution", fallback))


def is_audio_only(quality: Json) -> bool:
    return "audio_config" in quality and "video_config" not in quality


def new_video(id_: str, owner: str, body: Json, now: int) -> Video:
    """A video as a valid create request describes it."""
    qualities: list[Json] | None = body.get("qualities")
    return Video(
        id=id_,
        owner=owner,
        title=body["title"],
        created_at=now,
        updated_at=now,
        description=body.get("description", ""),
        metadata=body.get("metadata"),
        tags=body.get("tags"),
        qualities=DEFAULT_QUALITIES if qualities is None else tuple(qualities),
        uses_defaults=qualities is None,
        is_public=body.get("is_public", True),
    )


UPDATABLE = {
    "title": "title",
    "description": "description",
    "is_public": "is_public",
    "metadata": "metadata",
    "tags": "tags",
    "player_id": "player_id",
}
"""Fields of an update request, and what they change. A player id shows up as `player_theme_id`."""


def changes(body: Json) -> Json:
    """What an update changes: the fields that it gives, and no others (update has no defaults, ruling V9).

    A field that is new in the contract is taken, and changes nothing.
    """
    return {UPDATABLE[name]: value for name, value in body.items() if name in UPDATABLE}


def render(video: Video, now: int, base_url: str, site_url: str, signature: str = "") -> Json:
    """The video as responses show it, with the fields that the server knows something of.

    A signature goes onto the addresses of player pages: a browser that follows them has no credentials to send.
    """
    status, assets = video.status(now), _render_assets(video, base_url, site_url, signature)
    return {
        "id": video.id,
        "user_id": video.owner,
        "title": video.title,
        "description": video.description,
        "metadata": video.metadata,
        "tags": video.tags,
        "qualities": render_qualities(video, now),
        "duration": video.duration if status == DONE else 0,
        "size": video.size,
        "is_mp4": assets["mp4_url"] is not None,
        "is_public": video.is_public,
        "is_panoramic": False,
        "status": status,
        "created_at": rfc3339(video.created_at),
        "updated_at": rfc3339(video.updated_at),
        "assets": assets,
        "player_theme_id": video.player_id,
    }


def render_qualities(video: Video, now: int) -> list[Json]:
    """The qualities that were asked for; once the source was probed, those that are made."""
    if video.outcome is not None and video.outcome.outputs and video.deleted_at is None:
        return [{"name": one.name, "status": one.status, "type": one.type} for one in video.outcome.outputs]
    status = video.status(now)
    return [{"name": quality_name(one), "status": status, "type": one["type"]} for one in video.qualities]


def _render_assets(video: Video, base_url: str, site_url: str, signature: str) -> Json:
    """Addresses of what can be fetched; null stands for what is not there (yet)."""
    alive = video.deleted_at is None
    here = f"{base_url}/videos/{video.id}"
    outcome = video.outcome if alive else None
    kinds = {output.type for _, output in outcome.finished(DONE)} if outcome else set[str]()
    hls_player = f"{site_url}/vod/hls/{video.id}{signature}" if "hls" in kinds else None
    dash_player = f"{site_url}/vod/dash/{video.id}{signature}" if "dash" in kinds else None
    return {
        "source_url": f"{here}/source" if alive and video.is_complete else None,
        "thumbnail_url": f"{here}/thumbnail?resolution=original" if alive and video.thumbnail else None,
        "hls_url": f"{here}/m3u8" if hls_player else None,
        "hls_iframe": _iframe(hls_player),
        "hls_player_url": hls_player,
        "dash_url": f"{here}/manifest" if dash_player else None,
        "dash_iframe": _iframe(dash_player),
        "dash_player_url": dash_player,
        "mp4_url": f"{here}/mp4" if outcome and outcome.has_mp4 else None,
    }


def _iframe(url: str | None) -> str | None:
    attributes = 'width="100%" height="100%" frameborder="0" scrolling="no" allowfullscreen="true"'
    return None if url is None else f'<iframe src="{escape(url)}" {attributes}></iframe>'
