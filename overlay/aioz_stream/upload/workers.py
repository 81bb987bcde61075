"""Sending the parts of a file from another process, of this machine or of a cluster.

The coordinator makes the video, keeps the journal and completes the upload; a worker only sends parts, and says which.
A worker that dies is simply asked again, of whoever the executor has: a part that is sent twice is the same part.
"""

from __future__ import annotations

import os
import traceback
import uuid
from concurrent.futures import BrokenExecutor, wait
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any, cast

from attrs import field, frozen

from aioz_stream.errors import AiozStreamError, ArgumentTypeError, SourceChangedError, WorkerError
from aioz_stream.http.connections import Connections
from aioz_stream.http.session import Session
from aioz_stream.upload.cancellation import Stop
from aioz_stream.upload.engine import Engine
from aioz_stream.upload.plan import Part, plan
from aioz_stream.upload.progress import Meter
from aioz_stream.upload.rate_limit import Pace
from aioz_stream.upload.sources.source import open_source

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping
    from concurrent.futures import Executor

    import httpx

    from aioz_stream.http.options import Options
    from aioz_stream.upload.plan import PartLimits
    from aioz_stream.upload.sources.source import Path

_LOOK = 0.2  # seconds between two looks at whether the upload was cancelled


@frozen
class Job:
    """All that a worker needs to know. It can be pickled; the credentials in it show in no repr."""

    options: Options = field(repr=False)
    proxy: str | httpx.Proxy | None = field(repr=False)
    video_id: str
    source: str
    size: int
    part_size: int
    part_limits: PartLimits
    concurrency: int
    max_speed: int | None
    trust_times: bool
    acknowledged: Mapping[tuple[int, int], str] = field(repr=False)
    name: str = field(factory=lambda: uuid.uuid4().hex)
    """Its own: some executors take two equal jobs for one."""


def send_parts(job: Job) -> list[tuple[Part, str]]:
    """A worker's job: sends the parts that are not there yet, and gives each with its MD5."""
    sent: list[tuple[Part, str]] = []
    stop = Stop()
    with (
        closing(open_source(job.source, stop, None, False, job.trust_times)) as source,
        closing(Connections(None, None, job.proxy)) as connections,
    ):
        if source.size != job.size:
            raise SourceChangedError(
                f"{source.place} has {source.size:,} bytes for the worker and {job.size:,} where the upload began; "
                "both must have the same file."
            )
        parts = plan(source.size, job.part_size, job.part_limits)
        engine = Engine(
            Session(connections, job.options),
            job.video_id,
            source,
            stop,
            Pace(job.max_speed),
            Meter(source.size, len(parts)),
            job.acknowledged,
            lambda part, md5: sent.append((part, md5)),
        )
        engine.run(parts, job.concurrency)
    return sent


def sent_by(executor: Executor, job: Job, stop: Stop, acknowledged: Callable[[Part, str], object]) -> None:
    """Have an executor do a job, and hear of its parts. Stopping waits for no worker: what it sends does no harm.

    Raises WorkerError when the executor fails, and not the upload.
    """
    for part, md5 in _done(executor, job, stop):
        acknowledged(part, md5)


def _done(executor: Executor, job: Job, stop: Stop) -> list[tuple[Part, str]]:
    with _typed(job, submitting=True):
        future = executor.submit(send_parts, job)
    try:
        # Not by the future's own timeout: a worker's may be of the same type.
        while not wait([future], _LOOK).done:
            stop.check()
        with _typed(job):
            if (error := future.exception()) is not None:
                # Dask keeps what came of a job as long as there is its future, and does it again when the worker dies
                # that had it. The frames that an error has come through have the future.
                traceback.clear_frames(error.__traceback__)
            return future.result()
    finally:
        future.cancel()  # where it is not over
        del future  # for the same reason


@contextmanager
def _typed(job: Job, *, submitting: bool = False) -> Generator[None]:
    try:
        yield
    except AiozStreamError:
        raise
    except Exception as error:
        said = job.options.credentials.mask(str(error)) or "it says no more"
        failure = WorkerError(
            f"the executor did not get {job.source} sent: {type(error).__name__}: {said}. The same call resumes the "
            "upload; a broken executor must be made anew for it."
        )
        # Each executor has an error of its own for being shut down, but all of them raise it when they get a job.
        failure.executor_is_broken = submitting or isinstance(error, BrokenExecutor)
        raise failure from error


def address(source: Any) -> str:
    """A source as another process can open it. Raises ArgumentTypeError for one that lives in this process alone."""
    if isinstance(source, str) and "://" in source:
        return source
    if isinstance(source, str | os.PathLike):
        return os.path.abspath(os.fsdecode(cast("Path", source)))  # noqa: PTH100 - Path.absolute() leaves ".." in it
    raise ArgumentTypeError(
        f"an executor's workers open the source themselves: pass a path that they have too, or a URL, not "
        f"{type(source).__name__}.",
        argument="source",
    )
