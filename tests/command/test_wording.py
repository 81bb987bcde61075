"""Errors tell a person at a terminal what to type, not what a program would pass."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from aioz_stream_cli.commands import cli
from aioz_stream_cli.wording import in_options

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.command.conftest import Run

OVERLAY = Path(__file__).parents[2] / "overlay/aioz_stream"
NOT_OF_THE_COMMAND = {"deadline", "upload_client", "items", "profile"}
"""The command passes none of them, so it never meets what the library says of them."""
KEYWORD = re.compile(r"(?<![\w/.-])([a-z_]+)=(True|False|…)?(?=[\s,.;]|$)")


def messages() -> Iterator[tuple[str, str]]:
    """Every literal of the library that is no docstring, with its place."""
    for path in sorted(OVERLAY.rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
        parts = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
        for node in ast.walk(tree):
            place = f"{path.name}:{getattr(node, 'lineno', 0)}"
            if isinstance(node, ast.JoinedStr):
                yield place, "".join(str(one.value) if isinstance(one, ast.Constant) else "{}" for one in node.values)
            elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings | parts:
                yield place, node.value


def test_every_keyword_in_a_message_has_an_option() -> None:
    """Or stands in a sentence that begins with "In Python,", which the command leaves out."""
    said = [(place, text) for place, text in messages() if " " in text]
    assert sum(bool(KEYWORD.search(text)) for _, text in said) >= 10
    left = [(place, found[0]) for place, text in said for found in KEYWORD.finditer(spoken(text))]
    assert [(place, word) for place, word in left if word.partition("=")[0] not in NOT_OF_THE_COMMAND] == []
    assert [place for place, text in said if "`stream." in spoken(text)] == []
    assert [place for place, text in said if "aioz-stream abort`" in text] == [], "a command needs its argument"


def spoken(text: str) -> str:
    for command in ("upload", "download"):
        text = in_options(text, cli.commands[command])
    return text


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("Pass spool=True to copy it.", "Pass --spool to copy it."),
        ("Pass size= if you know it, or spool=True.", "Pass --size if you know it, or --spool."),
        ("Wait, or pass journal=False to do so.", "Wait, or pass --no-journal to do so."),
        ("or upload with journal=False, which helps", "or upload with --no-journal, which helps"),
        ("the file /year=2024/size=5/a.mp4, title=x", "the file /year=2024/size=5/a.mp4, title=x"),
        ("Leave one out. In Python, marker=False\ndoes without it.", "Leave one out."),
        ("The same call resumes it, as the same call does.", "The same command resumes it, as the same command does."),
        ("First. In Python, a.b does. Then this.", "First. Then this."),
        ("deadline= needs a thread", "deadline= needs a thread"),
    ],
)
def test_keywords_become_options(text: str, says: str) -> None:
    assert spoken(text) == says


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["upload", __file__, "--concurrency", "0"], "--concurrency is 0;"),
        (["upload", __file__, "--max-speed", "0"], "--max-speed is 0;"),
        (["upload", __file__, "--title", ""], "--title must not be empty"),
        (["upload", __file__, "--tag", "x" * 300], "--tag has 300 characters"),
        (["upload", __file__, "--spool"], "--spool is for streams"),
        (["list", "--since", "soon"], "--since "),
        (["list", "--until", "soon"], "--until "),
        (["get", ".."], "VIDEO_ID is '..'"),
        (["cost", "4320p", "--duration", "1"], "QUALITIES "),
        (["cost", "360p", "--duration", "0"], "--duration is 0.0"),
        (["thumbnail", "x", "cover.txt"], "cover.txt must be a .png or .jpg file"),
    ],
    ids=lambda value: " ".join(map(str, value[:2] + value[-2:]))[-40:] if isinstance(value, list) else "",
)
def test_arguments_have_the_names_of_options(words: list[str], says: str) -> None:
    done = CliRunner().invoke(cli, words, env={"AIOZ_STREAM_TOKEN": "credential"})
    assert done.exit_code == 2
    assert f"Error: {says}" in done.output


@pytest.mark.parametrize(
    "words",
    [["upload", __file__, "--tag", "a", "--tag", ""], ["upload", "a", "b", "--tag", ""], ["list", "--tag", ""]],
    ids=str,
)
def test_an_empty_tag_is_refused(words: list[str]) -> None:
    done = CliRunner().invoke(cli, words, env={"AIOZ_STREAM_TOKEN": "credential"})
    assert done.exit_code == 2
    assert "'--tag': a tag must not be empty." in done.output


def test_credentials_are_not_passed(run: Run) -> None:
    said = run("list", AIOZ_STREAM_TOKEN="").stderr
    assert "AIOZ_STREAM_TOKEN" in said
    assert "token=" not in said


def test_warnings_and_notes_speak_of_options_too(run: Run, tmp_path: Path) -> None:
    (tmp_path / "clip.mp4").write_bytes(b"bytes")
    (tmp_path / "no-folder").write_bytes(b"")
    done = run("upload", str(tmp_path / "clip.mp4"), AIOZ_STREAM_JOURNALS=str(tmp_path / "no-folder"))
    assert done.returncode == 0, done.stderr
    assert "or upload with --no-journal" in done.stderr.replace("\n", " ")
    assert "journal=" not in done.stderr
