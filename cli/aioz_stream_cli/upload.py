"""The command that uploads."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, TypedDict, Unpack, cast

import click

from aioz_stream import ArgumentError, UploadItem, arguments
from aioz_stream.upload.options import DEFAULT_FILES
from aioz_stream.upload.plan import DEFAULT_PART_SIZE
from aioz_stream.upload.sources.remote import is_url, redact_url
from aioz_stream_cli.client import open_client
from aioz_stream_cli.dry_run import estimate
from aioz_stream_cli.ending import Resumption, saying
from aioz_stream_cli.failures import Attempts
from aioz_stream_cli.many import Outcome, upload_many
from aioz_stream_cli.media import warn_unless_media
from aioz_stream_cli.parameters import (
    Details,
    InputFile,
    concurrency,
    home_expanded,
    is_folder,
    json_or_lines,
    max_speed,
    pairs,
    read_qualities,
    size,
    tags,
)
from aioz_stream_cli.records import print_as_json, print_videos
from aioz_stream_cli.sources import Found, Patterns, find, shown
from aioz_stream_cli.terminal import clean, notes, upload_bar, wrap

if TYPE_CHECKING:
    from collections.abc import Mapping
    from decimal import Decimal

    from aioz_stream import Progress
    from aioz_stream.upload.options import Sending
    from aioz_stream.upload.slots import Concurrency
    from aioz_stream_cli.parameters import Form


class _SendingOptions(TypedDict):
    """The options of `upload` that go to `Sending` under the same names."""

    part_size: int
    concurrency: Concurrency
    max_speed: int | None
    size: int | None
    spool: bool
    trust_times: bool


class _UploadOptions(Details, _SendingOptions):
    """The options of `upload` that it passes on."""

    max_price: Decimal | None
    duration: float | None
    thumbnail: str | None


def _amount(_ctx: click.Context, _param: click.Parameter, value: str | None) -> Decimal | None:
    try:
        return None if value is None else arguments.amount("the price", value)
    except ArgumentError as error:
        raise click.BadParameter(str(error)) from error


@click.command()
@click.argument("sources", metavar="[FILE | DIRECTORY | URL]... | -", nargs=-1, type=click.Path())
@click.option("--manifest", type=InputFile(), metavar="FILE", help="A table (CSV) or lines of JSON, one video each.")
@click.option("--include", multiple=True, metavar="PATTERN", help="Of directories: these files, not the media files.")
@click.option("--exclude", multiple=True, metavar="PATTERN", help="Of directories: all but these files.")
@click.option(
    "--files",
    metavar="N",
    type=click.IntRange(1, 10_000),
    default=DEFAULT_FILES,
    show_default=True,
    help="Files at a time.",
)
@click.option("--into", metavar="VIDEO_ID", help="Send it to this video, which has no bytes yet, instead of a new one.")
@click.option("--title", help="Default: the file's name, without its ending.")
@click.option("--description", help="What the video is about.")
@click.option("--public/--private", default=True, help="Whether it is watched without credentials.  [default: public]")
@click.option("--tag", multiple=True, callback=tags, help="A tag; may be repeated.")
@click.option("--metadata", multiple=True, metavar="KEY=VALUE", help="A pair of metadata; may be repeated.")
@click.option(
    "--qualities", type=InputFile(), metavar="FILE", help="A JSON file with the list of qualities; - is standard input."
)
@click.option("--strict", is_flag=True, help="Refuse qualities that there would be a warning about.")
@click.option("--part-size", metavar="SIZE", callback=size, default="50MiB", show_default=True, help="50MiB to 200MB.")
@concurrency
@max_speed
@click.option("--size", metavar="SIZE", callback=size, help="Of standard input; else it is copied to a file first.")
@click.option("--spool", is_flag=True, help="Copy a URL or a pipe to a temporary file first.")
@click.option("--trust-times/--no-trust-times", default=True, help="Whether a file's times tell that it changed.")
@click.option("--journal/--no-journal", default=True, help="Remember what was sent, so that the same command resumes.")
@click.option(
    "--max-price",
    metavar="AMOUNT",
    callback=_amount,
    help="For each file: ask for the price first, and make no video if it is higher, or the balance is lower.",
)
@click.option("--duration", type=float, metavar="SECONDS", help="For the price, where the file can't be looked into.")
@click.option("--thumbnail", metavar="FILE", help="A picture for the video, .png or .jpg.")
@click.option("--dry-run", is_flag=True, help="Check everything and print what it costs, but upload nothing.")
@click.option("--wait", is_flag=True, help="Wait until it is transcoded; exit status 7 if that fails.")
@json_or_lines
def upload(
    sources: tuple[str, ...],
    manifest: BinaryIO | None,
    include: tuple[str, ...],
    exclude: tuple[str, ...],
    files: int,
    into: str | None,
    qualities: BinaryIO | None,
    strict: bool,
    journal: bool,
    dry_run: bool,
    wait: bool,
    form: Form,
    **rest: Unpack[_UploadOptions],
) -> None:
    """Create videos from files, folders, URLs or standard input. A folder gives the media files in it.

    Several are sent at the same time; one that fails leaves the others alone. A manifest says what each video is
    called, in the columns (or keys) source, title, description, tags, metadata, public, qualities, thumbnail and
    duration; options hold for what it leaves out. A pattern is one of a shell, such as "*.mov"; it is held against a
    file's name, and its path inside of the directory.

    The same command resumes uploads that ended on the way; `aioz-stream uploads` lists those. After a run in which all
    were uploaded, the same command uploads all of them again; to add files later, name only the new ones.
    """
    details = cast("Details", rest)
    for_new = {name: rest[name] for name in ("max_price", "duration")} | {
        "thumbnail": rest["thumbnail"] and home_expanded(rest["thumbnail"])
    }
    of_new = (qualities, strict or None, dry_run or None, *for_new.values())
    if into and (any(value is not None for value in of_new) or _is_given(details)):
        raise click.UsageError(
            "--into sends bytes to a video as it is; its title, description, tags and the like are for "
            "`aioz-stream update`, its thumbnail for `aioz-stream thumbnail`; its qualities, and so its price, were "
            "chosen when it was made."
        )
    sending = cast("Sending", {name: value for name, value in rest.items() if name in _SendingOptions.__annotations__})
    sending["journal"] = journal
    new: dict[str, Any] = {
        "title": details["title"],
        "description": details["description"],
        "is_public": details["public"] is not False,
        "tags": details["tag"] or None,
        "metadata": pairs(details["metadata"]) or None,
        "qualities": None if qualities is None else read_qualities("--qualities", qualities.read()),
        "strict": strict,
        **for_new,
    }
    has_folder = any(map(is_folder, sources))
    if (include or exclude) and not has_folder:
        raise click.UsageError("--include and --exclude choose files of a directory, and there is none.")
    if manifest or has_folder or len(sources) != 1:
        only_for_one = {"into": into, "title": details["title"], "size": rest["size"], "duration": rest["duration"]}
        _check_several(sources, manifest, only_for_one)
        found = find(sources, manifest, Patterns(include, exclude), new)
        if dry_run:
            estimate(found, sending, form, is_alone=False)
            return
        with open_client() as stream:
            upload_many(stream, found, sending, files=files, wait=wait, form=form)
        return
    [word] = sources
    sending["spool"] = rest["spool"] or (word == "-" and rest["size"] is None)
    source = sys.stdin.buffer if word == "-" else word if is_url(word) else home_expanded(word)
    if dry_run:
        estimate(Found([UploadItem(source=source, **new)]), sending, form, is_alone=True)
        return
    warn_unless_media(source)
    outcome = _upload_one(source, into, new, sending, wait=wait)
    assert outcome.video is not None, "what failed has raised"
    with Attempts() as attempts:
        videos = attempts.settled([outcome.video], form) if wait else [outcome.video]
        if form:
            print_as_json((outcome.as_json() for _ in videos), form, single=True)
        else:
            print_videos(videos, form)


def _check_several(sources: tuple[str, ...], manifest: BinaryIO | None, only_for_one: Mapping[str, object]) -> None:
    """Raises UsageError where several videos can't be meant."""
    if not sources and manifest is None:
        raise click.UsageError("Name what to upload: files, directories, URLs, a --manifest, or - for standard input.")
    for name, value in only_for_one.items():
        if value is not None:
            raise click.UsageError(
                f"--{name} is for one video, and here are several. A --manifest has a title and more for each."
            )


def _upload_one(
    source: str | BinaryIO, into: str | None, new: dict[str, Any], sending: Sending, *, wait: bool
) -> Outcome:
    label = Path(redact_url(source)).name if isinstance(source, str) else "standard input"
    item = UploadItem(source=source, **new)
    sent: list[Progress] = []
    with open_client() as stream:
        is_kept, part_size = bool(sending.get("journal", True)), sending.get("part_size", DEFAULT_PART_SIZE)
        resumption = Resumption(stream, [item], part_size, into=into, is_kept=is_kept)
        sending["on_created"] = resumption.add_video
        with resumption.ending(), upload_bar(label) as bar:

            def show(progress: Progress) -> None:
                sent[:] = [progress]
                if bar:
                    bar(progress)

            sending["on_progress"] = show
            resumption.announce()
            video = stream.videos.upload(into, source, **sending) if into else stream.upload(source, **new, **sending)
        if not sent:
            wrap(f"{clean(label)} was complete before: this is the video of an earlier run, and nothing was sent.")
        if wait:
            said = "The upload is complete; the video is being transcoded. This command waits for it:"
            with saying(said, "wait", video.id), notes.status("Transcoding …"):
                video = stream.videos.wait(video.id)
    return Outcome(0, clean(shown(item)), "uploaded" if sent else "complete before", video)


def _is_given(details: Details) -> bool:
    said = (details["title"], details["description"], details["tag"], details["metadata"])
    return any(said) or details["public"] is False
