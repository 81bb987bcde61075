"""Runs one contender in a process of its own: a job as JSON in, what it cost as JSON out."""

from __future__ import annotations

import importlib
import json
import sys
from dataclasses import replace

from upload_bench.job import Job
from upload_bench.measure import measured

WHERE = {
    "aioz_stream": "ours:aioz_stream",
    "floor": "floors:two_passes",
    "floor-256KiB": "floors:two_passes_small",
    "floor-sendfile": "floors:sendfile",
    "floor-mapped": "floors:mapped",
    "floor-one-pass": "floors:one_pass",
    "floor-in-step": "floors:one_pass_in_step",
    "curl": "curl:curl",
    "api.video": "peers:api_video",
    "s3transfer": "peers:s3transfer",
    "s3transfer-bare": "peers:s3transfer_bare",
    "MD5": "checksums:md5",
    "SHA-256": "checksums:sha256",
    "CRC32": "checksums:crc32",
}
"""Each contender, and the context in which its client is ready. Loaded when asked for: each pays for its own."""

CHECKSUMS = ("MD5", "SHA-256", "CRC32")
"""Those that upload nothing."""


def main() -> None:
    job = Job(**json.loads(sys.argv[1]))
    module, _, name = WHERE[job.contender].partition(":")
    made = getattr(importlib.import_module(f"upload_bench.{module}"), name)
    first: dict[str, object] = {}
    if job.first_file:
        with made(replace(job, file=job.first_file, size=1)) as upload:
            first = {"first": measured(upload)._asdict()}
    with made(job) as upload:
        print(json.dumps(measured(upload)._asdict() | first))


if __name__ == "__main__":
    main()
