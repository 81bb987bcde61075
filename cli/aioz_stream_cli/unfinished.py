"""The commands for uploads that did not end."""

from __future__ import annotations

import sys
from pathlib import PurePath
from typing import TYPE_CHECKING

import click

from aioz_stream import AiozStream, AiozStreamError, UploadInProgressError
from aioz_stream.bar import progress_bar
from aioz_stream.upload.sources.remote import redact_url
from aioz_stream_cli.ending import describe, note_failure, noting_rest, source_place
from aioz_stream_cli.failures import print_error
from aioz_stream_cli.parameters import as_json
from aioz_stream_cli.terminal import cell, clean, print_rows, print_video, say, wrap

if TYPE_CHECKING:
    from aioz_stream import UnfinishedUpload


@click.command()
def uploads() -> None:
    """List the uploads from this machine that did not end."""
    with AiozStream() as stream:
        unfinished = stream.uploads.unfinished()
    rows = [
        (
            one.video_id or "(not known)",
            cell(one.title),
            f"{one.sent:,} of {one.size:,}" if one.size else f"{one.sent:,}",
            "running" if one.is_running else f"{one.begun:%Y-%m-%d %H:%M} UTC",
            cell(one.source),
        )
        for one in unfinished
    ]
    print_rows(("video", "title", "bytes safe", "begun", "source"), rows)


@click.command()
@click.argument("upload", metavar="[VIDEO_ID|SOURCE]", required=False)
@as_json
def resume(upload: str | None, as_json: bool) -> None:
    """Go on with the uploads from this machine that did not end, or with the one that is named.

    It is named by its video's id, or by its source as it was given or as `aioz-stream uploads` shows it. One that fails
    leaves the others alone.
    """
    with AiozStream() as stream:
        chosen = _find(stream, upload) if upload else stream.uploads.unfinished()
        if not chosen:
            say("No upload is unfinished.")
        with noting_rest(stream, chosen):
            failures = [error for one in chosen if (error := _resume(stream, one, bool(upload), as_json))]
    if failures:
        raise SystemExit(1)


def _resume(stream: AiozStream, one: UnfinishedUpload, is_named: bool, as_json: bool) -> AiozStreamError | None:
    """Goes on with one upload, or says why not. Returns the error that it has shown."""
    try:
        if not one.is_resumable and not is_named:
            wrap(f"{one.source} is left out: only the command that began its upload can open it again.")
        elif one.is_running:
            raise UploadInProgressError  # noqa: TRY301 - as when it begins to run a moment later
        else:
            with progress_bar(PurePath(one.source).name) as bar:
                video = stream.uploads.resume(one, on_progress=bar)
            print_video(video, as_json)
    except UploadInProgressError:
        wrap(f"{one.source} is left out: another process is uploading it.")
    except AiozStreamError as error:
        note_failure(error, stream, one)
        print_error(error)
        return error
    return None


@click.command()
@click.argument("upload", metavar="VIDEO_ID|SOURCE")
@click.option("--all", "takes_all", is_flag=True, help="All unfinished uploads of this source.")
@click.option("--keep-video", is_flag=True, help="Remove only the journal; the video stays as it is.")
@click.option("--yes", is_flag=True, help="Do not ask.")
def abort(upload: str, takes_all: bool, keep_video: bool, yes: bool) -> None:
    """Give up an upload that did not end: the video that it made, and what was sent, are deleted.

    A video that the upload was given stays. The upload is named by its video's id, or by its source as it was given or
    as `aioz-stream uploads` shows it. At a terminal the command asks first; in a pipe it acts at once.
    """
    with AiozStream() as stream:
        found = _find(stream, upload, None if takes_all else "; --all takes them all")
        for one in found:
            does = "Forgets" if keep_video or one.title is None else "Deletes"
            wrap(f"{does} {describe(one)}.")
        if not yes and sys.stdin.isatty():
            click.confirm("Go ahead?", abort=True, err=True)
        for one in found:
            (stream.uploads.forget if keep_video else stream.uploads.abort)(one)
    stays = keep_video or all(one.title is None for one in found)
    say("Forgotten; the video stays." if stays else "Given up; what was sent is deleted.")


def _find(stream: AiozStream, name: str, otherwise: str | None = "") -> list[UnfinishedUpload]:
    """The unfinished upload of that name. Raises UsageError if there is none or several; with None, several will do."""
    place = source_place(name)
    found = [one for one in stream.uploads.unfinished() if one.video_id == name or one.source == place]
    if not found:
        raise click.UsageError(f"There is no unfinished upload of {clean(redact_url(name))}; see: aioz-stream uploads")
    if len(found) > 1 and otherwise is not None:
        fitting = "".join(f"\n  {describe(one)}" for one in found)
        raise click.UsageError(f"{len(found)} unfinished uploads fit. Name one by its id{otherwise}:{fitting}")
    return found
