"""The commands for uploads that did not end."""

from __future__ import annotations

import sys
from functools import partial
from pathlib import PurePath
from typing import TYPE_CHECKING, Literal, TypedDict, Unpack

import click

from aioz_stream import AiozStreamError, UploadInProgressError
from aioz_stream.upload.creation import OtherAccountError
from aioz_stream.upload.sources.remote import redact_url
from aioz_stream_cli.client import open_client
from aioz_stream_cli.ending import describe, note_failure, noting_rest, other_command, source_place
from aioz_stream_cli.failures import Attempts
from aioz_stream_cli.parameters import columns, concurrency, json_or_lines, max_speed
from aioz_stream_cli.records import print_as_json, print_records, print_videos
from aioz_stream_cli.terminal import cell, clean, say, upload_bar, wrap

if TYPE_CHECKING:
    from aioz_stream import AiozStream, UnfinishedUpload, Video
    from aioz_stream.upload.options import Sending
    from aioz_stream_cli.parameters import Form
    from aioz_stream_cli.values import Record


_USUAL = ("video_id", "title", "sent", "size", "begun", "is_running", "source")
_FIELDS = (*_USUAL, "journal", "has_other_credentials")


@click.command()
@columns(_FIELDS)
@json_or_lines
def uploads(columns: list[str] | None, form: Form) -> None:
    """List the uploads from this machine that did not end. It shows how much of each is safe."""
    with open_client() as stream:
        unfinished = [_fields(one) for one in stream.uploads.unfinished()]
    print_records(unfinished, form, _USUAL, columns, none="No upload from this machine is unfinished.")
    if others := [cell(one["video_id"] or one["source"]) for one in unfinished if one["has_other_credentials"]]:
        say(f"Begun with other credentials, which may be another account's: {', '.join(others)}.")


def _fields(upload: UnfinishedUpload) -> Record:
    values = {name: getattr(upload, name) for name in _FIELDS}
    return values | {"begun": upload.begun.isoformat(), "journal": str(upload.journal)}


@click.command()
@click.argument("upload", metavar="[VIDEO_ID|SOURCE]", required=False)
@concurrency
@max_speed
@json_or_lines
def resume(upload: str | None, form: Form, **sending: Unpack[Sending]) -> None:
    """Go on with uploads from this machine that did not end. All of them, or the one that is named.

    It is named by its video's id, or by its source as it was given or as `aioz-stream uploads` shows it. One that fails
    leaves the others alone.
    """
    with open_client() as stream, Attempts() as attempts:
        chosen = _find(stream, upload) if upload else stream.uploads.unfinished()
        if not chosen:
            say("No upload from this machine is unfinished.")
        with noting_rest(stream, chosen):
            videos = attempts.each(chosen, partial(_resume, stream, sending, bool(upload)))
            print_videos(filter(None, videos), form, single=bool(upload))


def _resume(stream: AiozStream, sending: Sending, is_named: bool, one: UnfinishedUpload) -> Video | None:
    """Goes on with one upload. Says why, and returns None, where it is left out."""
    try:
        if not one.is_resumable and not is_named:
            wrap(f"{one.source} is left out: only the command that began its upload can open it again.")
        elif one.is_running:
            raise UploadInProgressError  # noqa: TRY301 - as when it begins to run a moment later
        else:
            with upload_bar(PurePath(one.source).name) as bar:
                return stream.uploads.resume(one, **sending | {"on_progress": bar})
    except UploadInProgressError:
        wrap(f"{one.source} is left out: another process is uploading it.")
    except AiozStreamError as error:
        if not is_named and isinstance(error, OtherAccountError):
            wrap(
                f"{one.source} is left out: it was begun with other credentials, and with these there is no such video."
            )
            return None
        note_failure(error, stream, one)
        raise
    return None


@click.command()
@click.argument("upload", metavar="VIDEO_ID|SOURCE")
@click.option("--all", "takes_all", is_flag=True, help="All unfinished uploads of this source.")
@click.option("--keep-video", is_flag=True, help="Remove only the journal; the video stays as it is.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@json_or_lines
def abort(upload: str, takes_all: bool, keep_video: bool, yes: bool, form: Form) -> None:
    """Give up an upload that did not end. The video that it made, and what was sent, are deleted.

    A video that you named with --into stays. The upload is named by its video's id, or by its source as it was given or
    as `aioz-stream uploads` shows it. At a terminal the command asks first; in a pipe it acts at once.
    """
    with open_client() as stream, Attempts() as attempts:
        found = _find(stream, upload, None if takes_all else "; --all takes them all")
        for one in found:
            does = "Forgets" if keep_video or one.title is None else "Deletes"
            wrap(f"{does} {describe(one)}.")
        if not yes and sys.stdin.isatty():
            click.confirm("Go ahead?", abort=True, err=True)
        given_up = attempts.each(found, partial(_give_up, stream, keep_video))
        if form:
            print_as_json(given_up, form, single=not takes_all)
        else:
            for result in given_up:
                say(_SENTENCES[result["result"]])


class _GivenUp(TypedDict):
    id: str | None
    source: str
    result: Literal["forgotten", "given up"]


_SENTENCES = {"forgotten": "Forgotten; the video stays.", "given up": "Given up; what was sent is deleted."}


def _give_up(stream: AiozStream, keeps_video: bool, one: UnfinishedUpload) -> _GivenUp:
    (stream.uploads.forget if keeps_video else stream.uploads.abort)(one)
    stays = keeps_video or one.title is None
    return {"id": one.video_id, "source": one.source, "result": "forgotten" if stays else "given up"}


def _find(stream: AiozStream, name: str, otherwise: str | None = "") -> list[UnfinishedUpload]:
    """The unfinished upload of that name. Raises UsageError if there is none or several; with None, several will do."""
    place = source_place(name)
    found = [one for one in stream.uploads.unfinished() if name in (one.video_id, one.source) or one.source == place]
    if not found:
        see = other_command("uploads")
        raise click.UsageError(f"There is no unfinished upload of {clean(redact_url(name))}; see: `{see}`")
    if len(found) > 1 and otherwise is not None:
        fitting = "".join(f"\n  {describe(one)}" for one in found)
        raise click.UsageError(f"{len(found)} unfinished uploads fit. Name one by its id{otherwise}:{fitting}")
    return found
