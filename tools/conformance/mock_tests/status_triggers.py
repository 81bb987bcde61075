"""For every documented status of every operation a request that triggers it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from aioz_stream_mock import Account
from conformance.shared.requests import NOTHING, Request, valid_request, video_operations, with_form
from conformance.shared.sample_data import BEARER, STRANGER

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from conformance.mock_tests.test_server import TestServer

LIMIT = 3000
"""Bytes that the server of these tests takes in a body, or in a file of a form."""

LIMITED = {"Authorization": "Bearer token-limited"}
"""An account that may send two requests in a minute."""

SETTINGS = {
    "accounts": (Account.named("a", 1000), Account.named("b", 0), Account.named("limited", 1000, rate_limit=2)),
    "max_json_size": LIMIT,
    "max_part_size": LIMIT,
    "max_thumbnail_size": LIMIT,
}


def prepare(server: TestServer, name: str, who: Mapping[str, str] = BEARER) -> Request:
    """A request that has to succeed; it makes a video of the caller's own where the operation needs one."""
    video = server.create(who)["id"] if name in video_operations() else ""
    if name == "completeVideoUpload":
        server.upload(video, who=who)
    return valid_request(name, video, who)


def trigger(server: TestServer, name: str, status: int) -> Request:
    """A request that has to get a status, after everything that it takes."""
    return TRIGGERS.get(status, prepare)(server, name)


def _malformed(server: TestServer, name: str) -> Request:
    if name == "completeVideoUpload":
        # Nothing in the request could be wrong: what is missing are the bytes.
        return valid_request(name, server.create()["id"])
    request = prepare(server, name)
    if request.json is not NOTHING:
        return replace(request, json=[])
    if request.query:
        return replace(request, query=())
    return with_form(request, ())


def _anonymous(server: TestServer, name: str) -> Request:
    return replace(prepare(server, name), who={})


def _without_balance(server: TestServer, name: str) -> Request:
    return prepare(server, name, STRANGER)


def _unknown_video(_: TestServer, name: str) -> Request:
    return valid_request(name, "no-such-video")


def _too_large(server: TestServer, name: str) -> Request:
    request = prepare(server, name)
    if request.json is not NOTHING:
        return replace(request, json={**request.json, "title": "x" * LIMIT})
    *fields, file = request.form
    return replace(request, form=[*fields, replace(file, content=file.content + bytes(LIMIT))])


def _wrong_type(server: TestServer, name: str) -> Request:
    """The right body with another Content-Type."""
    request = prepare(server, name)
    headers = {**request.headers, "Content-Type": "text/plain"}
    return replace(request, form=(), content=request.body or b"hello", json=NOTHING, headers=headers)


def _one_too_many(server: TestServer, name: str) -> Request:
    """Uses up what one account may do in a minute."""
    server.pass_time(61)
    for _ in range(2):
        server.ask("listVideos", valid_request("listVideos", who=LIMITED))
    return valid_request(name, "any", LIMITED)


TRIGGERS: Mapping[int, Callable[[TestServer, str], Request]] = {
    400: _malformed,
    401: _anonymous,
    402: _without_balance,
    404: _unknown_video,
    413: _too_large,
    415: _wrong_type,
    429: _one_too_many,
}
