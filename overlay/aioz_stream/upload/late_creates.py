"""Creates that may take effect after their upload is over: what they make is deleted by a later upload.

An upload whose create was sent more than once writes down its marker when it ends. For a day, each upload looks after a
few of these. What is found then has no bytes and belongs to nothing.
"""

from __future__ import annotations

import json
import logging
import os
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from aioz_stream.errors import APIError, ArgumentError
from aioz_stream.http.options import Options
from aioz_stream.operations.matching import Claim
from aioz_stream.upload.journal import Disk, default_directory
from aioz_stream.upload.lock import open_own
from aioz_stream.upload.lookup import Send, delete_duplicates

logger = logging.getLogger("aioz_stream")

_FOLDER = "late"  # of its own: there may be very many journals, and this one is read at each upload
_SUFFIX = ".json"
_LARGEST = 64 * 1024  # bytes of a file
_AFTER = 24 * 3600  # seconds in which a request may still take effect
_AT_ONCE = 3  # so that looking costs the same however many answers were lost


def remember(claim: Claim, video_id: str | None, options: Options) -> None:
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


def delete(send: Send, options: Options) -> None:
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
