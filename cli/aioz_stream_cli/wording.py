"""Messages of the library in the words of the command: its options where they name Python's arguments.

The library writes an argument as `name=`, `name=True` or `name=False`, and an error about one has it in `argument`.
What only a program can do stands in sentences that begin with "In Python,". "The same call" is "the same command" here.
"""

from __future__ import annotations

import re

import click

from aioz_stream.errors import ArgumentError
from aioz_stream_cli.client import named_profile

_OTHER_NAMES = {
    "created_after": "since",
    "created_before": "until",
    "is_public": "public",
    "source_height": "height",
    "tags": "tag",
    "thumbnail": "picture",
}
"""The parameters of the command that are called otherwise than the library's arguments."""
_PHRASES = {"source": "the source", "video_id": "VIDEO_ID"}
"""What commands take in several forms, so that what their usage says of it is no name."""

_KEYWORD = re.compile(r"(?<![\w/.-])([a-z_]+)=(True|False|…)?(?=[\s,.;]|$)")
_SAME_CALL = re.compile(r"(?<=\b[Tt]he same )call\b")
_FOR_PROGRAMS = re.compile(r"\s*\bIn Python, .*?\.(?=\s|$)", re.DOTALL)


def in_options(text: str, command: click.Command) -> str:
    """A message or a note with this command's options in place of keyword arguments."""

    def name(found: re.Match[str]) -> str:
        return _parameter(found[1], command, is_off=found[2] == "False") or found[0]

    return _KEYWORD.sub(name, _with_profile(_SAME_CALL.sub("command", _FOR_PROGRAMS.sub("", text))))


def _with_profile(text: str) -> str:
    """The commands that a message names, with the profile of this one, so that they can be pasted."""
    profile = named_profile()
    return re.sub("`aioz-stream abort [^`]*", rf"\g<0> --profile {profile}", text) if profile else text


def sentence(error: BaseException, command: click.Command) -> str:
    """What an error says, in options."""
    text = str(error)
    if isinstance(error, ArgumentError) and error.argument:
        argument = re.match(r"\w*", error.argument)
        option = _parameter(argument[0] if argument else "", command)
        if option:
            text = re.sub(rf"(?<![\w.]){re.escape(error.argument)}", lambda _: option, text, count=1)
    return in_options(text, command)


def running_command(ctx: click.Context) -> click.Command:
    """The command that runs, also where its own context has ended."""
    inner = ctx.command.get_command(ctx, ctx.invoked_subcommand or "") if isinstance(ctx.command, click.Group) else None
    return inner or ctx.command


def _parameter(argument: str, command: click.Command, *, is_off: bool = False) -> str | None:
    """How one types the parameter for an argument of the library; None where there is none."""
    if argument in _PHRASES:
        return _PHRASES[argument]
    wanted = {argument, _OTHER_NAMES.get(argument)}
    for parameter in command.params:
        if parameter.name in wanted:
            written = parameter.secondary_opts if is_off else parameter.opts
            return parameter.human_readable_name if isinstance(parameter, click.Argument) else max(written, key=len)
    return None
