"""Sends the parts of a file, several at once. The only place with threads."""

from __future__ import annotations

from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextvars import copy_context
from typing import TYPE_CHECKING

from aioz_stream import calls
from aioz_stream.errors import APIError, UploadCancelledError
from aioz_stream.upload.progress import Meter
from aioz_stream.upload.stop import CANCELLED

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aioz_stream.session import Session
    from aioz_stream.upload.plan import Part
    from aioz_stream.upload.progress import OnProgress
    from aioz_stream.upload.source import FileSource
    from aioz_stream.upload.stop import Stop

DEFAULT_CONCURRENCY = 4

_REPORT_EVERY = 0.1  # seconds: smooth to the eye, and nothing to the processor


class Engine:
    """Uploads parts of one source to one video.

    Each worker reads its part twice, in blocks: once for the MD5 and once to send. At any moment it holds one block of
    each, so memory is about concurrency × 1 MiB, whatever the sizes of part and file.

    The first part that fails for good stops the others, and its error is raised. A source that changed is the error
    even where the service noticed first.
    """

    def __init__(self, session: Session, video_id: str, source: FileSource, stop: Stop) -> None:
        self._session = session
        self._video_id = video_id
        self._source = source
        self._stop = stop
        self._failure: BaseException | None = None

    def run(
        self,
        parts: Sequence[Part],
        concurrency: int = DEFAULT_CONCURRENCY,
        on_progress: OnProgress | None = None,
    ) -> None:
        """Sends all parts; returns when the service has acknowledged each and the source is still what it was.

        `on_progress` is called on the calling thread, about ten times a second; what it raises stops the upload.
        """
        meter = Meter(sum(part.size for part in parts))
        workers = ThreadPoolExecutor(min(concurrency, len(parts)), thread_name_prefix="aioz-stream-upload")
        try:
            running = {workers.submit(copy_context().run, self._send, part, meter) for part in parts}
            self._watch(running, meter, on_progress)
            self._source.verify()
        except BaseException:
            # Also after Ctrl-C or a callback that raised: nobody may go on sending.
            self._stop.set()
            raise
        finally:
            workers.shutdown(cancel_futures=True)

    def _watch(self, running: set[Future[None]], meter: Meter, on_progress: OnProgress | None) -> None:
        shown = None
        while running:
            _, running = wait(running, _REPORT_EVERY, FIRST_COMPLETED)
            if self._stop.is_set():
                # A worker says why before it stops the others, so the reason is there if there is one.
                raise self._failure or UploadCancelledError(CANCELLED)
            reading = meter.reading()
            if on_progress and reading != shown:
                on_progress(reading)
                shown = reading

    def _send(self, part: Part, meter: Meter) -> None:
        """One worker's job. What fails here first is the upload's error; the others only stop because of it."""
        self._stop.check()
        try:
            self._send_part(part, meter)
        except BaseException as error:
            if not self._stop.is_set():
                self._failure = error
                self._stop.set()
            raise

    def _send_part(self, part: Part, meter: Meter) -> None:
        def check() -> None:
            self._stop.check()
            meter.update(part.index, reader.position if sending else 0)

        sending = False
        with self._source.reader(part, check) as reader:
            digest = reader.md5()
            sending = True
            call = calls.upload_part(self._video_id, part, digest, reader, self._source.name)
            try:
                self._session.send(call, self._stop.pause)
            except APIError:
                self._source.verify()
                raise
        meter.update(part.index, part.size)
