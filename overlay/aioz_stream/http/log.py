"""What the logger `aioz_stream` is told: a line for each request. The environment can have it shown."""

from __future__ import annotations

import logging
import os
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager
from typing import TextIO

from attrs import define

from aioz_stream.errors import ConfigurationError

LEVEL = "AIOZ_STREAM_LOG"
LEVELS = {"info": logging.INFO, "debug": logging.DEBUG}

logger: logging.Logger = logging.getLogger("aioz_stream")


@define
class Answer:
    """What is logged of the answer to a request."""

    status: int | None = None
    """None while there is none."""
    request_id: str | None = None


@contextmanager
def logged(method: str, place: str) -> Generator[Answer]:
    """Logs the request that is sent inside the block. The block fills in what came of it."""
    place, answer, begun = one_line(place), Answer(), time.monotonic()
    logger.debug("%s %s begins", method, place)
    try:
        yield answer
    finally:
        seconds = time.monotonic() - begun
        known_as = f" (request {answer.request_id})" if answer.request_id else ""
        fields = {"method": method, "path": place, "seconds": seconds}
        fields |= {"status": answer.status, "request_id": answer.request_id}
        said = answer.status or "no answer"
        logger.info("%s %s: %s after %.3f s%s", method, place, said, seconds, known_as, extra=fields)


def one_line(text: str) -> str:
    """The text without what would make further lines of it, or be obeyed by a terminal."""
    return "".join(one if one.isprintable() else " " for one in text)


def level_of_environment() -> int | None:
    """The level that the environment asks for, if it asks. Raises ConfigurationError for one that there is not."""
    name = os.environ.get(LEVEL, "").lower()
    if name and name not in LEVELS:
        raise ConfigurationError(f"{LEVEL} must be {' or '.join(LEVELS)}, not {name!r}.")
    return LEVELS.get(name)


def set_up() -> None:
    """Shows the log as the environment asks: by the program's handlers or, where it has none, on standard error."""
    level = level_of_environment()
    if level is None or logger.handlers:
        return
    logger.setLevel(level)
    if not logger.hasHandlers():
        handler = _StandardError()
        handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
        logger.addHandler(handler)


class _StandardError(logging.StreamHandler[TextIO]):
    """Writes to what standard error is by then: a progress bar takes its place, to keep lines apart from itself."""

    def emit(self, record: logging.LogRecord) -> None:
        self.stream = sys.stderr
        super().emit(record)
