"""The commands for ladders of qualities, and what they cost."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import click
from attrs import asdict

from aioz_stream import encoding
from aioz_stream_cli.client import open_client
from aioz_stream_cli.failures import ExitStatus
from aioz_stream_cli.parameters import as_json, json_or_lines, read_qualities
from aioz_stream_cli.records import print_as_json
from aioz_stream_cli.terminal import print_json, print_sentence, say

if TYPE_CHECKING:
    from aioz_stream_cli.parameters import Form


@click.command()
@click.argument("qualities", metavar="QUALITIES", type=click.File("rb"))
@click.option(
    "--source",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="The media file that the ladder is for (needs the extra probe).",
)
@click.option("--strict", is_flag=True, help="Treat warnings as errors.")
@json_or_lines
def check(qualities: BinaryIO, source: Path | None, strict: bool, form: Form) -> None:
    """Check a ladder. QUALITIES is a JSON file with the list of them; - is standard input.

    Prints what is wrong or doubtful and what to write instead; exit status 5 if the service would refuse it.
    """
    findings = encoding.check(read_qualities("QUALITIES", qualities.read()), source=source, strict=strict)
    if form:
        print_as_json(map(asdict, findings), form)
    for finding in () if form else findings:
        print_sentence(f"{finding.severity}: {finding}")
    if any(finding.severity == "error" for finding in findings):
        raise SystemExit(ExitStatus.REFUSED)
    if not findings and not form:
        say("Nothing is wrong with it.")


@click.command()
@click.argument("qualities", nargs=-1, required=True)
@click.option("--duration", metavar="SECONDS", type=float, required=True, help="How long the video is.")
@as_json
def cost(qualities: tuple[str, ...], duration: float, as_json: bool) -> None:
    """Price a transcoding into QUALITIES, such as 360p and 1080p."""
    with open_client() as stream:
        price = stream.videos.cost(qualities, duration)
    if as_json:
        asked = {"qualities": qualities, "duration": duration}
        print_json({**asked, "price": f"{price.price:f}", "is_enough": price.is_enough})
        return
    covered = "covers it" if price.is_enough else "does not cover it"
    print_sentence(f"{price.price:f} (the balance {covered})")
