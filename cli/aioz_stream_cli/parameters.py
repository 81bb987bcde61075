"""Options and arguments that several commands have in common."""

from __future__ import annotations

import json
import os
import re
import sys
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal, TypedDict, TypeVar, cast

import click
from attrs import frozen

from aioz_stream_cli.terminal import say

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from aioz_stream.upload.slots import Concurrency

Command = TypeVar("Command", bound="Callable[..., Any]")
Form = Literal["json", "jsonl"] | bool | None
"""What --json and --jsonl ask for; True is "json". Else it is a table at a terminal, and lines with tabs elsewhere."""

as_json = click.option("--json", "as_json", is_flag=True, help="Print one JSON document, all fields.")


def json_or_lines(command: Command) -> Command:
    """For commands with several results: the argument `form` is "json", "jsonl" or None."""
    with_lines = click.option("--jsonl", "form", flag_value="jsonl", help="Print a line of JSON for each result.")
    with_json = click.option("--json", "form", flag_value="json", help="Print one JSON document, all fields.")
    return with_json(with_lines(command))


_SIZE = re.compile(r"(\d+(?:\.\d+)?) ?([kmgt]?)(i?)b?(?:/s)?", re.IGNORECASE | re.ASCII)


def size(_ctx: click.Context, _param: click.Parameter, value: str | None) -> int | None:
    """A number of bytes as people write it: 5MB and 10M count in thousands, 64MiB in 1,024s."""
    if value is None:
        return None
    found = _SIZE.fullmatch(re.sub(r"(?<=\d)[_,](?=\d{3}(?!\d))", "", value.strip()))
    if not found or (found[3] and not found[2]):
        raise click.BadParameter(f"{value!r} is no size, such as 52428800, 60MB or 50MiB.")
    unit = (1024 if found[3] else 1000) ** " kmgt".index(found[2].lower() or " ")
    return int(Decimal(found[1]) * unit)


def _part_count(ctx: click.Context, param: click.Parameter, value: Any) -> Concurrency:
    """A number of parts, or auto."""
    return "auto" if value == "auto" else click.INT.convert(value, param, ctx)


concurrency = click.option(
    "--concurrency",
    metavar="[auto|N]",
    callback=_part_count,
    default="auto",
    show_default=True,
    help="Parts on their way at once: N, or auto for as many as make it faster.",
)
max_speed = click.option(
    "--max-speed", metavar="SIZE", callback=size, help="Per second, for the whole command: 5MB, 800k."
)


class InputFile(click.File):
    """A file to read, in which `~` is the user's home folder; - is standard input."""

    def __init__(self) -> None:
        super().__init__("rb")

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        return super().convert(home_expanded(value) if isinstance(value, str) else value, param, ctx)


def home_expanded(path: str) -> str:
    """A path with the user's home folder for `~`, which a shell leaves inside of quotes and options."""
    return os.path.expanduser(path)  # noqa: PTH111 - keeps a path of no known user as it is, and URLs


def is_folder(path: str) -> bool:
    """Says no where it can't be looked at, such as below a folder that can't be read, where `Path.is_dir` raises."""
    return os.path.isdir(home_expanded(path))  # noqa: PTH112 - Path.is_dir raises there


def is_file(path: str) -> bool:
    """Says no where it can't be looked at, such as by a name that is too long, for which `Path.is_file` raises."""
    return os.path.isfile(home_expanded(path))  # noqa: PTH113 - Path.is_file raises there


@frozen
class VideoIds:
    """The ids of videos that a command was given."""

    each: Sequence[str]
    is_single: bool
    """Whether it was one id, and not a list of ids that may have one."""


def _read_ids(_ctx: click.Context, _param: click.Parameter, words: tuple[str, ...]) -> VideoIds:
    ids = [one for word in words for one in ((line.strip() for line in sys.stdin) if word == "-" else [word])]
    given = [one for one in dict.fromkeys(ids) if one or "-" not in words]
    if not given:
        say("There is no id on standard input.")
    return VideoIds(given, is_single=len(words) == 1 and words[0] != "-")


video_ids = click.argument("ids", metavar="VIDEO_ID... | -", nargs=-1, required=True, callback=_read_ids)
"""One id or several; - stands for those on standard input, one a line."""


def columns(known: Sequence[str]) -> Callable[[Command], Command]:
    """The option --columns of a command whose results have these fields."""

    def read(_ctx: click.Context, _param: click.Parameter, value: str | None) -> list[str] | None:
        names = None if value is None else [name.strip() for name in value.split(",")]
        for name in names or ():
            if name not in known:
                raise click.BadParameter(f"{name!r} is none of {', '.join(known)}.")
        return names

    return click.option("--columns", metavar="NAME,...", callback=read, help="What to show: names of JSON fields.")


def tags(_ctx: click.Context, _param: click.Parameter, given: tuple[str, ...]) -> tuple[str, ...]:
    """Tags of which none is empty; to the service, an empty one would be a tag, too."""
    if "" in given:
        raise click.BadParameter("a tag must not be empty.")
    return given


class Details(TypedDict):
    """The options of `upload` and `update` that describe a video."""

    title: str | None
    description: str | None
    public: bool | None
    tag: tuple[str, ...]
    metadata: tuple[str, ...]


def pairs(written: tuple[str, ...]) -> dict[str, str]:
    pairs: dict[str, str] = {}
    for one in written:
        key, equals, value = one.partition("=")
        if not equals:
            raise click.BadParameter(f"{one!r} is not of the form KEY=VALUE.", param_hint="--metadata")
        pairs[key] = value
    return pairs


def read_qualities(option: str, text: bytes) -> list[dict[str, object]]:
    """The list of qualities in a file: bare, or as the field of that name."""
    try:
        value: object = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise click.BadParameter(f"not JSON: {error}", param_hint=option) from error
    if isinstance(value, dict):
        value = cast("dict[str, object]", value).get("qualities")
    if not isinstance(value, list):
        raise click.BadParameter("must be a list of qualities.", param_hint=option)
    return cast("list[dict[str, object]]", value)
