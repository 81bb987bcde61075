"""Whether an answer is about the video that was asked for, and whether a video is the one that an upload made. Pure."""

from __future__ import annotations

from attrs import frozen

from aioz_stream import arguments
from aioz_stream_api import models

NEW = "new"
"""The status of a video whose upload is not complete."""

DELETED = "deleted"
"""The status of one that is gone. Some services answer 404 for it, others show it."""

MARKER = "aioz-stream-upload"
"""The name in a video's metadata by which an upload finds the video that it made."""


class OtherVideoError(ValueError):
    """An answer is about another video than its request."""

    def __init__(self, video: models.Video, message: str) -> None:
        super().__init__(message)
        self.video = video


def check_asked_for(video: models.Video, video_id: str) -> models.Video:
    """The video in an answer to get. Raises OtherVideoError. Ids are opaque: another spelling is another id."""
    if video.id != video_id:
        raise OtherVideoError(video, f"it is about video {video.id!r}, and {video_id!r} was asked for")
    return video


def check_made(video: models.Video, title: object, claim: Claim | None) -> models.Video:
    """The video in an answer to create. Raises OtherVideoError, and ArgumentError for an id that no path can have.

    The answer may show no metadata. Where it does, the marker has to be there.
    """
    arguments.video_id(video.id)
    if video.title != title:
        raise OtherVideoError(video, f"it is about a video called {video.title!r}, and {title!r} was to be made")
    if claim and video.metadata is not None and not claim.is_held_by(video):
        raise OtherVideoError(video, "it is about a video of the same title that another call has made")
    return video


def is_complete(video: models.Video) -> bool:
    """Whether the upload of the video is complete."""
    return video.status not in (NEW, DELETED)


def is_of_other_upload(video: models.Video, marker: str | None) -> bool:
    """Whether the video has the marker of another upload alone: its id, which was ours, has come to mean another."""
    markers = {pair.value for pair in video.metadata or () if pair.key == MARKER}
    return bool(markers) and marker not in markers


@frozen
class Claim:
    """By what an upload knows the video that it made, when it does not know the id."""

    marker: str
    title: str

    def is_held_by(self, video: models.Video) -> bool:
        """Whether the video's metadata has the marker."""
        return any(pair.key == MARKER and pair.value == self.marker for pair in video.metadata or ())

    def may_be_held_by(self, listed: models.Video) -> bool:
        """The same of a video in a list, which need not show metadata, and may show what was asked for instead."""
        return listed.title == self.title if listed.metadata is None else self.is_held_by(listed)

    def fits(self, video: models.Video) -> bool:
        """Whether the upload made the video. People copy metadata; title and status tell their copies from it."""
        return self.is_held_by(video) and video.status == NEW and video.title == self.title
