"""The script that a failure shows does the same again, on another server."""

from __future__ import annotations

import os
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest
from conformance.mock_tests.test_server import TestServer
from conformance.shared.requests import part_request, request_to, thumbnail_request
from conformance.shared.sample_data import KEYS

from aioz_stream_mock import MockServer, Settings

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.skipif(shutil.which("curl") is None, reason="the script's commands are those of curl")
def test_a_script_repeats_what_was_done(tmp_path: Path) -> None:
    with TestServer() as server:
        server.reset()
        sound = server.create(title='it\'s "quoted" $HOME `x` \N{GRINNING FACE}', tags=["a,b"])["id"]
        other = server.create(KEYS)["id"]
        server.ask("uploadVideoPart", part_request(sound, b"\x00%s'\"\\\n", 0, 3000))
        server.ask("uploadVideoPart", part_request(sound, b"x" * 2993, 7, 3000, hash_field="0" * 32), [400])
        server.ask("completeVideoUpload", request_to("completeVideoUpload", sound), [400])
        server.ask("getTranscodeCost", request_to("getTranscodeCost", query=(("qualities", "360p"), ("duration", "1"))))
        server.ask("uploadVideoThumbnail", thumbnail_request(other))
        server.ask("listVideos", request_to("listVideos", json={"search": "IT'S"}))
        server.pass_time(1.5)
        server.ask("deleteVideo", request_to("deleteVideo", other, who={"Authorization": ""}), [401])
        server.ask("deleteVideo", request_to("deleteVideo", other))
        received, script = server.received(), server.replay.text()
    (tmp_path / "again.sh").write_text(script, encoding="utf-8")
    with MockServer(Settings(control=True)) as server:
        before = server.control.now()
        environment = {**os.environ, "BASE_URL": server.url}
        subprocess.run(["bash", "-eu", tmp_path / "again.sh"], env=environment, check=True, capture_output=True)
        again = [(entry.operation, entry.status) for entry in server.control.requests()]
        assert (server.control.now() - before).total_seconds() >= 1.5
    assert again == received
    assert len(received) == 10
