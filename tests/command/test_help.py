"""The help of every command ends with lines that can be copied."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import TYPE_CHECKING

import click
import pytest
from click.testing import CliRunner

from aioz_stream_cli.commands import cli

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.command.conftest import OpenTerminal

FILES = ("talk.mp4", "ladder.json", "cover.png", "items.csv")
"""What the examples name."""


def help_of(command: str | None) -> str:
    return CliRunner().invoke(cli, [*([command] if command else []), "--help"], terminal_width=100).output


def test_the_list_of_commands_says_whole_sentences() -> None:
    listed = CliRunner().invoke(cli, ["--help"], terminal_width=80).output.partition("\nCommands:\n")[2]
    lines = listed.partition("\n\n")[0].splitlines()
    assert len(lines) == len(cli.commands)
    assert [line for line in lines if not line.endswith(".") or line.endswith("...")] == []


def test_it_fits_a_narrow_terminal(terminal: OpenTerminal) -> None:
    shown = terminal("--help", columns=40)
    assert shown.end() == 0
    head = "\n".join(shown.lines).partition("Commands:")[0]
    assert "  AIOZ_STREAM_PUBLIC_KEY and\n" in head
    assert "\n  Upload videos to AIOZ Stream and look\n  after them.\n" in head


@pytest.mark.parametrize("name", sorted(cli.commands))
def test_no_command_or_option_is_broken_over_two_lines(name: str) -> None:
    shown = CliRunner().invoke(cli, [name, "--help"], terminal_width=80).output
    assert re.findall(r".*\w-$", shown, re.MULTILINE) == []
    assert shown.isascii()
    for command in re.findall("`aioz-stream[^`]*`", shown):
        assert "\n" not in command


@pytest.mark.parametrize("name", [None, *sorted(cli.commands)])
def test_every_option_says_what_it_does_and_names_its_value_in_words(name: str | None) -> None:
    command = cli.commands[name] if name else cli
    options = [one for one in command.params if isinstance(one, click.Option)]
    assert [one.name for one in options if not one.help] == []
    assert re.findall(r"FLOAT|INTEGER|RANGE|FILENAME|PATH|NUMBER", help_of(name).replace("VIDEO_ID", "")) == []


def in_columns(width: int, *words: str) -> str:
    """The help in lines of this width; for a terminal, Click leaves two columns free."""
    return CliRunner().invoke(cli, [*words, "--help"], terminal_width=width).output


@pytest.mark.parametrize("name", [None, *sorted(cli.commands)])
@pytest.mark.parametrize("width", [40, 57, 78])
def test_its_lines_fit(name: str | None, width: int) -> None:
    """The examples, which are to be copied, fit 80 columns."""
    told, _, copied = in_columns(width, *filter(None, [name])).partition("\n  Examples:\n")
    assert [line for line in told.splitlines() if len(line) > width] == []
    assert [line for line in copied.splitlines() if len(line) > 80] == []
    words = " ".join(told.split())
    for option in (cli.commands[name] if name else cli).params:
        if isinstance(option, click.Option) and option.help:
            assert " ".join(option.help.split()) in words


def test_a_narrow_terminal_has_texts_below_their_options() -> None:
    assert "  --into VIDEO_ID\n      Send it to this video, which has no bytes yet" in in_columns(57, "upload")
    assert re.search("  --into VIDEO_ID +Send it", in_columns(58, "upload"))


@pytest.mark.parametrize("name", ["get", "wait", "delete"])
def test_standard_input_is_explained(name: str) -> None:
    assert "- stands for ids on standard input, one a line." in " ".join(help_of(name).split())


def test_the_profile_is_what_the_command_makes_of_it() -> None:
    assert "The name to keep them under." in help_of("login")
    assert "The profile to forget." in help_of("logout")
    assert "keeps under this name." in " ".join(help_of("get").split())


def examples(text: str) -> list[str]:
    """The last part of a help text."""
    _, found, last = text.partition("\n  Examples:\n")
    assert found, "the help has no examples"
    return [line.strip() for line in last.rstrip("\n").split("\n")]


def calls(line: str) -> Iterator[list[str]]:
    """The arguments of each `aioz-stream` in a line of shell."""
    for part in re.split(r"\||&&|\$\(", line.replace(')"', "").replace('eval "', "")):
        words = shlex.split(re.split(" [<>] ", part)[0])
        if words and words[0] == "aioz-stream":
            yield words[1:]


@pytest.mark.parametrize("name", [None, *sorted(cli.commands)])
def test_each_example_parses(name: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for file in FILES:
        Path(file).touch()
    lines = examples(help_of(name))
    assert lines
    for line in lines:
        found = list(calls(line))
        assert found, line
        assert name is None or any(words[0] == name for words in found), line
        for command, *arguments in found:
            with (
                CliRunner().isolation(input="y\n"),
                click.Context(cli) as parent,
                cli.commands[command].make_context(command, arguments, parent),
            ):
                pass  # it was parsed


def test_an_example_that_does_not_parse_is_noticed() -> None:
    [words] = calls("aioz-stream get VIDEO_ID --jason | less")
    with pytest.raises(click.NoSuchOption):
        cli.commands["get"].make_context("get", words[1:])
