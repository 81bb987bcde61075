"""Every documented status of every operation; and credentials, rate limits and methods."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from conformance.mock_tests.status_triggers import LIMITED, SETTINGS, prepare, trigger
from conformance.mock_tests.test_server import TestServer
from conformance.shared.documented import documented, operation_ids, why_never
from conformance.shared.requests import VALID_REQUESTS, Request, request_to, valid_request, video_operations
from conformance.shared.sample_data import BEARER, KEYS, STRANGER
from contract_document import load, operations

if TYPE_CHECKING:
    from collections.abc import Iterator

BEARER_B, BASIC = STRANGER["Authorization"], "Basic dXNlcjpzZWNyZXQ="
ACCEPTED = {
    "a token": BEARER,
    "both keys": KEYS,
    "both of one account": {**BEARER, **KEYS},
    "the keys as user and password": {"Authorization": "Basic cHVibGljLWE6c2VjcmV0LWE="},
    "a scheme in small letters": {"Authorization": "bearer token-a"},
    "keys beside another scheme": {**KEYS, "Authorization": BASIC},
    "keys beside an empty token": {**KEYS, "Authorization": "Bearer"},
    "keys beside an empty header": {**KEYS, "Authorization": ""},
    "a token beside half a pair": {**BEARER, "stream-public-key": "public-a"},
    "a token beside an empty pair": {**BEARER, "stream-public-key": "", "stream-secret-key": ""},
}
REFUSED = {
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
def server() -> Iterator[TestServer]:
    with TestServer(**SETTINGS) as running:
        yield running


@pytest.mark.parametrize(("operation", "status"), [pair for pair in documented() if not why_never(*pair)])
def test_documented_statuses(operation: str, status: int, server: TestServer) -> None:
    server.reset()
    server.ask(operation, trigger(server, operation, status), [status])


def test_every_operation_has_a_valid_request() -> None:
    assert set(VALID_REQUESTS) == set(operation_ids())
    with pytest.raises(LookupError, match="the operation newOne has no request in VALID_REQUESTS"):
        valid_request("newOne")


def test_all_other_statuses_can_be_triggered() -> None:
    unseen = {pair for pair in documented() if why_never(*pair)}
    assert unseen == {("createVideo", 200)} | {(operation, 500) for operation, _ in documented()}


@pytest.mark.parametrize("operation", operation_ids())
def test_credentials(operation: str, server: TestServer) -> None:
    server.reset()
    for about, who in REFUSED.items():
        request = prepare(server, operation)
        server.ask(operation, Request(**{**vars(request), "who": who}), [401], about)
    for about, who in ACCEPTED.items():
        server.ask(operation, prepare(server, operation, who), about=about)


@pytest.mark.parametrize("operation", video_operations())
def test_strangers_find_nothing(operation: str, server: TestServer) -> None:
    """A video of another account is answered like a missing one: the same status, and the same words."""
    server.reset()
    video = server.create()
    server.upload(video["id"])
    answer = server.ask(operation, valid_request(operation, video["id"], STRANGER), [404])
    nothing = server.ask(operation, valid_request(operation, "no-such-video", STRANGER), [404])
    assert answer.json() == nothing.json(), "a stranger can tell that the video exists"
    assert server.get(video["id"]) == video, "a stranger changed the video"


@pytest.mark.parametrize("operation", video_operations())
def test_nothing_works_after_delete(operation: str, server: TestServer) -> None:
    server.reset()
    video = server.create()["id"]
    server.upload(video)
    server.ask("deleteVideo", request_to("deleteVideo", video))
    server.ask(operation, valid_request(operation, video), [404])


def test_an_account_is_told_how_often_it_may_ask(server: TestServer) -> None:
    """Every answer says what is left; a refusal says when to come back, and then it is neither too early nor wrong."""
    server.reset()
    listing = valid_request("listVideos", who=LIMITED)
    for left in ("1", "0"):
        answer = server.ask("listVideos", listing)
        assert answer.headers.get("X-RateLimit-Limit") == "2", "X-RateLimit-Limit is not the account's limit"
        assert answer.headers.get("X-RateLimit-Remaining") == left, f"X-RateLimit-Remaining is not {left}"
        server.pass_time(0.25)
    refused = server.ask("listVideos", listing, [429])
    wait = refused.headers.get("Retry-After", "")
    assert wait == "60", f"59.5 seconds are left, and Retry-After is {wait!r}"
    assert refused.headers.get("X-RateLimit-Retry-After") == wait, "the two headers differ"
    assert refused.headers.get("X-RateLimit-Remaining") == "0", "X-RateLimit-Remaining is not 0"
    server.pass_time(59)
    server.ask("listVideos", listing, [429])
    server.pass_time(1)
    server.ask("listVideos", listing)
    server.ask("listVideos", valid_request("listVideos"), about="another account")


def test_a_path_says_which_methods_it_has(server: TestServer) -> None:
    server.reset()
    video = server.create()["id"]
    paths: dict[str, set[str]] = {}
    for operation in operations(load()):
        paths.setdefault(operation.path, set()).add(operation.method)
    # Its GET is the address of an asset.
    del paths["/videos/{video_id}/thumbnail"]
    for path, methods in paths.items():
        for method in {"GET", "POST", "PUT", "PATCH", "DELETE"} - methods:
            answer = server.send(Request(method, path).about(video))
            assert answer.status_code == 405, f"{method} {path} is {answer.status_code}"
            assert set(answer.headers["Allow"].split(", ")) == methods, f"Allow is {answer.headers['Allow']}"
