"""The commands for uploads that did not end."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from aioz_stream import AiozStream
from aioz_stream.upload.sources.remote import redact_url
from aioz_stream_cli.parameters import columns, json_or_lines
from aioz_stream_cli.records import print_records
from aioz_stream_cli.terminal import say

if TYPE_CHECKING:
    from aioz_stream import UnfinishedUpload
    from aioz_stream_cli.parameters import Form
    from aioz_stream_cli.values import Record


_FIELDS = ("video_id", "title", "sent", "size", "begun", "is_running", "source", "journal")


@click.command()
@columns(_FIELDS)
@json_or_lines
def uploads(columns: list[str] | None, form: Form) -> None:
    """List the uploads from this machine that did not end, and how much of each is safe."""
    with AiozStream() as stream:
        unfinished = [_fields(one) for one in stream.uploads.unfinished()]
    print_records(unfinished, form, _FIELDS[:-1], columns, none="No upload from this machine is unfinished.")


def _fields(upload: UnfinishedUpload) -> Record:
    values = {name: getattr(upload, name) for name in _FIELDS}
    return values | {"begun": upload.begun.isoformat(), "journal": str(upload.journal)}


@click.command()
@click.argument("upload", metavar="VIDEO_ID|SOURCE")
@click.option("--keep-video", is_flag=True, help="Remove only the journal; the video stays as it is.")
def abort(upload: str, keep_video: bool) -> None:
    """Give up an upload that did not end: the video that it made, and what was sent, are deleted.

    A video that the upload was given stays. The upload is named by its video's id, or by its source as it was given or
    as `aioz-stream uploads` shows it.
    """
    with AiozStream() as stream:
        names = {redact_url(upload), str(Path(upload).absolute())}
        found = [one for one in stream.uploads.unfinished() if names & {one.video_id, one.source}]
        if not found:
            raise click.UsageError(f"There is no unfinished upload of {redact_url(upload)}; see: aioz-stream uploads")
        for one in found:
            (stream.uploads.forget if keep_video else stream.uploads.abort)(one)
    stays = keep_video or all(one.title is None for one in found)
    say("Forgotten; the video stays." if stays else "Given up; what was sent is deleted.")
