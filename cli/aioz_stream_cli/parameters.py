"""Options and arguments that several commands have in common."""

from __future__ import annotations

import json
from typing import TypedDict, cast

import click

as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON, all fields.")


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
