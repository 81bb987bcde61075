"""The commands for the videos of the account."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Unpack, cast

import click

from aioz_stream import UNSET, AiozStream
from aioz_stream_api.models.list_videos_request_order_by import LIST_VIDEOS_REQUEST_ORDER_BY_VALUES
from aioz_stream_api.models.list_videos_request_sort_by import LIST_VIDEOS_REQUEST_SORT_BY_VALUES
from aioz_stream_api.models.list_videos_request_status import LIST_VIDEOS_REQUEST_STATUS_VALUES
from aioz_stream_cli.ending import saying
from aioz_stream_cli.parameters import Details, as_json, pairs
from aioz_stream_cli.terminal import cell, notes, print_rows, print_video, say, wrap

if TYPE_CHECKING:
    from aioz_stream import Video
    from aioz_stream.operations.calls import OrderBy, SortBy, Status


@click.command(name="list")
@click.option("--tag", multiple=True, help="Only videos with this tag; may be repeated.")
@click.option("--metadata", multiple=True, metavar="KEY=VALUE", help="Only videos with this pair; may be repeated.")
@click.option("--status", type=click.Choice(sorted(filter(None, LIST_VIDEOS_REQUEST_STATUS_VALUES))))
@click.option("--search", help="Text in title or description.")
@click.option("--since", help='Created at or after: 2026-11-03, 2026-11, yesterday, "2 weeks ago".')
@click.option("--until", help="Created before.")
@click.option("--sort-by", type=click.Choice(sorted(LIST_VIDEOS_REQUEST_SORT_BY_VALUES)), default="created_at")
@click.option("--order-by", type=click.Choice(sorted(LIST_VIDEOS_REQUEST_ORDER_BY_VALUES)), default="desc")
@as_json
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
            metadata=pairs(metadata) or None,
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
        print_rows(("id", "status", "title", "seconds", "bytes", "created"), map(_row, videos))


def _row(video: Video) -> tuple[str, ...]:
    created = video.created_at
    when = f"{created:%Y-%m-%d %H:%M %Z}" if created else video.additional_properties.get("created_at")
    return tuple(map(cell, (video.id, video.status, video.title, video.duration, video.size, when)))


@click.command()
@click.argument("video_id")
@as_json
def get(video_id: str, as_json: bool) -> None:
    """Show a video."""
    with AiozStream() as stream:
        print_video(stream.videos.get(video_id), as_json)


@click.command()
@click.argument("video_id")
@click.option("--timeout", default=3600.0, show_default=True, help="Seconds.")
@as_json
def wait(video_id: str, timeout: float, as_json: bool) -> None:
    """Wait until a video is transcoded; exit status 1 if that fails."""
    with AiozStream() as stream, saying("This waits on:"), notes.status("Transcoding …"):
        video = stream.videos.wait(video_id, timeout=timeout)
    print_video(video, as_json)
    if video.status != "done":
        raise SystemExit(1)


@click.command()
@click.argument("video_id")
def complete(video_id: str) -> None:
    """Complete an upload whose bytes are all there, for example after topping up the account."""
    with AiozStream() as stream:
        stream.videos.complete(video_id)
    say("Complete; it is being transcoded.")


@click.command()
@click.argument("video_id")
@click.option("--title")
@click.option("--description", help='"" clears it.')
@click.option("--public/--private", default=None, help="Whether everyone may watch it.")
@click.option("--tag", multiple=True, help='Replaces all tags; may be repeated. "" clears them.')
@click.option(
    "--metadata", multiple=True, metavar="KEY=VALUE", help='Replaces all metadata; may be repeated. "" clears it.'
)
def update(video_id: str, **details: Unpack[Details]) -> None:
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
            metadata=pairs(tuple(filter(None, details["metadata"]))) if details["metadata"] else UNSET,
        )
    say("Changed.")


@click.command()
@click.argument("video_id")
@click.argument("picture", type=click.Path(path_type=Path))
def thumbnail(video_id: str, picture: Path) -> None:
    """Give a video a PICTURE (.png or .jpg)."""
    with AiozStream() as stream:
        stream.videos.upload_thumbnail(video_id, picture)
    say("The video has it.")


@click.command()
@click.argument("video_id")
@click.option("--yes", is_flag=True, help="Do not ask.")
def delete(video_id: str, yes: bool) -> None:
    """Delete a video."""
    with AiozStream() as stream:
        if not yes:
            _ask_about(stream.videos.get(video_id))
        stream.videos.delete(video_id)
    say("Deleted.")


def _ask_about(video: Video) -> None:
    """Names the video that is to be deleted. Ends the command unless the answer is yes."""
    *_, created = _row(video)
    wrap(f"Deletes video {video.id}, {video.title!r}, created {created or 'at an unknown time'}.")
    click.confirm("Go ahead?", abort=True, err=True)
