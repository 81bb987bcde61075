"""What a terminal shows of many files: a bar for all of them, and one for each that is on its way."""

from __future__ import annotations

import os
import threading
import time
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Self

from attrs import define

from aioz_stream import Progress
from aioz_stream.bar.bars import Bars
from aioz_stream_cli.terminal import clean, notes

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence

    from rich.progress import TaskID

    from aioz_stream.upload.progress import OnProgress

_INTERVAL = 0.1  # seconds between two drawings


@define
class _File:
    name: str
    to_send: int
    """Bytes that this run has to send."""
    sent: int = 0
    speed: int = 0  # whole bytes, so that nothing is left of a sum when all have ended
    bar: TaskID | None = None
    has_begun: bool = False


class FileBars:
    """Draws the bars, on the threads that the progress comes on. Where there is no terminal, nothing is shown."""

    def __init__(self, sources: Sequence[str]) -> None:
        self._files = [_File(clean(source), _size(source)) for source in sources]
        self._all = Progress(0, sum(file.to_send for file in self._files))
        self._ended = self._failed = 0
        self._bars = Bars(notes, transient=True)
        self._overall: TaskID | None = None
        self._drawn = 0.0
        self._lock = threading.Lock()

    def watch(self, index: int) -> OnProgress:
        """What takes the progress of one file."""
        return partial(self._show, self._files[index])

    def end(self, index: int, *, has_failed: bool) -> bool:
        """Takes away a file's bar. The result is whether anything of it was sent in this run."""
        file = self._files[index]
        with self._lock:
            self._ended += 1
            self._failed += has_failed
            self._count(file, file.sent, file.sent, 0)
            if file.bar is not None:
                self._bars.remove_task(file.bar)
        return file.has_begun

    @contextmanager
    def hidden(self) -> Generator[None]:
        """While other lines are printed."""
        with self._lock:
            self._bars.is_hidden = True
            self._bars.refresh()
            yield
            self._bars.is_hidden = False
            if self._overall is not None:
                self._draw()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._bars.live.is_started:  # Rich writes an empty line otherwise, where there is no terminal
            self._bars.stop()

    def _show(self, file: _File, reading: Progress) -> None:
        with self._lock:
            file.has_begun = True
            if not notes.is_terminal:
                return
            self._count(file, reading.total - reading.resumed, reading.sent - reading.resumed, int(reading.speed))
            if self._overall is None:
                self._overall = self._bars.add("", total=self._all.total)
            if file.bar is None:
                file.bar = self._bars.add(file.name, total=reading.total)
            self._bars.show(file.bar, reading)
            if time.monotonic() - self._drawn > _INTERVAL:
                self._draw()

    def _count(self, file: _File, to_send: int, sent: int, speed: int) -> None:
        before = self._all
        self._all = Progress(
            before.sent + sent - file.sent,
            before.total + to_send - file.to_send,
            speed=before.speed + speed - file.speed,
        )
        file.to_send, file.sent, file.speed = to_send, sent, speed

    def _draw(self) -> None:
        assert self._overall is not None, "added with the first progress"
        self._drawn = time.monotonic()
        label = f"{self._ended} of {len(self._files)} files"
        self._bars.update(self._overall, description=label)
        self._bars.show(self._overall, self._all, f"{self._failed} failed" if self._failed else "")
        self._bars.start()
        self._bars.refresh()


def _size(source: str) -> int:
    """Of a file; what only shows when it is opened counts as soon as it is sent."""
    try:
        return os.stat(source).st_size  # noqa: PTH116 - may be a URL
    except (OSError, ValueError):
        return 0
