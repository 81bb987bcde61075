"""The videos of an account: `AiozStream.videos`. `async_videos` has those of `AsyncAiozStream`."""

from __future__ import annotations

import time
from collections.abc import Generator, Iterator, Sequence
from datetime import date
from os import PathLike
from pathlib import Path
from typing import Unpack

from aioz_stream import download as downloading
from aioz_stream import encoding, operations
from aioz_stream import upload as uploading
from aioz_stream.arguments.keywords import showing
from aioz_stream.errors import Part
from aioz_stream.http.cancel_signal import CancelSignal
from aioz_stream.http.session import Session
from aioz_stream.operations import calls
from aioz_stream.operations.operation import Extra, with_extra
from aioz_stream.upload.options import Sending, check_options
from aioz_stream_api import models
from aioz_stream_api.types import UNSET, Unset


class Videos:
    """The operations on videos. All errors are AiozStreamError; `aioz_stream.errors` describes them.

    Each method that sends one request takes `extra_body`, `extra_query` and `extra_headers`: mappings of what the
    contract does not know yet. They are sent unchecked.
    """

    def __init__(self, session: Session) -> None:
        self._session = session

    def create(
        self,
        title: str,
        *,
        description: str | None = None,
        is_public: bool = True,
        metadata: operations.Metadata | None = None,
        tags: Sequence[str] | None = None,
        qualities: operations.Qualities | None = None,
        strict: bool = False,
        **extra: Unpack[Extra],
    ) -> models.Video:
        """Makes a video without bytes; `upload` sends them (reference, "Create video object").

        Each call makes another video, so it is only repeated when the first request can't have taken effect.

        `title` has 1 to 255 characters, `description` up to 1,000; at most 50 pairs of `metadata` and 50 `tags`, each
        of up to 255 characters. Without `qualities` the service chooses what to transcode into.

        `qualities` are checked first (see `aioz_stream.encoding.check`): errors raise EncodingError, warnings are
        issued as LadderWarning, or raise EncodingError as well if `strict`.
        """
        new = calls.new_video(title, description, is_public, metadata, tags, qualities, strict=strict)
        return self._session.send(calls.create(new, extra=extra))

    def get(self, video_id: str, **extra: Unpack[Extra]) -> models.Video:
        """The video as it is now (reference, "Get video object").

        Fields beyond the contract are in its `additional_properties`. Raises NotFoundError.
        """
        return self._session.send(with_extra(calls.get(video_id), extra))

    def list(
        self,
        *,
        tags: Sequence[str] | None = None,
        metadata: operations.Metadata | None = None,
        status: operations.Status | None = None,
        search: str | None = None,
        created_after: str | date | None = None,
        created_before: str | date | None = None,
        sort_by: operations.SortBy = "created_at",
        order_by: operations.OrderBy = "desc",
        page_size: int | None = None,
        **extra: Unpack[Extra],
    ) -> Iterator[models.Video]:
        """Every video that matches, each once (reference, "List videos"). Pages are fetched as the loop needs them.

        A video must have all `tags` and all pairs of `metadata`; `search` looks for text in title and description,
        whatever its case. Deleted videos come only with `status="deleted"`. `created_after` and `created_before` take
        dates such as "2026-11" or "2 weeks ago"; the client applies them, not the service. Without `page_size`, a page
        is as large as the service allows.

        Pages are counted by offset. When videos are deleted while the loop runs, others move to earlier pages and can
        be missed. When videos are only added, sorting by "created_at" and "asc" misses none.
        """
        pages = operations.Pages(
            tags, metadata, status, search, created_after, created_before, sort_by, order_by, page_size, extra
        )

        def videos() -> Iterator[models.Video]:
            while pages.next is not None:
                yield from pages.take(self._session.send(pages.next))

        return videos()

    def page(
        self,
        *,
        offset: int = 0,
        limit: int = 25,
        sort_by: operations.SortBy = "created_at",
        order_by: operations.OrderBy = "desc",
        tags: Sequence[str] | None = None,
        metadata: operations.Metadata | None = None,
        status: operations.Status | None = None,
        search: str | None = None,
        **extra: Unpack[Extra],
    ) -> operations.Page:
        """One page of 1 to 100 videos, and how many match in all (reference, "List videos"). `list` fetches all pages.

        See `list` for the filters.
        """
        call = calls.page(offset, limit, sort_by, order_by, tags, metadata, status, search)
        return self._session.send(with_extra(call, extra))

    def cost(self, qualities: Sequence[str], duration: float, **extra: Unpack[Extra]) -> encoding.Cost:
        """The price of transcoding `duration` seconds (reference, "Calculate transcode price").

        `qualities` are names of resolutions, "144p" to "2160p".
        """
        return self._session.send(with_extra(calls.cost(qualities, duration), extra))

    def ladder_cost(
        self,
        qualities: operations.Qualities,
        *,
        source: encoding.Source | str | PathLike[str] | None = None,
        duration: float | None = None,
    ) -> encoding.LadderCost:
        """The price of transcoding into these qualities, and which of them the price list does not know.

        The duration, in seconds, is the source's unless given. Qualities above the source are not priced.
        """
        names, seconds, unpriced = encoding.question(qualities, source, duration)
        return encoding.LadderCost(self.cost(names, seconds), names, unpriced)

    def update(
        self,
        video_id: str,
        *,
        title: str | Unset | None = UNSET,
        description: str | Unset | None = UNSET,
        is_public: bool | Unset | None = UNSET,
        metadata: operations.Metadata | Unset | None = UNSET,
        tags: Sequence[str] | Unset | None = UNSET,
        player_id: str | Unset | None = UNSET,
        **extra: Unpack[Extra],
    ) -> None:
        """Changes the given fields and nothing else (reference, "Update video object"). None is not given.

        Lists are replaced whole. CLEAR empties a description or a player, [] metadata or tags. `create` has the limits.
        """
        call = calls.update(video_id, title, description, is_public, metadata, tags, player_id)
        return self._session.send(with_extra(call, extra))

    def delete(self, video_id: str, **extra: Unpack[Extra]) -> None:
        """Deletes the video (reference, "Delete video").

        Raises NotFoundError when there is no such video. When an answer was lost and the next one is a 404, the call
        has succeeded.
        """
        return self._session.send(with_extra(calls.delete(video_id), extra))

    @showing(Sending)
    def upload(self, video_id: str, source: uploading.Source, **how: Unpack[Sending]) -> models.Video:
        """Sends a file to a video that exists, in parts, completes the upload, and returns the video.

        `source` is a path, the URL of a file, a binary file object from its present position on, a stream with `size`
        or `spool`, or a file that fsspec opened. `how` has the options of `Sending`, all of which may be left out.

        The same call resumes an upload that ended on the way: see `Sending.journal`. `on_progress` and `on_created` are
        called on this thread; what they raise ends the upload.

        Raises SourceError before anything is sent when there is nothing to send, and SourceChangedError when the file
        changed on the way; then complete is not called.
        """
        return uploading.Upload(self._session, source, check_options(how)).upload_into(video_id)

    def upload_part(
        self, video_id: str, source: uploading.Source, part: Part, *, part_limits: uploading.PartLimits | None = None
    ) -> None:
        """Sends one part of a file (reference, "Upload video part"). `upload` sends all parts by itself.

        `aioz_stream.plan(size)` makes the parts. Raises ArgumentError when `part` is no part of this file.
        """
        uploading.send_part(self._session, video_id, source, part, part_limits, CancelSignal())

    def complete(self, video_id: str, **extra: Unpack[Extra]) -> None:
        """Ends the upload of a video, and its transcoding begins (reference, "Upload video completed").

        A second call has no effect.

        Raises BadRequestError when bytes are missing, PaymentRequiredError when the balance does not cover the price.
        """
        self._session.send(with_extra(calls.complete(video_id), extra))

    def upload_thumbnail(self, video_id: str, picture: str | PathLike[str], **extra: Unpack[Extra]) -> None:
        """Gives the video a picture from a .png or .jpg file (reference, "Upload video thumbnail").

        Raises ArgumentError for another kind of file, and SourceError when it can't be read.
        """
        self._session.send(with_extra(calls.upload_thumbnail(video_id, picture), extra))

    def download(
        self,
        video_id: str,
        path: str | PathLike[str],
        asset: downloading.Asset = "source",
        *,
        overwrite: bool | None = None,
        on_progress: uploading.OnProgress | None = None,
        cancel: uploading.Cancellation | None = None,
        deadline: float | None = None,
    ) -> Path:
        """Fetches a file of the video, and returns its path. Private videos too, with the client's credentials.

        `asset` is "source" (the bytes that were uploaded), "mp4", "thumbnail", or "hls" and "dash": these two are a
        playlist and a manifest, which only name the files that they play. `path` is a file, or a folder, where the file
        is named after the video's title. A file that `path` names is replaced, as by `curl -o`; one in a folder is not.
        `overwrite` says so for both.

        The file has its name only when all of it is there and its length is right. Until then it is beside it, with
        `.part` at the end of its name; the same call goes on with that after an error, where the service can tell that
        its bytes are still the same. `on_progress` is called with a Progress about ten times a second, `cancel` and
        `deadline` (seconds) end the download.

        Raises AssetNotReadyError for what is still being made, AssetMissingError for what there is not, and
        DestinationError when the file can't be written.
        """
        download = downloading.Download(self._session, video_id, asset, on_progress, cancel, deadline)
        return download.to_file(path, overwrite)

    def iter_bytes(
        self,
        video_id: str,
        asset: downloading.Asset = "source",
        *,
        on_progress: uploading.OnProgress | None = None,
        cancel: uploading.Cancellation | None = None,
        deadline: float | None = None,
    ) -> Generator[bytes]:
        """The bytes of a file of the video, in blocks of no particular size: for a web framework, or another service.

        Nothing is sent before the first block is asked for. A connection that ends on the way is made again and goes on
        where it stopped; where that can't be, UnexpectedResponseError is raised. When the loop ends, all bytes were
        there. See `download` for the rest.
        """
        return downloading.Download(self._session, video_id, asset, on_progress, cancel, deadline).to_blocks()

    def wait(self, video_id: str, *, timeout: float = 3600.0) -> models.Video:
        """Reads the video until its status is "done", "fail" or "deleted", and returns it.

        Raises WaitTimeoutError, which has the video as it was last read, when that takes more than `timeout` seconds.
        """
        call, polling = calls.get(video_id), operations.Polling(video_id, timeout)
        session = self._session.with_options(self._session.options)

        def pause(seconds: float) -> None:
            time.sleep(polling.retry_delay(seconds))
            session.options = polling.limit_timeouts(self._session.options)

        while True:
            session.options = polling.limit_timeouts(self._session.options)
            with polling.deadline():
                video = session.send(call, pause)
            if operations.is_settled(video):
                return video
            time.sleep(polling.delay_after(video))
