"""A script of curl, as one would write it for a file in parts."""

from __future__ import annotations

import subprocess
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from upload_bench.job import Job

# A form's file can't be a range of a file, so each part comes through a pipe: once for md5sum, and once for curl.
SCRIPT = """
slice() { dd if="$FILE" bs=1M iflag=skip_bytes,count_bytes skip="$2" count="$3" status=none; }
hash=$(slice "$@" | md5sum)
slice "$@" | curl --silent --show-error --fail --output /dev/null $CERTIFICATE \\
  --header "Authorization: Bearer t" --header "Content-Range: bytes $2-$(($2 + $3 - 1))/$SIZE" \\
  --form index="$1" --form hash="${hash%% *}" --form "file=@-;filename=clip" "$URL/aioz/videos/one/part"
"""


@contextmanager
def curl(job: Job) -> Generator[Callable[[], object]]:
    """One curl for each part, so many at a time."""
    parts = "\n".join(f"{part.index} {part.start} {part.size}" for part in job.slices)
    certificate = f"--cacert {job.certificate}" if job.certificate else ""
    variables = {"FILE": job.file, "SIZE": str(job.size), "URL": job.url, "CERTIFICATE": certificate}

    def upload() -> None:
        command = ["xargs", "-P", str(job.workers), "-L", "1", "sh", "-c", SCRIPT, "part"]
        subprocess.run(command, input=parts.encode(), env={"PATH": "/usr/bin:/bin", **variables}, check=True)

    yield upload
