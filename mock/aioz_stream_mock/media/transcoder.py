"""Transcoding in the background: ffmpeg runs, and the database is told how far it is.

Nothing is kept in memory that a restart would miss. A video whose outcome says `transcoding` is begun again from the
start by the next server on the folder.
"""

from __future__ import annotations

import logging
import os
import threading
import uuid
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from pathlib import PurePath
from typing import TYPE_CHECKING

from aioz_stream_mock.media import languages, plan, probe
from aioz_stream_mock.media.ffmpeg import Runner, StoppedError
from aioz_stream_mock.media.segments import fill_segments, find_problem, made_seconds, track_lists
from aioz_stream_mock.state.outcome import Outcome, Output
from aioz_stream_mock.state.store import remove_folder
from aioz_stream_mock.state.videos import DONE, FAIL, TRANSCODING, Thumbnail

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from aioz_stream_mock.media.plan import Rendition
    from aioz_stream_mock.media.probe import SourceFacts
    from aioz_stream_mock.media.watchdog import Limits
    from aioz_stream_mock.state.store import Store
    from aioz_stream_mock.state.videos import Video

log: logging.Logger = logging.getLogger(__name__)

WORKERS = 2
"""How many videos are worked on at a time; each ffmpeg uses several cores by itself."""

MAX_REASON = 1000
SOURCE, MP4, THUMBNAIL = "source.txt", "video.mp4", "thumbnail.jpg"


class UnreadableError(Exception):
    """A source that can't be probed, or not within the limits."""


class Transcoder:
    """Turns completed uploads into outputs, a few at a time, until it is closed."""

    def __init__(self, store: Store, now: Callable[[], int], limits: Limits) -> None:
        self._store, self._now, self._limits = store, now, limits
        self._lock = threading.Lock()
        self._jobs: dict[str, Job] = {}
        self._closed = False
        self._pool = ThreadPoolExecutor(WORKERS, thread_name_prefix="transcoder")

    def resume(self) -> None:
        """Start the transcodings that another server left unfinished again, from their beginning."""
        for video in self._store.transcoded_videos():
            if video.outcome is not None and video.outcome.status == TRANSCODING:
                remove_folder(self._store.media / video.id)
                self.begin(video.id)

    def begin(self, video_id: str) -> None:
        """Transcode a video whose upload is complete, as soon as there is room."""
        job = Job(self._store, self._now, self._limits, video_id)
        with self._lock:
            if self._closed:
                return
            self._jobs[video_id] = job
            self._pool.submit(self._work, job)

    def forget(self, video_id: str) -> None:
        """Stop working on a video, and remove what was made of it."""
        with self._lock:
            job = self._jobs.get(video_id)
        if job is not None:
            job.stop()
        remove_folder(self._store.media / video_id)

    def close(self) -> None:
        """Stop at once; what was running is begun again by the next server."""
        with self._lock:
            self._closed = True
            jobs = list(self._jobs.values())
        self._pool.shutdown(wait=False, cancel_futures=True)
        for job in jobs:
            job.stop()
        self._pool.shutdown()

    def _work(self, job: Job) -> None:
        try:
            job.run()
        finally:
            with self._lock:
                self._jobs.pop(job.video_id, None)


class Job:
    """One video on its way through ffmpeg."""

    def __init__(self, store: Store, now: Callable[[], int], limits: Limits, video_id: str) -> None:
        self.video_id = video_id
        self._store, self._now = store, now
        self._runner = Runner(limits)
        self._attempt = uuid.uuid4().hex
        self._folder = store.media / video_id / self._attempt

    def run(self) -> None:
        """Make all that the video asks for. Whatever goes wrong fails the video, not the server."""
        try:
            self._folder.mkdir(parents=True)
            self._transcode()
        except StoppedError:
            self._remove_folders()
        except UnreadableError as error:
            self._save_failure(str(error))
        except Exception as error:
            log.exception("transcoding %s failed", self.video_id)
            self._save_failure(f"an error of the mock server: {type(error).__name__}")

    def stop(self) -> None:
        self._runner.stop()

    def _transcode(self) -> None:
        video = self._update_video(lambda video: replace(video, outcome=Outcome(self._attempt, TRANSCODING)))
        self._list_source(self._folder)
        facts = self._probe()
        renditions = plan.plan_ladder(facts, video.qualities, is_default=video.uses_defaults)
        outputs = [_output(rendition, TRANSCODING) for rendition in renditions]
        self._save_progress(outputs)
        self._make_thumbnail(facts)
        for number, rendition in enumerate(renditions):
            problem = rendition.problem or self._transcode_rendition(number, rendition)
            if problem:
                log.warning("video %s, %s: %s", self.video_id, rendition.name, problem)
            outputs[number] = _output(rendition, FAIL if problem else DONE, problem)
            self._save_progress(outputs)
        self._save_outcome(Outcome(self._attempt, FAIL, tuple(outputs), reason=_whole_reason(outputs)))

    def _list_source(self, folder: Path) -> None:
        """Name the parts in their order; ffmpeg reads them where they lie.

        Relative to the folder in which it runs: these names hold nothing that ffmpeg could misread, while the path of
        the data folder is the user's choice.
        """
        here = PurePath(os.path.relpath(self._store.files, folder)).as_posix()
        _write_list(folder / SOURCE, [f"{here}/{part.file}" for part in self._store.parts(self.video_id)])

    def _probe(self) -> SourceFacts:
        done = self._runner.inspect([SOURCE, probe.FORMATS, str(probe.MAX_PIXELS)], self._folder)
        if done.exceeded:
            raise UnreadableError(done.exceeded)
        if done.code:
            raise UnreadableError(f"the source can't be read as media: looking into it ended with the code {done.code}")
        facts = probe.read_report(done.output)
        if facts.problem:
            raise UnreadableError(facts.problem)
        return facts

    def _make_thumbnail(self, facts: SourceFacts) -> None:
        """Show a frame as the thumbnail, unless one was uploaded."""
        made = self._folder / THUMBNAIL
        for attempt in plan.thumbnail_attempts(SOURCE, facts, THUMBNAIL):
            if self._runner.run(attempt, self._folder).exceeded:
                return
            if made.is_file() and made.stat().st_size:
                break
        else:
            return
        picture = Thumbnail(uuid.uuid4().hex, "image/jpeg", made.stat().st_size)
        made.rename(self._store.files / picture.file)
        shown: Thumbnail | None = None
        try:
            shown = self._update_video(
                lambda video: video if video.thumbnail else replace(video, thumbnail=picture)
            ).thumbnail
        finally:
            if shown != picture:
                self._store.remove_files([picture.file])

    def _transcode_rendition(self, number: int, rendition: Rendition) -> str:
        """Make an output. The result says why that failed; it is empty where it did not."""
        folder = self._folder / str(number)
        folder.mkdir()
        self._list_source(folder)
        done = self._runner.run(plan.rendition_arguments(rendition, SOURCE), folder)
        # ffmpeg succeeds without any output for a source that has no readable frame.
        if problem := done.reason if done.code else find_problem(folder, rendition.type):
            remove_folder(folder)
            return problem
        fill_segments(folder)
        if rendition.type == plan.DASH and rendition.audio is not None:
            init = folder / f"init-{int(rendition.video is not None)}.mp4"
            init.write_bytes(
                languages.with_language(init.read_bytes(), languages.three_letters(rendition.audio.language))
            )
        return ""

    def _make_mp4(self, outcome: Outcome) -> str:
        """One file of the best picture and a sound, nothing encoded again; the one that most can play comes first.

        The result says why that failed, as for an output.
        """
        inputs: list[str] = []
        for number, lines in enumerate(track_lists(outcome, self._folder)):
            inputs.append(f"track-{number}.txt")
            _write_list(self._folder / inputs[-1], lines)
        done = self._runner.run(plan.mp4_arguments(inputs, MP4), self._folder)
        if not done.code:
            return ""
        (self._folder / MP4).unlink(missing_ok=True)
        return f"the MP4: {done.reason}"

    def _save_outcome(self, outcome: Outcome) -> None:
        made, seconds = outcome.finished(DONE), 0.0
        if made:
            problem = self._make_mp4(outcome)
            outcome = replace(outcome, status=FAIL if problem else DONE, has_mp4=not problem, reason=problem)
            seconds = max(made_seconds(self._folder / str(number), output.type) for number, output in made)
        if outcome.reason:
            log.warning("video %s: %s", self.video_id, outcome.reason)
        now = self._now()
        self._update_video(
            lambda video: replace(
                video,
                outcome=outcome,
                # What the source says of its length may be wrong; this is what plays.
                duration=seconds,
                updated_at=video.next_updated_at(now),
            )
        )

    def _save_progress(self, outputs: list[Output]) -> None:
        self._update_video(lambda video: replace(video, outcome=Outcome(self._attempt, TRANSCODING, tuple(outputs))))

    def _save_failure(self, reason: str) -> None:
        try:
            self._save_outcome(Outcome(self._attempt, FAIL, reason=reason))
        except StoppedError:
            self._remove_folders()

    def _remove_folders(self) -> None:
        remove_folder(self._folder)
        # The video's own folder goes with its last attempt.
        with suppress(OSError):
            self._folder.parent.rmdir()

    def _update_video(self, change: Callable[[Video], Video]) -> Video:
        """Change the video's row, unless the video was deleted meanwhile."""
        with self._store.transaction():
            video = self._store.video(self.video_id)
            if video is None or video.deleted_at is not None:
                raise StoppedError
            changed = change(video)
            if changed != video:
                self._store.save_video(changed)
        return changed


def _write_list(path: Path, files: list[str]) -> None:
    path.write_text("".join(f"{file}\n" for file in files), encoding="ascii")


def _whole_reason(outputs: list[Output]) -> str:
    """Why nothing of a video was made: what each of its qualities failed of."""
    if not outputs:
        return "every quality that was asked for is higher than the source"
    return "; ".join(dict.fromkeys(f"{output.name}: {output.reason}" for output in outputs))[:MAX_REASON]


def _output(rendition: Rendition, status: str, reason: str = "") -> Output:
    picture, sound = rendition.video, rendition.audio
    return Output(
        name=rendition.name,
        type=rendition.type,
        container=rendition.container,
        status=status,
        codec=picture.codec if picture else "",
        # The shorter side, which the name means, whichever way the picture stands.
        height=min(picture.width, picture.height) if picture else 0,
        has_sound=sound is not None,
        language=sound.language if sound else "",
        reason=reason,
    )
