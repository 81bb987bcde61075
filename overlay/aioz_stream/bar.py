"""A progress bar for uploads in the terminal. It needs the extra [cli]."""

from __future__ import annotations

import sys
from collections.abc import Generator
from contextlib import contextmanager

from aioz_stream.errors import ConfigurationError
from aioz_stream.upload.progress import OnProgress, Progress


@contextmanager
def progress_bar(label: str = "Uploading") -> Generator[OnProgress]:
    """Shows an upload or a download on the standard error output: bytes, speed, time left, and new tries.

    It also shows the bytes that are safe: the service has acknowledged them, so only the others would be sent again.

        with progress_bar("talk.mp4") as bar:
            stream.upload("talk.mp4", on_progress=bar)

    Raises ConfigurationError when Rich, which draws it, is not installed.
    """
    try:
        from rich.console import Console  # noqa: PLC0415 - an extra
        from rich.filesize import decimal  # noqa: PLC0415 - an extra
        from rich.progress import (  # noqa: PLC0415 - an extra
            BarColumn,
            DownloadColumn,
            TextColumn,
            TimeRemainingColumn,
            TransferSpeedColumn,
        )
        from rich.progress import Progress as Bar  # noqa: PLC0415 - an extra
    except ModuleNotFoundError:
        raise ConfigurationError("The progress bar needs Rich: pip install 'aioz-stream[cli]'.") from None
    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[note]}", style="yellow", markup=False),
    )
    # Drawn when there is progress, and not by a thread of Rich's: the system may give none.
    bar = Bar(*columns, console=Console(file=sys.stderr, soft_wrap=True), auto_refresh=False)

    def show(reading: Progress) -> None:
        # Drawn with the first progress, so that an error before it has the screen to itself.
        if not bar.tasks:
            bar.add_task(label, total=reading.total or None, note="")
            bar.start()
        safe = f"{decimal(reading.safe)} safe" if 0 < reading.safe < reading.total else ""
        retries = f"{reading.retries} tried again" if reading.retries else ""
        note = " ".join(filter(None, [safe, retries]))
        bar.update(bar.tasks[0].id, completed=reading.sent, note=note, refresh=True)

    try:
        yield show
    finally:
        if bar.tasks:
            bar.stop()
