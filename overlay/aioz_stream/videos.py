"""The videos of an account: `AiozStream.videos` and `AsyncAiozStream.videos`."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Unpack

from aioz_stream.encoding.price import Question
from aioz_stream.http.session import Session
from aioz_stream.operations import calls
from aioz_stream.operations.paging import Pages, created_between
from aioz_stream.operations.waiting import Looks, is_settled
from aioz_stream.upload.cancellation import Stop
from aioz_stream.upload.plan import PART_LIMITS, PartLimits
from aioz_stream.upload.upload import Upload, UploadOptions, send_part
from aioz_stream_api.types import UNSET, Unset

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import date

    from aioz_stream.encoding.media_info import MediaInfo
    from aioz_stream.encoding.price import LadderCost
    from aioz_stream.http.session import Call
    from aioz_stream.operations.calls import Cost, Metadata, OrderBy, Page, Qualities, SortBy, Status
    from aioz_stream.upload.plan import Part
    from aioz_stream.upload.sources.source import Path, Source
    from aioz_stream.upload.upload import Sending
    from aioz_stream_api.models import Video


class Videos:
    """All that can be done with videos. Every method raises AiozStreamError (see `aioz_stream.errors`)."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def create(
        self,
        title: str,
        *,
        description: str | None = None,
        is_public: bool = True,
        metadata: Metadata | None = None,
        tags: Sequence[str] | None = None,
        qualities: Qualities | None = None,
        strict: bool = False,
    ) -> Video:
        """Makes a video without bytes; upload them next. Never repeated blindly: each call makes another video.

        `title` has 1 to 255 characters, `description` up to 1,000; at most 50 pairs of `metadata` and 50 `tags`, each
        of up to 255 characters. Without `qualities` the service chooses what to transcode into.

        `qualities` are checked first (see `aioz_stream.encoding.check`): errors raise EncodingError, warnings are
        issued as LadderWarning, or are errors too if `strict`.
        """
        new = calls.new_video(title, description, is_public, metadata, tags, qualities, strict=strict)
        return self._session.send(calls.create(new))

    def get(self, video_id: str) -> Video:
        """The video as the service has it now; what it says beyond the contract is in `additional_properties`."""
        return self._session.send(calls.get(video_id))

    def list(
        self,
        *,
        tags: Sequence[str] | None = None,
        metadata: Metadata | None = None,
        status: Status | None = None,
        search: str | None = None,
        created_after: str | date | None = None,
        created_before: str | date | None = None,
        sort_by: SortBy = "created_at",
        order_by: OrderBy = "desc",
        page_size: int | None = None,
    ) -> Iterator[Video]:
        """Every video that matches, page after page, each once. A page is fetched when the loop comes to it.

        A video must have all `tags` and all pairs of `metadata`; `search` looks for text in title and description,
        whatever its case. Deleted videos come only with `status="deleted"`. `created_after` and `created_before` take
        dates as people write them ("2026-11", "2 weeks ago") and are applied here, not by the service. `page_size`
        is as large as the service allows unless given.

        The service counts pages by offset. When videos are deleted while the loop runs, others move up across the
        border of a page and can be missed; sort by "created_at" and "asc" where that matters and others only add.
        """
        wanted = created_between(created_after, created_before)
        page = pager(sort_by, order_by, tags, metadata, status, search)
        size = calls.largest_page() if page_size is None else page_size
        first = page(0, size)

        def videos() -> Iterator[Video]:
            pages, call = Pages(), first
            while not pages.finished:
                yield from filter(wanted, pages.take(self._session.send(call)))
                call = page(pages.offset, size)

        return videos()

    def page(
        self,
        *,
        offset: int = 0,
        limit: int = 25,
        sort_by: SortBy = "created_at",
        order_by: OrderBy = "desc",
        tags: Sequence[str] | None = None,
        metadata: Metadata | None = None,
        status: Status | None = None,
        search: str | None = None,
    ) -> Page:
        """One page of up to 100 videos, and how many match in all. `list` goes through all pages by itself."""
        page = pager(sort_by, order_by, tags, metadata, status, search)
        return self._session.send(page(offset, limit))

    def cost(self, qualities: Sequence[str], duration: float) -> Cost:
        """The price of transcoding `duration` seconds into the named qualities ("144p" to "2160p")."""
        return self._session.send(calls.cost(qualities, duration))

    def ladder_cost(
        self, qualities: Qualities, *, source: MediaInfo | Path | None = None, duration: float | None = None
    ) -> LadderCost:
        """The price of transcoding into these qualities, and which of them the price list does not know.

        The duration, in seconds, is the source's unless given. Qualities above the source are not priced.
        """
        question = Question.about(qualities, source, duration)
        return question.answered(self.cost(question.names, question.duration))

    def update(
        self,
        video_id: str,
        *,
        title: str | Unset | None = UNSET,
        description: str | Unset | None = UNSET,
        is_public: bool | Unset | None = UNSET,
        metadata: Metadata | Unset | None = UNSET,
        tags: Sequence[str] | Unset | None = UNSET,
        player_id: str | Unset | None = UNSET,
    ) -> None:
        """Changes what is given and nothing else; None is not given. Lists are replaced whole.

        "" clears a description or a player, [] the metadata or the tags.
        """
        self._session.send(calls.update(video_id, title, description, is_public, metadata, tags, player_id))

    def delete(self, video_id: str) -> None:
        """Deletes the video. A repeated call that finds nothing, after the first one's answer was lost, succeeds."""
        self._session.send(calls.delete(video_id))

    def upload(self, video_id: str, source: Source, **how: Unpack[Sending]) -> Video:
        """Sends a file to a video that exists, in parts, completes the upload, and returns the video.

        `source` is a path, the URL of a file, a binary file object from its present position on, a stream with `size`
        or `spool`, or a file that fsspec opened. `how` has the options of `Sending`, all of which may be left out.

        The same call resumes an upload that ended on the way: see `Sending.journal`. `on_progress` and `on_created` are
        called on this thread; what they raise stops the upload.

        Raises SourceError before anything is sent when there is nothing to send, and SourceChangedError when the file
        changed on the way; then complete is not called.
        """
        return Upload(self._session, source, UploadOptions.of(how)).to_video(video_id)

    def upload_part(self, video_id: str, source: Source, part: Part, *, part_limits: PartLimits = PART_LIMITS) -> None:
        """Sends one part of a file. `aioz_stream.plan(size)` makes the parts; `upload` does all of this by itself."""
        send_part(self._session, video_id, source, part, part_limits, Stop())

    def complete(self, video_id: str) -> None:
        """Says that all parts are there; transcoding begins. Called again, nothing happens twice.

        Raises BadRequestError when bytes are missing, PaymentRequiredError when the balance does not cover the price.
        """
        self._session.send(calls.complete(video_id))

    def upload_thumbnail(self, video_id: str, picture: Path) -> None:
        """Gives the video a picture from a .png or .jpg file."""
        self._session.send(calls.upload_thumbnail(video_id, picture))

    def wait(self, video_id: str, *, timeout: float = 3600.0) -> Video:
        """Looks at the video until its status is "done", "fail" or "deleted", and returns it; look at its status.

        Raises WaitTimeoutError, with the video as it was last seen, when that takes longer than `timeout` seconds.
        """
        call, looks = calls.get(video_id), Looks(video_id, timeout)
        while True:
            session = Session(self._session.connections, looks.within(self._session.options))

            def pause(seconds: float, session: Session = session) -> None:
                time.sleep(looks.retry(seconds))
                session.options = looks.within(self._session.options)

            with looks.deadline():
                video = session.send(call, pause)
            if is_settled(video):
                return video
            time.sleep(looks.pause(video))


def pager(
    sort_by: SortBy,
    order_by: OrderBy,
    tags: Sequence[str] | None,
    metadata: Metadata | None,
    status: Status | None,
    search: str | None,
) -> Callable[[int, int], Call[Page]]:
    """From offset and limit to the call for that page."""
    return lambda offset, limit: calls.page(offset, limit, sort_by, order_by, tags, metadata, status, search)
