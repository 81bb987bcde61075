"""What the command asks and says before the bytes are sent: the price, a dry run, and whether a file can be media."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import TYPE_CHECKING

import clips
import httpx
import pytest

from aioz_stream import AiozStream

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.command.conftest import OpenTerminal, Run

PICTURE = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\1\0\0\0\1\x08\x06\0\0\0\x1f\x15\xc4\x89"
WARNING = "has no picture and no sound that can be read"


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three seconds of real H.264 and AAC, 426 × 240."""
    path = tmp_path_factory.mktemp("media") / "clip.mp4"
    clips.make(path, seconds=3, bitrate="200k", size="426x240")
    return path


@pytest.fixture
def ladder(tmp_path: Path) -> str:
    path = tmp_path / "ladder.json"
    path.write_text('[{"type": "hls", "container_type": "mpegts", "resolution": "240p"}]')
    return f"--qualities={path}"


@pytest.fixture
def page(tmp_path: Path) -> Path:
    path = tmp_path / "page.mp4"
    path.write_text("<!doctype html><title>Sign in</title>")
    return path


@pytest.fixture
def stream(url: str) -> Iterator[AiozStream]:
    with AiozStream(token="token-a", base_url=url) as client:
        yield client


def test_a_limit_ends_an_upload_before_a_video_is_made(
    run: Run, stream: AiozStream, clip: Path, ladder: str, tmp_path: Path
) -> None:
    words = ("upload", str(clip), ladder, "--tag", "limited")
    refused = run(*words, "--max-price", "0.000099")
    assert "Error: Transcoding 3 s into 240p costs 0.0001, more than the limit of 0.000099." in refused.stderr
    poor = run(*words, "--max-price", "1", AIOZ_STREAM_TOKEN="token-b")
    assert "costs 0.0001, which the account's balance does not cover." in poor.stderr
    assert refused.returncode == poor.returncode != 0
    assert list(stream.videos.list(tags=["limited"])) == []
    assert run(*words, "--max-price", "0.0001").returncode == 0
    (other := tmp_path / "other.mp4").write_bytes(b"bytes")
    each = run("upload", str(clip), str(other), ladder, "--tag", "each", "--max-price", "1")
    assert "A limit of the price needs the length of the video" in each.stderr
    assert len(list(stream.videos.list(tags=["each"]))) == 1


@pytest.mark.parametrize("amount", ["-1", "two", "nan", "2,50"])
def test_no_amount(run: Run, clip: Path, ladder: str, amount: str) -> None:
    done = run("upload", str(clip), ladder, f"--max-price={amount}")
    assert done.returncode == 2
    assert "--max-price" in done.stderr
    assert "must be an amount such as 2.50" in done.stderr


@pytest.mark.parametrize("words", ["--max-price=1", "--duration=0", "--thumbnail=cover.png", "--dry-run"])
def test_a_video_that_exists_has_its_price(run: Run, clip: Path, words: str) -> None:
    done = run("upload", str(clip), "--into", "video", words)
    assert done.returncode == 2
    assert "--into sends bytes to a video as it is" in done.stderr


def test_the_length_of_one_is_not_that_of_several(run: Run, clip: Path, page: Path) -> None:
    done = run("upload", str(clip), str(page), "--duration", "60")
    assert done.returncode == 2
    assert "--duration is for one video" in done.stderr


def test_a_thumbnail(run: Run, stream: AiozStream, clip: Path, tmp_path: Path) -> None:
    (tmp_path / "cover.png").write_bytes(PICTURE)
    words = ("upload", str(clip), "--tag", "covered", "--thumbnail")
    wrong = run(*words, str(clip))
    assert wrong.returncode != 0
    assert "must be a .png or .jpg file" in wrong.stderr
    assert list(stream.videos.list(tags=["covered"])) == []
    shown = run(*words, "~/cover.png", "--json", HOME=str(tmp_path))
    assert httpx.get(json.loads(shown.stdout)["assets"]["thumbnail_url"]).content == PICTURE


def test_a_manifest_has_thumbnails_and_lengths(run: Run, stream: AiozStream, clip: Path, ladder: str) -> None:
    (clip.parent / "cover.png").write_bytes(PICTURE)
    rows = "source,title,thumbnail,duration\nclip.mp4,Covered,cover.png,\nclip.mp4,Long,,600000\n"
    (manifest := clip.parent / "items.csv").write_text(rows)
    done = run("upload", "--manifest", str(manifest), ladder, "--max-price", "1", "--tag", "rows", "--json")
    covered, too_long = json.loads(done.stdout)
    assert httpx.get(covered["assets"]["thumbnail_url"]).content == PICTURE
    assert "Transcoding 600000 s into 240p costs 20" in too_long["error"]
    assert [video.title for video in stream.videos.list(tags=["rows"])] == ["Covered"]
    for row in (
        '"thumbnail": 5',
        '"thumbnail": "gone.png"',
        '"duration": "long"',
        '"duration": -3',
        '"duration": "nan"',
    ):
        manifest.write_text(f'{{"source": "clip.mp4", {row}}}')
        wrong = run("upload", "--manifest", str(manifest))
        assert wrong.returncode == 2
        assert f"{row.split(chr(34))[1]} is " in wrong.stderr


class TestDryRun:
    def test_a_file(self, run: Run, stream: AiozStream, clip: Path, ladder: str) -> None:
        done = run("upload", str(clip), ladder, "--dry-run", "--title", "[b]Dry", "--tag", "dry")
        assert done.returncode == 0, done.stderr
        assert done.stdout == f"{clip}\t[b]Dry\t{clip.stat().st_size}\t1\t0.0001\n"
        assert done.stderr == "1 of 1 would be uploaded; nothing was sent. Transcoding costs 0.0001.\n"
        document = json.loads(run("upload", str(clip), ladder, "--dry-run", "--json").stdout)
        assert document == {
            "source": str(clip),
            "title": "clip",
            "size": clip.stat().st_size,
            "parts": 1,
            "duration": 3.0,
            "price": "0.0001",
            "is_enough": True,
            "priced": ["240p"],
            "unpriced": [],
            "error": None,
        }
        assert list(stream.videos.list(tags=["dry"])) == []

    def test_what_would_be_refused(self, run: Run, clip: Path, ladder: str) -> None:
        words = ("upload", str(clip), ladder, "--dry-run")
        limited = run(*words, "--max-price", "0")
        assert limited.returncode == run("upload", str(clip), ladder, "--max-price", "0").returncode != 0
        assert "costs 0.0001, more than the limit of 0." in limited.stderr
        assert "0 of 1 would be uploaded" in limited.stderr
        assert limited.stdout == ""
        assert "more than the limit" in json.loads(run(*words, "--max-price", "0", "--json").stdout)["error"]
        poor = run(*words, AIOZ_STREAM_TOKEN="token-b")
        assert (poor.returncode, "which the balance does not cover" in poor.stderr) == (0, True)

    def test_many(self, run: Run, clip: Path, ladder: str, page: Path) -> None:
        words = ("upload", str(clip), str(page), str(page.with_name("none.mp4")), ladder, "--dry-run")
        done = run(*words)
        assert done.returncode == run("upload", str(page.with_name("none.mp4"))).returncode != 0
        assert [line.split("\t")[0] for line in done.stdout.splitlines()] == [str(clip), str(page)]
        assert f"{page} {WARNING}" in done.stderr
        assert "2 of 3 would be uploaded; nothing was sent. Transcoding costs 0.0001 and more." in done.stderr
        assert "--duration says how long a video is" in done.stderr
        assert "There is no file" in done.stderr
        listed = json.loads(run(*words, "--json").stdout)
        assert [(one["price"], bool(one["error"])) for one in listed] == [
            ("0.0001", False),
            (None, False),
            (None, True),
        ]
        lines = run(*words, "--jsonl").stdout.splitlines()
        assert [json.loads(line) for line in lines] == listed
        assert isinstance(json.loads(run("upload", str(clip.parent), "--dry-run", "--json").stdout), list)

    def test_without_credentials(self, run: Run, clip: Path, ladder: str) -> None:
        """All but the price is checked, unless there is a limit to it."""
        words = ("upload", str(clip), ladder, "--dry-run")
        done = run(*words, AIOZ_STREAM_TOKEN="")
        assert done.returncode == 0
        assert done.stdout.endswith("\t1\t\n")
        assert "Warning: the price is not known. No credentials." in done.stderr
        limited = run(*words, "--max-price", "1", AIOZ_STREAM_TOKEN="")
        assert limited.returncode != 0
        assert limited.stdout == ""

    def test_without_a_ladder(self, run: Run, clip: Path) -> None:
        done = run("upload", str(clip), "--dry-run")
        assert done.stdout.endswith("\t1\t\n")
        assert "Without --qualities the service chooses what it makes." in done.stderr

    def test_standard_input(self, run: Run, ladder: str) -> None:
        done = run("upload", "-", "--dry-run", ladder, "--duration", "60", "--json", standard_input="bytes")
        document = json.loads(done.stdout)
        assert (document["source"], document["size"], document["duration"]) == ("standard input", 5, 60)
        assert Decimal(document["price"]) == Decimal("0.002")

    @pytest.mark.parametrize("columns", [40, 80, 120])
    def test_in_a_terminal(self, terminal: OpenTerminal, clip: Path, ladder: str, columns: int) -> None:
        shown = terminal("upload", str(clip), ladder, "--dry-run", columns=columns)
        assert shown.end() == 0
        assert "0.0001" in "".join(shown.lines)


class TestMedia:
    def test_a_file_that_can_not_be_media_is_sent_with_a_warning(self, run: Run, clip: Path, page: Path) -> None:
        done = run("upload", str(page))
        assert done.returncode == 0
        assert done.stderr.startswith(f"Warning: {page} {WARNING}")
        several = run("upload", str(clip), str(page))
        assert several.returncode == 0
        assert several.stderr.count(WARNING) == 1
        assert f"{page} {WARNING}" in several.stderr

    def test_subtitles_are_no_media_either(self, run: Run, tmp_path: Path) -> None:
        (tmp_path / "talk.srt").write_text("1\n00:00:01,000 --> 00:00:02,000\nHello\n")
        assert WARNING in run("upload", str(tmp_path / "talk.srt")).stderr

    def test_media_are_sent_without(self, run: Run, clip: Path) -> None:
        assert WARNING not in run("upload", str(clip)).stderr

    def test_nothing_is_said_without_pyav(self, run: Run, page: Path, tmp_path: Path) -> None:
        (tmp_path / "av.py").write_text("raise ModuleNotFoundError('av', name='av')")
        done = run("upload", str(page), PYTHONPATH=str(tmp_path))
        assert done.returncode == 0
        assert WARNING not in done.stderr
