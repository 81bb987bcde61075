"""What commands print: JSON for programs, lines for a pipe, and what terminals of several widths show."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner, Result

from aioz_stream import AiozStream, Video
from aioz_stream_cli.commands import cli
from aioz_stream_cli.records import print_failure
from aioz_stream_cli.terminal import break_into_lines
from aioz_stream_cli.values import least_width, readable, widths
from aioz_stream_mock import MockServer, Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.command.conftest import OpenTerminal, Run, Terminal

    Call = Callable[..., Result]

NARROW, USUAL, WIDE = 40, 80, 120
LONG = "A talk about the many ways in which a table can break an id over two lines"
JAPANESE = "第一回　日本語のタイトル"


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("clips") / "talk.mp4"
    path.write_bytes(b"bytes" * 100_000)
    return path


@pytest.fixture(scope="module")
def stream(url: str) -> Iterator[AiozStream]:
    with AiozStream(token="token-a", base_url=url) as stream:
        yield stream


@pytest.fixture(scope="module")
def done(stream: AiozStream, clip: Path) -> Video:
    """A video with values in most of its fields."""
    details: dict[str, Any] = {"tags": ["output"], "metadata": {"genre": "rock"}, "description": "A\nB"}
    video = stream.upload(clip, title=LONG, journal=False, **details)
    return stream.videos.wait(video.id)


@pytest.fixture(scope="module")
def new(stream: AiozStream, done: Video) -> Video:
    """The newest one."""
    assert done.status == "done"
    return stream.videos.create(title=JAPANESE, tags=["output"])


@pytest.fixture
def call(environment: dict[str, str]) -> Call:
    """Runs a command in this process, as if in a pipe."""
    runner = CliRunner()
    vars(runner)["mix_stderr"] = False  # Click 8.1 mixes it into standard output otherwise

    def call(*words: str, standard_input: str = "", **changes: str) -> Result:
        return runner.invoke(cli, words, input=standard_input, env=environment | changes)

    return call


def test_every_command_prints_json_as_the_page_says() -> None:
    page = (Path(__file__).parents[2] / "docs" / "command.md").read_text(encoding="utf-8")
    table = page.split("\n## JSON\n")[1].split("\n## ")[0]
    for name, command in cli.commands.items():
        assert any("--json" in one.opts for one in command.params), name
        assert any(row.startswith("|") and f"`{name}`" in row.split("|")[1] for row in table.splitlines()), name


class TestJSON:
    def test_of_a_list_is_an_array(self, call: Call, done: Video, new: Video) -> None:
        printed = call("list", "--tag", "output", "--json").stdout
        assert [one["id"] for one in json.loads(printed)] == [new.id, done.id]
        assert json.loads(printed)[1] == done.to_dict()

    def test_lines_are_a_line_for_each(self, call: Call, done: Video, new: Video) -> None:
        lines = call("list", "--tag", "output", "--jsonl").stdout.splitlines()
        assert [json.loads(line)["id"] for line in lines] == [new.id, done.id]
        lines = call("get", done.id, new.id, "--jsonl").stdout.splitlines()
        assert [json.loads(line)["id"] for line in lines] == [done.id, new.id]

    @pytest.mark.parametrize("words", [["list", "--tag", "none"], ["uploads"], ["get", "-"], ["delete", "-", "--yes"]])
    def test_of_nothing(self, call: Call, words: list[str]) -> None:
        assert call(*words, "--json").stdout == "[]\n"
        assert call(*words, "--jsonl").stdout == ""
        plain = call(*words)
        assert (plain.output, plain.exit_code) == ("", 0)

    @pytest.mark.parametrize("command", ["get", "wait"])
    def test_of_one_video_is_an_object_and_of_several_an_array(
        self, call: Call, done: Video, clip: Path, stream: AiozStream, command: str
    ) -> None:
        other = stream.videos.wait(stream.upload(clip, journal=False).id)
        assert json.loads(call(command, done.id, "--json").stdout) == done.to_dict()
        both = json.loads(call(command, done.id, other.id, "--json").stdout)
        assert [one["id"] for one in both] == [done.id, other.id]
        # How many ids standard input has is not known where the command is written.
        [read] = json.loads(call(command, "-", "--json", standard_input=f"{done.id}\n\n {done.id}\n").stdout)
        assert read == done.to_dict()

    def test_of_what_was_done_to_a_video(self, call: Call, clip: Path, tmp_path: Path) -> None:
        picture = tmp_path / "cover.png"
        picture.write_bytes(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\1\0\0\0\1\x08\x06\0\0\0\x1f\x15\xc4\x89")
        video = json.loads(call("upload", str(clip), "--json").stdout)["id"]
        for words, result in (
            (["update", video, "--title", "Other"], "updated"),
            (["thumbnail", video, str(picture)], "thumbnail set"),
            (["complete", video], "completed"),
            (["delete", video, "--yes"], "deleted"),
        ):
            assert json.loads(call(*words, "--json").stdout) == {"id": video, "result": result}

    def test_of_several_deleted(self, call: Call, stream: AiozStream) -> None:
        ids = [stream.videos.create(title=f"Delete {number}").id for number in range(2)]
        deleted = call("delete", "--yes", "--json", ids[0], "none", ids[1])
        assert json.loads(deleted.stdout) == [{"id": one, "result": "deleted"} for one in ids]
        assert deleted.exit_code != 0
        assert deleted.stderr.count("Error: ") == 1

    def test_of_a_price_has_it_as_text(self, call: Call) -> None:
        price = json.loads(call("cost", "360p", "1080p", "--duration", "60", "--json").stdout)
        assert list(price) == ["qualities", "duration", "price", "is_enough"]
        assert (price["qualities"], price["duration"], price["is_enough"]) == (["360p", "1080p"], 60, True)
        assert isinstance(price["price"], str)
        assert float(price["price"]) > 0

    def test_of_a_check_has_the_findings(self, call: Call) -> None:
        wrong = '[{"type": "hls", "container_type": "fmp4", "resolution": "720p"}]'
        checked = call("check", "-", "--json", standard_input=wrong)
        [finding] = json.loads(checked.stdout)
        assert list(finding) == ["code", "severity", "pointer", "message", "suggestion"]
        assert (finding["severity"], finding["code"]) == ("error", "container-mismatch")
        assert checked.exit_code != 0
        good = '[{"type": "hls", "container_type": "mpegts", "resolution": "720p"}]'
        assert call("check", "-", "--json", standard_input=good).output == "[]\n"

    def test_of_unfinished_uploads(self, call: Call, clip: Path) -> None:
        poor = {"AIOZ_STREAM_TOKEN": "token-b"}
        call("upload", str(clip), "--title", "Unpaid", **poor)
        [upload] = json.loads(call("uploads", "--json", **poor).stdout)
        fields = [
            "video_id",
            "title",
            "sent",
            "size",
            "begun",
            "is_running",
            "source",
            "journal",
            "has_other_credentials",
        ]
        assert list(upload) == fields
        assert (upload["title"], upload["sent"], upload["size"]) == ("Unpaid", 500_000, 500_000)
        assert (upload["is_running"], upload["source"]) == (False, str(clip))
        assert upload["begun"].endswith("+00:00")

    def test_is_readable_whatever_the_locale_and_harmless(self, run: Run, stream: AiozStream) -> None:
        title = f"{JAPANESE} \x1b[2J \x7f \u202e \U000e0001"
        video = stream.videos.create(title=title).id
        printed = run("get", video, "--json", PYTHONIOENCODING="ascii").stdout
        assert JAPANESE.replace("\u3000", "\\u3000") + r" \u001b[2J \u007f \u202e \udb40\udc01" in printed
        assert json.loads(printed)["title"] == title

    def test_of_uploads_that_are_given_up(self, call: Call, clip: Path) -> None:
        poor = {"AIOZ_STREAM_TOKEN": "token-b"}
        for title in ("One", "Two", "Three"):
            call("upload", str(clip), "--title", title, **poor)
        ids = {one["title"]: one["video_id"] for one in json.loads(call("uploads", "--json", **poor).stdout)}
        kept = json.loads(call("abort", ids["One"], "--keep-video", "--json", **poor).stdout)
        assert kept == {"id": ids["One"], "source": str(clip), "result": "forgotten"}
        others = json.loads(call("abort", str(clip), "--all", "--json", **poor).stdout)
        assert {(one["id"], one["result"]) for one in others} >= {(ids[name], "given up") for name in ("Two", "Three")}

    def test_of_a_ladder_is_what_it_prints_anyway(self, call: Call) -> None:
        plain = call("ladder", "--height", "240")
        assert json.loads(plain.stdout)[0]["resolution"] == "240p"
        assert call("ladder", "--height", "240", "--json").stdout == plain.stdout

    def test_of_a_completion_script(self, call: Call, tmp_path: Path) -> None:
        plain = call("completion", "bash").stdout
        assert json.loads(call("completion", "bash", "--json").stdout) == {"shell": "bash", "script": plain}
        installed = json.loads(call("completion", "bash", "--install", "--json", XDG_DATA_HOME=str(tmp_path)).stdout)
        assert Path(installed["path"]).read_text(encoding="utf-8") == plain

    def test_errors_stay_sentences(self, call: Call) -> None:
        failed = call("get", "none", "--json")
        assert failed.stdout == ""
        assert failed.stderr.startswith("Error: ")


class TestPipe:
    def test_a_line_for_each_as_programs_read_it(self, run: Run, done: Video, new: Video) -> None:
        """FORCE_COLOR, which many a CI sets, makes no terminal of a pipe."""
        lines = run("list", "--tag", "output", FORCE_COLOR="1").stdout.splitlines()
        assert [line.split("\t")[0] for line in lines] == [new.id, done.id]
        assert lines[1].split("\t")[:5] == [done.id, "done", LONG, "0.0", "500000"]
        assert done.created_at is not None
        assert lines[1].split("\t")[5] == done.created_at.isoformat()

    @pytest.mark.usefixtures("new")
    def test_chosen_columns(self, call: Call, done: Video) -> None:
        assert done.assets is not None
        chosen = call("list", "--tag", "output", "--columns", "title, assets.source_url,tags").stdout.splitlines()[1]
        assert chosen == f'{LONG}\t{done.assets.source_url}\t["output"]'

    def test_unknown_columns_are_wrong_usage(self, call: Call) -> None:
        unknown = call("list", "--columns", "id,name")
        assert unknown.exit_code == 2
        assert "'name' is none of id, title, status," in unknown.stderr
        assert "assets.mp4_url" in unknown.stderr
        assert call("list", "--columns", "id", "--json").exit_code == 2

    def test_limit(self, call: Call, new: Video) -> None:
        assert call("list", "--tag", "output", "--limit", "1", "--columns", "id").stdout == f"{new.id}\n"

    def test_one_that_fails_leaves_the_others_alone(self, call: Call, done: Video, new: Video) -> None:
        shown = call("get", done.id, "none", new.id)
        assert f"id\t{done.id}\n" in shown.stdout
        assert f"\n\nid\t{new.id}\n" in shown.stdout
        assert shown.stderr.count("Error: ") == 1
        assert shown.exit_code != 0

    def test_wrong_credentials_end_it_at_once(self, call: Call, done: Video, new: Video) -> None:
        refused = call("get", done.id, new.id, AIOZ_STREAM_TOKEN="wrong")
        assert refused.stderr.count("Error: ") == 1


def is_whole(text: str, shown: Terminal, columns: int) -> bool:
    """Whether it stands on one line; what is wider than the terminal begins a line and fills the next ones."""
    if len(text) <= columns:
        return any(text in line for line in shown.lines)
    joined = "".join(line.ljust(columns) for line in shown.lines)
    return text in joined and joined.index(text) % columns == 0


@pytest.mark.parametrize("columns", [NARROW, USUAL, WIDE])
class TestTerminal:
    def test_a_list_has_whole_ids(
        self, terminal: OpenTerminal, done: Video, new: Video, stream: AiozStream, columns: int
    ) -> None:
        shown = terminal("list", "--tag", "output", columns=columns)
        assert shown.end() == 0
        assert stream.videos.get(done.id).title == LONG
        assert all(is_whole(one.id, shown, columns) for one in (done, new))
        words = " ".join(" ".join(shown.lines).split())
        assert "created_at (UTC)" in words or columns == USUAL  # where it does not fit
        assert "500.0 kB" in words  # the length, which none has, goes first
        heads = ["id", "status", "title"]
        assert (shown.lines[0].split()[:3] == heads) == (columns != NARROW)
        assert ("status" in shown.lines[2]) == (columns == NARROW)
        if columns != NARROW:
            assert any(f"{new.id}  new" in line for line in shown.lines), "two spaces between columns"

    def test_chosen_columns_are_all_shown(self, terminal: OpenTerminal, done: Video, columns: int) -> None:
        assert done.assets is not None
        assert done.assets.source_url is not None
        shown = terminal("list", "--tag", "output", "--columns", "id,assets.source_url", columns=columns)
        assert shown.end() == 0
        assert is_whole(done.id, shown, columns)
        assert is_whole(done.assets.source_url, shown, columns)

    def test_a_video_has_whole_ids_and_urls(self, terminal: OpenTerminal, done: Video, columns: int) -> None:
        shown = terminal("get", done.id, columns=columns)
        assert shown.end() == 0
        assert done.assets is not None
        assert done.user_id is not None
        assert done.assets.source_url is not None
        assert all(is_whole(one, shown, columns) for one in (done.id, done.user_id, done.assets.source_url))
        assert "genre=rock" in " ".join(shown.lines)
        assert "A B" in " ".join(shown.lines), "on one line, since a name on the next one would look like a field"

    def test_unfinished_uploads_have_whole_ids(
        self, terminal: OpenTerminal, call: Call, clip: Path, columns: int
    ) -> None:
        poor = {"AIOZ_STREAM_TOKEN": "token-b"}
        call("upload", str(clip), "--title", "Unpaid", **poor)
        [upload] = json.loads(call("uploads", "--json", **poor).stdout)
        shown = terminal("uploads", columns=columns)
        assert shown.end() == 0
        assert is_whole(upload["video_id"], shown, columns)
        assert is_whole(str(clip), shown, columns), "which resumes it, and names it to others"
        assert "500.0 kB" in " ".join(shown.lines)

    def test_sentences_break_between_words(
        self, terminal: OpenTerminal, stream: AiozStream, tmp_path: Path, columns: int
    ) -> None:
        video = stream.videos.create(title="To delete").id
        deleted = terminal("delete", "--yes", video, columns=columns)
        assert deleted.end() == 0
        assert is_whole(f"{video}.", deleted, columns)
        ladder = tmp_path / "ladder.json"
        ladder.write_text('[{"type": "hls", "container_type": "fmp4", "resolution": "720p"}]')
        checked = terminal("check", str(ladder), columns=columns)
        assert checked.end() != 0
        words = " ".join(checked.lines).split()
        assert {"/qualities/0/container_type:", "HLS", "mpegts", "[container-mismatch]"} <= set(words)

    @pytest.mark.parametrize(
        ("words", "said"),
        [
            (["update", "--title", LONG], "Changed."),
            (["cost", "360p", "--duration", "60"], "(the balance covers it)"),
        ],
    )
    def test_one_sentence_is_enough(
        self, terminal: OpenTerminal, done: Video, words: list[str], said: str, columns: int
    ) -> None:
        shown = terminal(*words, *([done.id] if words[0] == "update" else []), columns=columns)
        assert shown.end() == 0
        assert shown.lines[0].endswith(said)
        assert not any(shown.lines[1:])

    def test_nothing_is_said(self, terminal: OpenTerminal, columns: int) -> None:
        shown = terminal("list", "--tag", "none", columns=columns)
        assert shown.end() == 0
        assert shown.lines[0] == "No video matches."


def test_no_unfinished_upload_is_said(terminal: OpenTerminal) -> None:
    shown = terminal("uploads")
    assert shown.end() == 0
    assert shown.lines[0] == "No upload from this machine is unfinished."


@pytest.fixture(scope="module")
def failing(clip: Path) -> Iterator[tuple[str, str]]:
    """A server that really transcodes, and a video there that is no media."""
    with (
        MockServer(Settings(transcode=True)) as server,
        AiozStream(token="token-a", base_url=server.url) as stream,
    ):
        video = stream.upload(clip, title="No media", journal=False).id
        assert stream.videos.wait(video).status == "fail"
        yield server.url, video


class TestFailedTranscoding:
    @pytest.mark.parametrize("columns", [NARROW, USUAL, WIDE])
    def test_is_a_red_sentence(self, terminal: OpenTerminal, failing: tuple[str, str], columns: int) -> None:
        url, video = failing
        shown = terminal("wait", video, columns=columns, AIOZ_STREAM_BASE_URL=url)
        assert shown.end() == 7
        printed = " ".join(" ".join(shown.lines).split())
        assert f"Transcoding failed: No media ({video}). 360p hls fail; " in printed
        assert "the service gives no reason" in printed
        assert "user_id" not in printed
        row = next(number for number, line in enumerate(shown.lines) if "Transcoding failed" in line)
        assert shown._screen.buffer[row][0].fg == "red"

    def test_is_shown_with_the_video(self, terminal: OpenTerminal, failing: tuple[str, str]) -> None:
        shown = terminal("get", failing[1], AIOZ_STREAM_BASE_URL=failing[0])
        assert shown.end() == 0
        printed = "\n".join(shown.lines)
        assert "user_id" in printed
        assert "Transcoding failed: No media" in printed

    def test_programs_get_the_video_too(self, call: Call, failing: tuple[str, str], clip: Path) -> None:
        url, video = failing
        waited = call("wait", video, "--json", AIOZ_STREAM_BASE_URL=url)
        assert (waited.exit_code, json.loads(waited.stdout)["status"]) == (7, "fail")
        assert waited.stderr.startswith("Transcoding failed: No media")
        sent = call("upload", str(clip), "--wait", "--json", AIOZ_STREAM_BASE_URL=url)
        assert (sent.exit_code, json.loads(sent.stdout)["status"]) == (7, "fail")
        assert "Transcoding failed: talk" in sent.stderr

    def test_the_first_failure_decides_the_exit_status(self, call: Call, failing: tuple[str, str]) -> None:
        url, video = failing
        assert call("wait", video, "none", AIOZ_STREAM_BASE_URL=url).exit_code == 7
        assert call("wait", "none", video, AIOZ_STREAM_BASE_URL=url).exit_code not in {0, 7}

    def test_a_reason_is_passed_on(self, capsys: pytest.CaptureFixture[str]) -> None:
        quality = {"name": "720p", "type": "hls", "status": "fail", "error_message": "no \x1b[2Jvideo stream"}
        print_failure(Video.from_dict({"id": "v", "title": "Talk", "status": "fail", "qualities": [quality]}))
        told = capsys.readouterr().err.replace("\n", " ")
        assert "Transcoding failed: Talk (v). 720p hls fail; error_message: no \ufffd[2Jvideo stream." in told

    def test_a_deleted_video_is_no_failed_transcoding(self, capsys: pytest.CaptureFixture[str]) -> None:
        print_failure(Video("v", "Talk", "deleted"))
        assert capsys.readouterr().err == "It can't be watched: Talk (v) is deleted.\n"


class TestValues:
    @pytest.mark.parametrize(
        ("name", "value", "shown"),
        [
            ("size", 3_000_000, "3.0 MB"),
            ("size", 0, ""),
            ("size", "many", "many"),
            ("sent", 0, "0 bytes"),
            ("duration", 3725.4, "1:02:05"),
            ("duration", 0, ""),
            ("duration", 1e300, "1e+300"),
            ("created_at", "2026-11-26T08:30:00+09:00", "2026-11-25 23:30"),
            ("created_at", "soon\x1b", "soon\ufffd"),
            ("title", "a\tb\u3000c\x1b", "a b c\ufffd"),
            ("is_public", True, "yes"),
            ("is_mp4", False, "no"),
            ("tags", ["a", "b"], "a, b"),
            ("tags", [1], "[1]"),
            ("metadata", [{"key": "k", "value": "v\x1b"}], "k=v\ufffd"),
            ("metadata", [{"other": 1}], '[{"other": 1}]'),
            ("qualities", [{"name": "720p", "status": "done"}, {"type": "dash"}], "720p done, dash"),
            ("chapters", {"a": 1}, '{"a": 1}'),
            ("description", None, ""),
        ],
    )
    def test_are_written_for_people(self, name: str, value: object, shown: str) -> None:
        assert readable(name, value) == shown

    def test_words_are_never_broken(self) -> None:
        assert break_into_lines("ab cdefgh ij kl", 5) == ["ab", "cdefgh", "ij kl"]
        assert break_into_lines("日本 語", 4) == ["日本", "語"]

    def test_a_title_gives_way_before_an_id(self) -> None:
        assert widths([(36, 36), (16, 70)], 80) == [36, 42]
        assert widths([(36, 36), (16, 70)], 54) == [36, 16]
        assert widths([(36, 36), (16, 70)], 53) is None
        assert widths([(2, 2), (5, 20), (5, 30)], 40) == [2, 17, 17]

    def test_urls_in_a_title_stay_whole(self) -> None:
        assert least_width("title", ["title", "see https://example.com/a/b", "x" * 50]) == 23
        assert least_width("title", ["title", "x" * 50]) == 16
        assert least_width("source", ["source", "a file.mp4"]) == 10


@pytest.mark.parametrize("columns", [NARROW, USUAL, WIDE])
def test_an_error_is_broken_between_words(terminal: OpenTerminal, columns: int) -> None:
    """So that an id in it can be copied. What is indented stays so."""
    unknown = "0b6b7a0e-4a3f-4d8c-9a68-6a1c5f3f2e02"
    shown = terminal("update", unknown, "--title", "x", columns=columns)
    shown.end()
    assert " ".join(" ".join(shown.lines).split()).startswith("Error: ")
    words = [word for line in shown.lines for word in line.split()]
    assert f"/api/videos/{unknown}:" in words or columns == NARROW  # wider than the terminal
    assert {"Video", "not", "found."} <= set(words)


def test_what_login_says_is_broken_between_words(terminal: OpenTerminal) -> None:
    shown = terminal("login", columns=NARROW)
    shown.expect("Token: ")
    shown.type("token-a")
    shown.end()
    assert {"token", "readable", "because"} <= {word.strip(",") for line in shown.lines for word in line.split()}
