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

FILES = ("talk.mp4", "ladder.json", "cover.png", "items.csv")
"""What the examples name."""


def help_of(command: str | None) -> str:
    return CliRunner().invoke(cli, [*([command] if command else []), "--help"], terminal_width=100).output


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
