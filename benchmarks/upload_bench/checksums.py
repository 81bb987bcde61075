"""Only a checksum, of bytes in memory, by as many threads as the client has: what everybody pays who computes it."""

from __future__ import annotations

import hashlib
import zlib
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from contextlib import AbstractContextManager

    from upload_bench.job import Job


def _of_all(update: Callable[[], Callable[[bytes], object]]) -> Callable[[Job], AbstractContextManager[object]]:
    @contextmanager
    def contender(job: Job) -> Generator[Callable[[], object]]:
        block, threads = bytes(job.block_size), job.workers + 1

        def hash_share() -> None:
            take_in = update()
            for _ in range(job.size // len(block) // threads):
                take_in(block)

        def work() -> None:
            with ThreadPoolExecutor(threads) as pool:
                for done in [pool.submit(hash_share) for _ in range(threads)]:
                    done.result()

        yield work

    return contender


md5 = _of_all(lambda: hashlib.md5(usedforsecurity=False).update)
sha256 = _of_all(lambda: hashlib.sha256().update)
crc32 = _of_all(lambda: zlib.crc32)
