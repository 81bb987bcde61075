"""Videos that an inspection makes: their titles, tags or metadata carry its mark, and it deletes them in any case."""

from __future__ import annotations

import signal
import threading
from contextlib import contextmanager, suppress
from dataclasses import replace
from secrets import token_hex
from typing import TYPE_CHECKING

from contract_document import is_object

from conformance.deployment.client import UnreachableError
from conformance.deployment.inspection import SUCCESSES, NotExaminedError, page_in, video_in
from conformance.shared.requests import request_to

if TYPE_CHECKING:
    from collections.abc import Collection, Generator

    from contract_document import Json

    from conformance.deployment.inspection import Inspection
    from conformance.shared.requests import Request

MARK = "aioz-stream-contract"
"""The beginning of the title, or the key of a pair of metadata, of every video that an inspection makes."""


class OwnVideos:
    """Makes videos, and deletes them."""

    def __init__(self, inspection: Inspection) -> None:
        self._inspection = inspection
        self.mark = f"{MARK}-{token_hex(6)}"
        self._made: dict[str, bool] = {}
        """All videos that were made, and whether they are deleted."""

    @property
    def left_behind(self) -> list[str]:
        return [video for video, is_gone in self._made.items() if not is_gone]

    @property
    def pairs(self) -> list[Json]:
        return [{"key": MARK, "value": self.mark}]

    def make(self, about: str = "", **fields: Json) -> Json:
        """Make a video and return it as the answer shows it. It is private, and has the mark as its title."""
        body = {"title": self.mark, "is_public": False, **fields}
        made = self.create(request_to("createVideo", json=body), SUCCESSES, about)
        if made is None:
            raise NotExaminedError("no video could be made for it")
        return made

    def create(self, request: Request, expected: Collection[int], about: str) -> Json:
        """Send a create, which may have to be refused; the mark goes where the body has nothing of its own."""
        body = request.json
        if is_object(body) and self.mark not in str(body):
            marked = {"metadata": self.pairs, "is_public": False, **body}
            if body.get("title") in ("a title", "a ladder"):
                marked["title"] = self.mark
            request = replace(request, json=marked)
        made = video_in(self._inspection.ask("createVideo", request, expected, about, is_repeatable=False))
        if made is not None:
            # Before anything else is done with it.
            self._made.setdefault(made["id"], False)
        return made

    def get(self, video: str, about: str = "a video of ours") -> Json:
        shown = video_in(self._inspection.ask("getVideo", request_to("getVideo", video), about=about))
        if shown is None:
            raise NotExaminedError("a video that was made for it cannot be read")
        return shown

    def delete(self, video: str, expected: Collection[int] = (200,)) -> None:
        """Delete a video; a 404 says that it is deleted already."""
        seen = self._inspection.answers.copy()
        self._inspection.ask("deleteVideo", request_to("deleteVideo", video), expected, "a video of ours")
        new = self._inspection.answers - seen
        self._made[video] = bool(new["deleteVideo", 200] or new["deleteVideo", 404])

    def clean_up(self) -> None:
        """Delete all videos that were made and still exist, Ctrl-C or not."""
        with uninterrupted():
            for _ in range(2):
                try:
                    # A create whose answer was lost, or a delete that did not delete.
                    self._made |= dict.fromkeys(self._find_marked(), False)
                except UnreachableError as error:
                    lost = f"{error}: videos with {self.mark} in title or metadata may be left"
                    self._inspection.notes.append(lost)
                for video in self.left_behind:
                    with suppress(UnreachableError):
                        self.delete(video, (200, 404))
        self._inspection.notes += [f"the video {video} is left behind: delete it" for video in self.left_behind]

    def _find_marked(self) -> set[str]:
        """The ids of videos with the mark, and of no others, whatever the list has."""
        found: set[str] = set()
        for asked in ({"search": self.mark}, {"metadata": self.pairs}):
            answer = self._inspection.ask("listVideos", request_to("listVideos", json={**asked, "limit": 100}))
            shown, _ = page_in(answer)
            found |= {video["id"] for video in shown if self.mark in f"{video.get('title')} {video.get('metadata')}"}
        return found


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
