"""A whole download, into a file or as an iterator; for asyncio, too."""

from __future__ import annotations

import os
import time
from collections.abc import AsyncGenerator, Generator
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path

from attrs import evolve, field, frozen

from aioz_stream import arguments
from aioz_stream.download import assets
from aioz_stream.download.destination import Destination
from aioz_stream.download.reader import AssetReader
from aioz_stream.errors import DownloadCancelledError, DownloadTimeoutError, NotFoundError
from aioz_stream.http.cancel_signal import CancelSignal
from aioz_stream.http.loop_clients import running_loop
from aioz_stream.http.session import Session
from aioz_stream.operations import calls
from aioz_stream.upload.background import run_cancellable
from aioz_stream.upload.cancellation import CancellableSession, Cancellation, ended_by
from aioz_stream.upload.progress import Meter, OnProgress
from aioz_stream.upload.upload import call_back_on_loop
from aioz_stream_api.models import Video

_REPORT_INTERVAL = 0.1  # seconds, as for uploads


@frozen
class Download:
    """What is to be fetched, and how. Wrong arguments are raised before anything is sent."""

    session: Session
    video_id: str = field(converter=arguments.video_id)
    asset: str = field(converter=assets.check_asset)
    on_progress: OnProgress | None
    cancel: Cancellation | None
    deadline: float | None
    signal: CancelSignal = field(factory=CancelSignal)

    def __attrs_post_init__(self) -> None:
        arguments.callback("on_progress", self.on_progress)
        arguments.instance("cancel", self.cancel, Cancellation | None, "a Cancellation")
        if self.deadline is not None:
            arguments.seconds("deadline", self.deadline)

    def to_file(self, path: str | os.PathLike[str], overwrite: bool | None) -> Path:
        """Fetches into a file, which is at its place only when it is whole. Returns the path."""
        if overwrite is not None:
            arguments.boolean("overwrite", overwrite)
        destination = Destination(path, overwrite)
        with self._opened(may_restart=True) as (video, reader):
            version = reader.version
            name = assets.file_name(video, self.asset, reader.media_type)
            can_resume = bool(version.tag) and version.size is not None
            identity = (video.id, self.asset, version.tag, version.size) if can_resume else None
            with destination.opened(name, identity, version.size) as file:
                reader.seek(file.size)
                for block in self._reported(reader):
                    file.write(reader.position - len(block), block)
                self.signal.check()
                file.publish()
                return file.path

    def to_blocks(self) -> Generator[bytes]:
        """Fetches as an iterator of bytes."""
        with self._opened(may_restart=False) as (_, reader):
            yield from self._reported(reader)

    @contextmanager
    def _opened(self, *, may_restart: bool) -> Generator[tuple[Video, AssetReader]]:
        signal, session = self.signal, self.session
        ends = "download", DownloadCancelledError, DownloadTimeoutError
        with ended_by(signal, self.cancel, self.deadline, *ends):
            signal.check()
            session.connections.check_open()
            video = CancellableSession(session, signal).send(calls.get(self.video_id))
            url, size = assets.address(video, self.asset), assets.known_size(video, self.asset)
            with closing(AssetReader(session, url, signal, size=size, may_restart=may_restart)) as reader:
                try:
                    reader.open()
                except NotFoundError as error:
                    # Some services show addresses of what they have yet to make.
                    assets.raise_missing(video, self.asset, error)
                yield video, reader

    def _reported(self, reader: AssetReader) -> Generator[bytes]:
        """The blocks, with progress between them."""
        meter, resumed = Meter(reader.version.size or 0, 0), reader.position
        meter.add_part(0, resumed, earlier=True)

        def report() -> None:
            meter.set_sent(1, max(0, reader.position - resumed))
            if self.on_progress:
                self.on_progress(evolve(meter.reading(), retries=reader.retries, parts_done=0, safe=0))

        report()
        shown = time.monotonic()
        while block := reader.read():
            yield block
            if time.monotonic() - shown >= _REPORT_INTERVAL:
                shown = time.monotonic()
                report()
        report()


async def run_to_file(download: Download, path: str | os.PathLike[str], overwrite: bool | None) -> Path:
    """Runs a download on a thread, and ends it when this task is cancelled."""
    one = _calling_back(download)
    return await run_cancellable(partial(one.to_file, path, overwrite), one.signal.set)


async def run_to_blocks(download: Download) -> AsyncGenerator[bytes]:
    """Reads each block on a thread."""
    one = _calling_back(download)
    blocks = one.to_blocks()
    try:
        while block := await run_cancellable(partial(next, blocks, b""), one.signal.set):
            yield block
    except GeneratorExit:
        blocks.close()
        raise


def _calling_back(download: Download) -> Download:
    """The same with its progress on the loop."""
    if download.on_progress is None:
        return download
    on_progress = partial(call_back_on_loop, running_loop(), download.signal, download.on_progress)
    return evolve(download, on_progress=on_progress)
