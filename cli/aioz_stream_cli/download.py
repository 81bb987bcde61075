"""The command that downloads."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, cast

import click

from aioz_stream import AiozStream, AssetNotReadyError
from aioz_stream.download.assets import ASSETS
from aioz_stream_cli.client import open_client
from aioz_stream_cli.ending import other_command, showing_same
from aioz_stream_cli.parameters import as_json
from aioz_stream_cli.terminal import print_json, upload_bar

if TYPE_CHECKING:
    from aioz_stream import Asset


@click.command()
@click.argument("video_id")
@click.option(
    "-o",
    "--output",
    type=click.Path(allow_dash=True),
    default=".",
    metavar="FILE|FOLDER|-",
    help="Where to. In a folder the file is named after the title; - is standard output.  [default: this folder]",
)
@click.option("--asset", type=click.Choice(ASSETS), default="source", show_default=True, help="Which of its files.")
@click.option(
    "--overwrite/--no-overwrite",
    default=None,
    help="Whether a file that is there is replaced.  [default: one that -o names is]",
)
@as_json
def download(video_id: str, output: str, asset: str, overwrite: bool | None, as_json: bool) -> None:
    """Fetch a file of a video; by default the one that was uploaded. Prints its path.

    The same command goes on with a download that ended on the way. hls and dash are a playlist and a manifest, which
    only name the files that they play.
    """
    kind = cast("Asset", asset)
    with open_client() as stream:
        try:
            if output == "-":
                _to_standard_output(stream, video_id, kind, as_json)
                return
            with showing_same(), upload_bar(Path(output).name or video_id) as bar:
                path = stream.videos.download(
                    video_id, Path(output).expanduser(), kind, overwrite=overwrite, on_progress=bar
                )
        except AssetNotReadyError as error:
            error.add_note(f"To wait for it: `{other_command('wait', video_id)}`")
            raise
    if as_json:
        made = {"id": video_id, "asset": asset, "path": str(path), "size": path.stat().st_size}
        print_json(made)
    else:
        click.echo(path)


def _to_standard_output(stream: AiozStream, video_id: str, asset: Asset, as_json: bool) -> None:
    if as_json:
        raise click.UsageError("-o - writes the bytes to standard output; --json has no place there.")
    if sys.stdout is None:  # pyright: ignore[reportUnnecessaryComparison] - closed, as by some daemons
        raise click.UsageError("-o - writes the bytes to standard output, and that is closed. Name a file.")
    if sys.stdout.isatty():
        raise click.UsageError("-o - writes the bytes to standard output, and that is a terminal. Name a file.")
    with upload_bar(video_id) as bar:
        for block in stream.videos.iter_bytes(video_id, asset, on_progress=bar):
            sys.stdout.buffer.write(block)
        sys.stdout.buffer.flush()
