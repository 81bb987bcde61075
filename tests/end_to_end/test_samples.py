"""What the pages tell people to write works as it is printed."""

from __future__ import annotations

import asyncio
import csv
import io
import json
import os
import re
import shlex
import subprocess
import sys
import tempfile
import threading
import tomllib
import types
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import click
import distributed
import django.test
import httpx
import imageio_ffmpeg
import pytest
import yaml
from starlette.datastructures import UploadFile

import aioz_stream
from aioz_stream import AiozStream
from aioz_stream.bar import progress_bar
from aioz_stream.http import profiles
from aioz_stream_cli.commands import cli
from aioz_stream_mock import MockServer, Settings
from tests.command.conftest import Terminal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fastapi import FastAPI

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
TALK = 100_000


def blocks(page: Path, kind: str = "python") -> list[str]:
    return re.findall(rf"```{kind}\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """And a folder with the files that the samples name, to work in."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("AIOZ_STREAM_TOKEN", "token-a")
    monkeypatch.setenv("AIOZ_STREAM_JOURNALS", str(tmp_path / "journals"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    for name in ("talk.mp4", "intro.mp4", "a.mp4", "b.mp4"):
        Path(name).write_bytes(os.urandom(TALK))
    Path("cover.png").write_bytes(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\1\0\0\0\1\x08\x06\0\0\0\x1f\x15\xc4\x89")
    with MockServer(Settings(transcode_seconds=0)) as running:
        monkeypatch.setenv("AIOZ_STREAM_BASE_URL", running.url)
        profiles.save("work", running.url, {"token": "token-a"}, in_keyring=False)
        yield


class Files(BaseHTTPRequestHandler):
    """An http server that gives one file by range."""

    def __init__(self, content: bytes, *arguments: Any) -> None:
        self._content = content
        super().__init__(*arguments)

    def do_GET(self) -> None:
        start, end = map(int, self.headers["Range"].removeprefix("bytes=").split("-"))
        end = min(end, len(self._content) - 1)
        self.send_response(206)
        self.send_header("Content-Range", f"bytes {start}-{end}/{len(self._content)}")
        self.end_headers()
        self.wfile.write(self._content[start : end + 1])

    def log_message(self, *_: Any) -> None:
        """It is not read."""


@pytest.fixture
def files() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Files, b"from elsewhere")) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


PAGES = {path.relative_to(DOCS).as_posix(): path for path in sorted(DOCS.rglob("*.md"))}
WITH_A_TEST_OF_THEIR_OWN = {"uploading.md", "generated-client.md"}
CONFIGURED = """
from django.conf import settings

settings.configure(ROOT_URLCONF="urls", ALLOWED_HOSTS=["*"])
"""
"""What a Django project has beside its views."""


@pytest.mark.parametrize("page", sorted({page for page in PAGES if blocks(PAGES[page])} - WITH_A_TEST_OF_THEIR_OWN))
@pytest.mark.usefixtures("server")
@pytest.mark.filterwarnings("ignore::DeprecationWarning:celery", "ignore::DeprecationWarning:kombu")
def test_the_samples_of_a_page_run(page: str) -> None:
    """One after the other, in the order in which they stand there."""
    exec(CONFIGURED if page == "guides/web.md" else "", {})
    names = run_page(page)
    if page == "guides/web.md":
        check_the_frameworks(names)


@pytest.mark.usefixtures("server")
@pytest.mark.filterwarnings("ignore::DeprecationWarning:celery", "ignore::DeprecationWarning:kombu")
def test_a_job_that_is_given_out_again_makes_no_second_video() -> None:
    run_page("guides/workers.md")
    with AiozStream() as stream:
        assert [video.title for video in stream.videos.list()] == ["From a worker"]


@pytest.mark.usefixtures("server")
def test_giving_up_what_is_old_leaves_what_was_begun_today() -> None:
    run_page("guides/links.md")
    with AiozStream() as stream:
        assert [one.title for one in stream.uploads.unfinished()] == ["Before the train leaves"]


def run_page(page: str) -> dict[str, Any]:
    module = types.ModuleType("sample")
    # Frameworks look at where a class or function was made.
    sys.modules[module.__name__] = module
    for sample in blocks(PAGES[page]):
        exec(compile(sample, f"{page}: {sample.splitlines()[0]}", "exec"), module.__dict__)
    return module.__dict__


async def ask_fastapi(app: FastAPI) -> str:
    """The id of a video that it made."""
    transport = httpx.ASGITransport(app)
    async with app.router.lifespan_context(app), httpx.AsyncClient(transport=transport, base_url="http://a") as client:
        made = await client.post("/videos", params={"title": "By FastAPI"})
        assert made.status_code == 201
        shown = await client.get(f"/videos/{made.json()['id']}")
        assert shown.json()["title"] == "By FastAPI"
        assert (await client.get("/videos/unknown")).status_code == 404
    return str(made.json()["id"])


def check_the_frameworks(names: dict[str, Any]) -> None:
    made = asyncio.run(ask_fastapi(names["app"]))
    urls = types.ModuleType("urls")
    urls.__dict__["urlpatterns"] = names["urlpatterns"]
    sys.modules["urls"] = urls
    django.setup()
    asked = django.test.Client()
    answer = asked.get(f"/videos/{made}")
    assert (answer.status_code, answer.json()["title"]) == (200, "By FastAPI")
    assert asked.get("/videos/unknown").status_code == 404
    names["get_stream"]().close()


def lines_of_shell() -> list[tuple[str, str]]:
    pages = {**{name: ROOT / name for name in ("README.md", "CONTRIBUTING.md")}, **PAGES}
    found: list[tuple[str, str]] = []
    for page, path in pages.items():
        for block in re.findall(r"```sh\n(.*?)```", path.read_text(encoding="utf-8"), re.DOTALL):
            whole = block.replace("\\\n", " ")
            found += [(page, line) for line in whole.splitlines() if line.strip() and not line.startswith("#")]
    return found


@pytest.mark.parametrize(("page", "line"), lines_of_shell())
def test_lines_of_shell_name_what_exists(page: str, line: str) -> None:
    for command in re.split(r" \| | && ", line.partition(" #")[0]):
        words = [word for word in shlex.split(command) if not re.fullmatch(r"[A-Z_]+=.*", word)]
        if words and words[0] == "make":
            targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
            assert set(words[1:]) <= targets, page
        elif words and words[0] == "aioz-stream":
            check_options(cli, words[1:])


def check_options(command: click.Command, words: list[str]) -> None:
    if isinstance(command, click.Group) and words and not words[0].startswith("-"):
        check_options(command.commands[words[0]], words[1:])
        return
    known = {option for parameter in command.params for option in (*parameter.opts, *parameter.secondary_opts)}
    given = {word for word in words if re.match("--?[a-z]", word)}
    assert given <= known | {"--help"}


def test_no_block_of_a_page_is_left_out() -> None:
    """Each is of a kind that a test here runs or reads. What stands without a kind is a drawing."""
    console = {name for name, path in PAGES.items() if "```console" in path.read_text(encoding="utf-8")}
    assert console == {"tutorial.md"}
    for page, path in {**{name: ROOT / name for name in ("README.md", "SECURITY.md")}, **PAGES}.items():
        fences = re.findall(r"^ *```(.*)$", path.read_text(encoding="utf-8"), re.MULTILINE)
        kinds = set(fences[::2]) - ({""} if page == "architecture.md" else set())
        assert kinds <= {"python", "py", "sh", "console", "json", "yaml", "toml", "csv"}, page
    assert {page for page in PAGES if blocks(PAGES[page], "py")} == {"uploading.md", *PARTS_OF_PROGRAMS}


PARTS_OF_PROGRAMS = {"guides/testing.md", "guides/clusters.md"}
"""Pages with a block that needs what a page can't have, such as a cluster; each has a test below."""


def test_the_sample_of_a_test_passes(aioz_stream_server: object, tmp_path: Path) -> None:
    [sample] = blocks(PAGES["guides/testing.md"], "py")
    names: dict[str, Any] = {}
    exec(sample, names)
    names["test_a_video_is_published"](aioz_stream_server, tmp_path)


@pytest.mark.usefixtures("server")
def test_the_upload_file_of_a_framework_is_sent_on() -> None:
    receive, _ = blocks(PAGES["uploading.md"], "py")
    names: dict[str, Any] = {"AsyncAiozStream": aioz_stream.AsyncAiozStream, "UploadFile": UploadFile}
    exec(receive, names)
    file = UploadFile(io.BytesIO(b"from a browser"), size=14, filename="browser.mp4")
    video_id = asyncio.run(names["receive"](file))
    with AiozStream() as stream:
        assert stream.videos.get(video_id).size == 14


@pytest.mark.parametrize("page", ["guides/clusters.md", "uploading.md"])
@pytest.mark.usefixtures("server")
def test_the_sample_of_a_cluster_runs(page: str, capsys: pytest.CaptureFixture[str]) -> None:
    sample = blocks(PAGES[page], "py")[-1]
    with (
        distributed.LocalCluster(n_workers=1, processes=False, dashboard_address=":0") as cluster,
        AiozStream() as stream,
    ):
        address = str(cluster.scheduler_address)
        exec(sample.replace("tcp://scheduler:8786", address), {"stream": stream})
        ids = {video.id for video in stream.videos.list(status="done")}
    assert {line.split()[1] for line in capsys.readouterr().out.splitlines()} == ids


def test_the_table_of_a_manifest_is_read() -> None:
    [table] = re.findall(r"```csv\n(.*?)```", PAGES["guides/folder.md"].read_text(encoding="utf-8"), re.DOTALL)
    for row in csv.DictReader(io.StringIO(table)):
        assert set(row) == {"source", "title", "tags", "public", "qualities"}


@pytest.mark.parametrize("kind", ["json", "yaml", "toml"])
def test_other_blocks_are_well_formed(kind: str) -> None:
    read: dict[str, Any] = {"json": json.loads, "yaml": yaml.safe_load, "toml": tomllib.loads}
    for page in PAGES.values():
        for block in re.findall(rf"```{kind}\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL):
            read[kind](block)


TUTORIAL = (DOCS / "tutorial.md").read_text(encoding="utf-8")
PROMPT = "\x1b[0;0m$ "
"""Escaped, so that nothing else which is printed looks like it."""
TYPED = {"Token:": "token-a", "Go ahead?": "y"}
"""What a person answers."""


def commands_of_the_tutorial() -> list[tuple[str, str]]:
    """Each command, and what the terminal shows then."""
    shown = "".join(re.findall(r"```console\n(.*?)```", TUTORIAL, re.DOTALL))
    return re.findall(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", shown, re.MULTILINE)


@pytest.fixture
def shell() -> Iterator[Terminal]:
    """The terminal of a person, in an empty folder whose path is as short as theirs."""
    with tempfile.TemporaryDirectory() as folder:
        yield from shell_in(folder)


def shell_in(folder: str) -> Iterator[Terminal]:
    environment = {
        "HOME": folder,
        "LANG": "C.UTF-8",
        "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin",
        "PS1": r"\[\e[0;0m\]$ ",
        "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring",  # and not the developer's
    }
    program = ["/bin/bash", "--norc", "--noprofile", "--noediting", "-i"]
    shell = Terminal(program, 100, environment)
    shell.child.expect_exact(PROMPT)
    enter(shell, "cd", "", "")
    yield shell
    shell.child.close(force=True)


def enter(shell: Terminal, command: str, expected: str, interrupted_at: str) -> str:
    """What the terminal shows of a command. Questions are answered; Ctrl-C is pressed when it shows a text."""
    above = len(shown_lines(shell))
    shell.type(command)
    for question, answer in TYPED.items():
        if question in expected:
            shell.child.expect_exact(question)
            shell.type(answer)
    if interrupted_at:
        shell.child.expect_exact(interrupted_at)
        shell.interrupt()
    shell.child.expect_exact(PROMPT)
    return "\n".join(shown_lines(shell)[above:-1]).strip("\n")


def shown_lines(shell: Terminal) -> list[str]:
    """Up to the one where the cursor is."""
    return "\n".join(shell.lines).rstrip("\n").split("\n")


@pytest.mark.slow  # half a minute, as people type it
def test_the_tutorial(shell: Terminal) -> None:
    """Every line of it, as a person types it, against the server that it starts."""
    commands = commands_of_the_tutorial()
    moments = iter(re.findall(r"bar\s+says `(.*?)`", TUTORIAL))
    assert len(commands) >= 30
    with MockServer(Settings(transcode=True)) as server:
        port = str(urlsplit(server.url).port)
        for command, expected in commands:
            moment = next(moments) if "Interrupted." in expected else ""
            actual = enter(shell, command.replace("8080", port), expected, moment).replace(port, "8080")
            assert matches(expected, actual), f"$ {command}\n{actual}"
    assert next(moments, None) is None


def matches(expected: str, actual: str) -> bool:
    """A line of nothing but … stands for any number of lines, and inside a line for any text."""
    pattern = "".join(
        r"(?:.*\n)*" if line == "…" else ".*".join(map(re.escape, line.split("…"))) + r"\n"
        for line in expected.splitlines()
    )
    return re.fullmatch(pattern, actual if actual.endswith("\n") or not actual else actual + "\n") is not None


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md", "SECURITY.md", *(f"docs/{name}" for name in PAGES)])
def test_links_between_pages_lead_somewhere(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    for link in re.findall(r"\]\((?!https?:)([^)#]+)", text):
        assert ((ROOT / page).parent / link).exists(), link


@pytest.mark.usefixtures("server")
def test_all_of_uploading(files: str, capsys: pytest.CaptureFixture[str]) -> None:
    """One after the other, as somebody follows the page."""
    names: dict[str, Any] = {"__name__": "__main__"}
    samples = blocks(DOCS / "uploading.md")
    assert len(samples) >= 12
    for sample in samples:
        code = sample.replace("https://files.example.com", files)
        exec(compile(code, sample.splitlines()[0], "exec"), names)
    names["stream"].close()
    shown = capsys.readouterr().out
    assert "100% at" in shown
    assert "left behind" in shown
    with AiozStream() as stream:
        sizes = {video.title: (video.size, video.status) for video in stream.videos.list(status="done")}
        assert [one.title for one in stream.uploads.unfinished()] == ["Cancelled"]
    whole = dict.fromkeys(("Talk", "Recorded", "Watched", "With a bar", "Patient", "Intro"), (TALK, "done"))
    assert sizes.items() >= whole.items()
    assert sizes["Without its header"] == (TALK - 1000, "done")
    assert sizes["From elsewhere"] == (14, "done")
    assert "Cancelled" not in sizes


@pytest.mark.usefixtures("server")
def test_the_page_of_logging_shows_requests_and_spans(
    capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    run_page("guides/logging.md")
    said = [record.getMessage() for record in caplog.records if record.name == "aioz_stream"]
    assert any(re.match(r"POST /api/videos/create: 201 after \d\.\d+ s \(request .+\)", line) for line in said), said
    spans = re.findall(r"^(GET|POST) (\d{3})$", capsys.readouterr().out, re.MULTILINE)
    assert spans == [("POST", "201"), ("POST", "200"), ("GET", "200"), ("GET", "200")], "create, part, complete, get"


@pytest.mark.usefixtures("server")
def test_the_page_of_the_generated_client(capsys: pytest.CaptureFixture[str]) -> None:
    names: dict[str, Any] = {}
    for number, block in enumerate(blocks(DOCS / "generated-client.md")):
        exec(compile(block, f"block {number} of the page", "exec"), names)
    shown = capsys.readouterr().out
    assert "200 application/json" in shown
    assert "MessageResponse(" in shown  # the upload is complete
    assert shown.splitlines()[-1].startswith("The credentials")
    names["client"].get_httpx_client().close()
    names["with_keys"].get_httpx_client().close()
    names["strict"].get_httpx_client().close()


@pytest.mark.usefixtures("server")
def test_all_of_the_tables_of_operations(
    files: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Row by row: what an operation is called with, and what is done with several of them."""
    media = ("-f", "lavfi", "-i", "testsrc2=size=640x360:rate=10", "-f", "lavfi", "-i", "sine", "-t", "1")
    subprocess.run([imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", *media, "-y", "talk.mp4"], check=True)
    Path("cover.png").write_bytes(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\1\0\0\0\1\x08\x06\0\0\0\x1f\x15\xc4\x89")
    text = (DOCS / "operations.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| ([^|]+) \| `(.*)` \|$", text[text.index("| operation | code |") :], re.MULTILINE)
    assert len(rows) >= 22
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BufferedReader(Stream(b"live"))))
    with AiozStream() as stream:
        names: dict[str, Any] = {
            "aioz_stream": aioz_stream,
            "stream": stream,
            "sys": sys,
            "progress_bar": progress_bar,
            "part": aioz_stream.plan(Path("talk.mp4").stat().st_size)[0],
            "qualities": [aioz_stream.encoding.hls("360p")],
            "cancellation": aioz_stream.Cancellation(),
        }
        for task, code in rows:
            if task == "a file into a video that exists":
                names["video"] = stream.videos.create(title="There")
            exec(compile(code.replace("https://files.example.com", files), task, "exec"), names)
        titles = [video.title for video in stream.videos.list(status="done")]
    assert {"Talk", "There", "Live", "a", "b"} <= set(titles)
    assert len(capsys.readouterr().out.splitlines()) == 2


class Stream(io.RawIOBase):
    """What can't seek."""

    def __init__(self, content: bytes) -> None:
        super().__init__()
        self._content = io.BytesIO(content)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        return self._content.readinto(buffer)
