"""The command as a person types it, against a real server."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from aioz_stream import AiozStream
from aioz_stream_cli.commands import cli

if TYPE_CHECKING:
    from pathlib import Path

    from tests.command.conftest import OpenTerminal, Run


def test_a_videos_life(run: Run, tmp_path: Path) -> None:
    clip, cover = tmp_path / "talk.mp4", tmp_path / "cover.png"
    clip.write_bytes(b"bytes")
    cover.write_bytes(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\1\0\0\0\1\x08\x06\0\0\0\x1f\x15\xc4\x89")
    ladder = json.dumps({"qualities": [{"type": "hls", "container_type": "mpegts", "resolution": "240p"}]})
    uploaded = run(
        *("upload", str(clip), "--title", "[b]A talk[/b]", "--tag", "cli", "--metadata", "a=b=c", "--private"),
        *("--qualities", "-", "--wait", "--json"),
        standard_input=ladder,
    )
    assert uploaded.returncode == 0, uploaded.stderr
    video = json.loads(uploaded.stdout)
    assert (video["status"], video["is_public"], video["tags"]) == ("done", False, ["cli"])
    given, marker = video["metadata"]
    assert (given, marker["key"]) == ({"key": "a", "value": "b=c"}, "aioz-stream-upload")
    assert [one["name"] for one in video["qualities"]] == ["240p"]
    assert "talk.mp4" in uploaded.stderr
    assert run("thumbnail", video["id"], str(cover)).returncode == 0
    assert run("update", video["id"], "--description", "changed").returncode == 0
    shown = run("get", video["id"]).stdout
    assert "changed" in shown
    assert "[b]A talk[/b]" in shown
    assert run("wait", video["id"]).returncode == 0
    listed = run("list", "--tag", "cli", "--since", "1 hour ago")
    assert video["id"] in listed.stdout
    assert "[b]A talk[/b]" in listed.stdout
    assert [one["id"] for one in json.loads(run("list", "--tag", "cli", "--json").stdout)] == [video["id"]]
    assert run("list", "--tag", "cli", "--until", "yesterday", "--json").stdout == "[]\n"
    assert run("delete", video["id"], "--yes").returncode == 0
    assert run("get", video["id"]).returncode == 4


def test_cost(run: Run) -> None:
    done = run("cost", "360p", "1080p", "--duration", "60")
    assert done.stdout.endswith("(the balance covers it)\n")
    assert float(done.stdout.split()[0]) > 0
    assert run("cost", "360p", "--duration", "60", AIOZ_STREAM_TOKEN="token-b").stdout.endswith("does not cover it)\n")


@pytest.mark.parametrize(
    ("words", "changes", "says"),
    [
        (["get", "none"], {}, "404: Video not found."),
        (["get", "none"], {"AIOZ_STREAM_TOKEN": ""}, "No credentials."),
        (["get", "none"], {"AIOZ_STREAM_BASE_URL": "http://127.0.0.1:9", "AIOZ_STREAM_TOKEN": "t"}, "no answer from"),
        (["upload", "none.mp4"], {}, "There is no file none.mp4."),
        (["list", "--since", "soon"], {}, "which is no date"),
        (["cost", "4320p", "--duration", "1"], {}, "must be one of"),
    ],
)
def test_errors_are_one_sentence(words: list[str], changes: dict[str, str], says: str, run: Run) -> None:
    done = run(*words, **changes)
    assert done.returncode > 0
    assert done.stderr.startswith("Error: ")
    assert says in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("pair", ["--metadata=x", "--qualities=-"])
def test_unusable_options(pair: str, run: Run, tmp_path: Path) -> None:
    (tmp_path / "clip.mp4").write_bytes(b"bytes")
    done = run("upload", str(tmp_path / "clip.mp4"), pair, standard_input="{")
    assert done.returncode == 2
    assert pair.partition("=")[0] in done.stderr


def test_output_for_other_programs(run: Run, url: str) -> None:
    """Nothing is cut off, a line is a video, and a terminal's commands in a title are not passed on."""
    title = "\x1b[2J a title " + "that is long " * 12
    with AiozStream(token="token-a", base_url=url) as stream:
        video = stream.videos.create(title=title, tags=["pipe"])
    [line] = run("list", "--tag", "pipe").stdout.splitlines()
    cells = line.split("\t")
    assert cells[:3] == [video.id, "new", "\ufffd" + title[1:]]
    shown = run("get", video.id).stdout
    assert "\x1b" not in shown
    assert any(row.split("\t")[0] == "created_at" for row in shown.splitlines())


def test_an_upload_can_be_finished_later(run: Run, tmp_path: Path, url: str) -> None:
    (tmp_path / "clip.mp4").write_bytes(b"bytes")
    with AiozStream(token="token-b", base_url=url) as poor:
        video = poor.videos.create(title="Unpaid")
    sent = run("upload", str(tmp_path / "clip.mp4"), "--into", video.id, AIOZ_STREAM_TOKEN="token-b")
    assert "402" in sent.stderr
    again = run("complete", video.id, AIOZ_STREAM_TOKEN="token-b")
    assert "402" in again.stderr
    with AiozStream(token="token-a", base_url=url) as rich:
        other = rich.videos.create(title="Paid")
    assert run("upload", str(tmp_path / "clip.mp4"), "--into", other.id).returncode == 0
    assert run("complete", other.id).returncode == 0
    assert run("update", other.id).returncode == 2


def test_empty_standard_input(run: Run) -> None:
    assert "the stream <stdin> is empty" in run("upload", "-", standard_input="").stderr


@pytest.mark.parametrize("said", [["--title", "x"], ["--tag", "x"], ["--private"], ["--strict"]], ids=str)
def test_into_a_video_takes_bytes_alone(said: list[str]) -> None:
    done = CliRunner().invoke(cli, ["upload", "talk.mp4", "--into", "video", *said])
    assert done.exit_code == 2
    assert "aioz-stream update" in done.output


def test_given_up_by_the_name_it_was_given(url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIOZ_STREAM_JOURNALS", str(tmp_path / "journals"))
    monkeypatch.setenv("AIOZ_STREAM_BASE_URL", url)
    monkeypatch.setenv("AIOZ_STREAM_TOKEN", "token-b")  # whose balance covers nothing
    monkeypatch.chdir(tmp_path)
    (tmp_path / "clip.mp4").write_bytes(b"bytes")
    runner = CliRunner()
    assert "402" in runner.invoke(cli, ["upload", "clip.mp4"]).output
    assert "clip.mp4" in runner.invoke(cli, ["uploads"]).output
    assert runner.invoke(cli, ["abort", "clip.mp4"]).exit_code == 0
    assert runner.invoke(cli, ["uploads"]).output == ""


def test_what_is_cleared(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIOZ_STREAM_BASE_URL", url)
    monkeypatch.setenv("AIOZ_STREAM_TOKEN", "token-a")
    with AiozStream(token="token-a", base_url=url) as stream:
        video = stream.videos.create(title="Full", tags=["a"], metadata={"k": "v"}).id
        assert CliRunner().invoke(cli, ["update", video, "--tag", "", "--metadata", ""]).exit_code == 0
        seen = stream.videos.get(video)
    assert (seen.tags or [], seen.metadata or []) == ([], [])


def test_several_mistakes_are_several_lines(tmp_path: Path) -> None:
    (tmp_path / "ladder.json").write_text('[{"type": "hls", "container_type": "mpegts", "resolution": "721p"}]')
    (tmp_path / "clip.mp4").write_bytes(b"bytes")
    words = ["upload", str(tmp_path / "clip.mp4"), "--qualities", str(tmp_path / "ladder.json")]
    done = CliRunner().invoke(cli, words, env={"AIOZ_STREAM_TOKEN": "t"})
    assert "can't be used:\n" in done.output


def test_check(run: Run, tmp_path: Path) -> None:
    (tmp_path / "ladder.json").write_text('[{"type": "hls", "container_type": "fmp4", "resolution": "720p"}]')
    done = run("check", str(tmp_path / "ladder.json"))
    assert done.returncode == 5
    assert done.stdout.startswith(
        "error: /qualities/0/container_type: container_type is 'fmp4'. HLS comes in mpegts or mp4."
    )
    doubtful = '[{"type": "hls", "container_type": "mp4"}]'
    assert run("check", "-", standard_input=doubtful).returncode == 0
    strict = run("check", "-", "--strict", standard_input=doubtful)
    assert strict.returncode == 5
    assert "service-chooses" in strict.stdout
    (tmp_path / "clip.mp4").write_bytes(b"no media")
    assert (
        "can't be read as media" in run("check", "-", f"--source={tmp_path}/clip.mp4", standard_input=doubtful).stderr
    )


def test_help_teaches(run: Run) -> None:
    overview = run("--help").stdout
    assert "AIOZ_STREAM_TOKEN" in overview
    for command in ("upload", "check", "list", "get", "wait", "update", "thumbnail", "cost", "delete"):
        assert command in overview
        assert "Usage: " in CliRunner().invoke(cli, [command, "--help"]).output


@pytest.mark.parametrize("columns", [80, 120])
def test_a_terminal_shows_a_table(terminal: OpenTerminal, url: str, columns: int) -> None:
    with AiozStream(token="token-a", base_url=url) as stream:
        stream.videos.create(title="In a terminal", tags=["terminal"])
    shown = terminal("list", "--tag", "terminal", columns=columns)
    assert shown.end() == 0
    assert "title" in shown.lines[0]
