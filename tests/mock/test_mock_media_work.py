"""Transcoding as work: begun again after a kill, stopped with the server, given up when nobody wants it."""

from __future__ import annotations

import hashlib
import math
import os
import re
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from aioz_stream_mock import MockServer, Settings, create_app
from aioz_stream_mock.media import ffmpeg
from aioz_stream_mock.media.watchdog import Limits, Watchdog
from aioz_stream_mock.state import uploads
from aioz_stream_mock.state.store import remove_folder
from aioz_stream_mock.state.videos import Thumbnail

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.mock.conftest import Studio

ROOT = Path(__file__).parents[2]
TOKEN = {"Authorization": "Bearer token-a"}
SLOW = {"resolution": "360p", "type": "hls", "container_type": "mp4", "video_config": {"codec": "h265"}}
QUICK = {"resolution": "240p", "type": "hls", "container_type": "mpegts", "video_config": {"codec": "h264"}}

ENDLESS = ("-f", "lavfi", "-re", "-i", "testsrc2=size=64x64:rate=10", "-f", "null", "-")

pytestmark = pytest.mark.skipif(not Path("/proc/self/cmdline").exists(), reason="looks for processes in /proc")


@contextmanager
def command(folder: Path, *options: str) -> Iterator[tuple[subprocess.Popen[str], httpx.Client, str]]:
    """The command in a process of its own, a caller for it, and what it said at its start."""
    arguments = [sys.executable, "-m", "aioz_stream_mock", "--port", "0", "--data-dir", str(folder), *options]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "mock")}
    with subprocess.Popen(
        arguments, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=environment
    ) as process:
        assert process.stdout is not None
        said = ""
        while "AIOZ_STREAM_TOKEN=token-a" not in said:
            line = process.stdout.readline()
            assert line, said
            said += line
        match = re.search(r"AIOZ_STREAM_BASE_URL=(\S+)", said)
        assert match is not None
        try:
            with httpx.Client(base_url=match[1], headers=TOKEN, timeout=60) as http:
                yield process, http, said
        finally:
            process.kill()


def upload(http: httpx.Client, source: bytes, **body: Any) -> str:
    video = str(http.post("/videos/create", json={"title": "x", **body}).json()["data"]["id"])
    answer = http.post(
        f"/videos/{video}/part",
        files={"file": ("a", source)},
        data={"index": "1", "hash": hashlib.md5(source).hexdigest()},
        headers={"Content-Range": f"bytes 0-{len(source) - 1}/{len(source)}"},
    )
    assert answer.status_code == 200, answer.text
    assert http.get(f"/videos/{video}/complete").status_code == 200
    return video


def shown(http: httpx.Client, video: str) -> dict[str, Any]:
    data: dict[str, Any] = http.get(f"/videos/{video}").json()["data"]
    return data


def until(true: Callable[[], object], seconds: float = 100) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def at_work(folder: Path) -> list[int]:
    """The processes of ffmpeg that work in a folder."""
    found: list[int] = []
    for process in Path("/proc").iterdir():
        try:
            if process.name.isdigit() and folder in (process / "cwd").readlink().parents:
                found.append(int(process.name))
        except OSError:
            continue
    return found


def long_clip(studio: Studio) -> bytes:
    """Some seconds of work, as x265 goes."""
    picture = ("-f", "lavfi", "-i", "testsrc2=size=640x360:rate=30")
    return studio.clip("long.mp4", *picture, "-t", "6", "-c:v", "libx264", "-preset", "ultrafast")


def stuck(studio: Studio, http: httpx.Client, folder: Path) -> str:
    """A video in the middle of its transcoding: one quality is done, another one is being made."""
    video = upload(http, long_clip(studio), qualities=[QUICK, SLOW])
    until(lambda: [one["status"] for one in shown(http, video)["qualities"]] == ["done", "transcoding"])
    until(lambda: at_work(folder))
    return video


def hold(folder: Path) -> None:
    """Keep whatever works in a folder from ending by itself."""
    for process in at_work(folder):
        os.kill(process, signal.SIGSTOP)


def test_a_killed_server_begins_again(studio: Studio, tmp_path: Path) -> None:
    with command(tmp_path) as (process, http, _):
        video = stuck(studio, http, tmp_path)
        (earlier,) = (tmp_path / "media" / video).iterdir()
        process.kill()
        process.wait()
    with (
        MockServer(Settings(data_dir=tmp_path, transcode=True)) as server,
        httpx.Client(base_url=server.url, headers=TOKEN, timeout=60) as http,
    ):
        assert shown(http, video)["status"] == "transcoding"
        until(lambda: shown(http, video)["status"] != "transcoding")
        done = shown(http, video)
        assert [one["status"] for one in done["qualities"]] == ["done", "done"]
        assert (done["status"], done["duration"]) == ("done", 6)
        assert http.get(done["assets"]["hls_url"]).text.count("STREAM-INF") == 2
        playlist = http.get(done["assets"]["hls_url"].replace("m3u8", "media/1/index.m3u8")).text
        assert playlist.count("#EXTINF") == 2
    assert not earlier.exists()
    # What was finished stays, and is not made again.
    with (
        MockServer(Settings(data_dir=tmp_path)) as server,
        httpx.Client(base_url=server.url, headers=TOKEN, timeout=60) as http,
    ):
        again = shown(http, video)
        assert (again["status"], again["updated_at"]) == ("done", done["updated_at"])
        assert http.get(again["assets"]["mp4_url"]).status_code == 200


def test_media_without_a_video_are_removed_at_the_next_start(studio: Studio, tmp_path: Path) -> None:
    with (
        MockServer(Settings(data_dir=tmp_path, transcode=True)) as server,
        httpx.Client(base_url=server.url, headers=TOKEN, timeout=60) as http,
    ):
        kept, gone = (upload(http, long_clip(studio), qualities=[QUICK]) for _ in range(2))
        until(lambda: {shown(http, video)["status"] for video in (kept, gone)} == {"done"})
        http.delete(f"/videos/{gone}")
    media = tmp_path / "media"
    (attempt,) = media.glob("*/*")
    for left in (attempt.with_name("another attempt"), media / gone / "its attempt", media / "never was"):
        (left / "0").mkdir(parents=True)
        (left / "0" / "segment-00000.ts").write_bytes(b"x")
    with (
        MockServer(Settings(data_dir=tmp_path)) as server,
        httpx.Client(base_url=server.url, headers=TOKEN, timeout=60) as http,
    ):
        assert http.get(shown(http, kept)["assets"]["mp4_url"]).status_code == 200
        assert list(media.glob("*/*")) == [attempt]
        assert list(media.iterdir()) == [attempt.parent]


def test_a_folder_is_removed_while_a_process_writes_in_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "attempt"
    folder.mkdir()
    rmdir, late = os.rmdir, [folder / "segment-00001.ts", folder / "segment-00002.ts"]

    def interrupted(*arguments: Any, **options: Any) -> None:
        if late:
            late.pop().write_bytes(b"x")
        rmdir(*arguments, **options)

    monkeypatch.setattr(os, "rmdir", interrupted)
    remove_folder(folder)
    assert late == []
    assert not folder.exists()


def test_a_picture_of_a_video_that_was_deleted_meanwhile_goes_too(
    studio: Studio, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with (
        MockServer(Settings(data_dir=tmp_path, transcode=True)) as server,
        httpx.Client(base_url=server.url, headers=TOKEN, timeout=60) as http,
    ):

        def late(*facts: Any) -> Thumbnail:
            """The last moment before the picture is kept."""
            store = server.state.store
            uploads.delete(store, store.transcoded_videos()[0].id, server.state.now())
            return Thumbnail(*facts)

        monkeypatch.setattr("aioz_stream_mock.media.transcoder.Thumbnail", late)
        video = upload(http, long_clip(studio), qualities=[QUICK])
        until(lambda: http.get(f"/videos/{video}").status_code == 404)
        until(lambda: not list((tmp_path / "media").iterdir()))
        assert list((tmp_path / "files").iterdir()) == []


def test_stopping_the_server_stops_ffmpeg(studio: Studio, tmp_path: Path) -> None:
    with command(tmp_path) as (process, http, said):
        assert "media: transcoded" in said
        stuck(studio, http, tmp_path)
        hold(tmp_path)
        process.send_signal(signal.SIGINT)
        assert process.wait(10) == 0
        assert at_work(tmp_path) == []


def test_deleting_a_video_stops_its_transcoding(studio: Studio, tmp_path: Path) -> None:
    tmp_path /= "where it's 100%d | all: odd"
    with (
        MockServer(Settings(data_dir=tmp_path, transcode=True)) as server,
        httpx.Client(base_url=server.url, headers=TOKEN, timeout=60) as http,
    ):
        video = stuck(studio, http, tmp_path)
        # A process that has only just been made is about to become a nice one.
        until(lambda: any(os.getpriority(os.PRIO_PROCESS, process) >= 10 for process in at_work(tmp_path)))
        hold(tmp_path)
        assert http.delete(f"/videos/{video}").status_code == 200
        until(lambda: not at_work(tmp_path))
        until(lambda: not list((tmp_path / "media" / video).glob("*")))
        assert list((tmp_path / "files").iterdir()) == []
        # The worker is free for the next one.
        after = upload(http, long_clip(studio), qualities=[QUICK])
        until(lambda: shown(http, after)["status"] == "done")
        http.delete(f"/videos/{after}")
        for gone in http.post("/videos", json={"status": "deleted"}).json()["data"]["videos"]:
            assert (gone["is_mp4"], gone["assets"]["mp4_url"], gone["assets"]["hls_url"]) == (False, None, None)
            assert {one["status"] for one in gone["qualities"]} == {"deleted"}
        assert not list((tmp_path / "media").iterdir())


def test_few_videos_are_transcoded_at_a_time(studio: Studio, tmp_path: Path) -> None:
    with (
        MockServer(Settings(data_dir=tmp_path, transcode=True)) as server,
        httpx.Client(base_url=server.url, headers=TOKEN, timeout=60) as http,
    ):
        videos = [upload(http, long_clip(studio), qualities=[QUICK]) for _ in range(4)]
        most = 0
        while any(shown(http, video)["status"] == "transcoding" for video in videos):
            most = max(most, len(at_work(tmp_path)))
            time.sleep(0.02)
        assert 1 <= most <= 2
        assert {shown(http, video)["status"] for video in videos} == {"done"}


def test_completing_twice_transcodes_once(studio: Studio) -> None:
    video = studio.make(long_clip(studio), qualities=[QUICK])
    made = list((studio.server.state.store.media / video["id"]).iterdir())
    assert studio.complete(video["id"]).status_code == 200
    assert studio.get(video["id"]) == video
    assert list((studio.server.state.store.media / video["id"]).iterdir()) == made


def test_the_price_is_the_same_with_and_without_transcoding(studio: Studio) -> None:
    spent: list[object] = []
    for transcode in (False, True):
        with (
            MockServer(Settings(transcode=transcode)) as server,
            httpx.Client(base_url=server.url, headers=TOKEN, timeout=60) as http,
        ):
            upload(http, long_clip(studio))
            spent.append(server.state.store.balance(server.accounts[0].id))
    assert spent[0] == spent[1] != 1000


def test_transcoding_can_be_switched_off(studio: Studio, tmp_path: Path) -> None:
    with command(tmp_path, "--no-transcode", "--transcode-seconds", "0") as (_, http, said):
        assert "not transcoded (as asked)" in said
        video = shown(http, upload(http, long_clip(studio)))
        assert (video["status"], video["assets"]["hls_url"]) == ("done", None)


def test_without_ffmpeg_the_server_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    from aioz_stream_mock import cli

    monkeypatch.setattr("aioz_stream_mock.state.settings.find_spec", lambda _: None)
    with pytest.raises(ValueError, match=r"aioz-stream\[media\]"):
        Settings(transcode=True)
    settings = cli._settings(cli._parser().parse_args([]))
    assert settings.transcode is False
    assert "aioz-stream[media] is not installed" in cli._media(settings)
    with pytest.raises(SystemExit):
        cli.main(["--transcode"])


def test_an_unexpected_failure_fails_the_video_alone(
    studio: Studio, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("boom")

    monkeypatch.setattr("aioz_stream_mock.media.plan.plan_ladder", fail)
    assert studio.make(long_clip(studio))["status"] == "fail"
    assert "boom" in caplog.text
    monkeypatch.undo()
    assert studio.make(long_clip(studio), qualities=[QUICK])["status"] == "done"


@pytest.mark.parametrize(
    ("limits", "why"),
    [
        (Limits(seconds=0.5, free_bytes=0), "longer than 0.5 s"),
        (Limits(seconds=600, free_bytes=2**62), "bytes of the disk are free"),
    ],
)
def test_an_endless_run_of_ffmpeg_is_stopped(tmp_path: Path, limits: Limits, why: str) -> None:
    folder = tmp_path / "output"
    folder.mkdir()
    done = ffmpeg.Runner(limits).run(ENDLESS, folder)
    assert done.code != 0
    assert why in done.reason
    assert at_work(tmp_path) == []


def test_a_run_of_ffmpeg_whose_folder_is_gone_is_stopped(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"]) as process:
        with Watchdog(process, tmp_path / "gone", Limits(3600, 0)) as watch:
            assert process.wait() != 0
        assert watch.reason == "its folder is gone"


def test_a_run_that_takes_too_much_memory_is_stopped(tmp_path: Path) -> None:
    hungry = "import time; kept = bytearray(100_000_000); kept[::4096] = kept[::4096]; time.sleep(600)"
    with subprocess.Popen([sys.executable, "-c", hungry]) as process:
        with Watchdog(process, tmp_path, Limits(3600, 0, memory=80_000_000)) as watch:
            assert process.wait() != 0
        assert watch.reason == "it took more than 80,000,000 bytes of memory"


@pytest.mark.skipif(sys.platform != "linux", reason="no other system takes such a limit from outside")
def test_the_system_refuses_memory_far_beyond_the_limit(tmp_path: Path) -> None:
    greedy = "input(); kept = bytearray(2_000_000_000)"
    pipe = subprocess.PIPE
    with subprocess.Popen([sys.executable, "-c", greedy], stdin=pipe, stderr=pipe) as process:
        with Watchdog(process, tmp_path, Limits(3600, 0, memory=500_000_000)) as watch:
            _, said = process.communicate(b"\n")
        assert b"MemoryError" in said
        assert watch.reason == ""


@pytest.mark.slow
def test_a_quality_that_hangs_fails_alone(studio: Studio, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    # Many times what all the rest takes, so that a busy machine changes nothing.
    settings = Settings(data_dir=tmp_path, transcode=True, transcode_timeout=5)
    with MockServer(settings) as server, httpx.Client(base_url=server.url, headers=TOKEN, timeout=60) as http:
        video = upload(http, long_clip(studio), qualities=[SLOW, QUICK])
        until(lambda: list((tmp_path / "media" / video).glob("*/0")) and at_work(tmp_path))
        hold(tmp_path)
        until(lambda: shown(http, video)["status"] != "transcoding")
        after = shown(http, video)
        assert [one["status"] for one in after["qualities"]] == ["fail", "done"]
        assert (after["status"], after["is_mp4"]) == ("done", True)
        assert http.get(after["assets"]["hls_url"]).text.count("STREAM-INF") == 1
        assert at_work(tmp_path) == []
        # What it had made is not kept.
        assert not list((tmp_path / "media" / video).glob("*/0"))
    assert "360p: it took longer than 5 s" in caplog.text


def test_a_full_disk_fails_videos_and_nothing_else(
    studio: Studio, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    settings = Settings(data_dir=tmp_path, transcode=True, min_free_disk=2**62)
    with MockServer(settings) as server, httpx.Client(base_url=server.url, headers=TOKEN, timeout=60) as http:
        video = upload(http, long_clip(studio), qualities=[QUICK])
        until(lambda: shown(http, video)["status"] != "transcoding")
        after = shown(http, video)
        assert (after["status"], after["is_mp4"], after["assets"]["hls_url"]) == ("fail", False, None)
        assert http.get(after["assets"]["source_url"]).content == long_clip(studio)
        picture = studio.clip("red.png", "-f", "lavfi", "-i", "color=red:size=64x64", "-frames:v", "1")
        http.post(f"/videos/{video}/thumbnail", files={"file": ("red.png", picture)})
        url = shown(http, video)["assets"]["thumbnail_url"]
        assert http.get(url).content == picture
        assert http.get(url.replace("original", "32p")).status_code == 404
    assert f"video {video}: less than {2**62:,} bytes of the disk are free" in caplog.text


def test_the_limits_can_be_chosen() -> None:
    from aioz_stream_mock import cli

    options = cli._parser().parse_args(
        ["--transcode-timeout", "7.5", "--min-free-disk", "12", "--transcode-memory", "34"]
    )
    state = create_app(cli._settings(options)).state.mock
    assert state.media_limits == Limits(7.5, 12, 34)
    usual = cli._settings(cli._parser().parse_args([]))
    assert (usual.transcode_timeout, usual.min_free_disk, usual.transcode_memory) == (3600, 1024**3, 4 * 1024**3)
    for odd in (
        {"transcode_timeout": 0},
        {"transcode_timeout": math.inf},
        {"min_free_disk": -1},
        {"transcode_memory": 0},
    ):
        with pytest.raises(ValueError, match=next(iter(odd))):
            Settings(**odd)
