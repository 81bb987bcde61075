"""The videos of an account: `AiozStream.videos` and `AsyncAiozStream.videos`."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Unpack

from aioz_stream import arguments
from aioz_stream.encoding.price import Question
from aioz_stream.http.cancel_signal import CancelSignal
from aioz_stream.http.session import Session
from aioz_stream.operations import calls
from aioz_stream.operations.paging import Pages, created_between, pager
from aioz_stream.operations.waiting import SETTLED, Polling
from aioz_stream.upload.options import check_options
from aioz_stream.upload.plan import PART_LIMITS, PartLimits
from aioz_stream.upload.single_part import send_part
from aioz_stream.upload.upload import Upload
from aioz_stream_api.types import UNSET, Unset

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date

    from aioz_stream.encoding.price import Cost, LadderCost
    from aioz_stream.encoding.source import Source as MediaInfo
    from aioz_stream.errors import Part
    from aioz_stream.operations.calls import Metadata, OrderBy, Page, Qualities, SortBy, Status
    from aioz_stream.upload.options import Sending
    from aioz_stream.upload.sources.source import Path, Source
    from aioz_stream_api.models import Video


class Videos:
    """The operations on videos. All errors are AiozStreamError; `aioz_stream.errors` describes them."""

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
        """Makes a video without bytes; `upload` sends them (reference, "Create video object").

        Each call makes another video, so it is only repeated when the first request can't have taken effect.

        `title` has 1 to 255 characters, `description` up to 1,000; at most 50 pairs of `metadata` and 50 `tags`, each
        of up to 255 characters. Without `qualities` the service chooses what to transcode into.

        `qualities` are checked first (see `aioz_stream.encoding.check`): errors raise EncodingError, warnings are
        issued as LadderWarning, or raise EncodingError as well if `strict`.
        """
        new = calls.new_video(title, description, is_public, metadata, tags, qualities, strict=strict)
        return self._session.send(calls.create(new))

    def get(self, video_id: str) -> Video:
        """The video as it is now (reference, "Get video object").

        Fields beyond the contract are in its `additional_properties`. Raises NotFoundError.
        """
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
        page_size: int = arguments.LARGEST_PAGE,
    ) -> Iterator[Video]:
        """Every video that matches, each once (reference, "List videos"). Pages are fetched as the loop needs them.

        A video must have all `tags` and all pairs of `metadata`; `search` looks for text in title and description,
        whatever its case. Deleted videos come only with `status="deleted"`. `created_after` and `created_before` take
        dates such as "2026-11" or "2 weeks ago"; the client applies them, not the service.

        Pages are counted by offset. When videos are deleted while the loop runs, others move to earlier pages and can
        be missed. When videos are only added, sorting by "created_at" and "asc" misses none.
        """
        wanted = created_between(created_after, created_before)
        page = pager(sort_by, order_by, tags, metadata, status, search)
        first = page(0, page_size)

        def videos() -> Iterator[Video]:
            pages, call = Pages(), first
            while not pages.finished:
                yield from filter(wanted, pages.take(self._session.send(call)))
                call = page(pages.offset, page_size)

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
        """One page of 1 to 100 videos, and how many match in all (reference, "List videos"). `list` fetches all pages.

        See `list` for the filters.
        """
        page = pager(sort_by, order_by, tags, metadata, status, search)
        return self._session.send(page(offset, limit))

    def cost(self, qualities: Sequence[str], duration: float) -> Cost:
        """The price of transcoding `duration` seconds (reference, "Calculate transcode price").

        `qualities` are names of resolutions, "144p" to "2160p".
        """
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
        title: str | Unset = UNSET,
        description: str | Unset = UNSET,
        is_public: bool | Unset = UNSET,
        metadata: Metadata | Unset = UNSET,
        tags: Sequence[str] | Unset = UNSET,
        player_id: str | Unset = UNSET,
    ) -> None:
        """Changes the given fields and nothing else (reference, "Update video object").

        Lists are replaced whole; "" clears a description or a player. See `create` for the limits.
        """
        self._session.send(calls.update(video_id, title, description, is_public, metadata, tags, player_id))

    def delete(self, video_id: str) -> None:
        """Deletes the video (reference, "Delete video").

        Raises NotFoundError when there is no such video. When an answer was lost and the next one is a 404, the call
        has succeeded.
        """
        self._session.send(calls.delete(video_id))

    def upload(self, video_id: str, source: Source, **how: Unpack[Sending]) -> Video:
        """Sends a file to a video that exists, in parts, completes the upload, and returns the video.

        `source` is a path, the URL of a file, a binary file object from its present position on, a stream with `size`
        or `spool`, or a file that fsspec opened. `how` has the options of `Sending`, all of which may be left out.

        The same call resumes an upload that ended on the way: see `Sending.journal`. `on_progress` and `on_created` are
        called on this thread; what they raise ends the upload.

        Raises SourceError before anything is sent when there is nothing to send, and SourceChangedError when the file
        changed on the way; then complete is not called.
        """
        return Upload(self._session, source, check_options(how)).upload_into(video_id)

    def upload_part(self, video_id: str, source: Source, part: Part, *, part_limits: PartLimits = PART_LIMITS) -> None:
        """Sends one part of a file (reference, "Upload video part"). `upload` sends all parts by itself.

        `aioz_stream.plan(size)` makes the parts. Raises ArgumentError when `part` is no part of this file.
        """
        send_part(self._session, video_id, source, part, part_limits, CancelSignal())

    def complete(self, video_id: str) -> None:
        """Ends the upload of a video, and its transcoding begins (reference, "Upload video completed").

        A second call has no effect.

        Raises BadRequestError when bytes are missing, PaymentRequiredError when the balance does not cover the price.
        """
        self._session.send(calls.complete(video_id))

    def upload_thumbnail(self, video_id: str, picture: Path) -> None:
        """Gives the video a picture from a .png or .jpg file (reference, "Upload video thumbnail").

        Raises ArgumentError for another kind of file, and SourceError when it can't be read.
        """
        self._session.send(calls.upload_thumbnail(video_id, picture))

    def wait(self, video_id: str, *, timeout: float = 3600.0) -> Video:
        """Reads the video until its status is "done", "fail" or "deleted", and returns it.

        Raises WaitTimeoutError, which has the video as it was last read, when that takes more than `timeout` seconds.
        """
        call, polling = calls.get(video_id), Polling(video_id, timeout)
        while True:
            session = Session(self._session.connections, polling.limit_timeouts(self._session.options))

            def pause(seconds: float, session: Session = session) -> None:
                time.sleep(polling.retry_delay(seconds))
                session.options = polling.limit_timeouts(self._session.options)

            with polling.deadline():
                video = session.send(call, pause)
            if video.status in SETTLED:
                return video
            time.sleep(polling.delay_after(video))
