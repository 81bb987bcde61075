"""The commands for uploads that did not end."""

from __future__ import annotations

from pathlib import Path

import click

from aioz_stream.upload.sources.remote import redact_url
from aioz_stream_cli.client import open_client
from aioz_stream_cli.terminal import print_rows, say


@click.command()
def uploads() -> None:
    """List the uploads from this machine that did not end."""
    with open_client() as stream:
        unfinished = stream.uploads.unfinished()
    rows = [
        (
            one.video_id or "(not known)",
            f"{one.sent:,} of {one.size:,}" if one.size else f"{one.sent:,}",
            "running" if one.is_running else f"{one.begun:%Y-%m-%d %H:%M} UTC",
            one.source,
        )
        for one in unfinished
    ]
    print_rows(("video", "bytes sent", "begun", "source"), rows)


@click.command()
@click.argument("upload", metavar="VIDEO_ID|SOURCE")
@click.option("--keep-video", is_flag=True, help="Remove only the journal; the video stays as it is.")
def abort(upload: str, keep_video: bool) -> None:
    """Give up an upload that did not end: the video that it made, and what was sent, are deleted.

    A video that the upload was given stays. The upload is named by its video's id, or by its source as it was given or
    as `aioz-stream uploads` shows it.
    """
    with open_client() as stream:
        names = {redact_url(upload), str(Path(upload).absolute())}
        found = [one for one in stream.uploads.unfinished() if names & {one.video_id, one.source}]
        if not found:
            raise click.UsageError(f"There is no unfinished upload of {redact_url(upload)}; see: aioz-stream uploads")
        for one in found:
            (stream.uploads.forget if keep_video else stream.uploads.abort)(one)
    stays = keep_video or all(one.title is None for one in found)
    say("Forgotten; the video stays." if stays else "Given up; what was sent is deleted.")
