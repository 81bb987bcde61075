"""Checks of a deployment with videos of their own, which they delete in any case."""

from __future__ import annotations

import signal
import threading
import time
from contextlib import contextmanager, suppress
from dataclasses import replace
from secrets import token_hex
from typing import TYPE_CHECKING

from contract_document import is_object

from conformance.deployment.client import UnreachableError
from conformance.deployment.inspection import page_in, video_in
from conformance.deployment.read_checks import TEXT, examples, one_of_each
from conformance.shared.requests import part_request, request_to, thumbnail_request, valid_request, video_operations
from conformance.shared.sample_data import JPEG, NO_PICTURES, PNG

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable

    from contract_document import Json

    from conformance.deployment.inspection import Inspection
    from conformance.shared.examples import Example

MARK = "aioz-stream-contract"
"""The beginning of the title, a tag and the metadata of every video that the checks create."""
VALID_CREATES = 12
LISTED_WITHIN = 3
"""Tries, a second apart, until a list has to show a change."""
MOVING = ("status", "qualities", "duration")
"""Fields that change by themselves while a video is transcoded."""


class WriteChecks:
    """Creates videos, uses them in every way, and deletes them."""

    def __init__(self, inspection: Inspection, wait: Callable[[float], object] = time.sleep) -> None:
        self._inspection, self._wait = inspection, wait
        self._examples = examples()
        self.mark = f"{MARK}-{token_hex(6)}"
        self._made: dict[str, bool] = {}
        """All videos that were created, and whether they are deleted."""

    @property
    def left_behind(self) -> list[str]:
        return [video for video, is_gone in self._made.items() if not is_gone]

    def run(self) -> None:
        """All checks. The videos are deleted in any case, after Ctrl-C too."""
        try:
            self._inspection.run(
                {
                    "making videos": self.creates,
                    "changing them": self.updates,
                    "pictures": self.thumbnails,
                    "uploading": self.uploads,
                    "deleting": self.deletes,
                }
            )
        finally:
            with uninterrupted():
                self.clean_up()

    def clean_up(self) -> None:
        """Delete all videos that were created and still exist."""
        for _ in range(2):
            try:
                # A create whose answer was lost, or a delete that did not delete.
                self._made |= dict.fromkeys(self._find_marked(), False)
            except UnreachableError as error:
                self._inspection.notes.append(f"{error}: videos with {self.mark} in title or metadata may be left")
            for video in self.left_behind:
                with suppress(UnreachableError):
                    self._delete(video, (200, 404))
        self._inspection.notes += [f"the video {video} is left behind: delete it" for video in self.left_behind]
        print(f"  {len(self._made)} videos made, {len(self.left_behind)} left behind", flush=True)

    def creates(self) -> None:
        whole = {
            "description": "Made to see what the service does. It will be deleted in a moment.",
            "is_public": False,
            "metadata": self._pairs,
            "tags": [MARK, self.mark],
        }
        made = self._create(**whole)
        if made is not None:
            self._expect("createVideo", made, {**whole, "title": self.mark, "status": "new"}, "what was asked for")
            self._expect("getVideo", self._get(made["id"]), made, "what was just created", MOVING)
            self._find(made["id"])
        for example in one_of_each(one for one in self._of("createVideo") if not one.is_valid):
            self._create_by(example, (400,))
        valid = [one for one in self._of("createVideo") if one.is_valid]
        for example in valid[:: len(valid) // VALID_CREATES]:
            self._create_by(example, (200, 201))
        request = replace(request_to("createVideo"), content=b"hello", headers=TEXT)
        self._inspection.ask("createVideo", request, (400, 415), "a text", is_repeatable=False)

    def _find(self, video: str) -> None:
        """Check that the lists that filter by the mark have a new video."""
        for asked in (
            {"tags": [self.mark]},
            {"tags": self.mark},
            {"metadata": {MARK: self.mark}},
            {"metadata": self._pairs},
            {"search": self.mark.upper()},
        ):
            self._listed(asked, video, is_there=True)

    def _listed(self, asked: Json, video: str, *, is_there: bool) -> None:
        for tries_left in range(LISTED_WITHIN - 1, -1, -1):
            answer = self._ask("listVideos", request_to("listVideos", json=asked))
            if answer is None or (video in {one["id"] for one in page_in(answer)[0]}) == is_there:
                return
            if tries_left:
                self._wait(1)
        [name] = asked
        what = "leaves out a video that matches" if is_there else "has a video that does not match"
        self._inspection.note("listVideos", f"filter {name}", what, str(asked))

    def updates(self) -> None:
        video = self._new(is_public=False)
        if video is None:
            return
        updates: list[dict[str, Json]] = [
            {"title": f"{self.mark}, renamed"},
            {"description": "another", "tags": [self.mark, "more"]},
            {"metadata": [*self._pairs, {"key": "k", "value": "v"}]},
            {"is_public": True},
            {"description": "", "tags": []},
            {},
        ]
        for changes in updates:
            before = self._get(video)
            self._ask("updateVideo", request_to("updateVideo", video, json=changes))
            self._expect("updateVideo", self._get(video), {**(before or {}), **changes}, f"{changes}", ("updated_at",))
        for example in self._of("updateVideo"):
            self._about(example, video)

    def thumbnails(self) -> None:
        video = self._new()
        if video is None:
            return
        for name, data, status in (
            ("cover.png", PNG, 200),
            ("cover.jpg", JPEG, 200),
            ("cover.png", NO_PICTURES[0], 400),
            ("cover.gif", NO_PICTURES[0], 400),
        ):
            request = thumbnail_request(video, name, data)
            self._ask("uploadVideoThumbnail", request, (status,), f"{name} that begins with {data[:6]!r}")
        for example in self._of("uploadVideoThumbnail"):
            self._about(example, video)

    def uploads(self) -> None:
        video = self._new()
        if video is None:
            return
        for example in self._of("uploadVideoPart"):
            # A part that is stored decides what the next one may be.
            other = self._new() if example.is_valid else video
            self._about(example, other or video)
        whole = b"This is no video, and its transcoding will fail."
        middle, size = len(whole) // 2, len(whole)
        for about, range_header, hash_field in (
            ("the hash of other bytes", None, "0" * 32),
            ("a range that is longer", f"bytes 0-{size}/{size + 1}", None),
            ("a range that is shorter", f"bytes 0-{size - 2}/{size}", None),
            ("a range beyond the end", f"bytes 1-{size}/{size}", None),
        ):
            # Each uses a video of its own: a deployment that takes one would answer the others wrongly.
            wrong = part_request(self._new() or video, whole, range_header=range_header, hash_field=hash_field)
            self._ask("uploadVideoPart", wrong, (400,), about)
        self._complete(video, 400, "no part is there")
        self._ask("uploadVideoPart", part_request(video, whole[middle:], middle, size, "2"), about="the second part")
        self._complete(video, 400, "the first part is missing")
        for about in ("the first part, later", "the first part again"):
            self._ask("uploadVideoPart", part_request(video, whole[:middle], 0, size), about=about)
        over = part_request(video, whole[1:middle], 1, size, "3")
        self._ask("uploadVideoPart", over, (400,), "a part over another")
        self._finish(video, whole)

    def _finish(self, video: str, whole: bytes) -> None:
        before = self._inspection.answers["completeVideoUpload", 402]
        request = request_to("completeVideoUpload", video)
        self._ask("completeVideoUpload", request, (200, 402), "all bytes are there")
        if self._inspection.answers["completeVideoUpload", 402] > before:
            self._inspection.notes.append("the balance does not cover a transcoding, so nothing was completed")
            return
        self._complete(video, 200, "it is complete already")
        self._ask("uploadVideoPart", part_request(video, whole), (400,), "a part after the end")
        shown: Json = self._get(video) or {}
        if shown.get("status") not in ("transcoding", "done", "fail"):
            self._inspection.note("getVideo", "/data/status", f"{shown.get('status')!r} of a completed upload")
        if shown.get("size") not in (0, None, len(whole)):
            self._inspection.note("getVideo", "/data/size", f"{shown.get('size')} of {len(whole)} bytes")

    def _complete(self, video: str, status: int, about: str) -> None:
        self._ask("completeVideoUpload", request_to("completeVideoUpload", video), (status,), about)

    def deletes(self) -> None:
        video = self._new()
        if video is None or not self._delete(video):
            return
        for operation in video_operations():
            self._ask(operation, valid_request(operation, video), (404,), "a deleted video")
        self._listed({"search": self.mark}, video, is_there=False)

    def _delete(self, video: str, expected: tuple[int, ...] = (200,)) -> bool:
        """Delete a video that was created; a 404 says that it is deleted already."""
        seen = self._inspection.answers.copy()
        self._ask("deleteVideo", request_to("deleteVideo", video), expected, "a video of ours")
        new = self._inspection.answers - seen
        self._made[video] = bool(new["deleteVideo", 200] or new["deleteVideo", 404])
        return self._made[video]

    def _new(self, **fields: Json) -> str | None:
        made = self._create(**fields)
        return None if made is None else str(made["id"])

    def _create(self, **fields: Json) -> Json:
        request = request_to("createVideo", json={"title": self.mark, **fields})
        return self._remember(self._ask("createVideo", request, is_repeatable=False))

    def _create_by(self, example: Example, expected: tuple[int, ...]) -> None:
        """Create the video of an example, with the mark where the example has no value of its own."""
        request, body = example.request, example.request.json
        if is_object(body):
            marked = {"metadata": self._pairs, **body}
            if body.get("title") in {"a title", "a ladder"}:
                marked["title"] = self.mark
            request = replace(request, json=marked)
        self._remember(self._ask("createVideo", request, expected, example.about, is_repeatable=False))

    def _remember(self, answer: Json) -> Json:
        """Remember a created video before anything else is done with it."""
        made = video_in(answer)
        if made is not None:
            self._made.setdefault(made["id"], False)
        return made

    def _about(self, example: Example, video: str) -> None:
        request = example.request.about(video)
        self._ask(example.operation, request, (200,) if example.is_valid else (400,), example.about)

    def _get(self, video: str) -> Json:
        return video_in(self._ask("getVideo", request_to("getVideo", video), about="a video of ours"))

    def _expect(self, operation: str, shown: Json, wanted: Json, about: str, but: Iterable[str] = (), /) -> None:
        for name, value in wanted.items() if shown else ():
            # No list is the same as an empty one.
            if name not in but and (shown.get(name) or None) != (value or None):
                said = f"{shown.get(name)!r} instead of {value!r}"
                self._inspection.note(operation, f"/data/{name}", said, about)

    def _find_marked(self) -> set[str]:
        """The ids of videos with the mark, and of no others, whatever the list has."""
        found: set[str] = set()
        for asked in ({"search": self.mark}, {"metadata": self._pairs}):
            answer = self._ask("listVideos", request_to("listVideos", json={**asked, "limit": 100}))
            shown, _ = page_in(answer)
            found |= {video["id"] for video in shown if self.mark in f"{video.get('title')} {video.get('metadata')}"}
        return found

    @property
    def _pairs(self) -> list[Json]:
        return [{"key": MARK, "value": self.mark}]

    def _of(self, operation: str) -> list[Example]:
        return [one for one in self._examples if one.operation == operation]

    @property
    def _ask(self) -> Callable[..., Json]:
        return self._inspection.ask


@contextmanager
def uninterrupted() -> Generator[None]:
    """Ignore Ctrl-C: a second one would leave videos behind."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {each: signal.signal(each, signal.SIG_IGN) for each in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)
