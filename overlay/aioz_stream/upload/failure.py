"""The note in an upload's error that names its video."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from aioz_stream.errors import AiozStreamError, BadRequestError, VideoCompleteError

if TYPE_CHECKING:
    from collections.abc import Generator


@contextmanager
def noting_video(video_id: str, *, resumable: bool) -> Generator[None]:
    """Adds the video's id to whatever error ends the block, also to Ctrl-C and to what a callback raises."""
    try:
        yield
    except BaseException as error:
        is_refused = isinstance(error, BadRequestError | VideoCompleteError)
        again = " The same call resumes its upload." if resumable and not is_refused else ""
        error.add_note(f"Video {video_id} exists.{again}")
        if isinstance(error, AiozStreamError):
            error.video_id = video_id
        raise
