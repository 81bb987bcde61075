"""The Python clients of others, each against a server that answers in its protocol.

They have an environment of their own, and no types: they are imported here, and nowhere else, when they are measured.
"""

from __future__ import annotations

from contextlib import contextmanager
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from upload_bench.job import Job


@contextmanager
def api_video(job: Job) -> Generator[Callable[[], object]]:
    """Its one-call upload, which sends one part after the other, without a checksum."""
    client: Any = import_module("apivideo").AuthenticatedApiClient("key")
    client.configuration.host = f"{job.url}/api-video"
    client.configuration.chunk_size = job.part_size
    client.connect()
    videos: Any = import_module("apivideo.api.videos_api").VideosApi(client)

    def upload() -> None:
        with job.path.open("rb") as file:
            videos.upload("one", file)

    yield upload


def _s3transfer(job: Job, **config: Any) -> Generator[Callable[[], object]]:
    client: Any = import_module("boto3").client(
        "s3",
        endpoint_url=f"{job.url}/s3",
        region_name="us-east-1",
        aws_access_key_id="key",
        aws_secret_access_key="secret",
        config=import_module("botocore.config").Config(s3={"addressing_style": "path"}, **config),
        verify=job.certificate,
    )
    transfer: Any = import_module("boto3.s3.transfer").TransferConfig(
        multipart_threshold=1, multipart_chunksize=job.part_size, max_concurrency=job.workers, use_threads=True
    )
    yield lambda: client.upload_file(job.file, "bucket", "key", Config=transfer)


@contextmanager
def s3transfer(job: Job) -> Generator[Callable[[], object]]:
    """As it comes: with a CRC32 over TLS, and an SHA-256 of each part in its signature over plain HTTP."""
    yield from _s3transfer(job)


@contextmanager
def s3transfer_bare(job: Job) -> Generator[Callable[[], object]]:
    """Without signatures and checksums: what nobody would do to a file that matters, and what costs least."""
    unsigned = import_module("botocore").UNSIGNED
    yield from _s3transfer(job, signature_version=unsigned, request_checksum_calculation="when_required")
