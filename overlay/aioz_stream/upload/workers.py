"""Workers: other processes, of this machine or of a cluster, that send the parts of a file.

The process that uploads makes the video, keeps the journal and completes the upload. A worker only sends parts, and
returns which. When a worker dies, another one does its job again: a part that is sent twice is stored once.
"""

from __future__ import annotations

import os
import traceback
import uuid
from collections.abc import Callable, Generator, Mapping
from concurrent.futures import BrokenExecutor, Executor, wait
from contextlib import ExitStack, closing, contextmanager
from typing import Any, cast

from attrs import field, frozen

from aioz_stream.errors import AiozStreamError, ArgumentTypeError, Part, SourceChangedError, WorkerError
from aioz_stream.http.cancel_signal import CancelSignal
from aioz_stream.http.connections import Connections
from aioz_stream.http.network import Network
from aioz_stream.http.options import Options
from aioz_stream.http.session import Session
from aioz_stream.upload.engine import Engine, Transfer
from aioz_stream.upload.plan import PartLimits, plan
from aioz_stream.upload.progress import Meter
from aioz_stream.upload.rate_limit import RateLimit
from aioz_stream.upload.slots import Concurrency, Slots
from aioz_stream.upload.sources.source import Path, is_stream, open_source

_CHECK_INTERVAL = 0.2  # seconds between two checks of the cancel signal


@frozen(kw_only=True)
class Job:
    """What a worker needs to send the parts of a file. It can be pickled, and its repr shows no credentials."""

    options: Options = field(repr=False)
    network: Network = field(repr=False)
    video_id: str
    source: str
    size: int
    part_size: int
    part_limits: PartLimits
    concurrency: Concurrency
    max_speed: int | None
    trust_times: bool
    acknowledged: Mapping[tuple[int, int], str] = field(repr=False)
    name: str = field(factory=lambda: uuid.uuid4().hex)
    """Unique: some executors run two equal jobs only once."""


def send_parts(job: Job) -> list[tuple[Part, str]]:
    """Runs in the worker: sends the parts that were not sent yet, and returns each with its MD5."""
    sent: list[tuple[Part, str]] = []
    signal = CancelSignal()
    with ExitStack() as stack:
        session = Session(stack.enter_context(closing(Connections(None, None, job.network))), job.options)
        source = stack.enter_context(closing(open_source(job.source, session, signal, trust_times=job.trust_times)))
        if source.size != job.size:
            raise SourceChangedError(
                f"{source.place} has {source.size:,} bytes for the worker and {job.size:,} where the upload began; "
                "both must have the same file."
            )
        parts = plan(source.size, job.part_size, job.part_limits)
        transfer = Transfer(
            session=session,
            video_id=job.video_id,
            source=source,
            parts=parts,
            meter=Meter(source.size, len(parts)),
            signal=signal,
            slots=Slots(job.concurrency),
            rate_limit=RateLimit(job.max_speed),
            acknowledged=job.acknowledged,
            on_acknowledged=lambda part, md5: sent.append((part, md5)),
        )
        Engine(transfer).run()
    return sent


def send_by_executor(
    executor: Executor, job: Job, signal: CancelSignal, on_acknowledged: Callable[[Part, str], object]
) -> None:
    """Has an executor send the parts of a job, and calls back with each. The cancel signal waits for no worker.

    Raises WorkerError when the executor fails, and the worker's error when the upload does.
    """
    for part, md5 in _submit_and_wait(executor, job, signal):
        on_acknowledged(part, md5)


def _submit_and_wait(executor: Executor, job: Job, signal: CancelSignal) -> list[tuple[Part, str]]:
    with _worker_errors(job, submitting=True):
        future = executor.submit(send_parts, job)
    try:
        # Not future.result(timeout=…): the worker's own error may be a TimeoutError, too.
        while not wait([future], _CHECK_INTERVAL).done:
            signal.check()
        with _worker_errors(job):
            if (error := future.exception()) is not None:
                # Dask keeps a job as long as its future exists, and runs it again when its worker dies. The frames in
                # the error's traceback hold the future.
                traceback.clear_frames(error.__traceback__)
            return future.result()
    finally:
        future.cancel()  # has no effect on one that has ended
        del future  # for the same reason


@contextmanager
def _worker_errors(job: Job, *, submitting: bool = False) -> Generator[None]:
    try:
        yield
    except AiozStreamError:
        raise
    except Exception as error:
        said = job.options.credentials.mask(str(error)) or "no message"
        failure = WorkerError(
            f"the executor could not send {job.source}: {type(error).__name__}: {said}. A broken "
            "executor must be made anew."
        )
        # Each kind of executor has its own error for being shut down, but all raise it when a job is submitted.
        failure.executor_is_broken = submitting or isinstance(error, BrokenExecutor)
        raise failure from error


def refusal(executor: Executor) -> WorkerError | None:
    """Why an executor takes no jobs: it was shut down, or the interpreter ends. None where it takes them."""
    try:
        executor.submit(os.getpid).cancel()
    except Exception as error:  # noqa: BLE001 - each kind of executor has its own
        failure = WorkerError(f"the executor takes no jobs: {type(error).__name__}: {error}. Nothing was sent.")
        failure.executor_is_broken, failure.__cause__ = True, error
        return failure
    return None


def worker_address(source: Any) -> str:
    """A source as another process can open it: a URL or an absolute path. Raises ArgumentTypeError for other kinds."""
    kind = type(source).__name__
    if isinstance(source, str) and "://" in source:
        return source
    if isinstance(source, str | os.PathLike):
        path = os.fsdecode(cast("Path", source))
        if not is_stream(path):
            return os.path.abspath(path)  # noqa: PTH100 - Path.absolute() leaves ".." in it
    raise ArgumentTypeError(
        "an executor's workers open the source themselves: pass a path that they have too, of a file and no pipe, or a "
        f"URL, not {kind}.",
        argument="source",
    )
