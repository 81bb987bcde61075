"""The client that all this is about."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from aioz_stream import AiozStream, PartLimits
from upload_bench.job import AUTO_WORKERS

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from aioz_stream.upload.slots import Concurrency
    from upload_bench.job import Job

ANY_SIZE = PartLimits(smallest=1, largest=1 << 40)
"""Small parts too, so that a trial of the benchmark can be small."""


@contextmanager
def aioz_stream(job: Job) -> Generator[Callable[[], object]]:
    """As everybody uses it, with its journal. The idle client has made one call."""
    with AiozStream(token="t", base_url=f"{job.url}/aioz") as stream:
        stream.videos.get("one")
        concurrency: Concurrency = "auto" if job.workers == AUTO_WORKERS else job.workers
        yield lambda: stream.upload(
            job.path, title="clip", concurrency=concurrency, part_size=job.part_size, part_limits=ANY_SIZE
        )
