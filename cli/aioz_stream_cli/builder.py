"""The command that makes a ladder."""

from __future__ import annotations

import json
from pathlib import Path

import click

from aioz_stream import encoding
from aioz_stream_api.models.quality_type import QUALITY_TYPE_VALUES
from aioz_stream_api.models.video_config_codec import VIDEO_CONFIG_CODEC_VALUES
from aioz_stream_cli.parameters import as_json


@click.command()
@click.option("--height", metavar="N", type=int, help="Of the source, in pixels.")
@click.option("--width", metavar="N", type=int, help="Of the source: where the picture is upright, it is what counts.")
@click.option(
    "--source",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="A media file to take both from (needs the extra probe).",
)
@click.option(
    "--type",
    "kind",
    type=click.Choice(sorted(QUALITY_TYPE_VALUES)),
    default="hls",
    show_default=True,
    help="What players are sent: HLS, or DASH.",
)
@click.option(
    "--codec",
    type=click.Choice(sorted(VIDEO_CONFIG_CODEC_VALUES)),
    default="h264",
    show_default=True,
    help="Of the picture. Every player knows h264; h265 needs fewer bytes.",
)
@click.option("--language", help="Of the sound: en, pt-BR.")
@as_json
def ladder(
    height: int | None,
    width: int | None,
    source: Path | None,
    kind: str,
    codec: str,
    language: str | None,
    as_json: bool,
) -> None:
    """Print a ladder for a source, as JSON. It has every resolution up to its own.

    `upload --qualities` and `check` read it. For less than all of it, take qualities out of the file.
    """
    del as_json  # a ladder is JSON anyway
    sides = [side for side in (height, width) if side is not None]
    if bool(sides) == bool(source):
        raise click.UsageError("Give --height (with --width, if the picture is upright), or --source.")
    shorter = encoding.Source.probe(source).height if source else min(sides)
    if shorter is None:
        raise click.UsageError(f"{source} has no picture.")
    qualities = encoding.ladder(source_height=shorter, type=kind, codec=codec, language=language)
    click.echo(json.dumps([quality.to_dict() for quality in qualities], indent=2))
