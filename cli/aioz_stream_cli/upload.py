"""The command that uploads."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, TypedDict, Unpack, cast

import click
from attrs import asdict

from aioz_stream import AiozStream, UploadItem
from aioz_stream.bar import progress_bar
from aioz_stream.upload.plan import DEFAULT_PART_SIZE
from aioz_stream.upload.sources.remote import redact_url
from aioz_stream_cli.ending import Resumption, saying
from aioz_stream_cli.failures import Attempts
from aioz_stream_cli.parameters import Details, as_json, pairs, read_qualities
from aioz_stream_cli.records import print_videos
from aioz_stream_cli.terminal import notes

if TYPE_CHECKING:
    from aioz_stream.upload.options import Sending
    from aioz_stream.upload.slots import Concurrency


class _SendingOptions(TypedDict):
    """The options of `upload` that go to `Sending` under the same names."""

    part_size: int
    concurrency: Concurrency
    max_speed: int | None
    size: int | None
    trust_times: bool


class _UploadOptions(Details, _SendingOptions):
    """The options of `upload` that it passes on."""


def _part_count(ctx: click.Context, param: click.Parameter, value: Any) -> Concurrency:
    """A number of parts, or auto."""
    return "auto" if value == "auto" else click.INT.convert(value, param, ctx)


@click.command()
@click.argument("file")
@click.option("--into", metavar="VIDEO_ID", help="Send it to this video, which has no bytes yet, instead of a new one.")
@click.option("--title", help="Default: the file's name.")
@click.option("--description", help="What the video is about.")
@click.option("--public/--private", default=True, help="Whether everyone may watch it.  [default: public]")
@click.option("--tag", multiple=True, help="A tag; may be repeated.")
@click.option("--metadata", multiple=True, metavar="KEY=VALUE", help="A pair of metadata; may be repeated.")
@click.option("--qualities", type=click.File("rb"), help="A JSON file with the list of qualities; - is standard input.")
@click.option("--strict", is_flag=True, help="Refuse qualities that there would be a warning about.")
@click.option("--part-size", default=DEFAULT_PART_SIZE, show_default=True, help="Bytes, 52,428,800 to 200,000,000.")
@click.option(
    "--concurrency",
    metavar="[auto|NUMBER]",
    callback=_part_count,
    default="auto",
    show_default=True,
    help="Parts on their way at once: a number, or auto for as many as make it faster.",
)
@click.option("--max-speed", type=int, metavar="BYTES", help="Bytes per second that the upload may take.")
@click.option("--size", type=int, metavar="BYTES", help="Of standard input; else it is copied to a file first.")
@click.option("--trust-times/--no-trust-times", default=True, help="Whether a file's times tell that it changed.")
@click.option("--journal/--no-journal", default=True, help="Remember what was sent, so that the same command resumes.")
@click.option("--wait", is_flag=True, help="Wait until it is transcoded; exit status 7 if that fails.")
@as_json
def upload(
    file: str,
    into: str | None,
    qualities: BinaryIO | None,
    strict: bool,
    journal: bool,
    wait: bool,
    as_json: bool,
    **rest: Unpack[_UploadOptions],
) -> None:
    """Create a video from FILE: a path, a URL, or - for standard input.

    The same command resumes an upload that ended on the way; `aioz-stream uploads` lists those.
    """
    source = sys.stdin.buffer if file == "-" else file
    details = cast("Details", rest)
    if into and (qualities or strict or _is_given(details)):
        raise click.UsageError(
            "--into sends bytes to a video as it is; its title, description, tags and the like are for "
            "`aioz-stream update`; its qualities were chosen when it was made."
        )
    sending = cast("Sending", {name: value for name, value in rest.items() if name in _SendingOptions.__annotations__})
    sending["journal"], sending["spool"] = journal, file == "-" and rest["size"] is None
    item = UploadItem(
        source=source,
        title=details["title"],
        description=details["description"],
        is_public=details["public"] is not False,
        tags=details["tag"] or None,
        metadata=pairs(details["metadata"]) or None,
        qualities=None if qualities is None else read_qualities("--qualities", qualities.read()),
        strict=strict,
    )
    with AiozStream() as stream:
        resumption = Resumption(stream, [item], rest["part_size"], into=into, is_kept=journal)
        sending["on_created"] = resumption.add_video
        label = "standard input" if file == "-" else Path(redact_url(file)).name
        with resumption.ending(), progress_bar(label) as sending["on_progress"]:
            resumption.announce()
            video = (
                stream.videos.upload(into, source, **sending)
                if into
                else stream.upload(**asdict(item, recurse=False), **sending)
            )
        if wait:
            said = "The upload is complete; the video is being transcoded. This waits for it:"
            with saying(said, "wait", video.id), notes.status("Transcoding …"):
                video = stream.videos.wait(video.id)
    with Attempts() as attempts:
        print_videos(attempts.settled([video], as_json) if wait else [video], as_json)


def _is_given(details: Details) -> bool:
    said = (details["title"], details["description"], details["tag"], details["metadata"])
    return any(said) or details["public"] is False
