"""A visit to a deployment with videos of one's own: made, used and deleted, whatever happens on the way."""

from __future__ import annotations

import signal
import threading
import time
from contextlib import contextmanager
from dataclasses import replace
from secrets import token_hex
from typing import TYPE_CHECKING

from conformance.deployment import UnreachableError
from conformance.inspection import page_in, video_in
from conformance.meaning import MOVING
from conformance.provocations import about_video
from conformance.reads import OF_A_VIDEO, derived, one_of_each
from conformance.samples import JPEG, NO_PICTURES, PNG
from conformance.shapes import is_object
from conformance.stage import part_request
from conformance.wire import Field, Request, video_path

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable

    from conformance.examples import Example
    from conformance.inspection import Inspection
    from conformance.shapes import Json

MARK = "aioz-stream-contract"
"""How the title, a tag and the metadata of every video of ours begin."""
VALID_CREATES = 12
LISTED_WITHIN = 3
"""Tries, a second apart, until a list has to show what was changed."""


class Visit:
    """Makes videos, does everything with them, and takes them away again."""

    def __init__(self, inspection: Inspection, wait: Callable[[float], object] = time.sleep) -> None:
        self._inspection, self._wait = inspection, wait
        self._examples = derived()
        self.mark = f"{MARK}-{token_hex(6)}"
        self._made: dict[str, bool] = {}
        """All videos of ours, and whether they are gone."""

    @property
    def left_behind(self) -> list[str]:
        return [video for video, is_gone in self._made.items() if not is_gone]

    def run(self) -> None:
        """All of it. What was made is deleted in any case, by Ctrl-C too."""
        try:
            for name, do in {
                "making videos": self.creates,
                "changing them": self.updates,
                "pictures": self.thumbnails,
                "uploading": self.uploads,
                "deleting": self.deletes,
            }.items():
                before = self._inspection.answers.total()
                do()
                print(f"  {name}: {self._inspection.answers.total() - before} requests", flush=True)
        finally:
            with uninterrupted():
                self.leave()

    def leave(self) -> None:
        """Delete all that is ours and still there."""
        for _ in range(2):
            try:
                # Made by a create whose answer never came, or not gone although that was said.
                self._made |= dict.fromkeys(self._marked(), False)
            except UnreachableError as error:
                self._inspection.notes.append(f"{error}: videos with {self.mark} in title or metadata may be left")
            for video in self.left_behind:
                self._try_to_delete(video)
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
        request = Request("POST", "/videos/create", content=b"hello", headers={"Content-Type": "text/plain"})
        self._inspection.ask("createVideo", request, (400, 415), "a text", is_repeatable=False)

    def _find(self, video: str) -> None:
        """A new video is in the lists that ask for it, by all that it is marked with."""
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
            answer = self._ask("listVideos", Request("POST", "/videos", json=asked))
            if answer is None or (video in {one["id"] for one in page_in(answer)[0]}) == is_there:
                return
            if tries_left:
                self._wait(1)
        [name] = asked
        said = "leaves out a video that matches" if is_there else "has a video that does not match"
        self._inspection.object("listVideos", f"filter {name}", said, str(asked))

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
            self._ask("updateVideo", Request("PATCH", video_path(video), json=changes))
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
            request = Request("POST", video_path(video, "/thumbnail"), form=[Field("file", data, name)])
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
        for about, said, claimed in (
            ("the hash of other bytes", None, "0" * 32),
            ("a range that is longer", f"bytes 0-{size}/{size + 1}", None),
            ("a range that is shorter", f"bytes 0-{size - 2}/{size}", None),
            ("a range beyond the end", f"bytes 1-{size}/{size}", None),
        ):
            # Each about a video of its own: where one is believed, nothing else shall look wrong for it.
            lie = part_request(self._new() or video, whole, said=said, claimed=claimed)
            self._ask("uploadVideoPart", lie, (400,), about)
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
        request = Request("GET", video_path(video, "/complete"))
        self._ask("completeVideoUpload", request, (200, 402), "all bytes are there")
        if self._inspection.answers["completeVideoUpload", 402] > before:
            self._inspection.notes.append("the balance does not cover a transcoding, so nothing was completed")
            return
        self._complete(video, 200, "it is complete already")
        self._ask("uploadVideoPart", part_request(video, whole), (400,), "a part after the end")
        shown: Json = self._get(video) or {}
        if shown.get("status") not in ("transcoding", "done", "fail"):
            self._inspection.object("getVideo", "/data/status", f"{shown.get('status')!r} of a completed upload")
        if shown.get("size") not in (0, None, len(whole)):
            self._inspection.object("getVideo", "/data/size", f"{shown.get('size')} of {len(whole)} bytes")

    def _complete(self, video: str, status: int, about: str) -> None:
        self._ask("completeVideoUpload", Request("GET", video_path(video, "/complete")), (status,), about)

    def deletes(self) -> None:
        video = self._new()
        if video is None or not self._delete(video):
            return
        for operation in OF_A_VIDEO:
            self._ask(operation, about_video(operation, video), (404,), "a deleted video")
        self._listed({"search": self.mark}, video, is_there=False)

    def _delete(self, video: str, expected: tuple[int, ...] = (200,)) -> bool:
        """Delete a video of ours; one that is not there is as good as deleted."""
        seen = self._inspection.answers.copy()
        self._ask("deleteVideo", Request("DELETE", video_path(video)), expected, "a video of ours")
        new = self._inspection.answers - seen
        self._made[video] = bool(new["deleteVideo", 200] or new["deleteVideo", 404])
        return self._made[video]

    def _try_to_delete(self, video: str) -> None:
        try:
            self._delete(video, (200, 404))
        except UnreachableError:
            self._made[video] = False

    def _new(self, **fields: Json) -> str | None:
        made = self._create(**fields)
        return None if made is None else str(made["id"])

    def _create(self, **fields: Json) -> Json:
        request = Request("POST", "/videos/create", json={"title": self.mark, **fields})
        return self._noted(self._ask("createVideo", request, is_repeatable=False))

    def _create_by(self, example: Example, expected: tuple[int, ...]) -> None:
        """Marked, as far as that changes nothing of what the example is about."""
        request, body = example.request, example.request.json
        if is_object(body):
            marked = {"metadata": self._pairs, **body}
            if body.get("title") in {"a title", "a ladder"}:
                marked["title"] = self.mark
            request = replace(request, json=marked)
        self._noted(self._ask("createVideo", request, expected, example.about, is_repeatable=False))

    def _noted(self, answer: Json) -> Json:
        """Remember that a video is ours before anything else is done with it."""
        made = video_in(answer)
        if made is not None:
            self._made.setdefault(made["id"], False)
        return made

    def _about(self, example: Example, video: str) -> None:
        request = replace(example.request, path=example.request.path.replace("{video_id}", video))
        self._ask(example.operation, request, (200,) if example.is_valid else (400,), example.about)

    def _get(self, video: str) -> Json:
        return video_in(self._ask("getVideo", Request("GET", video_path(video)), about="a video of ours"))

    def _expect(self, operation: str, shown: Json, wanted: Json, about: str, but: Iterable[str] = (), /) -> None:
        for name, value in wanted.items() if shown else ():
            # No list is the same as an empty one.
            if name not in but and (shown.get(name) or None) != (value or None):
                said = f"{shown.get(name)!r} instead of {value!r}"
                self._inspection.object(operation, f"/data/{name}", said, about)

    def _marked(self) -> set[str]:
        """Ids of videos that bear our mark, and of no others, whatever a list has."""
        found: set[str] = set()
        for asked in ({"search": self.mark}, {"metadata": self._pairs}):
            answer = self._ask("listVideos", Request("POST", "/videos", json={**asked, "limit": 100}))
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
    """A second Ctrl-C would leave videos behind that nobody knows of."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {each: signal.signal(each, signal.SIG_IGN) for each in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)
