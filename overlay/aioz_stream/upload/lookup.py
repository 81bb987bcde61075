"""Finding the videos of an upload by its marker, without believing what a list says; and deleting its duplicates.

A create may take effect after its upload is over. So an upload whose create was sent more than once writes down its
marker when it ends. For a day, each upload looks after a few of these. What is found then has no bytes and belongs to
nothing.
"""

from __future__ import annotations

import json
import logging
import os
import time
from contextlib import suppress
from pathlib import Path
from typing import Any, Protocol, TypeVar

from aioz_stream.errors import APIError, APIResponseError, ArgumentError, NotFoundError
from aioz_stream.files import Disk, open_own
from aioz_stream.http.options import Options
from aioz_stream.http.session import Call
from aioz_stream.operations import calls
from aioz_stream.operations.matching import MARKER, Claim
from aioz_stream.operations.paging import Pages
from aioz_stream.upload.journal import default_directory
from aioz_stream_api.models import Video

T = TypeVar("T")
logger: logging.Logger = logging.getLogger("aioz_stream")

_MOST_PAGES = 10
_MOST_LOOKS = 100  # at videos of one list that may be the upload's
_FOLDER = "late"  # of its own: there may be very many journals, and this one is read at each upload
_SUFFIX = ".json"
_LARGEST = 64 * 1024  # bytes of a file
_AFTER = 24 * 3600  # seconds in which a request may still take effect
_AT_ONCE = 3  # so that looking costs the same however many answers were lost


class Send(Protocol):
    """Sends a call, through whichever session."""

    def __call__(self, call: Call[T], /) -> T: ...


def find_by_marker(send: Send, claim: Claim) -> list[Video]:
    """The videos that an upload has made, the oldest first; each as a look at it alone shows it.

    The service is asked for the marker in both forms that its filter may have. Where neither finds a video that has it,
    the newest videos are looked through, up to a thousand.
    """
    for pages in (Pages(metadata={MARKER: claim.marker}), Pages(metadata=[{"key": MARKER, "value": claim.marker}])):
        try:
            listed = _take(send, pages, 1)
        except APIResponseError:
            continue  # it may know the other form
        if found := _look_at(send, listed, claim):
            break
    else:
        found = _look_at(send, _take(send, Pages(), _MOST_PAGES), claim)
    return found[::-1]


def delete_duplicates(send: Send, claim: Claim, video_id: str | None) -> None:
    """Deletes what a create made whose answer was lost, beside the video that the upload is about.

    No upload ever sends a byte to a duplicate, so one that has bytes is none.
    """
    for video in find_by_marker(send, claim):
        if video.id != video_id and not video.size:
            delete(send, video.id)


def delete(send: Send, video_id: str) -> None:
    """Deletes a video, unless it is gone."""
    with suppress(NotFoundError):
        send(calls.delete(video_id))


def _take(send: Send, pages: Pages, most: int) -> list[Video]:
    """The videos of the first pages, the newest first."""
    found: list[Video] = []
    for _ in range(most):
        if pages.next is not None:
            found += pages.take(send(pages.next))
    return found


def _look_at(send: Send, listed: list[Video], claim: Claim) -> list[Video]:
    """Those of them that the upload has made, as a look at each alone shows it."""
    seen: list[Video] = []
    for likely in [video for video in listed if claim.may_be_held_by(video)][:_MOST_LOOKS]:
        with suppress(NotFoundError):
            seen.append(send(calls.get(likely.id)))
    return [video for video in seen if claim.fits(video)]


def remember_late(claim: Claim, video_id: str | None, options: Options) -> None:
    """Writes down that another video than `video_id` may come to be. Where that can't be written, it is not."""
    account = options.credentials.fingerprint()
    content = {
        "base_url": options.base_url,
        "account": account,
        "marker": claim.marker,
        "title": claim.title,
        "video": video_id,
        "ended": time.time(),
    }
    try:
        folder = default_directory() / _FOLDER
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        Disk().create(folder / (claim.marker + _SUFFIX), json.dumps(content).encode())
    except (OSError, RuntimeError) as error:  # a home that is not known is a RuntimeError
        logger.warning("a second video %r may come to be, and nothing will look for it: %s", claim.title, error)


def delete_late(send: Send, options: Options) -> None:
    """Deletes what came to be late, of the uploads that were not looked after for the longest time. It may fail."""
    for late in _due():
        if late["base_url"] != options.base_url or not options.credentials.match(late["account"]):
            continue
        try:
            delete_duplicates(send, Claim(late["marker"], late["title"]), late["video"])
        except (APIError, ArgumentError) as error:  # the latter for a file that was edited
            logger.info("no look for a second video %r: %s", late["title"], error)


def _due() -> list[dict[str, Any]]:
    """What is to be looked after now. The files of others are removed, where they are too old or can't be read."""
    due: list[dict[str, Any]] = []
    with suppress(OSError, RuntimeError):
        paths = (default_directory() / _FOLDER).glob(f"*{_SUFFIX}")
        for path in sorted(paths, key=lambda one: one.lstat().st_mtime_ns):
            if len(due) == _AT_ONCE:
                break
            if late := _read(path):
                path.touch()
                due.append(late)
            else:
                with suppress(OSError):
                    path.unlink()
    return due


def _read(path: Path) -> dict[str, Any] | None:
    try:
        with open(open_own(path, os.O_RDONLY), "rb") as file:  # noqa: PTH123 - a descriptor
            late: dict[str, Any] = json.loads(file.read(_LARGEST))
        is_whole = set(late) >= {"base_url", "account", "marker", "title", "video", "ended"}
        is_due = is_whole and late["ended"] + _AFTER > time.time()
        return late if is_due and isinstance(late["account"], str) else None
    except (OSError, ValueError, TypeError, RecursionError):
        return None
