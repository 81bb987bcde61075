"""The commands for ladders of qualities, and what they cost."""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO

import click

from aioz_stream import AiozStream, encoding
from aioz_stream_cli.failures import ExitStatus
from aioz_stream_cli.parameters import read_qualities
from aioz_stream_cli.terminal import say


@click.command()
@click.argument("qualities", type=click.File("rb"))
@click.option(
    "--source", type=click.Path(path_type=Path), help="The media file that the ladder is for (needs the extra probe)."
)
@click.option("--strict", is_flag=True, help="Treat warnings as errors.")
def check(qualities: BinaryIO, source: Path | None, strict: bool) -> None:
    """Check a ladder: a JSON file with the list of QUALITIES; - is standard input.

    Prints what is wrong or doubtful and what to write instead; exit status 5 if the service would refuse it.
    """
    findings = encoding.check(read_qualities("QUALITIES", qualities.read()), source=source, strict=strict)
    for finding in findings:
        click.echo(f"{finding.severity}: {finding}")
    if any(finding.severity == "error" for finding in findings):
        raise SystemExit(ExitStatus.REFUSED)
    if not findings:
        say("Nothing is wrong with it.")


@click.command()
@click.argument("qualities", nargs=-1, required=True)
@click.option("--duration", type=float, required=True, help="Seconds.")
def cost(qualities: tuple[str, ...], duration: float) -> None:
    """Price a transcoding: aioz-stream cost 360p 1080p --duration 60."""
    with AiozStream() as stream:
        price = stream.videos.cost(qualities, duration)
    covered = "covers it" if price.is_enough else "does not cover it"
    click.echo(f"{price.price:f} (the balance {covered})")
