"""What a truthful service keeps in memory, and what it answers. Tests judge the client by what stands here."""

from __future__ import annotations

import hashlib
import re
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

from tests.adversarial.wire import Reply, done, failure, success

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from tests.adversarial.wire import Request

TOKEN = "token-of-the-adversarial-tests"
MARKER = "aioz-stream-upload"
"""The name of the pair in a video's metadata by which an upload finds its video."""


@dataclass
class Video:
    """A video as it is, whatever the service says of it."""

    id: str
    title: str
    metadata: list[dict[str, str]] | None = None
    status: str = "new"
    is_stranger: bool = False
    """Made by another program: the client under test has no right to touch it."""
    is_hidden: bool = False
    """Made, and shown by nothing yet, as if it came to be only later."""
    parts: dict[tuple[int, int], bytes] = field(default_factory=dict[tuple[int, int], bytes])
    size: int = 0
    writes: list[str] = field(default_factory=list[str])
    """Every operation of the client that changed it, or tried to: part, complete, update, thumbnail, delete."""

    @property
    def content(self) -> bytes:
        return b"".join(self.parts[place] for place in sorted(self.parts))

    @property
    def marker(self) -> str | None:
        return next((pair["value"] for pair in self.metadata or () if pair["key"] == MARKER), None)

    def missing(self) -> list[tuple[int, int]]:
        gaps, position = list[tuple[int, int]](), 0
        for start, end in sorted(self.parts):
            if start > position:
                gaps.append((position, start - 1))
            position = end + 1
        if position < self.size:
            gaps.append((position, self.size - 1))
        return gaps

    def as_json(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "user_id": "user",
            "title": self.title,
            "description": "",
            "metadata": self.metadata,
            "tags": None,
            "qualities": None,
            "duration": 0,
            "size": self.size,
            "is_public": True,
            "status": self.status,
            "created_at": "2026-11-01T00:00:00Z",
            "updated_at": "2026-11-01T00:00:00Z",
        }


class Ledger:
    """The videos of one account, and the nine operations on them; safe for several threads."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.videos: dict[str, Video] = {}
        """In the order in which they were made, the deleted ones too."""
        self._count = 0

    def add(self, title: str, metadata: Any = None, **others: Any) -> Video:
        with self.lock:
            self._count += 1
            video = Video(f"video-{self._count:05}", title, metadata, **others)
            self.videos[video.id] = video
            return video

    def add_stranger(self, title: str, metadata: Any = None, status: str = "new") -> Video:
        return self.add(title, metadata, status=status, is_stranger=True)

    @property
    def ours(self) -> list[Video]:
        """Made by the client under test, and not deleted."""
        return [video for video in self.videos.values() if not video.is_stranger and video.status != "deleted"]

    @property
    def made(self) -> list[Video]:
        """All that the client ever made."""
        return [video for video in self.videos.values() if not video.is_stranger]

    @property
    def strangers(self) -> list[Video]:
        return [video for video in self.videos.values() if video.is_stranger]

    def visible(self, video_id: str) -> Video | None:
        video = self.videos.get(video_id)
        return None if video is None or video.is_hidden or video.status == "deleted" else video

    def answer(self, operation: str, video_id: str, request: Request) -> Reply:  # noqa: PLR0911 - one for each operation
        """Does what a request asks for, and says the truth about it."""
        with self.lock:
            if operation == "create":
                return self._create(request.json())
            if operation == "list":
                return self._list(request.json())
            if operation == "cost":
                return self._cost(request.path)
            video = self.visible(video_id)
            if video is None:
                return failure(404, "There is no such video.")
            if operation == "get":
                return success(video.as_json())
            video.writes.append(operation)
            if operation == "part":
                return self._part(video, request)
            if operation == "complete":
                return self._complete(video)
            if operation == "update":
                return self._update(video, request.json())
            if operation == "delete":
                video.status = "deleted"
                return done("Delete video successfully.")
            return done("Upload thumbnail successfully.")

    def _create(self, body: Mapping[str, Any]) -> Reply:
        return success(self.add(body["title"], body.get("metadata")).as_json(), 201)

    def matching(self, body: Mapping[str, Any]) -> list[Video]:
        """All that a list's filter asks for, in its order."""
        wanted = pairs(body.get("metadata"))
        found = [
            video
            for video in self.videos.values()
            if self.visible(video.id)
            and wanted <= {(pair["key"], pair["value"]) for pair in video.metadata or ()}
            and body.get("search", "").lower() in video.title.lower()
            and body.get("status") in (None, video.status)
        ]
        return found if body.get("order_by", "desc") == "asc" else found[::-1]

    def _list(self, body: Mapping[str, Any]) -> Reply:
        found, offset = self.matching(body), body.get("offset", 0)
        return page(found[offset : offset + body.get("limit", 25)], len(found))

    def _cost(self, path: str) -> Reply:
        duration = re.search(r"duration=([0-9.]+)", path)
        return success({"price": float(duration[1]) if duration else 0, "is_enough": True})

    def _part(self, video: Video, request: Request) -> Reply:
        form, match = request.form(), re.fullmatch(r"bytes (\d+)-(\d+)/(\d+)", request.headers["content-range"])
        if match is None or video.status != "new":
            return failure(400, "The video takes no parts.")
        (start, end, size), content = map(int, match.groups()), form["file"]
        if len(content) != end - start + 1 or hashlib.md5(content).hexdigest() != form["hash"].decode():
            return failure(400, "The hash is not that of the bytes.")
        video.parts[start, end], video.size = content, size
        return done("Upload part successfully.")

    def _complete(self, video: Video) -> Reply:
        gaps = video.missing()
        if video.status == "new" and not video.parts:
            return failure(400, "No part was uploaded: all bytes are missing.")
        if video.status == "new" and gaps:
            named = ", ".join(f"{start}-{end}" for start, end in gaps)
            return failure(400, f"Missing bytes: {named} of {video.size}.")
        if video.status == "new":
            video.status = "transcoding"
        return done("Upload video complete successfully.")

    def _update(self, video: Video, body: Mapping[str, Any]) -> Reply:
        video.title = body.get("title", video.title)
        video.metadata = body.get("metadata", video.metadata)
        return done("Update video info successfully.")


def pairs(metadata: Any) -> set[tuple[str, str]]:
    """A filter as pairs, whichever of its two forms it has."""
    if isinstance(metadata, dict):
        return set(cast("dict[str, str]", metadata).items())
    return {(pair["key"], pair["value"]) for pair in metadata or ()}


def page(videos: Iterable[Video], total: int) -> Reply:
    return success({"videos": [video.as_json() for video in videos], "total": total})
