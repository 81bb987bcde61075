"""For every documented status of every operation, a request that gets it; or the reason why nothing does."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from aioz_stream_mock import Account
from conformance.judge import METHODS
from conformance.samples import BEARER, PNG, STRANGER
from conformance.stage import contract, part_request
from conformance.wire import NOTHING, Field, Request, video_path

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from conformance.stage import Stage

LIMIT = 3000
"""Bytes that the server of these tests takes in a body, or in a file of a form."""

HASTY = {"Authorization": "Bearer token-hasty"}
SETTINGS = {
    "accounts": (Account.named("a", 1000), Account.named("b", 0), Account.named("hasty", 1000, rate_limit=2)),
    "max_json_size": LIMIT,
    "max_part_size": LIMIT,
    "max_thumbnail_size": LIMIT,
}
JSON_OPERATIONS = ("createVideo", "listVideos", "updateVideo")


def never(operation: str, status: int) -> str | None:
    """Why a documented status can't be provoked."""
    if status == 500:
        return "a server that works has no such answer, and one that is told to give it proves nothing"
    if (operation, status) == ("createVideo", 200):
        return "the mock server says 201, as the reference does; 200 was seen in the field"
    return None


def documented() -> list[tuple[str, int]]:
    return list(_documented())


def _documented() -> Iterator[tuple[str, int]]:
    for path in contract()["paths"].values():
        for method in sorted(METHODS & set(path)):
            for status in path[method]["responses"]:
                yield path[method]["operationId"], int(status)


def right(stage: Stage, operation: str, who: Mapping[str, str] = BEARER) -> Request:
    """A request that has to succeed, with a video of the caller's own where it needs one."""
    match operation:
        case "createVideo":
            return Request("POST", "/videos/create", json={"title": "a title"}, who=who)
        case "listVideos":
            return Request("POST", "/videos", json={}, who=who)
        case "getTranscodeCost":
            return Request("GET", "/videos/cost", query=(("qualities", "360p"), ("duration", "60")), who=who)
        case _:
            video = stage.create(who)["id"]
            if operation == "completeVideoUpload":
                stage.upload(video, who=who)
            return about_video(operation, video, who)


def about_video(operation: str, video: str, who: Mapping[str, str] = BEARER) -> Request:
    """A request about a video that is all right if the video is."""
    match operation:
        case "uploadVideoPart":
            return part_request(video, b"hello world", who=who)
        case "uploadVideoThumbnail":
            picture = Field("file", PNG, "cover.png")
            return Request("POST", video_path(video, "/thumbnail"), form=[picture], who=who)
        case "updateVideo":
            return Request("PATCH", video_path(video), json={"title": "another"}, who=who)
        case "completeVideoUpload":
            return Request("GET", video_path(video, "/complete"), who=who)
        case "deleteVideo":
            return Request("DELETE", video_path(video), who=who)
        case _:
            return Request("GET", video_path(video), who=who)


def provoke(stage: Stage, operation: str, status: int) -> Request:
    """A request that has to get a status, after whatever makes it so."""
    return PROVOCATIONS.get(status, right)(stage, operation)


def _malformed(stage: Stage, operation: str) -> Request:
    if operation == "completeVideoUpload":
        # There is nothing in the request that could be wrong: what is missing are the bytes.
        return about_video(operation, stage.create()["id"])
    request = right(stage, operation)
    if operation in JSON_OPERATIONS:
        return replace(request, json=[])
    if operation == "getTranscodeCost":
        return replace(request, query=())
    # An empty form: `httpx` makes none.
    headers = {**request.headers, "Content-Type": "multipart/form-data; boundary=b"}
    return replace(request, form=(), content=b"--b--\r\n", headers=headers)


def _anonymous(stage: Stage, operation: str) -> Request:
    return replace(right(stage, operation), who={})


def _poor(stage: Stage, operation: str) -> Request:
    return right(stage, operation, STRANGER)


def _unknown(_: Stage, operation: str) -> Request:
    return about_video(operation, "no-such-video")


def _too_large(stage: Stage, operation: str) -> Request:
    request = right(stage, operation)
    if operation in JSON_OPERATIONS:
        return replace(request, json={**request.json, "title": "x" * LIMIT})
    if operation == "uploadVideoPart":
        return part_request(request.path.split("/")[2], b"x" * (LIMIT + 1))
    return replace(request, form=[Field("file", PNG + bytes(LIMIT), "cover.png")])


def _untyped(stage: Stage, operation: str) -> Request:
    """The right body, said to be something else."""
    request = right(stage, operation)
    body = request.body or b"hello"
    headers = {**request.headers, "Content-Type": "text/plain"}
    return replace(request, form=(), content=body, json=NOTHING, headers=headers)


def _one_too_many(stage: Stage, operation: str) -> Request:
    """Uses up what one account may do in a minute."""
    stage.pass_time(61)
    for _ in range(2):
        stage.ask("listVideos", right(stage, "listVideos", HASTY))
    without_video = ("createVideo", "listVideos", "getTranscodeCost")
    return right(stage, operation, HASTY) if operation in without_video else about_video(operation, "any", HASTY)


PROVOCATIONS: Mapping[int, Callable[[Stage, str], Request]] = {
    400: _malformed,
    401: _anonymous,
    402: _poor,
    404: _unknown,
    413: _too_large,
    415: _untyped,
    429: _one_too_many,
}
