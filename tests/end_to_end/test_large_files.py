"""Memory must not grow with the file."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from aioz_stream_mock import MockServer, Settings

if TYPE_CHECKING:
    from pathlib import Path

GIBIBYTE = 1024**3
MEBIBYTE = 1024**2

UPLOAD = """
import sys
from aioz_stream import AiozStream

with AiozStream(token="token-a", base_url=sys.argv[1]) as stream:
    video = stream.upload(sys.argv[2])
    assert video.size == int(sys.argv[3]), video.size
peak = next(line for line in open("/proc/self/status") if line.startswith("VmHWM"))
print(int(peak.split()[1]) * 1024)
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="reads the peak from /proc, which only Linux has")
def test_a_gibibyte_in_less_than_100_mebibytes(tmp_path: Path) -> None:
    file = tmp_path / "large.mp4"
    with file.open("wb") as sparse:
        sparse.truncate(GIBIBYTE)
    with MockServer(Settings(data_dir=tmp_path / "data")) as server:
        done = subprocess.run(
            [sys.executable, "-c", UPLOAD, server.url, str(file), str(GIBIBYTE)],
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == 0, done.stderr
    peak = int(done.stdout)
    print(f"peak memory of the client: {peak / MEBIBYTE:.1f} MiB")
    assert peak < 100 * MEBIBYTE
