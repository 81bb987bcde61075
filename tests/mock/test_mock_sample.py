"""The sample of the command, and the browser that it opens."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import httpx
import pytest

if TYPE_CHECKING:
    from pathlib import Path

COMMAND = (sys.executable, "-m", "aioz_stream_mock", "--port", "0")


def waited_for(path: Path) -> str:
    deadline = time.monotonic() + 60
    while not path.exists() or not path.read_text(encoding="utf-8"):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    return path.read_text(encoding="utf-8").strip()


@pytest.mark.slow
def test_the_sample_plays_in_the_browser_that_is_opened(tmp_path: Path) -> None:
    opened, browser = tmp_path / "opened", tmp_path / "browser"
    browser.write_text(f'#!/bin/sh\necho "$1" > "{opened}"\n', encoding="utf-8")
    browser.chmod(0o700)
    environment = {**os.environ, "BROWSER": str(browser), "DISPLAY": ":99"}
    command = [*COMMAND, "--sample", "--open", "--data-dir", str(tmp_path / "data")]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as running:
        try:
            url = waited_for(opened)
            assert url.endswith("/?play=sample")
            assert '<iframe loading="lazy"' in httpx.get(url).text
            site = url.split("?", maxsplit=1)[0]
            deadline = time.monotonic() + 60
            while httpx.get(f"{site}api/videos/sample/m3u8").status_code != 200:
                assert time.monotonic() < deadline
                time.sleep(0.1)
        finally:
            running.terminate()
        assert running.stdout is not None
        assert f"videos, players and documentation: {url}" in running.stdout.read()


def test_no_sample_without_transcoding() -> None:
    done = subprocess.run([*COMMAND, "--sample", "--no-transcode"], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "--sample needs transcoding" in done.stderr
    assert "Traceback" not in done.stderr
