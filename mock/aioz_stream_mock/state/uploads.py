"""Uploads: storing parts, and completing an upload when all of them are there. All functions block."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from aioz_stream_mock.errors import ApiError, bad_request, not_found
from aioz_stream_mock.state import mp4, tariff
from aioz_stream_mock.state.outcome import Outcome
from aioz_stream_mock.state.ranges import ContentRange, Placement, StoredPart, describe_missing, missing, place
from aioz_stream_mock.state.stored_files import StoredFile
from aioz_stream_mock.state.videos import TRANSCODING, Thumbnail, Video, is_audio_only, quality_name

if TYPE_CHECKING:
    from decimal import Decimal

    from aioz_stream_mock.state.store import Store


def check_open(video: Video) -> None:
    """Refuse parts of an upload that was completed (ruling U10)."""
    if video.is_complete:
        raise bad_request("The upload of this video is complete; it takes no more parts.")


def check_part(wanted: ContentRange, size: int, md5: str, claimed: str, min_size: int) -> None:
    """Compare the part with what its request announced (ruling U8: with any difference, nothing is stored)."""
    if size != wanted.length:
        raise bad_request(f"/file: has {size} bytes, the Content-Range says {wanted.length}")
    if md5 != claimed.lower():
        raise bad_request(f"/hash: the MD5 of the bytes that arrived is {md5}")
    if size < min_size and not wanted.is_last:
        raise bad_request(f"/file: a part other than the last must have at least {min_size} bytes")


def store_part(store: Store, video_id: str, wanted: ContentRange, part: StoredPart) -> None:
    """Record a part whose file is already in place; the file goes again when it turns out not to be needed.

    The request was checked before its bytes arrived; since then the video may have been completed, deleted, or
    given the same part by another connection. So everything is checked again, in one transaction.
    """
    obsolete = [part.file]
    try:
        with store.transaction():
            video = find_existing(store, video_id)
            check_open(video)
            _check_size(video, wanted)
            overlapping = store.overlapping_parts(video_id, wanted)
            placement = place(overlapping, wanted, part.index, part.hash)
            if placement is not Placement.REPEAT:
                store.save_part(video_id, part)
                obsolete = [replaced.file for replaced in overlapping]
                if video.file_size is None:
                    store.save_video(replace(video, file_size=wanted.size))
    finally:
        store.remove_files(obsolete)


def complete(store: Store, video_id: str, now: int, transcode_seconds: float | None, *, free: bool = False) -> bool:
    """Finish an upload, once: check the bytes, charge the price, start the transcoding (ruling U9).

    Without seconds the transcoding is real. The result says whether the caller has to begin it.
    """
    with store.transaction():
        video = find_existing(store, video_id)
        if video.is_complete:
            return False
        source = _whole_source(store, video)
        # Rounded, so that a length with more digits than a double prints stays the same number everywhere.
        duration = round(mp4.duration(source.read_at, source.size), 6)
        if not free:
            _charge(store, video, duration, source.size)
        store.save_video(
            replace(
                video,
                completed_at=now,
                done_at=None if transcode_seconds is None else now + round(transcode_seconds * 1_000_000),
                outcome=Outcome("", TRANSCODING) if transcode_seconds is None else None,
                duration=duration,
                updated_at=video.next_updated_at(now),
            )
        )
    return transcode_seconds is None


def delete(store: Store, video_id: str, now: int) -> None:
    """Keep the row for the list of deleted videos, and remove the bytes."""
    with store.transaction():
        video = find_existing(store, video_id)
        files = [part.file for part in store.parts(video_id)]
        files += [video.thumbnail.file] if video.thumbnail else []
        store.delete_parts(video_id)
        store.save_video(replace(video, deleted_at=now, updated_at=video.next_updated_at(now), thumbnail=None))
    store.remove_files(files)


def set_thumbnail(store: Store, video_id: str, picture: Thumbnail, now: int) -> None:
    """Set a thumbnail whose file is already in place."""
    obsolete = [picture.file]
    try:
        with store.transaction():
            video = find_existing(store, video_id)
            store.save_video(replace(video, thumbnail=picture, updated_at=video.next_updated_at(now)))
            obsolete = [video.thumbnail.file] if video.thumbnail else []
    finally:
        store.remove_files(obsolete)


def find_existing(store: Store, video_id: str) -> Video:
    """The video; raises 404 if it does not exist or is deleted."""
    video = store.video(video_id)
    if video is None or video.deleted_at is not None:
        raise not_found()
    return video


def _check_size(video: Video, wanted: ContentRange) -> None:
    """The first part that is stored fixes the size of the file (ruling U4)."""
    if video.file_size not in (None, wanted.size):
        raise bad_request(f"/Content-Range: the file has {video.file_size} bytes, as its first part said")


def _whole_source(store: Store, video: Video) -> StoredFile:
    parts = store.parts(video.id)
    if not parts or video.file_size is None:
        raise bad_request("No part was uploaded: all bytes are missing.")
    gaps = missing(parts, video.file_size)
    if gaps:
        raise bad_request(describe_missing(gaps, video.file_size))
    return StoredFile(store.files, parts)


def _charge(store: Store, video: Video, duration: float, size: int) -> None:
    balance = store.balance(video.owner)
    price = _price(video, duration, size)
    if balance < price:
        raise ApiError(402, f"The balance of {balance} does not cover the price of {price}.")
    store.set_balance(video.owner, balance - price)


def _price(video: Video, duration: float, size: int) -> Decimal:
    rates = [
        tariff.AUDIO_PER_MINUTE if is_audio_only(quality) else tariff.video_rate(quality_name(quality))
        for quality in video.qualities
    ]
    return tariff.price(rates, tariff.billed_seconds(duration, size))
