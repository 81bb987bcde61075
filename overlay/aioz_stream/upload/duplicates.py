"""The videos that one upload has made: found by the marker in their metadata. All but one are duplicates."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aioz_stream.operations import calls

if TYPE_CHECKING:
    from collections.abc import Iterable

    from aioz_stream.upload.cancellation import CancellableSession
    from aioz_stream_api.models import Video


def keep_oldest(session: CancellableSession, marker: str) -> Video | None:
    """The oldest video with the marker, or None. Younger ones are deleted: no caller has ever got their ids."""
    found = session.send(calls.list_by_marker(marker)).videos
    _delete_new(session, found[1:])
    return found[0] if found else None


def delete_duplicates(session: CancellableSession, marker: str, video_id: str) -> None:
    """Deletes the other videos with the marker: a create whose answer was lost may have come through late."""
    found = session.send(calls.list_by_marker(marker)).videos
    _delete_new(session, (video for video in found if video.id != video_id))


def _delete_new(session: CancellableSession, videos: Iterable[Video]) -> None:
    for video in videos:
        # No upload sends parts to a duplicate. What is not new was made by copying the metadata, marker included.
        if video.status == calls.NEW:
            session.send(calls.delete(video.id))
