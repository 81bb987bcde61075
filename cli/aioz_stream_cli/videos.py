"""The commands for the videos of the account."""

from __future__ import annotations

import sys
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Unpack, cast

import click
from attrs import fields

from aioz_stream import UNSET, Video
from aioz_stream.errors import JournalError
from aioz_stream.upload.uploads import note_complete
from aioz_stream_api.models.list_videos_request_order_by import LIST_VIDEOS_REQUEST_ORDER_BY_VALUES
from aioz_stream_api.models.list_videos_request_sort_by import LIST_VIDEOS_REQUEST_SORT_BY_VALUES
from aioz_stream_api.models.list_videos_request_status import LIST_VIDEOS_REQUEST_STATUS_VALUES
from aioz_stream_api.models.video_assets import VideoAssets
from aioz_stream_cli.client import open_client
from aioz_stream_cli.ending import saying
from aioz_stream_cli.failures import Attempts
from aioz_stream_cli.parameters import Details, VideoIds, as_json, columns, json_or_lines, pairs, tags, video_ids
from aioz_stream_cli.records import print_records, print_results, print_videos
from aioz_stream_cli.terminal import notes, wrap

if TYPE_CHECKING:
    from aioz_stream.operations.values import OrderBy, SortBy, Status
    from aioz_stream_cli.parameters import Form

_FIELDS = [
    place + field.name
    for place, model in (("", Video), ("assets.", VideoAssets))
    for field in fields(model)
    if field.name != "additional_properties"
]
_USUAL = ("id", "status", "title", "duration", "size", "created_at")


@click.command(name="list")
@click.option("--tag", multiple=True, callback=tags, help="Only videos with this tag; may be repeated.")
@click.option("--metadata", multiple=True, metavar="KEY=VALUE", help="Only videos with this pair; may be repeated.")
@click.option(
    "--status",
    type=click.Choice(sorted(filter(None, LIST_VIDEOS_REQUEST_STATUS_VALUES))),
    help="Only videos with this status.  [default: all]",
)
@click.option("--search", help="Text in title or description.")
@click.option("--since", help='Created at or after: 2026-11-03, 2026-11, yesterday, "2 weeks ago".')
@click.option("--until", help="Created before.")
@click.option(
    "--sort-by",
    type=click.Choice(sorted(LIST_VIDEOS_REQUEST_SORT_BY_VALUES)),
    default="created_at",
    show_default=True,
    help="What the order goes by.",
)
@click.option(
    "--order-by",
    type=click.Choice(sorted(LIST_VIDEOS_REQUEST_ORDER_BY_VALUES)),
    default="desc",
    show_default=True,
    help="Smallest or oldest first (asc), or last (desc).",
)
@click.option("--limit", metavar="N", type=click.IntRange(min=1), help="No more than so many videos.")
@columns(_FIELDS)
@json_or_lines
def list_(
    tag: tuple[str, ...],
    metadata: tuple[str, ...],
    status: str | None,
    search: str | None,
    since: str | None,
    until: str | None,
    sort_by: str,
    order_by: str,
    limit: int | None,
    columns: list[str] | None,
    form: Form,
) -> None:
    """List videos, the newest first.

    A terminal shows as many columns as fit, or a line for each field; a pipe gets lines with tabs.
    """
    with open_client() as stream:
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
        found = (video.to_dict() for video in islice(videos, limit))
        print_records(found, form, _USUAL, columns, fewest=3, none="No video matches.")


@click.command()
@video_ids
@json_or_lines
def get(ids: VideoIds, form: Form) -> None:
    """Show a video, or several. - stands for ids on standard input, one a line."""
    with open_client() as stream, Attempts() as attempts:
        print_videos(attempts.each(ids.each, stream.videos.get), form, single=ids.is_single)


@click.command()
@video_ids
@click.option("--timeout", metavar="SECONDS", default=3600.0, show_default=True, help="For each video.")
@json_or_lines
def wait(ids: VideoIds, timeout: float, form: Form) -> None:
    """Wait until a video is transcoded, or several. Exit status 7 says that it failed.

    - stands for ids on standard input, one a line.
    """
    with open_client() as stream, Attempts() as attempts:

        def wait_for(video_id: str) -> Video:
            with saying("This command waits on:"), notes.status("Transcoding …"):
                return stream.videos.wait(video_id, timeout=timeout)

        settled = attempts.settled(attempts.each(ids.each, wait_for), form)
        print_videos(settled, form, single=ids.is_single)


@click.command()
@click.argument("video_id")
@as_json
def complete(video_id: str, as_json: bool) -> None:
    """Complete an upload whose bytes are all there. For example, after topping up the account."""
    with open_client() as stream:
        stream.videos.complete(video_id)
        with suppress(JournalError):  # the video is complete whatever becomes of its journal
            for upload in stream.uploads.unfinished():
                if upload.video_id == video_id and upload.sent == upload.size:
                    note_complete(upload)
    print_results("completed", [video_id], "Complete; it is being transcoded.", as_json)


@click.command()
@click.argument("video_id")
@click.option("--title", help="The new title.")
@click.option("--description", help='"" clears it.')
@click.option("--public/--private", default=None, help="Whether it is watched without credentials.")
@click.option("--tag", multiple=True, help='Replaces all tags; may be repeated. "" clears them.')
@click.option(
    "--metadata", multiple=True, metavar="KEY=VALUE", help='Replaces all metadata; may be repeated. "" clears it.'
)
@as_json
def update(video_id: str, as_json: bool, **details: Unpack[Details]) -> None:
    """Change a video; what is not given stays."""
    title, description, public = details["title"], details["description"], details["public"]
    if not any(value not in (None, ()) for value in details.values()):
        raise click.UsageError("Nothing to change: give --title, --description, --public, --tag or --metadata.")
    with open_client() as stream:
        stream.videos.update(
            video_id,
            title=UNSET if title is None else title,
            description=UNSET if description is None else description,
            is_public=UNSET if public is None else public,
            tags=list(filter(None, details["tag"])) if details["tag"] else UNSET,
            metadata=pairs(tuple(filter(None, details["metadata"]))) if details["metadata"] else UNSET,
        )
    print_results("updated", [video_id], "Changed.", as_json)


@click.command()
@click.argument("video_id")
@click.argument("picture", type=click.Path(path_type=Path))
@as_json
def thumbnail(video_id: str, picture: Path, as_json: bool) -> None:
    """Give a video a PICTURE (.png or .jpg)."""
    with open_client() as stream:
        stream.videos.upload_thumbnail(video_id, picture)
    print_results("thumbnail set", [video_id], "The video has it.", as_json)


@click.command()
@video_ids
@click.option("--yes", is_flag=True, help="Do not ask.")
@json_or_lines
def delete(ids: VideoIds, yes: bool, form: Form) -> None:
    """Delete a video, or several.

    At a terminal the command asks about each first, unless it is given --yes; elsewhere it needs --yes. - stands for
    ids on standard input, one a line.
    """
    if not yes and not sys.stdin.isatty():
        raise click.UsageError("Without a terminal the command can't ask: say --yes. Nothing was deleted.")
    with open_client() as stream, Attempts() as attempts:

        def delete_video(video_id: str) -> str:
            if not yes:
                _ask_about(stream.videos.get(video_id))
            stream.videos.delete(video_id)
            return video_id

        deleted = attempts.each(ids.each, delete_video)
        print_results("deleted", deleted, "Deleted {}.", form, single=ids.is_single)


def _ask_about(video: Video) -> None:
    """Names the video that is to be deleted. Ends the command unless the answer is yes."""
    created = f"{video.created_at:%Y-%m-%d %H:%M %Z}" if video.created_at else "at an unknown time"
    wrap(f"Deletes video {video.id}, {video.title!r}, created {created}.")
    click.confirm("Go ahead?", abort=True, err=True)
