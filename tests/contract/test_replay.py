"""The script that a failure shows does the same again, on another server."""

from __future__ import annotations

import os
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest
from conformance.samples import KEYS, PNG
from conformance.stage import Stage, part_request
from conformance.wire import Field, Request, video_path

from aioz_stream_mock import MockServer, Settings

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.skipif(shutil.which("curl") is None, reason="the script's commands are those of curl")
def test_a_script_repeats_what_was_done(tmp_path: Path) -> None:
    with Stage() as stage:
        stage.begin()
        sound = stage.create(title='it\'s "quoted" $HOME `x` \N{GRINNING FACE}', tags=["a,b"])["id"]
        other = stage.create(KEYS)["id"]
        stage.ask("uploadVideoPart", part_request(sound, b"\x00%s'\"\\\n", 0, 3000))
        stage.ask("uploadVideoPart", part_request(sound, b"x" * 2993, 7, 3000, claimed="0" * 32), [400])
        stage.ask("completeVideoUpload", Request("GET", video_path(sound, "/complete")), [400])
        stage.ask("getTranscodeCost", Request("GET", "/videos/cost", query=(("qualities", "360p"), ("duration", "1"))))
        picture = Field("file", PNG, "cover.png")
        stage.ask("uploadVideoThumbnail", Request("POST", video_path(other, "/thumbnail"), form=[picture]))
        stage.ask("listVideos", Request("POST", "/videos", json={"search": "IT'S"}))
        stage.pass_time(1.5)
        stage.ask("deleteVideo", Request("DELETE", video_path(other), who={"Authorization": ""}), [401])
        stage.ask("deleteVideo", Request("DELETE", video_path(other)))
        done, script = stage.requests(), stage.wire.script()
    (tmp_path / "again.sh").write_text(script, encoding="utf-8")
    with MockServer(Settings(control=True)) as server:
        before = server.control.now()
        environment = {**os.environ, "BASE_URL": server.url}
        subprocess.run(["bash", "-eu", tmp_path / "again.sh"], env=environment, check=True, capture_output=True)
        again = [(entry.operation, entry.status) for entry in server.control.requests()]
        assert (server.control.now() - before).total_seconds() >= 1.5
    assert again == done
    assert len(done) == 10
