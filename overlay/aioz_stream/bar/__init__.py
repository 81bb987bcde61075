"""A progress bar for uploads in the terminal. It needs the extra [cli]."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager

from aioz_stream.errors import ConfigurationError
from aioz_stream.upload.progress import OnProgress, Progress


@contextmanager
def progress_bar(label: str = "Uploading") -> Generator[OnProgress]:
    """Shows an upload or a download on the standard error output: bytes, speed, time left, and new tries.

    It also shows the bytes that are safe: the service has acknowledged them, so only the others would be sent again. In
    a notebook it is drawn below the cell.

        with progress_bar("talk.mp4") as bar:
            stream.upload("talk.mp4", on_progress=bar)

    Raises ConfigurationError when Rich, which draws it, is not installed.
    """
    try:
        from rich.console import Console  # noqa: PLC0415 - an extra

        from aioz_stream.bar.bars import Bars  # noqa: PLC0415 - stands on it
    except ModuleNotFoundError:
        raise ConfigurationError("The progress bar needs Rich: pip install 'aioz-stream[cli]'.") from None
    bars = Bars(Console(stderr=True, soft_wrap=True))

    def show(reading: Progress) -> None:
        # Drawn with the first progress, so that an error before it has the screen to itself.
        if not bars.tasks:
            bars.add(label, total=reading.total or None)
            bars.start()
        bars.show(bars.tasks[0].id, reading)
        bars.refresh()

    try:
        yield show
    finally:
        if bars.tasks:
            bars.stop()
