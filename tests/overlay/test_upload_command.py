"""What the command offers for uploads, in this process: its options reach the upload, and it lists what did not end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click
import pytest

from aioz_stream.upload.options import check_options
from aioz_stream_cli.commands import cli

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from aioz_stream import AiozStream, Sending
    from aioz_stream_mock import MockServer


@pytest.fixture
def run(
    server: MockServer, monkeypatch: pytest.MonkeyPatch, journals: Path, capsys: pytest.CaptureFixture[str]
) -> Iterator[Callable[..., str]]:
    """Gives what a command prints. One that fails raises SystemExit."""
    del journals
    monkeypatch.setenv("AIOZ_STREAM_BASE_URL", server.url)
    monkeypatch.setenv("AIOZ_STREAM_TOKEN", "token-a")

    def call(*words: object) -> str:
        cli.main([str(word) for word in words], standalone_mode=False)
        return capsys.readouterr().out

    yield call
    server.control.clear_faults()


def refused(run: Callable[..., str], server: MockServer, *words: object) -> None:
    """An upload whose part is refused for good."""
    server.control.fault("status", operation="uploadVideoPart", status=401)
    with pytest.raises(SystemExit):
        run("upload", *words)


def test_what_did_not_end_is_listed_and_the_same_command_resumes(
    run: Callable[..., str], server: MockServer, stream: AiozStream, make_file: Callable[..., Path]
) -> None:
    path = make_file(bytes(1000), "unfinished.mp4")
    refused(run, server, path)
    [left] = stream.videos.list(search="unfinished")
    assert run("uploads").split("\t")[:4] == [left.id, "unfinished", "0", "1000"]
    assert left.id in run("upload", path)
    assert run("uploads") == ""


@pytest.mark.parametrize("named_by", ["video", "source"])
@pytest.mark.parametrize("keep", [False, True])
def test_an_upload_can_be_given_up(
    run: Callable[..., str],
    server: MockServer,
    stream: AiozStream,
    make_file: Callable[..., Path],
    named_by: str,
    *,
    keep: bool,
) -> None:
    path = make_file(bytes(1000), f"given up by {named_by} {keep}.mp4")
    refused(run, server, path)
    [left] = stream.videos.list(search=path.stem)
    run("abort", left.id if named_by == "video" else path, *(["--keep-video"] if keep else []))
    assert run("uploads") == ""
    assert [video.id for video in stream.videos.list(search=path.stem)] == ([left.id] if keep else [])
    with pytest.raises(click.UsageError, match="no unfinished upload"):
        run("abort", left.id)


def test_the_options_reach_the_upload(
    run: Callable[..., str],
    stream: AiozStream,
    make_file: Callable[..., Path],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    path, video, given = make_file(bytes(1000), "options.mp4"), stream.videos.create(title="There"), list[Any]()

    def note(options: Sending) -> Sending:
        given.append(options)
        return check_options(options)

    monkeypatch.setattr("aioz_stream.clients.videos.check_options", note)
    words = ("--max-speed", 2_000_000, "--concurrency", 2, "--part-size", 60_000_000, "--size", 1000)
    run("upload", path, "--into", video.id, "--no-trust-times", "--no-journal", *words)
    assert stream.videos.get(video.id).size == 1000
    [options] = given
    expected = {"max_speed": 2_000_000, "concurrency": 2, "part_size": 60_000_000, "size": 1000}
    expected |= {"trust_times": False, "journal": False, "spool": False}
    assert {name: value for name, value in options.items() if name not in ("on_progress", "on_created")} == expected
    for option, wrong in (("--concurrency", 0), ("--part-size", 1), ("--size", 5)):
        with pytest.raises(SystemExit):
            run("upload", path, option, wrong)
