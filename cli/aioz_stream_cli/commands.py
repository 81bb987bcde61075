"""The client on the command line."""

from __future__ import annotations

import json
import sys
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, TypedDict, Unpack, cast

import click
from rich.console import Console
from rich.table import Column, Table
from rich.text import Text

from aioz_stream import AiozStream, JournalWarning, __version__, encoding
from aioz_stream.bar import progress_bar
from aioz_stream.errors import AiozStreamError
from aioz_stream.upload.plan import DEFAULT_PART_SIZE
from aioz_stream.upload.sources.remote import redact_url
from aioz_stream_api.models.list_videos_request_order_by import LIST_VIDEOS_REQUEST_ORDER_BY_VALUES
from aioz_stream_api.models.list_videos_request_sort_by import LIST_VIDEOS_REQUEST_SORT_BY_VALUES
from aioz_stream_api.models.list_videos_request_status import LIST_VIDEOS_REQUEST_STATUS_VALUES
from aioz_stream_api.types import UNSET

if TYPE_CHECKING:
    from collections.abc import Iterable

    from aioz_stream.operations.calls import OrderBy, SortBy, Status
    from aioz_stream.upload.options import Sending
    from aioz_stream.upload.slots import Concurrency
    from aioz_stream_api.models import Video

_output = Console(highlight=False, soft_wrap=True)
_notes = Console(stderr=True, highlight=False, soft_wrap=True)


class _Group(click.Group):
    """Turns this package's errors into one sentence and exit status 1."""

    def invoke(self, ctx: click.Context) -> object:
        try:
            with warnings.catch_warnings():
                warnings.showwarning = _show_warning
                return super().invoke(ctx)
        except (AiozStreamError, JournalWarning) as error:  # a warning is raised where Python is told to
            said = "\n".join(map(_clean, str(error).splitlines()))
            _notes.print(f"Error: {said}", style="red", markup=False)
            _print_notes(error)
            raise SystemExit(1) from None
        except KeyboardInterrupt as interruption:
            _print_notes(interruption)
            raise


def _say(text: str) -> None:
    """Prints a sentence for people, unless the output goes to a program: it reads the exit status."""
    if _notes.is_terminal:
        _notes.print(text)


def _show_warning(message: Warning | str, *_: Any, **__: Any) -> None:
    """A sentence, without the line of this program that Python would show."""
    _notes.print(_clean(f"Warning: {message}"), style="yellow", markup=False)


def _print_notes(error: BaseException) -> None:
    for note in getattr(error, "__notes__", ()):
        _notes.print(_clean(note), markup=False)


def _clean(text: str) -> str:
    """Text of the service, without control characters, which a terminal would obey."""
    return "".join(character if character.isprintable() else "\ufffd" for character in text)


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__)
def cli() -> None:
    """Upload videos to AIOZ Stream and look after them.

    Credentials come from the environment: AIOZ_STREAM_TOKEN, or AIOZ_STREAM_PUBLIC_KEY and AIOZ_STREAM_SECRET_KEY.
    AIOZ_STREAM_BASE_URL points at another server, such as a local one: aioz-stream-mock --help.

    \b
      aioz-stream upload talk.mp4 --title "My talk" --tag talk --wait
      aioz-stream list --tag talk --since "2 weeks ago"
      aioz-stream get VIDEO_ID --json
      aioz-stream check ladder.json --source talk.mp4
    """  # noqa: D301 - click wants the backspace character itself


_as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON, all fields.")


class _Details(TypedDict):
    """The options of `upload` and `update` that describe a video."""

    title: str | None
    description: str | None
    public: bool | None
    tag: tuple[str, ...]
    metadata: tuple[str, ...]


class _SendingOptions(TypedDict):
    """The options of `upload` that go to `Sending` under the same names."""

    part_size: int
    concurrency: Concurrency
    max_speed: int | None
    size: int | None
    trust_times: bool


class _UploadOptions(_Details, _SendingOptions):
    """The options of `upload` that it passes on."""


def _part_count(ctx: click.Context, param: click.Parameter, value: Any) -> Concurrency:
    """A number of parts, or auto."""
    return "auto" if value == "auto" else click.INT.convert(value, param, ctx)


@cli.command()
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
@click.option("--wait", is_flag=True, help="Wait until it is transcoded; exit status 1 if that fails.")
@_as_json
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
    details = cast("_Details", rest)
    if into and (qualities or strict or _is_given(details)):
        raise click.UsageError(
            "--into sends bytes to a video as it is; its title, description, tags and the like are for "
            "`aioz-stream update`; its qualities were chosen when it was made."
        )
    sending = cast("Sending", {name: value for name, value in rest.items() if name in _SendingOptions.__annotations__})
    sending["journal"], sending["spool"] = journal, file == "-" and rest["size"] is None
    with AiozStream() as stream:
        with progress_bar("standard input" if file == "-" else Path(redact_url(file)).name) as sending["on_progress"]:
            video = (
                stream.videos.upload(into, source, **sending)
                if into
                else stream.upload(
                    source,
                    title=details["title"],
                    description=details["description"],
                    is_public=details["public"] is not False,
                    tags=details["tag"] or None,
                    metadata=_pairs(details["metadata"]) or None,
                    qualities=None if qualities is None else _json("--qualities", qualities.read()),
                    strict=strict,
                    **sending,
                )
            )
        if wait:
            with _notes.status("Transcoding …"):
                video = stream.videos.wait(video.id)
    _show(video, as_json)
    if wait and video.status != "done":
        raise SystemExit(1)


def _is_given(details: _Details) -> bool:
    said = (details["title"], details["description"], details["tag"], details["metadata"])
    return any(said) or details["public"] is False


@cli.command()
def uploads() -> None:
    """List the uploads from this machine that did not end."""
    with AiozStream() as stream:
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
    _print_rows(("video", "bytes sent", "begun", "source"), rows)


@cli.command()
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
    _say("Forgotten; the video stays." if stays else "Given up; what was sent is deleted.")


@cli.command()
@click.argument("qualities", type=click.File("rb"))
@click.option(
    "--source", type=click.Path(path_type=Path), help="The media file that the ladder is for (needs the extra probe)."
)
@click.option("--strict", is_flag=True, help="Treat warnings as errors.")
def check(qualities: BinaryIO, source: Path | None, strict: bool) -> None:
    """Check a ladder: a JSON file with the list of QUALITIES; - is standard input.

    Prints what is wrong or doubtful and what to write instead; exit status 1 if the service would refuse it.
    """
    findings = encoding.check(_json("QUALITIES", qualities.read()), source=source, strict=strict)
    for finding in findings:
        click.echo(f"{finding.severity}: {finding}")
    if any(finding.severity == "error" for finding in findings):
        raise SystemExit(1)
    if not findings:
        _say("Nothing is wrong with it.")


@cli.command(name="list")
@click.option("--tag", multiple=True, help="Only videos with this tag; may be repeated.")
@click.option("--metadata", multiple=True, metavar="KEY=VALUE", help="Only videos with this pair; may be repeated.")
@click.option("--status", type=click.Choice(sorted(filter(None, LIST_VIDEOS_REQUEST_STATUS_VALUES))))
@click.option("--search", help="Text in title or description.")
@click.option("--since", help='Created at or after: 2026-11-03, 2026-11, yesterday, "2 weeks ago".')
@click.option("--until", help="Created before.")
@click.option("--sort-by", type=click.Choice(sorted(LIST_VIDEOS_REQUEST_SORT_BY_VALUES)), default="created_at")
@click.option("--order-by", type=click.Choice(sorted(LIST_VIDEOS_REQUEST_ORDER_BY_VALUES)), default="desc")
@_as_json
def list_(
    tag: tuple[str, ...],
    metadata: tuple[str, ...],
    status: str | None,
    search: str | None,
    since: str | None,
    until: str | None,
    sort_by: str,
    order_by: str,
    as_json: bool,
) -> None:
    """List videos, the newest first."""
    with AiozStream() as stream:
        videos = stream.videos.list(
            tags=tag or None,
            metadata=_pairs(metadata) or None,
            status=cast("Status | None", status),
            search=search,
            created_after=since,
            created_before=until,
            sort_by=cast("SortBy", sort_by),
            order_by=cast("OrderBy", order_by),
        )
        if as_json:
            for video in videos:
                click.echo(json.dumps(video.to_dict()))
            return
        _print_rows(("id", "status", "title", "seconds", "bytes", "created"), map(_row, videos))


def _row(video: Video) -> tuple[str, ...]:
    created = video.created_at
    when = f"{created:%Y-%m-%d %H:%M %Z}" if created else video.additional_properties.get("created_at")
    return tuple(map(_cell, (video.id, video.status, video.title, video.duration, video.size, when)))


@cli.command()
@click.argument("video_id")
@_as_json
def get(video_id: str, as_json: bool) -> None:
    """Show a video."""
    with AiozStream() as stream:
        _show(stream.videos.get(video_id), as_json)


@cli.command()
@click.argument("video_id")
@click.option("--timeout", default=3600.0, show_default=True, help="Seconds.")
@_as_json
def wait(video_id: str, timeout: float, as_json: bool) -> None:
    """Wait until a video is transcoded; exit status 1 if that fails."""
    with AiozStream() as stream, _notes.status("Transcoding …"):
        video = stream.videos.wait(video_id, timeout=timeout)
    _show(video, as_json)
    if video.status != "done":
        raise SystemExit(1)


@cli.command()
@click.argument("video_id")
def complete(video_id: str) -> None:
    """Complete an upload whose bytes are all there, for example after topping up the account."""
    with AiozStream() as stream:
        stream.videos.complete(video_id)
    _say("Complete; it is being transcoded.")


@cli.command()
@click.argument("video_id")
@click.option("--title")
@click.option("--description", help='"" clears it.')
@click.option("--public/--private", default=None, help="Whether everyone may watch it.")
@click.option("--tag", multiple=True, help='Replaces all tags; may be repeated. "" clears them.')
@click.option(
    "--metadata", multiple=True, metavar="KEY=VALUE", help='Replaces all metadata; may be repeated. "" clears it.'
)
def update(video_id: str, **details: Unpack[_Details]) -> None:
    """Change a video; what is not given stays."""
    title, description, public = details["title"], details["description"], details["public"]
    if not any(value not in (None, ()) for value in details.values()):
        raise click.UsageError("Nothing to change: give --title, --description, --public, --tag or --metadata.")
    with AiozStream() as stream:
        stream.videos.update(
            video_id,
            title=UNSET if title is None else title,
            description=UNSET if description is None else description,
            is_public=UNSET if public is None else public,
            tags=list(filter(None, details["tag"])) if details["tag"] else UNSET,
            metadata=_pairs(tuple(filter(None, details["metadata"]))) if details["metadata"] else UNSET,
        )
    _say("Changed.")


@cli.command()
@click.argument("video_id")
@click.argument("picture", type=click.Path(path_type=Path))
def thumbnail(video_id: str, picture: Path) -> None:
    """Give a video a PICTURE (.png or .jpg)."""
    with AiozStream() as stream:
        stream.videos.upload_thumbnail(video_id, picture)
    _say("The video has it.")


@cli.command()
@click.argument("qualities", nargs=-1, required=True)
@click.option("--duration", type=float, required=True, help="Seconds.")
def cost(qualities: tuple[str, ...], duration: float) -> None:
    """Price a transcoding: aioz-stream cost 360p 1080p --duration 60."""
    with AiozStream() as stream:
        price = stream.videos.cost(qualities, duration)
    covered = "covers it" if price.is_enough else "does not cover it"
    click.echo(f"{price.price:f} (the balance {covered})")


@cli.command()
@click.argument("video_id")
@click.confirmation_option(prompt="Delete this video?")
def delete(video_id: str) -> None:
    """Delete a video."""
    with AiozStream() as stream:
        stream.videos.delete(video_id)
    _say("Deleted.")


def _show(video: Video, as_json: bool) -> None:
    fields = video.to_dict()
    if as_json:
        click.echo(json.dumps(fields, indent=2))
        return
    rows: list[tuple[str, ...]] = []
    for name, value in fields.items():
        inner = cast("dict[str, object]", value) if isinstance(value, dict) else {name: cast("object", value)}
        rows += [(_cell(key), _cell(item)) for key, item in inner.items() if item not in (None, "", [])]
    _print_rows(None, rows)


def _cell(value: object) -> str:
    if value is None:
        return ""
    return _clean(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str))


def _print_rows(titles: tuple[str, ...] | None, rows: Iterable[tuple[str, ...]]) -> None:
    """A table for a terminal; for a file or another program, a line each with tabs between, nothing cut off."""
    if not _output.is_terminal:
        for row in rows:
            click.echo("\t".join(row))
        return
    table = Table(*(Column(title, overflow="fold") for title in titles or ("", "")), show_header=bool(titles), box=None)
    for row in rows:
        table.add_row(*map(Text, row))
    _output.print(table)


def _pairs(written: tuple[str, ...]) -> dict[str, str]:
    pairs: dict[str, str] = {}
    for one in written:
        key, equals, value = one.partition("=")
        if not equals:
            raise click.BadParameter(f"{one!r} is not of the form KEY=VALUE.", param_hint="--metadata")
        pairs[key] = value
    return pairs


def _json(option: str, text: bytes) -> list[dict[str, object]]:
    """The list of qualities in a file: bare, or as the field of that name."""
    try:
        value: object = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise click.BadParameter(f"not JSON: {error}", param_hint=option) from error
    if isinstance(value, dict):
        value = cast("dict[str, object]", value).get("qualities")
    if not isinstance(value, list):
        raise click.BadParameter("must be a list of qualities.", param_hint=option)
    return cast("list[dict[str, object]]", value)
