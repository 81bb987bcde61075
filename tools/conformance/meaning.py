"""Checks of what answers mean, for every case that a fuzzer makes: schemas and statuses say little of it.

Each looks at the operations that it knows and answers True for all others, by which schemathesis sees that it had
nothing to look at. What is stored is asked for again, by the operations that are there for it.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol

from conformance.cases import FORM, form, is_own_method, operation_id, raw
from conformance.samples import BEARER, PNG, STRANGER, content_range, md5
from conformance.shapes import is_object
from conformance.strict import Answers
from conformance.tariff import price

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import httpx
    from schemathesis import CheckContext, Response

    from conformance.cases import AnyCase
    from conformance.shapes import Json

    Check = Callable[[CheckContext, Response, AnyCase], bool | None]

RANGE = re.compile(r"bytes (\d+)-(\d+)/(\d+)", re.ASCII)
MOVING = ("status", "qualities", "duration")
"""What changes by itself while a video is transcoded."""


class Desk(Protocol):
    """Whoever can ask the server that a case was sent to."""

    videos: dict[str, Mapping[str, str]]

    def call(
        self,
        method: str,
        path: str,
        video: str = "",
        *,
        who: Mapping[str, str] = BEARER,
        is_sure: bool = True,
        **request: Any,
    ) -> Response: ...

    def fetch(self, address: str, who: Mapping[str, str] = BEARER) -> httpx.Response: ...


class Meaning:
    """The checks, and what they have to remember from one moment to the next."""

    def __init__(self, desk: Desk, contract: Json) -> None:
        self._desk, self._answers = desk, Answers(contract)
        self._names: set[str] = set()
        self._before: Json = None
        self._is_positive = True
        self.checks: list[Check] = [
            self.names_each_request,
            self.says_all_that_is_documented,
            self.failures_say_so,
            self.creates_as_asked,
            self.updates_as_asked,
            self.lists_as_asked,
            self.prices_by_the_tariff,
            self.stores_the_part,
            self.completes_once,
            self.shows_the_thumbnail,
            self.deletes_for_good,
            self.keeps_strangers_out,
            self.refusals_change_nothing,
        ]

    def look(self, case: AnyCase, *, is_positive: bool) -> None:
        """See how things are before a case is sent."""
        self._is_positive = is_positive
        self._before = self._video(str(case.path_parameters.get("video_id", "")))

    def names_each_request(self, _: CheckContext, response: Response, __: AnyCase) -> None:
        name = (response.headers.get("x-request-id") or [""])[0]
        assert name, "there is no X-Request-Id"
        assert name not in self._names, "two answers have the same X-Request-Id"
        self._names.add(name)

    def says_all_that_is_documented(self, _: CheckContext, response: Response, case: AnyCase) -> bool | None:
        if not is_own_method(case) or not response.headers.get("content-type", [""])[0].startswith("application/json"):
            return True
        findings = self._answers.findings(operation_id(case), response.status_code, response.json())
        assert not findings, "; ".join(findings)
        return None

    def failures_say_so(self, _: CheckContext, response: Response, __: AnyCase) -> bool | None:
        if response.status_code < 400:
            return True
        body = response.json()
        assert body["status"] != "success", "a failure says that it is a success"
        assert body["message"], "a failure says nothing"
        if response.status_code == 401:
            assert response.headers.get("www-authenticate"), "a 401 names no scheme (RFC 9110, 11.6.1)"
        return None

    def creates_as_asked(self, _: CheckContext, response: Response, case: AnyCase) -> bool | None:
        if not self._has_succeeded("createVideo", response, case):
            return True
        asked: Json = case.body
        made = response.json()["data"]
        defaults = {"description": "", "metadata": None, "tags": None, "is_public": True}
        expected = {name: asked.get(name, default) for name, default in defaults.items()}
        expected |= {"title": asked["title"], "status": "new", "size": 0, "duration": 0}
        assert {name: made[name] for name in expected} == expected
        qualities = asked.get("qualities", [{"type": "hls", "resolution": name} for name in ("360p", "720p", "1080p")])
        assert [(one["type"], one["name"]) for one in made["qualities"]] == [
            (one["type"], quality_name(one)) for one in qualities
        ]
        assert self._video(made["id"]) == made, "what was created is not what is there"
        return None

    def updates_as_asked(self, _: CheckContext, response: Response, case: AnyCase) -> bool | None:
        before = self._before
        if before is None or not self._has_succeeded("updateVideo", response, case):
            return True
        after = self._video(before["id"])
        changes: Json = {{"player_id": "player_theme_id"}.get(name, name): value for name, value in case.body.items()}
        assert self._still(after, "updated_at") == self._still({**before, **changes}, "updated_at")
        moved = moment(after["updated_at"]) > moment(before["updated_at"])
        assert moved == bool(changes), "updated_at has to change if something was changed, and only then"
        return None

    def lists_as_asked(self, _: CheckContext, response: Response, case: AnyCase) -> bool | None:
        if not self._has_succeeded("listVideos", response, case):
            return True
        asked: Json = case.body
        page = response.json()["data"]
        videos: list[Json] = page["videos"] or []
        assert len(videos) == min(max(page["total"] - asked.get("offset", 0), 0), asked.get("limit", 25))
        for video in videos:
            assert matches(video, asked), f"{video['id']} should not be in the list"
        order = ORDERS[asked.get("sort_by", "created_at")]
        keys = [(order(video), video["id"]) for video in videos]
        if asked.get("order_by", "desc") == "asc":
            assert keys == sorted(keys)
        else:
            assert [key for key, _ in keys] == sorted((key for key, _ in keys), reverse=True)
        return None

    def prices_by_the_tariff(self, _: CheckContext, response: Response, case: AnyCase) -> bool | None:
        if not self._has_succeeded("getTranscodeCost", response, case):
            return True
        names, seconds = str(case.query["qualities"]), float(case.query["duration"])
        asked = float(response.json()["data"]["price"])
        assert asked == float(price(dict.fromkeys(names.split(",")), seconds)), "the tariff says something else"
        # Beyond that there are hardly any doubles left.
        if seconds < 1e300:
            assert asked <= self._price(names, seconds * 1.5), "a longer video costs less"
            assert asked <= self._price(f"{names},2160p", seconds), "more qualities cost less"
        return None

    def stores_the_part(self, _: CheckContext, response: Response, case: AnyCase) -> bool | None:
        """Uploads what is missing around a part, and reads all of it back."""
        if not self._has_succeeded("uploadVideoPart", response, case) or self._before is None:
            return True
        sent = raw(form(case)["file"])
        match = RANGE.fullmatch(case.headers["Content-Range"])
        assert match
        start, end, size = map(int, match.groups())
        video = self._before["id"]
        whole = b"<" * start + sent + b">" * (size - end - 1)
        for first, last in ((0, start), (end + 1, size)):
            if first < last:
                self._part(video, whole[first:last], first, size)
        self._desk.call("GET", "/videos/{video_id}/complete", video)
        assert self._fetched(video, "source_url").content == whole, "the source is not what was uploaded"
        return None

    def completes_once(self, _: CheckContext, response: Response, case: AnyCase) -> bool | None:
        if not self._has_succeeded("completeVideoUpload", response, case) or self._before is None:
            return True
        after = self._video(self._before["id"])
        assert after["status"] in {"transcoding", "done"}
        assert len(self._fetched(after["id"], "source_url").content) == after["size"] > 0
        late = self._part(after["id"], b"late", 0, 4, is_sure=False)
        assert late.status_code == 400, "a completed upload takes a part"
        self._desk.call("GET", "/videos/{video_id}/complete", after["id"])
        assert self._still(self._video(after["id"])) == self._still(after), "completing again changes something"
        return None

    def shows_the_thumbnail(self, _: CheckContext, response: Response, case: AnyCase) -> bool | None:
        if not self._has_succeeded("uploadVideoThumbnail", response, case) or self._before is None:
            return True
        sent = raw(form(case)["file"])
        shown = self._fetched(self._before["id"], "thumbnail_url")
        assert shown.content == sent, "the thumbnail is not what was uploaded"
        assert shown.headers["content-type"] == ("image/png" if sent == PNG else "image/jpeg")
        return None

    def deletes_for_good(self, _: CheckContext, response: Response, case: AnyCase) -> bool | None:
        if not self._has_succeeded("deleteVideo", response, case) or self._before is None:
            return True
        video = self._before["id"]
        for method, path in (("GET", ""), ("GET", "/complete"), ("DELETE", "")):
            answer = self._desk.call(method, "/videos/{video_id}" + path, video, is_sure=False)
            assert answer.status_code == 404, f"{method} …{path} on a deleted video: {answer.status_code}"
        newest = {"sort_by": "updated_at", "limit": 100}
        for status, is_there in (("deleted", True), ("", False)):
            body = {**newest, "status": status}
            page = self._desk.call("POST", "/videos", body=body, media_type="application/json").json()["data"]
            assert (video in {one["id"] for one in page["videos"]}) == is_there, f"list with the status {status!r}"
        return None

    def keeps_strangers_out(self, _: CheckContext, response: Response, case: AnyCase) -> bool | None:
        if not self._has_succeeded("getVideo", response, case) or self._before is None:
            return True
        video = self._before["id"]
        for method, path in (("GET", ""), ("GET", "/complete"), ("DELETE", "")):
            answer = self._desk.call(method, "/videos/{video_id}" + path, video, who=STRANGER, is_sure=False)
            assert answer.status_code == 404, f"{method} …{path} by a stranger: {answer.status_code}"
        assert self._still(self._video(video)) == self._still(response.json()["data"])
        return None

    def refusals_change_nothing(self, _: CheckContext, response: Response, __: AnyCase) -> bool | None:
        before = self._before
        if before is None or response.status_code < 400:
            return True
        assert self._still(self._video(before["id"])) == self._still(before), "a refused request changed the video"
        return None

    def _has_succeeded(self, operation: str, response: Response, case: AnyCase) -> bool:
        """Whether a case of an operation was right, and was answered so."""
        return (
            self._is_positive
            and operation_id(case) == operation
            and is_own_method(case)
            and 200 <= response.status_code < 300
        )

    def _video(self, video: str) -> Json:
        """What the owner sees of a video; None where there is none, or none whose owner is known."""
        if video not in self._desk.videos:
            return None
        answer = self._desk.call("GET", "/videos/{video_id}", video, who=self._desk.videos[video], is_sure=False)
        return answer.json()["data"] if answer.status_code == 200 else None

    @staticmethod
    def _still(video: Json, *more: str) -> Json:
        """A video without what may have moved on by itself."""
        return video and {name: value for name, value in video.items() if name not in (*MOVING, *more)}

    def _part(self, video: str, data: bytes, start: int, size: int, *, is_sure: bool = True) -> Response:
        return self._desk.call(
            "POST",
            "/videos/{video_id}/part",
            video,
            is_sure=is_sure,
            headers={"Content-Range": content_range(start, len(data), size)},
            body={"index": str(size + start + 1), "hash": md5(data), "file": data},
            media_type=FORM,
        )

    def _price(self, names: str, seconds: float) -> float:
        query = {"qualities": names, "duration": seconds}
        return float(self._desk.call("GET", "/videos/cost", query=query).json()["data"]["price"])

    def _fetched(self, video: str, asset: str) -> httpx.Response:
        address = self._video(video)["assets"][asset]
        assert address, f"the video has no {asset}"
        answer = self._desk.fetch(address)
        assert answer.status_code == 200, f"{asset} answers {answer.status_code}"
        return answer


def quality_name(quality: Json) -> str:
    """What an output is called: its resolution or label, else what it is."""
    is_sound = "audio_config" in quality and "video_config" not in quality
    return str(quality.get("resolution", "audio" if is_sound else "720p"))


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


ORDERS: dict[str, Callable[[Json], Any]] = {
    "created_at": lambda video: moment(video["created_at"]),
    "updated_at": lambda video: moment(video["updated_at"]),
    "title": lambda video: video["title"].casefold(),
    "size": lambda video: video["size"],
}


def matches(video: Json, asked: Json) -> bool:
    """Whether a list that is asked for may have a video."""
    status = asked.get("status", "")
    search = asked.get("search", "").casefold()
    return bool(
        (video["status"] == status if status else video["status"] != "deleted")
        and wanted_tags(asked) <= set(video["tags"] or ())
        and wanted_pairs(asked) <= {(pair["key"], pair["value"]) for pair in video["metadata"] or ()}
        and any(search in video[field].casefold() for field in ("title", "description"))
    )


def wanted_tags(asked: Json) -> set[str]:
    tags = asked.get("tags", [])
    words: list[str] = [word.strip() for word in tags.split(",")] if isinstance(tags, str) else tags
    return {word for word in words if word}


def wanted_pairs(asked: Json) -> set[tuple[str, str]]:
    pairs = asked.get("metadata", {})
    if is_object(pairs):
        return set(pairs.items())
    return {(pair["key"], pair["value"]) for pair in pairs}
