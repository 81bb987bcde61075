"""Thumbnails in smaller sizes, made when a request asks for one."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

from aioz_stream_mock.media import plan
from aioz_stream_mock.media.ffmpeg import Runner

if TYPE_CHECKING:
    from aioz_stream_mock.media.watchdog import Limits
    from aioz_stream_mock.state.store import Store
    from aioz_stream_mock.state.videos import Thumbnail

MAX_HEIGHT = 4320
_LIST, _MADE = "picture.txt", "smaller.jpg"


def scale_down(store: Store, picture: Thumbnail, resolution: str, limits: Limits) -> bytes | None:
    """A JPEG whose shorter side is the named height, or the picture's own if that is less; None for no such name."""
    height = plan.height_of(resolution)
    if not 0 < height <= MAX_HEIGHT:
        return None
    with tempfile.TemporaryDirectory(dir=store.incoming) as name:
        folder = Path(name)
        here = PurePath(os.path.relpath(store.files, folder)).as_posix()
        (folder / _LIST).write_text(f"{here}/{picture.file}\n", encoding="ascii")
        done = Runner(limits).run(plan.scaling_arguments(_LIST, height, _MADE), folder)
        made = folder / _MADE
        return made.read_bytes() if made.is_file() and not done.exceeded else None
