"""A ladder that the command makes is one that its other commands read."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING

import imageio_ffmpeg
import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from tests.command.conftest import Run


def resolutions(printed: str) -> list[str]:
    return [quality["resolution"] for quality in json.loads(printed)]


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        (["--height", "720"], ["240p", "360p", "480p", "720p"]),
        (["--height", "1280", "--width", "720"], ["240p", "360p", "480p", "720p"]),
        (["--width", "360"], ["240p", "360p"]),
        (["--height", "360", "--type", "dash"], ["240p", "360p", "audio"]),
    ],
)
def test_up_to_the_source(words: list[str], wanted: list[str], run: Run) -> None:
    done = run("ladder", *words)
    assert done.stderr == ""
    assert resolutions(done.stdout) == wanted


def test_codec_and_language(run: Run) -> None:
    done = run("ladder", "--height", "240", "--codec", "h265", "--language", "pt-BR")
    [quality] = json.loads(done.stdout)
    assert (quality["video_config"]["codec"], quality["audio_config"]["language"]) == ("h265", "pt-BR")


def test_check_and_upload_read_it(run: Run, tmp_path: Path) -> None:
    (tmp_path / "clip.mp4").write_bytes(b"bytes")
    made = run("ladder", "--height", "360").stdout
    checked = run("check", "-", standard_input=made)
    assert (checked.returncode, checked.stdout) == (0, "")
    uploaded = run("upload", str(tmp_path / "clip.mp4"), "--qualities", "-", "--json", standard_input=made)
    assert uploaded.returncode == 0, uploaded.stderr
    assert [one["name"] for one in json.loads(uploaded.stdout)["qualities"]] == ["240p", "360p"]


def test_for_a_file(run: Run, tmp_path: Path) -> None:
    clip, sound = tmp_path / "clip.mp4", tmp_path / "sound.m4a"
    ffmpeg = (imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-f", "lavfi", "-i")
    subprocess.run([*ffmpeg, "testsrc2=size=360x640:rate=10", "-t", "0.5", str(clip)], check=True)
    subprocess.run([*ffmpeg, "sine", "-t", "0.5", str(sound)], check=True)
    assert resolutions(run("ladder", "--source", str(clip)).stdout) == ["240p", "360p"]
    done = run("ladder", "--source", str(sound))
    assert (done.returncode, "has no picture" in done.stderr) == (2, True)


@pytest.mark.parametrize(
    ("words", "status", "says"),
    [
        ([], 2, "Give --height"),
        (["--height", "720", "--source", "x.mp4"], 2, "Give --height"),
        (["--height", "0"], 2, "--height is 0"),
        (["--height", "100"], 5, "--height is 100; the lowest resolution has 144 pixels."),
        (["--height", "720", "--type", "mp4"], 2, "--type"),
        (["--height", "720", "--language", "?"], 5, "language"),
        (["--source", "none.mp4"], 2, "There is no file none.mp4"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_what_makes_none(words: list[str], status: int, says: str, run: Run) -> None:
    done = run("ladder", *words)
    assert done.returncode == status, done.stderr
    assert says in done.stderr
    assert done.stdout == ""
