"""Envelopes, errors, and what is open or closed (rulings E of docs/contract.md)."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from aioz_stream import (
    APIStatusError,
    ArgumentError,
    ArgumentTypeError,
    AuthenticationError,
    BadRequestError,
    EncodingError,
    NotFoundError,
    RateLimitError,
    RetryPolicy,
    ServerError,
    UnexpectedResponseError,
)
from tests.end_to_end.rulings.examples import (
    AUDIO_ONLY,
    H264,
    HELLO,
    MESSAGES,
    QUALITY,
    SAMPLE_ASSETS,
    SAMPLE_FIELDS,
    without,
)
from tests.end_to_end.rulings.service import failure, video
from tests.end_to_end.rulings.world import refused, succeeds

if TYPE_CHECKING:
    from tests.end_to_end.rulings.examples import Json
    from tests.end_to_end.rulings.world import World


def test_e1_every_success_comes_in_its_envelope(world: World) -> None:
    envelopes = {
        "createVideo": "VideoResponse",
        "getVideo": "VideoResponse",
        "listVideos": "VideoListResponse",
        "getTranscodeCost": "TranscodeCostResponse",
        **dict.fromkeys(MESSAGES, "MessageResponse"),
    }
    assert set(envelopes) == set(world.contract.operations)
    for name, schema in envelopes.items():
        content = world.contract.response(name, "200")["content"]
        assert content["application/json"]["schema"] == {"$ref": f"#/components/schemas/{schema}"}
    identifier = world.rich.create()
    answers = {
        "createVideo": world.rich.post("/videos/create", {"title": "t"}),
        "listVideos": world.rich.post("/videos", {"limit": 1}),
        "getTranscodeCost": world.rich.http.get("/videos/cost?qualities=360p&duration=60"),
        **dict(world.calls_on(identifier)),
    }
    for name, answer in answers.items():
        if name in MESSAGES and name != "completeVideoUpload":
            succeeds(answer, name)
        assert answer.is_success, (name, answer.text)
        body = answer.json()
        assert body["status"] == "success"
        assert set(body) == {"status", "message" if name in MESSAGES else "data"}
        assert world.contract.takes(envelopes[name], body), name
    succeeds(answers["completeVideoUpload"], "completeVideoUpload")
    said = httpx.Response(200, json={"status": "success", "message": "Whatever."})
    with world.service(said).client() as client:
        client.videos.update("v", title="t")
        client.videos.complete("v")
        client.videos.delete("v")


def test_e2_every_failure_comes_in_one_envelope(world: World) -> None:
    error = {"$ref": "#/components/schemas/Error"}
    for name, operation in world.contract.operations.items():
        for status in operation["responses"]:
            if status >= "400":
                content = world.contract.response(name, status)["content"]
                assert content == {"application/json": {**content["application/json"], "schema": error}}
    assert world.contract.schemas["Error"]["required"] == ["status", "message"]
    poor = world.poor.create()
    assert world.poor.part(poor, HELLO).status_code == 200
    plain = {"Content-Type": "text/plain"}
    big = b'{"title": "' + b"x" * 1_100_000 + b'"}'
    for status, answer in (
        (400, world.rich.post("/videos/create", {})),
        (401, world.anyone.post(f"{world.url}/videos", json={})),
        (402, world.poor.complete(poor)),
        (404, world.rich.http.get("/videos/no-such-video")),
        (404, world.rich.http.get("/nothing")),
        (405, world.rich.http.get("/videos")),
        (413, world.rich.http.post("/videos/create", content=big, headers={"Content-Type": "application/json"})),
        (415, world.rich.http.post("/videos/create", content=b"x", headers=plain)),
    ):
        assert refused(answer, status)
        assert answer.headers["Content-Type"] == "application/json"
        assert world.contract.takes("Error", answer.json())
    page = b"<html>Bad gateway</html>"
    for status, content, kind in (
        (400, page, BadRequestError),
        (401, b"", AuthenticationError),
        (404, b"[]", NotFoundError),
        (418, b"tea", APIStatusError),
        (500, b'{"message": 5}', ServerError),
        (502, page, ServerError),
        *((code, page, ServerError) for code in range(520, 528)),
        (599, b"\xff\xfe", ServerError),
        (200, page, UnexpectedResponseError),
        (200, b"", UnexpectedResponseError),
        (200, b'{"status": "success"}', UnexpectedResponseError),
        (302, b"", UnexpectedResponseError),
    ):
        strange = httpx.Response(status, content=content)
        with world.service(strange).client() as client, pytest.raises(kind) as caught:
            client.videos.get("v")
        assert type(caught.value) is kind
        assert (caught.value.status, caught.value.path) == (status, "/api/videos/v")
    with world.service(failure(400)).client() as client, pytest.raises(BadRequestError) as caught_400:
        client.videos.get("v")
    assert caught_400.value.message == "No."


def test_e3_create_answers_201_or_200(world: World) -> None:
    responses = world.contract.operations["createVideo"]["responses"]
    assert responses["201"]["content"] == responses["200"]["content"]
    assert world.rich.post("/videos/create", {"title": "t"}).status_code == 201
    for status in (200, 201):
        answer = video(id="said")
        answer.status_code = status
        with world.service(answer).client() as client:
            assert client.videos.create("t").id == "said"


def test_e4_rate_limit_headers_set_the_delay(world: World) -> None:
    limits = {"X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Retry-After"}
    for name, operation in world.contract.operations.items():
        for status in operation["responses"]:
            assert limits <= set(world.contract.response(name, status)["headers"]), (name, status)
        assert "Retry-After" in world.contract.response(name, "429")["headers"]
    for headers, low, high in (
        ({"Retry_After": "7", "X_RateLimit_Retry_After": "9"}, 7, 7),
        ({"X_RateLimit_Retry_After": "9.5"}, 9.5, 9.5),
        ({"Retry_After": "soon", "X_RateLimit_Retry_After": "9"}, 9, 9),
        ({"Retry_After": "Thu, 01 Jan 2015 00:00:00 GMT"}, 0, 0),
        ({"Retry_After": "Fri, 01 Jan 2100 00:00:00 GMT"}, 1e6, 1e10),
    ):
        with world.service(failure(429, **headers)).client() as client, pytest.raises(RateLimitError) as caught:
            client.videos.get("v")
        assert caught.value.retry_after is not None
        assert low <= caught.value.retry_after <= high, headers
        if low < 120:
            assert RetryPolicy(first_delay=0).delay(caught.value, 0) == low
    with world.service(failure(429)).client() as client, pytest.raises(RateLimitError) as unsaid:
        client.videos.get("v")
    assert unsaid.value.retry_after is None
    service = world.service(failure(429, Retry_After="0"), failure(429, X_RateLimit_Retry_After="0"), video())
    with service.client(retries=2) as client:
        assert client.videos.get("v").id == "v"
    assert len(service.requests) == 3
    patient = world.service(failure(429, Retry_After="3600"), video())
    with patient.client(retries=2) as client, pytest.raises(RateLimitError):
        client.videos.get("v")
    assert len(patient.requests) == 1


def test_e5_responses_are_open(world: World) -> None:
    least = {"id": "v", "title": "t", "status": "new"}
    assert set(world.contract.schemas["Video"]["required"]) == set(least)
    assert world.contract.takes("Video", least)
    for name in least:
        assert not world.contract.takes("Video", without(least, name))
        assert not world.contract.takes("Video", {**least, name: None})
    strange = {
        **least,
        "status": "archived",
        "added": {"deep": [1]},
        "created_at": "created_at",
        "updated_at": "yesterday",
        "qualities": [{"name": "8640p", "status": "queued", "type": "smooth", "more": 1}],
        "assets": {"added_url": "x"},
    }
    assert world.contract.takes("Video", strange)
    with world.service(video(**strange)).client() as client:
        seen = client.videos.get("v")
    assert (seen.status, seen.created_at, seen.updated_at) == ("archived", None, None)
    assert seen.additional_properties == {"added": {"deep": [1]}, "created_at": "created_at", "updated_at": "yesterday"}
    assert seen.to_dict() == strange
    with world.service(video()).client() as client:
        assert client.videos.get("v").to_dict() == least
    shown = world.rich.get(world.rich.create())
    for sample, schema, found in (
        (SAMPLE_FIELDS, "Video", shown),
        (SAMPLE_ASSETS, "VideoAssets", shown["assets"]),
    ):
        # The contract may know newer fields than the reference's sample.
        assert sample <= set(found) <= set(world.contract.schemas[schema]["properties"])


def test_e6_requests_are_closed(world: World) -> None:
    pair = {"key": "k", "value": "v"}
    sound = {**AUDIO_ONLY, "resolution": "720p", "video_config": {**H264, "bitrate": 3000000.0}}
    good = {"title": "t", "is_public": True, "metadata": [pair], "tags": ["x"], "qualities": [sound]}

    def changed(*path: str | int, value: Any = 1) -> Json:
        body = copy.deepcopy(good)
        place: Any = body
        for step in path[:-1]:
            place = place[step]
        place[path[-1]] = value
        return body

    for body, taken in (
        (good, True),
        (changed("qualitites", value=[sound]), False),
        (changed("metadata", 0, "more"), False),
        (changed("qualities", 0, "more"), False),
        (changed("qualities", 0, "video_config", "crf"), False),
        (changed("qualities", 0, "audio_config", "volume"), False),
        (changed("qualities", 0, "video_config", "bitrate", value=True), False),
        (changed("qualities", 0, "video_config", "bitrate", value="3000000"), False),
        (changed("qualities", 0, "video_config", "bitrate", value=3000000.5), False),
        (changed("is_public"), False),
        (changed("is_public", value="true"), False),
        (changed("title"), False),
        (changed("tags", value="x"), False),
    ):
        assert world.contract.takes("CreateVideoRequest", body) is taken, body
        assert world.rich.post("/videos/create", body).status_code == (201 if taken else 400), body
    for body, taken in (
        ({"limit": 1.0, "offset": 0.0}, True),
        ({"limit": True}, False),
        ({"limit": "1"}, False),
        ({"limit": 1.5}, False),
        ({"limit": 101}, False),
        ({"order_By": "desc"}, False),
    ):
        assert world.takes_list(body) is taken, body
    identifier = world.rich.create()
    for body in ({"titel": "x"}, {"qualities": [QUALITY]}, {"is_public": 1}):
        assert not world.contract.takes("UpdateVideoRequest", body)
        refused(world.rich.patch(identifier, body), 400)
    for kind in ("text/plain", "multipart/form-data; boundary=B"):
        headers = {"Content-Type": kind}
        refused(world.rich.http.post("/videos/create", content=b'{"title": "t"}', headers=headers), 415)
    refused(world.rich.http.post(f"/videos/{identifier}/part", json={}, headers={"Content-Range": "bytes 0-0/1"}), 415)
    bodies = {
        name: ", ".join(operation["requestBody"]["content"])
        for name, operation in world.contract.operations.items()
        if "requestBody" in operation
    }
    assert bodies == {
        **dict.fromkeys(("createVideo", "listVideos", "updateVideo"), "application/json"),
        **dict.fromkeys(("uploadVideoPart", "uploadVideoThumbnail"), "multipart/form-data"),
    }
    service = world.service(video())
    with service.client() as client:
        with pytest.raises(EncodingError, match="no field 'crf'"):
            client.videos.create("t", qualities=[{**QUALITY, "video_config": {**H264, "crf": 1}}])
        with pytest.raises(ArgumentError, match="101"):
            client.videos.page(limit=101)
        with pytest.raises(ArgumentTypeError):
            client.videos.page(limit=True)
        with pytest.raises(ArgumentTypeError):
            client.videos.create("t", is_public=1)  # type: ignore[arg-type] # on purpose
        assert service.requests == []


def test_e7_delete_whose_answer_was_lost_succeeds(world: World) -> None:
    for first in (httpx.ReadTimeout("lost"), httpx.RemoteProtocolError("cut"), failure(503)):
        service = world.service(first, failure(404))
        with service.client(retries=1) as client:
            client.videos.delete("v")
        assert [request.method for request in service.requests] == ["DELETE", "DELETE"]
    with world.service(failure(404)).client(retries=1) as client, pytest.raises(NotFoundError):
        client.videos.delete("v")
    with world.service(failure(503), failure(404)).client(retries=1) as client, pytest.raises(NotFoundError):
        client.videos.get("v")
    identifier = world.rich.create()
    world.client.videos.delete(identifier)
    with pytest.raises(NotFoundError):
        world.client.videos.delete(identifier)


def test_e8_json_comes_without_its_type_as_curl_sends_it(world: World) -> None:
    bodies = [world.contract.operations[name]["requestBody"]["content"] for name in ("createVideo", "listVideos")]
    assert [list(body) for body in bodies] == [["application/json"]] * 2
    for kind in ({}, {"Content-Type": "application/x-www-form-urlencoded"}):
        created = world.rich.http.post("/videos/create", content=b'{"title": "t"}', headers=kind)
        assert created.status_code == 201, created.text
        assert world.rich.http.post("/videos", content=b'{"limit": 1}', headers=kind).status_code == 200
    wrong = world.rich.http.post("/videos", content=b"{}", headers={"Content-Type": "text/plain"})
    assert "Content-Type: application/json" in refused(wrong, 415)
    service = world.service(video())
    with service.client() as client:
        client.videos.update("v", title="t")
    assert service.requests[0].headers["Content-Type"] == "application/json"
