"""Several sources of one command: what is found, what a manifest says of it, and what becomes of each."""

from __future__ import annotations

import io
import json
import os
import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import click
import pytest
from attrs import evolve
from rich.console import Console

from aioz_stream import AiozStream, Progress, Video
from aioz_stream.clients.videos import Videos
from aioz_stream_cli import file_bars
from aioz_stream_cli.commands import cli
from aioz_stream_cli.file_bars import FileBars
from aioz_stream_cli.manifest import read_manifest
from aioz_stream_cli.parameters import is_folder, size
from aioz_stream_cli.sources import MEDIA, Patterns, find
from aioz_stream_mock import MockServer, Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.command.conftest import OpenTerminal, Run

DEFAULTS: dict[str, Any] = {
    "title": None,
    "description": None,
    "is_public": True,
    "tags": None,
    "metadata": None,
    "qualities": None,
    "strict": False,
}


@dataclass
class Done:
    """What a command did."""

    status: int
    out: str
    err: str


@pytest.fixture
def call(
    url: str, journals: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., Done]:
    """Runs `upload` in this process, in the folder of the test."""
    monkeypatch.setenv("AIOZ_STREAM_BASE_URL", url)
    monkeypatch.setenv("AIOZ_STREAM_TOKEN", "token-a")
    monkeypatch.setenv("HOME", str(journals.parent))
    monkeypatch.chdir(journals.parent)

    def run(*words: object) -> Done:
        with pytest.raises(SystemExit) as ended:
            cli.main(["upload", *map(str, words)])
        captured = capsys.readouterr()
        return Done(int(ended.value.code or 0), captured.out, captured.err)

    return run


@pytest.fixture(scope="module")
def server() -> Iterator[MockServer]:
    with MockServer(Settings(transcode_seconds=0)) as running:
        yield running


@pytest.fixture
def url(server: MockServer) -> Iterator[str]:
    yield server.url
    server.control.clear_faults()


@pytest.fixture
def stream(url: str) -> Iterator[AiozStream]:
    with AiozStream(token="token-a", base_url=url) as stream:
        yield stream


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Has b.MP4, c.mov and sub/a.webm, and much that is no video."""
    folder = tmp_path / "videos"
    for name in ("sub", ".cache"):
        (folder / name).mkdir(parents=True)
    for name in ("b.MP4", "c.mov", "sub/a.webm", ".hidden.mp4", ".cache/x.mp4", "notes.txt", "app.ts", "no suffix"):
        (folder / name).write_bytes(name.encode())
    return folder


def found(words: list[str], include: tuple[str, ...] = (), exclude: tuple[str, ...] = ()) -> list[str]:
    patterns = Patterns(include, exclude)
    return [str(item.source) for item in find(words, None, patterns, DEFAULTS).items]


class StandardInput(io.BytesIO):
    """A file as Click opens it for -."""

    name = "<stdin>"


class TestFolders:
    def test_media_files_in_one_order(self, folder: Path) -> None:
        assert found([str(folder)]) == [f"{folder}/b.MP4", f"{folder}/c.mov", f"{folder}/sub/a.webm"]

    @pytest.mark.parametrize("suffix", sorted(MEDIA))
    def test_no_suffix_of_media_is_that_of_something_else(self, suffix: str) -> None:
        assert re.fullmatch(r"\.[a-z0-9]+", suffix)
        assert suffix not in {".ts", ".mts", ".m3u8", ".mpd", ".ass", ".m3u", ".pls", ".mid"}

    @pytest.mark.parametrize(("packet", "before"), [(188, 0), (192, 4)])
    def test_a_transport_stream_is_told_from_typescript(self, folder: Path, packet: int, before: int) -> None:
        (folder / "camera.ts").write_bytes((b"\0" * before + b"G" + b"\0" * (packet - before - 1)) * 3)
        (folder / "GREAT.mts").write_text("GREAT program in TypeScript" + " " * 1000)
        assert [Path(source).name for source in found([str(folder)])] == ["b.MP4", "c.mov", "camera.ts", "a.webm"]

    @pytest.mark.parametrize(
        ("include", "exclude", "names"),
        [
            (["*.txt"], [], ["notes.txt"]),
            (["*"], [], ["app.ts", "b.MP4", "c.mov", "no suffix", "notes.txt", "a.webm"]),
            (["*.mp4", "*.webm"], [], ["b.MP4", "a.webm"]),
            ([], ["*.MP4"], ["c.mov", "a.webm"]),
            ([], ["sub/*"], ["b.MP4", "c.mov"]),
            (["sub/*"], [], ["a.webm"]),
            (["?.*"], ["c*"], ["b.MP4", "a.webm"]),
        ],
    )
    def test_patterns(self, folder: Path, include: list[str], exclude: list[str], names: list[str]) -> None:
        shown = found([str(folder)], tuple(include), tuple(exclude))
        assert [Path(source).name for source in shown] == names

    def test_links_are_followed_once(self, folder: Path, tmp_path: Path) -> None:
        (folder / "sub" / "up").symlink_to(folder)
        (folder / "also b.mp4").symlink_to(folder / "b.MP4")
        (tmp_path / "elsewhere").mkdir()
        (tmp_path / "elsewhere" / "d.mkv").touch()
        (folder / "linked").symlink_to(tmp_path / "elsewhere")
        assert [Path(source).name for source in found([str(folder)])] == ["also b.mp4", "c.mov", "d.mkv", "a.webm"]

    def test_nothing_is_found_twice(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(folder.parent)
        words = ["videos/c.mov", "videos/../videos/c.mov", "videos", str(folder), "https://a/b.mp4", "https://a/b.mp4"]
        assert found(words) == ["videos/c.mov", "videos/b.MP4", "videos/sub/a.webm", "https://a/b.mp4"]

    def test_home(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("HOME", str(folder.parent))
        assert found(["~/videos/sub", "~/videos/c.mov"]) == [f"{folder}/sub/a.webm", f"{folder}/c.mov"]
        assert is_folder("~/videos")

    def test_a_pipe_is_no_file_of_a_folder(self, folder: Path) -> None:
        os.mkfifo(folder / "pipe.ts")
        assert "pipe.ts" not in map(os.path.basename, found([str(folder)]))

    @pytest.mark.parametrize(
        ("patterns", "says"), [([], "no media file in empty"), (["--include=*.mp4"], "--include and --exclude leave")]
    )
    def test_an_empty_folder(self, call: Callable[..., Done], patterns: list[str], says: str) -> None:
        Path("empty").mkdir()
        done = call("empty", *patterns)
        assert done.status == 2
        assert says in done.err


class TestManifests:
    TABLE = (
        "\ufeffSource,Title,description,tags,metadata,public,qualities\r\n"
        'videos/c.mov,"Two\r\nlines",About,"short; intro",course=1;week=a=b,no,ladder.json\r\n'
        "\r\n"
        "~/videos/b.MP4,,,,,,\r\n"
    )
    LINES = (
        '{"source": "videos/c.mov", "title": "Two\\r\\nlines", "description": "About", "tags": ["short", "intro"],'
        ' "metadata": {"course": "1", "week": "a=b"}, "public": false,'
        ' "qualities": [{"type": "hls", "container_type": "mpegts", "resolution": "240p"}]}\n\n'
        '{"source": "~/videos/b.MP4", "title": null}\n'
    )

    @pytest.mark.parametrize(
        "text", [TABLE, LINES, TABLE.replace(",", "\t").replace("\r\nl", " l").replace("\r\n", "\n")]
    )
    @pytest.mark.usefixtures("folder")
    def test_what_it_says_of_each(self, text: str, call: Callable[..., Done], stream: AiozStream) -> None:
        ladder = {"qualities": [{"type": "hls", "container_type": "mpegts", "resolution": "240p"}]}
        Path("ladder.json").write_text(json.dumps(ladder), encoding="utf-8")
        Path("items").write_text(text, encoding="utf-8", newline="")
        done = call("--manifest", "items", "--tag", "default", "--metadata", "k=v", "--description", "Usual", "--json")
        assert done.status == 0, done.err
        first, second = (stream.videos.get(one["id"]) for one in json.loads(done.out))
        assert (first.title.split(), first.description) == (["Two", "lines"], "About")
        assert (first.tags, first.is_public) == (["short", "intro"], False)
        assert [(pair.key, pair.value) for pair in first.metadata or ()][:2] == [("course", "1"), ("week", "a=b")]
        assert [quality.name for quality in first.qualities or ()] == ["240p"]
        assert (second.title, second.description, second.tags, second.is_public) == ("b", "Usual", ["default"], True)
        assert [(pair.key, pair.value) for pair in second.metadata or ()][:1] == [("k", "v")]

    def test_beside_a_folder_and_from_elsewhere(
        self, folder: Path, call: Callable[..., Done], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Paths are relative to the manifest. A row stands above what a folder has; rows that differ are two videos."""
        manifest = folder / "items.csv"
        manifest.write_text(
            "source;title\nc.mov;Short\nc.mov;Long\nsub/../c.mov;Long\nhttps://a/b;\n", encoding="utf-8"
        )
        monkeypatch.chdir("/")
        with manifest.open("rb") as file:
            items = find([str(folder)], file, Patterns(), DEFAULTS).items
        shown = [(str(item.source).removeprefix(f"{folder}/"), item.title) for item in items]
        others = [("b.MP4", None), ("sub/a.webm", None)]
        assert shown == [("c.mov", "Short"), ("c.mov", "Long"), ("https://a/b", None), *others]
        assert call().status == 2

    @pytest.mark.parametrize(
        ("text", "says"),
        [
            ("source,name\nvideos/c.mov,x\n", "line 1: there is no 'name' in a manifest, but source, title,"),
            ("source\nvideos/c.mov\nnone.mp4\n", "line 3: there is no file none.mp4."),
            ('source,title\n"videos/c.mov","a\nb"\nnone.mp4,x\n', "line 4: there is no file none.mp4."),
            ("source\nvideos\n", "line 2: videos is a folder"),
            ("source\n-\n", "line 2: source is '-'"),
            ("source,title\n,x\n", "line 2: has no source."),
            ("source,public\nvideos/c.mov,perhaps\n", "line 2: public is 'perhaps', and must be yes or no."),
            ("source,metadata\nvideos/c.mov,course\n", "line 2: 'course' is not of the form KEY=VALUE."),
            ("source,qualities\nvideos/c.mov,none.json\n", "line 2: none.json can't be read"),
            ("source,qualities\nvideos/c.mov,videos/c.mov\n", "line 2: videos/c.mov: not JSON"),
            ("source\nvideos/c.mov,x\n", "line 2: has 2 cells, and the first line 1."),
            ('source\n"videos/c.mov\n', "line 2: unexpected end of data."),
            ('{"source": "videos/c.mov"}\n{"sourc": 1}\n', "line 2: there is no 'sourc' in a manifest"),
            ('{"source": "videos/c.mov"}\n{"source"}\n', "line 2: not JSON"),
            ('["videos/c.mov"]\n', "line 1: not an object"),
            ('{"title": "x"}\n', "line 1: has no source."),
            ('{"source": "videos/c.mov", "title": 5}\n', "line 1: title"),
            ('{"source": "videos/c.mov", "tags": "x", "title": ""}\n', "line 1: title"),
            ('{"source": "videos/c.mov", "qualities": [{"type": "hls"}]}\n', "line 1: The qualities can't be used"),
            ("source\n", "has no row."),
            ("", "has no row."),
        ],
    )
    @pytest.mark.usefixtures("folder")
    def test_a_wrong_row_ends_all_before_anything_is_sent(
        self, text: str, says: str, call: Callable[..., Done], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("AIOZ_STREAM_BASE_URL", "http://127.0.0.1:9")
        Path("items").write_text(text, encoding="utf-8")
        done = call("--manifest", "items")
        assert done.status == 2
        assert "items" in done.err
        assert says in done.err

    def test_all_wrong_rows_are_named_up_to_ten(self) -> None:
        rows = "source\n" + "none.mp4\n" * 12
        with pytest.raises(click.UsageError, match=r"line 11: there is no file none.mp4.\n  and 2 more"):
            read_manifest(StandardInput(rows.encode()), DEFAULTS)

    def test_other_encodings_are_refused(self) -> None:
        with pytest.raises(click.UsageError, match="not UTF-8"):
            read_manifest(StandardInput("source\nä.mp4\n".encode("utf-16")), DEFAULTS)


@pytest.mark.parametrize("row", [f"{'a' * 300}.mp4,", f"a.mp4,{'a' * 300}.png"])
def test_a_name_that_is_too_long_is_a_wrong_row(tmp_path: Path, row: str) -> None:
    (tmp_path / "a.mp4").write_bytes(b"bytes")
    (tmp_path / "items.csv").write_text(f"source,thumbnail\n{row}\n")
    with (tmp_path / "items.csv").open("rb") as file, pytest.raises(click.UsageError, match="line 2: "):
        read_manifest(file, DEFAULTS)


def test_a_column_that_is_there_twice_is_wrong(tmp_path: Path) -> None:
    (tmp_path / "a.mp4").write_bytes(b"bytes")
    (tmp_path / "items.csv").write_text("source,title,Title\na.mp4,One,Two\n")
    with (
        (tmp_path / "items.csv").open("rb") as file,
        pytest.raises(click.UsageError, match="more than one column 'title'"),
    ):
        read_manifest(file, DEFAULTS)


class TestOutcomes:
    def test_one_that_fails_leaves_the_others_alone(
        self, folder: Path, call: Callable[..., Done], stream: AiozStream
    ) -> None:
        (folder / "d.mp4").symlink_to("nowhere")
        (folder / "e.mp4").symlink_to("e.mp4")
        done = call("videos", "gone.mp4", "--tag", "alone")
        assert done.status == call("videos/d.mp4").status, "that of its failure"
        lines = sorted(line.split("\t")[1:] for line in done.out.splitlines())
        assert lines == [["uploaded", f"videos/{name}"] for name in ("b.MP4", "c.mov", "sub/a.webm")]
        ids = {line.split("\t")[0] for line in done.out.splitlines()}
        assert ids == {video.id for video in stream.videos.list(tags=["alone"])}
        _, said = done.err.split("3 of 6 videos are uploaded; 3 failed:\n")
        assert "  videos/d.mp4\n    There is no file videos/d.mp4.\n  videos/e.mp4\n" in said
        assert "  gone.mp4\n    There is no file gone.mp4.\n" in said
        assert "Once that is put right, the same command uploads what failed, and passes over the rest.\n" in said

        again = call("videos", "gone.mp4", "--tag", "alone")
        assert {line.split("\t")[1] for line in again.out.splitlines()} == {"complete before"}
        assert {line.split("\t")[0] for line in again.out.splitlines()} == ids
        assert "3 of 6 videos are uploaded, 3 of them before; 3 failed:" in again.err

    def test_errors_speak_of_the_command_and_say_what_helps(
        self, folder: Path, call: Callable[..., Done], server: MockServer
    ) -> None:
        server.control.fault("status", operation="completeVideoUpload", status=409)
        done = call(folder / "b.MP4", folder / "c.mov", "--files", 1)
        assert "The same command resumes its upload.\n" in done.err
        assert "same call" not in done.err
        assert "In Python" not in done.err
        assert "The same command tries again what failed, and passes over the rest.\n" in done.err

    @pytest.mark.usefixtures("folder")
    def test_one_that_could_not_be_waited_for_is_not_uploaded_again(
        self, call: Callable[..., Done], server: MockServer, stream: AiozStream
    ) -> None:
        server.control.fault("status", operation="getVideo", status=404, after=3)
        done = call("videos", "--wait", "--tag", "unseen", "--files", 1)
        [failed] = {video.id for video in stream.videos.list(tags=["unseen"])} - {
            line.split("\t")[0] for line in done.out.splitlines()
        }
        assert re.search(rf"The upload is complete. To wait for the video: `\S+ wait {failed}`\n", done.err)
        assert "same command" not in done.err

    def test_one_alone_that_was_complete_before_says_so(self, folder: Path, call: Callable[..., Done]) -> None:
        first = call(folder / "b.MP4", "gone.mp4")
        done = call(folder / "b.MP4", "--json")
        told = json.loads(done.out)
        assert (told["source"], told["outcome"]) == (str(folder / "b.MP4"), "complete before")
        assert told["id"] == first.out.split("\t")[0]
        assert "b.MP4 was complete before: this is the video of an earlier run, and nothing was sent.\n" in done.err
        done = call(folder / "b.MP4", "--jsonl")
        assert json.loads(done.out)["outcome"] == "uploaded"
        assert "before" not in done.err

    def test_without_journals_nothing_is_passed_over(self, folder: Path, call: Callable[..., Done]) -> None:
        done = call(folder / "b.MP4", "gone.mp4", "--no-journal")
        assert "gone.mp4" in done.err
        assert "passes over" not in done.err

    @pytest.mark.usefixtures("folder")
    def test_a_wrong_token_ends_all(self, call: Callable[..., Done], monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("AIOZ_STREAM_TOKEN", "wrong")
        done = call("videos", "--files", 1)
        assert done.status == call("videos/c.mov").status
        assert "\n0 of 3 videos are uploaded.\nError: " in f"\n{done.err}"
        assert done.err.count("401") == 1

    def test_a_folder_that_cant_be_read(
        self, folder: Path, call: Callable[..., Done], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        scan = cast("Any", os.scandir)

        def refuse(path: str) -> Any:
            if path.endswith("sub"):
                raise PermissionError(13, "Permission denied", path)
            return scan(path)

        monkeypatch.setattr(os, "scandir", refuse)
        done = call(folder)
        assert done.status == 1
        assert "2 of 3 videos are uploaded; 1 failed:" in done.err
        assert "The folder can't be read: Permission denied." in done.err

    def test_the_status_is_that_of_the_first_source_that_fails(
        self, folder: Path, call: Callable[..., Done], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def status(error: Exception) -> int:
            return 40 if "first" in str(error) else 41

        monkeypatch.setattr("aioz_stream_cli.many.exit_status", status)
        assert call(folder, "first.mp4", "second.mp4").status == 40
        assert call("second.mp4", "first.mp4", folder).status == 41

    @pytest.mark.usefixtures("folder")
    def test_json(self, call: Callable[..., Done]) -> None:
        whole = call("videos", "gone.mp4", "--json", "--tag", "json")
        shown = json.loads(whole.out)
        assert [one["source"] for one in shown] == ["videos/b.MP4", "videos/c.mov", "videos/sub/a.webm", "gone.mp4"]
        assert [one["outcome"] for one in shown] == ["uploaded"] * 3 + ["failed"]
        assert [one.get("title") for one in shown] == ["b", "c", "a", None]
        assert [one.get("error") for one in shown] == [None] * 3 + ["There is no file gone.mp4."]
        assert whole.status
        lines = [json.loads(line) for line in call("videos", "gone.mp4", "--jsonl", "--tag", "json").out.splitlines()]
        assert {one.get("id") for one in lines} == {one.get("id") for one in shown}
        assert {one["outcome"] for one in lines} == {"complete before", "failed"}
        alone = call("videos/sub", "--json", "--tag", "alone")
        assert [one["title"] for one in json.loads(alone.out)] == ["a"]
        single = call("videos/c.mov", "--jsonl").out
        assert (single.count("\n"), json.loads(single)["title"]) == (1, "c")

    @pytest.mark.slow
    def test_urls_show_no_secret(self, call: Callable[..., Done]) -> None:
        done = call("http://user:secret@127.0.0.1:9/a.mp4?key=secret", "gone.mp4", "--jsonl")
        assert '"source": "http://127.0.0.1:9/a.mp4"' in done.out
        assert "secret" not in done.out + done.err

    @pytest.mark.usefixtures("folder")
    def test_all_are_waited_for(self, call: Callable[..., Done], monkeypatch: pytest.MonkeyPatch) -> None:
        wait = Videos.wait

        def fail_c(videos: Videos, video_id: str) -> Video:
            video = wait(videos, video_id)
            return evolve(video, status="fail") if video.title == "c" else video

        monkeypatch.setattr(Videos, "wait", fail_c)
        done = call("videos", "--wait", "--json", "--tag", "waited")
        statuses = [(one["title"], one["status"], one["outcome"]) for one in json.loads(done.out)]
        assert statuses == [("b", "done", "uploaded"), ("c", "fail", "failed"), ("a", "done", "uploaded")]
        assert "2 of 3 videos are ready; 1 failed:\n  videos/c.mov\n    It can't be watched" in done.err
        assert done.status == 7
        assert "tries again" not in done.err

    @pytest.mark.usefixtures("folder")
    def test_what_ends_all_is_summed_up(self, call: Callable[..., Done], monkeypatch: pytest.MonkeyPatch) -> None:
        """Such as Ctrl-C, which Click makes an exit status of."""

        def interrupt(*_: object) -> None:
            raise KeyboardInterrupt

        monkeypatch.setattr("aioz_stream_cli.many.click.echo", interrupt)
        done = call("videos", "--files", 1, "--tag", "interrupted")
        assert done.status
        assert "1 of 3 videos are uploaded." in done.err


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ([], "Name what to upload"),
        (["videos", "--title", "x"], "--title is for one video"),
        (["videos", "--into", "x"], "--into is for one video"),
        (["a.mp4", "b.mp4", "--size", "5"], "--size is for one video"),
        (["a.mp4", "-"], "- is standard input, which is uploaded alone"),
        (["-", "-"], "- is standard input, which is uploaded alone"),
        (["a.mp4", "--include", "*"], "and there is none"),
        (["a.mp4", "--exclude", "*"], "and there is none"),
        (["videos", "--files", "0"], "--files"),
        (["a.mp4", "--max-speed", "fast"], "'fast' is no size"),
    ],
)
@pytest.mark.usefixtures("folder")
def test_options_that_make_no_sense(words: list[str], says: str, call: Callable[..., Done]) -> None:
    done = call(*words)
    assert done.status == 2
    assert says in done.err


@pytest.mark.parametrize("words", [["--part-size", "10M"], ["--tag", "x" * 10_000]])
@pytest.mark.usefixtures("folder")
def test_what_is_wrong_for_all_is_said_once(words: list[str], call: Callable[..., Done]) -> None:
    done = call("videos", *words)
    assert done.status
    assert done.err.count("\n") < 4
    assert "videos are" not in done.err


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("5MB", 5_000_000),
        ("5mb", 5_000_000),
        ("64MiB", 67_108_864),
        ("10M", 10_000_000),
        ("10Mi", 10_485_760),
        ("52_428_800", 52_428_800),
        ("52,428,800", 52_428_800),
        ("1.5 GB", 1_500_000_000),
        ("2MB/s", 2_000_000),
        ("800k", 800_000),
        ("7", 7),
        ("1TiB", 1 << 40),
        *((wrong, None) for wrong in ("", "MB", "5X", "5,5MB", "-5", "5iB", "5Mbit", "1__000", "1,0000", "٣")),
    ],
)
def test_sizes_are_written_as_people_do(written: str, expected: int | None) -> None:
    command = click.Command("upload")
    arguments = (click.Context(command), click.Option(["--size"]), written)
    if expected is None:
        with pytest.raises(click.BadParameter, match="is no size"):
            size(*arguments)
    else:
        assert size(*arguments) == expected


@pytest.mark.parametrize("columns", [40, 60, 80, 100, 120])
def test_bars_fit_the_terminal(columns: int, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    drawn = io.StringIO()
    console = Console(file=drawn, force_terminal=True, width=columns, color_system=None, soft_wrap=True)
    monkeypatch.setattr(file_bars, "notes", console)
    names = [tmp_path / f"{letter} long name of a talk that goes on and on.mp4" for letter in "abc"]
    for name in names:
        name.write_bytes(bytes(1000))
    with FileBars([*map(str, names)]) as bars:
        bars.watch(0)(Progress(900, 1000, resumed=800, retries=12, safe=850, speed=10**9))
        drawn.seek(drawn.truncate(0))
        bars.watch(1)(Progress(100, 1000, safe=60, speed=100))
        assert not bars.end(2, has_failed=True)
        sys.stderr.write("A retry.\n")
        sys.stdout.write("A result, which goes to a pipe.\n")
        with bars.hidden():
            console.print("An outcome.")
        shown = drawn.getvalue()
    lines = [line for line in re.split(r"[\r\n]+", re.sub(r"\x1b\[[^A-Za-z]*[A-Za-z]", "", shown)) if line.strip()]
    assert all(len(line) <= columns - len("^C") for line in lines), lines
    assert [line.strip() for line in lines if line.startswith("A")] == ["A retry.", "An outcome."]
    first, second, third = (line.split() for line in lines[-3:])
    assert first[:4] == ["1", "of", "3", "files"]
    # This run has 200 bytes of the first file to send and 1,000 of the second; 100 of each are sent.
    assert ("17%" if columns < 100 else "0.2/1.2") in first
    assert second[0][0] == third[0][0] == "/"
    if columns >= 60:
        assert "GB/s" in second
        assert "bytes/s" in third
    if columns >= 80:
        assert "failed" in first
        assert "tried" in second


@pytest.mark.parametrize("columns", [40, 80, 120])
def test_a_terminal_has_no_broken_line(terminal: OpenTerminal, tmp_path: Path, columns: int) -> None:
    """A bar that is wider than the terminal would leave its second line behind."""
    folder = tmp_path / "videos of a long name"
    folder.mkdir()
    for name in "abc":
        (folder / f"{name} talk with a long name.mp4").write_bytes(bytes(2_000_000))
    (folder / "d.mp4").touch()
    running = terminal("upload", str(folder), "--files", "2", "--max-speed", "6MB", columns=columns)
    running.expect("2 of 4 files")
    assert running.end()
    shown = [line for line in running.lines if line]
    assert not [line for line in shown if "%" in line or "━" in line or "/s" in line]
    end = next(place for place, line in enumerate(shown) if line.startswith("3 of 4 videos"))
    outcomes = [line for line in shown[:end] if re.match(r"[0-9a-f-]{36}(  /|$)|Failed:", line)]
    assert len(outcomes) == 4, "what is printed above the bars stays"
    assert "empty; there is nothing to upload" in " ".join(" ".join(shown[end:]).split())


def test_a_pipe_has_lines_and_no_bar(run: Run, folder: Path) -> None:
    done = run("upload", str(folder), "--tag", "pipe")
    assert done.returncode == 0
    said = [line for line in done.stderr.splitlines() if not line.startswith("Warning: ")]  # they are no media
    assert said == ["3 of 3 videos are uploaded."]
    assert all(re.fullmatch(r"[0-9a-f-]{36}\tuploaded\t/.+", line) for line in done.stdout.splitlines())
