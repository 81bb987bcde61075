"""The commands for uploads that did not end: they name what they go on with, and what they delete."""

from __future__ import annotations

import re
import shlex
import signal
import time
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from aioz_stream import AiozStream
from aioz_stream.upload.lock import Lock
from aioz_stream_mock import MockServer, Settings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from aioz_stream import UnfinishedUpload
    from tests.command.conftest import OpenTerminal, Run

WIDTHS = pytest.mark.parametrize("columns", [40, 80, 120])


class Account:
    """The account of the tests: its videos, and its uploads that did not end."""

    def __init__(self, server: MockServer, folder: Path) -> None:
        self.server, self._folder = server, folder
        self.stream = AiozStream(token="token-a", base_url=server.url)

    def interrupted(self, name: str, title: str, *, times: int = 1) -> UnfinishedUpload:
        """An upload whose bytes are there, and which is not complete."""
        path = self._folder / name
        path.write_bytes(b"bytes")
        self.server.control.fault("status", operation="completeVideoUpload", status=401, times=times)
        with pytest.raises(Exception, match="401"):
            self.stream.upload(path, title=title)
        return next(one for one in self.unfinished if one.title == title)

    @property
    def unfinished(self) -> list[UnfinishedUpload]:
        return self.stream.uploads.unfinished()

    @property
    def videos(self) -> dict[str, str]:
        """Status by title."""
        return {video.title: video.status for video in self.stream.videos.list()}


@pytest.fixture(scope="module")
def running() -> Iterator[MockServer]:
    with MockServer(Settings(transcode_seconds=0)) as server:
        yield server


@pytest.fixture
def url(running: MockServer) -> str:
    running.control.reset()
    return running.url


@pytest.fixture
def account(running: MockServer, url: str, tmp_path: Path, journals: Path) -> Iterator[Account]:
    del url, journals
    made = Account(running, tmp_path)
    with made.stream:
        yield made


class TestAnnounced:
    """What is unfinished is said before anything is sent."""

    def test_the_same_command_goes_on(self, account: Account, run: Run) -> None:
        one = account.interrupted("talk.mp4", "A talk")
        done = run("upload", one.source, "--title", "A talk")
        said = f"Going on with video {one.video_id}, 'A talk': 5 of 5 bytes sent of {one.source}.\n"
        assert said in done.stderr
        assert list(account.videos) == ["A talk"]

    @WIDTHS
    def test_another_title_is_another_upload(self, account: Account, terminal: OpenTerminal, columns: int) -> None:
        one = account.interrupted("talk.mp4", "A talk")
        account.server.control.fault("status", operation="createVideo", status=401)
        shown = terminal("upload", one.source, "--title", "Another", columns=columns)
        shown.end()
        assert list(account.videos) == ["A talk"], "it was said before the video was made"
        lines = shown.text.replace("\r\n", "\n").splitlines()
        assert [line for line in lines if line.startswith("aioz-stream")] == [
            f"aioz-stream resume {one.video_id}",
            f"aioz-stream abort {one.video_id}",
        ]
        assert any(str(one.video_id) in line for line in shown.lines[: len(lines)])
        assert "'A talk'" in " ".join(shown.text.split())

    @pytest.mark.parametrize(
        "words", [["--tag", "new"], ["--part-size", "60000000"], ["--no-journal"], ["--private"]], ids=str
    )
    def test_so_are_other_options(self, account: Account, run: Run, words: list[str]) -> None:
        one = account.interrupted("talk.mp4", "talk")
        done = run("upload", one.source, *words)
        assert f"aioz-stream resume {one.video_id}\n" in done.stderr
        assert len(account.unfinished) == 1

    def test_all_options_are_compared(self, account: Account, run: Run, tmp_path: Path) -> None:
        (tmp_path / "ladder.json").write_text('[{"type": "hls", "container_type": "mpegts", "resolution": "360p"}]')
        (tmp_path / "talk.mp4").write_bytes(b"bytes")
        words = ["--title", "T", "--description", "About", "--tag", "a", "--tag", "b", "--metadata", "k=v"]
        words += ["--qualities", str(tmp_path / "ladder.json"), "--private"]
        account.server.control.fault("status", operation="completeVideoUpload", status=401)
        run("upload", str(tmp_path / "talk.mp4"), *words)
        assert "Going on with video" in run("upload", str(tmp_path / "talk.mp4"), *words).stderr
        assert len(account.videos) == 1

    def test_what_is_wrong_with_the_options_is_said_by_the_upload(self, account: Account, run: Run) -> None:
        one = account.interrupted("talk.mp4", "talk")
        done = run("upload", one.source, "--title", "x" * 256)
        assert "Error: --title" in done.stderr
        assert list(account.videos) == ["talk"]

    def test_a_file_without_one_is_no_matter(self, account: Account, run: Run, tmp_path: Path) -> None:
        account.interrupted("talk.mp4", "A talk")
        (tmp_path / "other.mp4").write_bytes(b"bytes")
        assert "unfinished" not in run("upload", str(tmp_path / "other.mp4")).stderr


class TestResume:
    def test_all_that_is_there(self, account: Account, run: Run) -> None:
        """Another process has one, one has no file any more, and a third fails: the others are complete."""
        names = ("running", "gone", "fails", "first", "last")
        ones = {name: account.interrupted(f"{name}.mp4", name) for name in names}
        (path := ones["gone"].journal.parent.parent / "gone.mp4").unlink()
        account.server.control.fault("status", operation="completeVideoUpload", status=403)
        with closing(Lock(ones["running"].journal)):
            done = run("resume")
        assert done.returncode == 2, "that of the first failure, a file that is gone"
        assert account.videos == dict.fromkeys(["running", "gone", "fails"], "new") | dict.fromkeys(
            ["first", "last"], "done"
        )
        assert f"{ones['running'].source} is left out: another process is uploading it." in done.stderr
        assert f"There is no file {path}." in done.stderr
        assert f"aioz-stream abort {ones['gone'].video_id}\n" in done.stderr
        assert f"aioz-stream resume {ones['fails'].video_id}\n" in done.stderr
        assert [one.title for one in account.unfinished] == ["running", "gone", "fails"]

    @pytest.mark.parametrize("by", ["video_id", "source"])
    def test_the_one_that_is_named(self, account: Account, run: Run, by: str) -> None:
        one = account.interrupted("talk.mp4", "A talk")
        account.interrupted("other.mp4", "Other")
        done = run("resume", getattr(one, by))
        assert (done.returncode, account.videos) == (0, {"A talk": "done", "Other": "new"})
        assert str(one.video_id) in done.stdout

    def test_another_accounts_is_marked_and_left_out(self, account: Account, run: Run) -> None:
        one, other = account.interrupted("talk.mp4", "A talk"), {"AIOZ_STREAM_TOKEN": "token-b"}
        assert run("uploads", "--columns", "has_other_credentials").stdout == "false\n"
        assert run("uploads", "--columns", "has_other_credentials", **other).stdout == "true\n"
        done = run("resume", **other)
        assert (done.returncode, len(account.unfinished)) == (0, 1)
        assert f"{one.source} is left out: it was begun with other credentials, and with these " in done.stderr
        assert run("resume", str(one.video_id), **other).returncode == 1

    def test_people_see_which_are_another_accounts(self, account: Account, terminal: OpenTerminal) -> None:
        one = account.interrupted("talk.mp4", "A talk")
        shown = terminal("uploads", AIOZ_STREAM_TOKEN="token-b")
        assert shown.end() == 0
        assert f"Begun with other credentials, which may be another account's: {one.video_id}." in " ".join(
            shown.text.split()
        )

    def test_a_renewed_token_goes_on(self, account: Account, run: Run) -> None:
        """The same account by its keys: the credentials are others, and the video is there."""
        account.interrupted("talk.mp4", "A talk")
        keys = {"AIOZ_STREAM_PUBLIC_KEY": "public-a", "AIOZ_STREAM_SECRET_KEY": "secret-a"}
        done = run("resume", AIOZ_STREAM_TOKEN="", **keys)
        assert (done.returncode, account.videos) == (0, {"A talk": "done"})

    def test_the_advice_for_another_accounts_can_be_pasted(self, account: Account, run: Run) -> None:
        one = account.interrupted("my talk.mp4", "my talk")
        done = run("upload", one.source, AIOZ_STREAM_TOKEN="token-b")
        assert done.returncode == 1
        assert "Going on with" not in done.stderr
        [advice] = re.findall("`([^`]*)`", done.stderr)
        assert shlex.split(advice) == ["aioz-stream", "abort", one.video_id, "--keep-video"]
        assert run(*shlex.split(advice)[1:]).returncode == 0
        assert (account.unfinished, account.videos) == ([], {"my talk": "new"})

    def test_the_advice_names_the_profile(self, account: Account, run: Run) -> None:
        one = account.interrupted("talk.mp4", "talk")
        run("login", "--profile", "work", "--no-keyring", standard_input="token-b\n")
        done = run("upload", one.source, "--profile", "work", AIOZ_STREAM_TOKEN="")
        assert f"`aioz-stream abort {one.video_id} --keep-video --profile work`" in done.stderr

    @WIDTHS
    def test_it_stays_whole_in_a_terminal(self, account: Account, terminal: OpenTerminal, columns: int) -> None:
        one = account.interrupted("talk.mp4", "talk")
        shown = terminal("upload", one.source, columns=columns, AIOZ_STREAM_TOKEN="token-b")
        assert shown.end() == 1
        assert f"`aioz-stream abort {one.video_id} --keep-video`" in shown.text

    def test_a_changed_file_is_given_up_by_a_whole_command(self, account: Account, run: Run, tmp_path: Path) -> None:
        one = account.interrupted("talk.mp4", "talk")
        (tmp_path / "talk.mp4").write_bytes(b"other")
        done = run("upload", one.source)
        assert done.returncode == 1
        [advice] = re.findall("`([^`]*)`", done.stderr)
        assert advice in {f"aioz-stream abort {name}" for name in (one.video_id, one.source)}
        assert run(*shlex.split(advice)[1:]).returncode == 0
        assert account.unfinished == []

    def test_how_it_is_sent_can_be_chosen(self, account: Account, run: Run) -> None:
        account.interrupted("talk.mp4", "A talk")
        assert "'fast' is no size" in run("resume", "--max-speed", "fast").stderr
        assert "concurrency" in run("resume", "--concurrency", "65").stderr
        assert run("resume", "--max-speed", "1MB", "--concurrency", "2").returncode == 0
        assert account.videos == {"A talk": "done"}

    def test_several_of_a_name_are_shown(self, account: Account, run: Run) -> None:
        for title in ("One", "Two"):
            account.interrupted("talk.mp4", title)
        done = run("resume", account.unfinished[0].source)
        assert done.returncode == 2
        assert "2 unfinished uploads fit. Name one by its id:\n" in done.stderr
        assert "--all" not in done.stderr

    def test_their_list_fits_the_terminal(self, account: Account, terminal: OpenTerminal) -> None:
        for title in ("One", "Two"):
            account.interrupted("talk.mp4", title)
        one = account.unfinished[0]
        shown = terminal("resume", one.source)
        assert shown.end() == 2
        lines = shown.text.replace("\r\n", "\n").splitlines()
        assert [line for line in lines if len(line) > 80 and line.strip() != one.source] == []
        assert sum(line.startswith("  video ") for line in lines) == 2
        assert "Usage: aioz-stream resume" in shown.text

    def test_none(self, account: Account, run: Run) -> None:
        assert account.unfinished == []
        assert run("resume").returncode == 0
        assert run("resume", "none").returncode == 2

    def test_what_only_its_command_opens(self, account: Account, run: Run, journals: Path) -> None:
        """It is left out of all, and an error where it is named."""
        account.server.control.fault("status", operation="completeVideoUpload", status=401)
        with (journals.parent / "talk.mp4").open("w+b") as file:
            file.write(b"bytes")
            file.seek(0)
            with pytest.raises(Exception, match="401"):
                account.stream.upload(file, title="Open", journal=journals / "named.journal")
        [one] = account.unfinished
        done = run("resume")
        assert (done.returncode, f"{one.source} is left out: only the command" in done.stderr) == (0, True)
        named = run("resume", one.source)
        assert (named.returncode, "Only the call" in named.stderr) == (2, True)
        named = run("resume", str(one.video_id))
        assert named.returncode == 2
        assert f"aioz-stream abort {one.video_id}\n" in named.stderr

    def test_a_price_that_is_not_covered(self, account: Account, run: Run) -> None:
        one = account.interrupted("talk.mp4", "A talk")
        account.server.control.fault("status", operation="completeVideoUpload", status=402)
        assert f"aioz-stream complete {one.video_id}\n" in run("resume").stderr

    def test_ctrl_c_says_that_the_same_command_goes_on(self, account: Account, terminal: OpenTerminal) -> None:
        for name in ("one", "two"):
            account.interrupted(f"{name}.mp4", name)
        account.server.control.fault("delay", operation="completeVideoUpload", seconds=3600)
        before = len(account.server.control.requests())
        shown = terminal("resume")

        def is_completing() -> bool | None:
            later = account.server.control.requests()[before:]
            return any(entry.operation == "completeVideoUpload" for entry in later) or None

        shown.read_until(is_completing)
        shown.interrupt()
        assert shown.end() == -signal.SIGINT
        assert re.search(r"Interrupted. 10 of 10 bytes are safe, in 2 videos. This\s+command goes on:\s", shown.text)
        assert "\naioz-stream resume\r\n" in shown.text
        account.server.control.reset()


class TestAbort:
    @WIDTHS
    def test_a_terminal_is_asked(self, account: Account, terminal: OpenTerminal, columns: int) -> None:
        one = account.interrupted("talk.mp4", "A talk")
        asked = terminal("abort", str(one.video_id), columns=columns)
        asked.expect("Go ahead?")
        assert any(str(one.video_id) in line for line in asked.lines)
        assert "'A talk'" in " ".join(asked.text.split())
        assert "5 of 5" in asked.text
        asked.type("n")
        assert asked.end() == 1
        assert account.unfinished == [one]
        asked = terminal("abort", one.source, columns=columns)
        asked.expect("Go ahead?")
        asked.type("y")
        assert (asked.end(), account.videos, account.unfinished) == (0, {}, [])

    def test_ctrl_c_at_the_question(self, account: Account, terminal: OpenTerminal) -> None:
        one = account.interrupted("talk.mp4", "A talk")
        asked = terminal("abort", str(one.video_id))
        asked.expect("Go ahead?")
        time.sleep(0.2)  # until it reads the answer
        asked.interrupt()
        assert (asked.end(), account.unfinished) == (-signal.SIGINT, [one])
        assert "Aborted" not in asked.text

    def test_nobody_is_asked_in_a_pipe_or_with_yes(self, account: Account, run: Run, terminal: OpenTerminal) -> None:
        one = account.interrupted("talk.mp4", "A talk")
        done = run("abort", one.source)
        assert (done.returncode, account.videos) == (0, {})
        assert f"Deletes video {one.video_id}, 'A talk': 5 of 5 bytes sent of {one.source}." in done.stderr
        other = account.interrupted("talk.mp4", "Other")
        assert (terminal("abort", other.source, "--yes").end(), account.videos) == (0, {})

    def test_several_of_a_name_are_shown_and_not_touched(self, account: Account, run: Run) -> None:
        ones = [account.interrupted("talk.mp4", title) for title in ("One", "Two\x1b[2J")]
        done = run("abort", ones[0].source)
        assert done.returncode == 2
        assert "2 unfinished uploads fit. Name one by its id; --all takes them all:\n" in done.stderr
        assert "\x1b" not in done.stderr
        for one, title in zip(ones, ("One", "Two\ufffd[2J"), strict=True):
            assert f"\n  video {one.video_id}, {title!r}: 5 of 5 bytes sent" in done.stderr
        assert len(account.videos) == 2
        assert run("abort", ones[0].source, "--all").returncode == 0
        assert (account.videos, account.unfinished) == ({}, [])

    def test_the_video_is_kept(self, account: Account, run: Run) -> None:
        one = account.interrupted("talk.mp4", "A talk")
        assert f"Forgets video {one.video_id}" in run("abort", str(one.video_id), "--keep-video").stderr
        assert (account.videos, account.unfinished) == ({"A talk": "new"}, [])


@WIDTHS
def test_delete_names_the_video_that_it_asks_about(account: Account, terminal: OpenTerminal, columns: int) -> None:
    video = account.stream.videos.create(title="A talk")
    asked = terminal("delete", video.id, columns=columns)
    asked.expect("Go ahead?")
    assert any(video.id in line for line in asked.lines)
    assert "'A talk'" in " ".join(asked.text.split())
    assert video.created_at is not None
    assert f"{video.created_at:%Y-%m-%d}" in asked.text
    asked.type("n")
    assert (asked.end(), account.videos) == (1, {"A talk": "new"})
    asked = terminal("delete", video.id, columns=columns)
    asked.expect("Go ahead?")
    asked.type("y")
    assert (asked.end(), account.videos) == (0, {})


def test_delete_needs_yes_where_nobody_can_be_asked(account: Account, run: Run) -> None:
    video = account.stream.videos.create(title="A talk")
    done = run("delete", video.id, standard_input="y\n")
    assert done.returncode == 2
    assert "say --yes. Nothing was deleted." in done.stderr
    assert account.videos == {"A talk": "new"}
    assert "elsewhere it needs --yes" in " ".join(run("delete", "--help").stdout.split())


def test_uploads_shows_titles_and_what_is_safe(account: Account, run: Run) -> None:
    one = account.interrupted("talk.mp4", "A talk")
    [line] = run("uploads").stdout.splitlines()
    cells = line.split("\t")
    assert {str(one.video_id), "A talk", one.source} <= set(cells)
    assert shlex.split(line).count("5") >= 1
