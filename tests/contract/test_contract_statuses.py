"""Every documented status of every operation, provoked for real; and who gets in, how often, and by which method."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from conformance.provocations import HASTY, SETTINGS, about_video, documented, never, provoke, right
from conformance.samples import BEARER, KEYS, STRANGER
from conformance.stage import Stage
from conformance.wire import Request, video_path

if TYPE_CHECKING:
    from collections.abc import Iterator

BEARER_B, BASIC = STRANGER["Authorization"], "Basic dXNlcjpzZWNyZXQ="
OF_A_VIDEO = (
    *("getVideo", "updateVideo", "deleteVideo"),
    *("uploadVideoPart", "completeVideoUpload", "uploadVideoThumbnail"),
)
GET_IN = {
    "a token": BEARER,
    "both keys": KEYS,
    "both of one account": {**BEARER, **KEYS},
    "a scheme in small letters": {"Authorization": "bearer token-a"},
    "keys beside another scheme": {**KEYS, "Authorization": BASIC},
    "keys beside an empty token": {**KEYS, "Authorization": "Bearer"},
    "keys beside an empty header": {**KEYS, "Authorization": ""},
    "a token beside half a pair": {**BEARER, "stream-public-key": "public-a"},
    "a token beside an empty pair": {**BEARER, "stream-public-key": "", "stream-secret-key": ""},
}
STAY_OUT = {
    "nothing": {},
    "another scheme": {"Authorization": BASIC},
    "an unknown token": {"Authorization": "Bearer nobody"},
    "no token": {"Authorization": "Bearer"},
    "the beginning of a token": {"Authorization": "Bearer token"},
    "a token in capitals": {"Authorization": "Bearer TOKEN-A"},
    "a token with more": {"Authorization": "Bearer token-a "[:-1] + "x"},
    "a key as a token": {"Authorization": "Bearer secret-a"},
    "a public key alone": {"stream-public-key": "public-a"},
    "a secret key alone": {"stream-secret-key": "secret-a"},
    "a wrong secret key": {**KEYS, "stream-secret-key": "secret-b"},
    "an unknown public key": {**KEYS, "stream-public-key": "public-x"},
    "two accounts": {**KEYS, "Authorization": BEARER_B},
    "right keys beside a wrong token": {**KEYS, "Authorization": "Bearer nobody"},
    "a right token beside wrong keys": {**BEARER, **KEYS, "stream-secret-key": "nothing"},
}


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    with Stage(**SETTINGS) as running:
        yield running


@pytest.mark.parametrize(("operation", "status"), [pair for pair in documented() if never(*pair) is None])
def test_documented_statuses(operation: str, status: int, stage: Stage) -> None:
    stage.begin()
    stage.ask(operation, provoke(stage, operation, status), [status])


def test_only_these_can_never_be_seen() -> None:
    unseen = {pair for pair in documented() if never(*pair) is not None}
    assert unseen == {("createVideo", 200)} | {(operation, 500) for operation, _ in documented()}


@pytest.mark.parametrize("operation", sorted({operation for operation, _ in documented()}))
def test_credentials(operation: str, stage: Stage) -> None:
    stage.begin()
    for about, who in STAY_OUT.items():
        request = right(stage, operation)
        stage.ask(operation, Request(**{**vars(request), "who": who}), [401], about)
    for about, who in GET_IN.items():
        stage.ask(operation, right(stage, operation, who), about=about)


@pytest.mark.parametrize("operation", OF_A_VIDEO)
def test_strangers_find_nothing(operation: str, stage: Stage) -> None:
    """Somebody else's video is as good as none: the same status, and the same words."""
    stage.begin()
    video = stage.create()
    stage.upload(video["id"])
    answer = stage.ask(operation, about_video(operation, video["id"], STRANGER), [404])
    nothing = stage.ask(operation, about_video(operation, "no-such-video", STRANGER), [404])
    stage.check(answer.json() == nothing.json(), "a stranger can tell that the video exists")
    stage.check(stage.get(video["id"]) == video, "a stranger changed the video")


@pytest.mark.parametrize("operation", OF_A_VIDEO)
def test_nothing_works_after_delete(operation: str, stage: Stage) -> None:
    stage.begin()
    video = stage.create()["id"]
    stage.upload(video)
    stage.ask("deleteVideo", Request("DELETE", video_path(video)))
    stage.ask(operation, about_video(operation, video), [404])


def test_an_account_is_told_how_often_it_may_ask(stage: Stage) -> None:
    """Every answer says what is left; a refusal says when to come back, and then it is neither too early nor wrong."""
    stage.begin()
    listing = right(stage, "listVideos", HASTY)
    for left in ("1", "0"):
        answer = stage.ask("listVideos", listing)
        stage.check(answer.headers.get("X-RateLimit-Limit") == "2", "X-RateLimit-Limit is not the account's limit")
        stage.check(answer.headers.get("X-RateLimit-Remaining") == left, f"X-RateLimit-Remaining is not {left}")
        stage.pass_time(0.25)
    refused = stage.ask("listVideos", listing, [429])
    wait = refused.headers.get("Retry-After", "")
    stage.check(wait == "60", f"59.5 seconds are left, and Retry-After is {wait!r}")
    stage.check(refused.headers.get("X-RateLimit-Retry-After") == wait, "the two headers differ")
    stage.check(refused.headers.get("X-RateLimit-Remaining") == "0", "X-RateLimit-Remaining is not 0")
    stage.pass_time(59)
    stage.ask("listVideos", listing, [429])
    stage.pass_time(1)
    stage.ask("listVideos", listing)
    stage.ask("listVideos", right(stage, "listVideos"), about="somebody else")


def test_a_path_says_which_methods_it_has(stage: Stage) -> None:
    stage.begin()
    video = stage.create()["id"]
    for path, methods in {
        "/videos": {"POST"},
        "/videos/create": {"POST"},
        "/videos/cost": {"GET"},
        video_path(video): {"GET", "PATCH", "DELETE"},
        video_path(video, "/complete"): {"GET"},
        video_path(video, "/part"): {"POST"},
    }.items():
        for method in {"GET", "POST", "PUT", "PATCH", "DELETE"} - methods:
            answer = stage.wire.send(Request(method, path))
            stage.check(answer.status_code == 405, f"{method} {path} is {answer.status_code}")
            stage.check(set(answer.headers["Allow"].split(", ")) == methods, f"Allow is {answer.headers['Allow']}")
