"""A case for each ruling of docs/contract.md: contract, mock server and client read the service's reference alike."""

from __future__ import annotations

import copy
import hashlib
import re
import struct
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias
from uuid import UUID

import httpx
import pytest

from aioz_stream import (
    PART_LIMITS,
    AiozStream,
    AiozStreamError,
    APIConnectionError,
    APIStatusError,
    APITimeoutError,
    ArgumentError,
    ArgumentTypeError,
    AuthenticationError,
    BadRequestError,
    CredentialsError,
    EmptySourceError,
    EncodingError,
    LadderWarning,
    MetadataPair,
    NotFoundError,
    Part,
    PartLimits,
    PaymentRequiredError,
    PermissionDeniedError,
    RateLimitError,
    RetryPolicy,
    ServerError,
    UnexpectedResponseError,
    VideoAssets,
    plan,
)
from aioz_stream.encoding import Source, check
from aioz_stream.upload.plan import DEFAULT_PART_SIZE
from aioz_stream.videos import Videos
from aioz_stream_mock import MockServer, Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.end_to_end.conftest import World

Json = dict[str, Any]
Table: TypeAlias = "list[tuple[Json, bool]]"
Case: TypeAlias = "Callable[[World], None]"

PAGE = Path(__file__).parents[2] / "docs" / "contract.md"
RULINGS: dict[str, Case] = {}

HELLO = b"hello world"
HELLO_MD5 = hashlib.md5(HELLO).hexdigest()
PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x02\x00\x00\x00rest"
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00rest"

SAMPLE = """
id user_id title description metadata tags qualities subtitles chapters player_theme duration size is_mp4 is_public
is_panoramic status created_at updated_at assets player_theme_id
"""
SAMPLE_FIELDS = set(SAMPLE.split())
SAMPLE_ASSETS = {
    f"{name}_url" for name in ("source", "thumbnail", "hls", "hls_player", "dash", "dash_player", "mp4")
} | {
    "hls_iframe",
    "dash_iframe",
}
MESSAGES = {
    "uploadVideoPart": "Upload part successfully.",
    "completeVideoUpload": "Upload video complete successfully.",
    "updateVideo": "Update video info successfully.",
    "uploadVideoThumbnail": "Upload thumbnail successfully.",
    "deleteVideo": "Delete video successfully.",
}
MAXIMA = {
    "240p": 700_000,
    "360p": 1_200_000,
    "480p": 2_000_000,
    "720p": 4_000_000,
    "1080p": 6_000_000,
    "1440p": 12_000_000,
    "2160p": 30_000_000,
    "4320p": 60_000_000,
}
NAMES = ["144p", *MAXIMA]
STATUSES = ["new", "transcoding", "done", "fail", "deleted"]

H264 = {"codec": "h264"}
AAC = {"codec": "aac"}
GOOD: Json = {"resolution": "720p", "type": "hls", "container_type": "mp4", "video_config": H264}
SOUND: Json = {"resolution": "audio", "type": "dash", "container_type": "fmp4", "audio_config": AAC}


def ruling(code: str) -> Callable[[Case], Case]:
    def register(case: Case) -> Case:
        assert code not in RULINGS, f"{code} has two cases"
        RULINGS[code] = case
        return case

    return register


def refused(answer: httpx.Response, status: int) -> str:
    """What a refusal says; it must come in the envelope."""
    assert answer.status_code == status, answer.text
    body: Json = answer.json()
    assert set(body) == {"status", "message"}
    assert body["status"] == "error"
    return str(body["message"])


def succeeds(answer: httpx.Response, operation: str) -> None:
    assert answer.status_code == 200, answer.text
    assert answer.json() == {"status": "success", "message": MESSAGES[operation]}


def video(**fields: Any) -> httpx.Response:
    """What a service says of a video."""
    return httpx.Response(200, json={"status": "success", "data": {"id": "v", "title": "t", "status": "new", **fields}})


def done() -> httpx.Response:
    return httpx.Response(200, json={"status": "success", "message": "Done."})


def failure(status: int, **headers: str) -> httpx.Response:
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx.Response(status, json={"status": "error", "message": "No."}, headers=names)


def without(fields: Json, name: str) -> Json:
    return {key: value for key, value in fields.items() if key != name}


def without_nulls(fields: Json) -> Json:
    """What to_dict says of the fields of an answer."""
    return {key: value for key, value in fields.items() if value is not None}


def form(request: httpx.Request) -> dict[str, tuple[str | None, bytes]]:
    """The fields of a form: file name and content."""
    boundary = request.headers["Content-Type"].partition("boundary=")[2].encode()
    found: dict[str, tuple[str | None, bytes]] = {}
    for piece in request.content.split(b"--" + boundary)[1:-1]:
        head, _, content = piece.partition(b"\r\n\r\n")
        name = re.search(rb'[ ;]name="([^"]*)"', head)
        file = re.search(rb'filename="([^"]*)"', head)
        assert name is not None
        found[name[1].decode()] = (None if file is None else file[1].decode(), content.removesuffix(b"\r\n"))
    return found


def mp4(seconds: int) -> bytes:
    """The least that says how long it is."""

    def box(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I4s", 8 + len(body), kind) + body

    header = struct.pack(">4x4x4xII", 1000, seconds * 1000) + bytes(80)
    return box(b"ftyp", b"isomiso2") + box(b"mdat", b"x" * 100) + box(b"moov", box(b"mvhd", header))


def on_an_id(world: World, identifier: str, as_poor: bool = False) -> Iterator[tuple[str, httpx.Response]]:
    """Every call on a video, delete last."""
    caller = world.poor if as_poor else world.rich
    yield "getVideo", caller.http.get(f"/videos/{identifier}")
    yield "updateVideo", caller.patch(identifier, {"title": "other"})
    yield "uploadVideoPart", caller.part(identifier, HELLO)
    yield "completeVideoUpload", caller.complete(identifier)
    yield "uploadVideoThumbnail", caller.thumbnail(identifier, PNG, "t.png")
    yield "deleteVideo", caller.http.delete(f"/videos/{identifier}")


def codes(*qualities: Json) -> list[str]:
    """What the client's encoding check says of a ladder."""
    return [finding.code for finding in check(qualities)]


def accepts(world: World, *qualities: object) -> bool:
    """Whether contract and mock server take these qualities; they must agree."""
    by_contract = world.contract.takes("CreateVideoRequest", {"title": "a title", "qualities": list(qualities)})
    status = world.rich.creates(qualities=list(qualities))
    assert status in {201, 400}
    assert (status == 201) is by_contract, f"contract and mock server disagree on {qualities}"
    return by_contract


def listing(world: World, body: Json) -> bool:
    """Whether contract and mock server take this body of a list; they must agree."""
    by_contract = world.contract.takes("ListVideosRequest", body)
    status = world.rich.post("/videos", body).status_code
    assert status in {200, 400}
    assert (status == 200) is by_contract, f"contract and mock server disagree on {body}"
    return by_contract


# Addressing and authentication


@ruling("A1")
def base_url(world: World) -> None:
    base = "https://api.aiozstream.network/api"
    assert [server["url"] for server in world.contract.document["servers"]] == [base]
    service = world.service(video())
    with service.client() as client:
        client.videos.get("v")
    assert str(service.requests[0].url) == f"{base}/videos/v"
    assert world.url.endswith("/api")
    assert world.rich.post("/videos", {}).status_code == 200
    refused(world.anyone.post(f"{world.url.removesuffix('/api')}/videos", json={}), 404)


@ruling("A2")
def create_has_a_path_of_its_own(world: World) -> None:
    operations = world.contract.operations
    assert (operations["createVideo"]["method"], operations["createVideo"]["path"]) == ("POST", "/videos/create")
    assert (operations["listVideos"]["method"], operations["listVideos"]["path"]) == ("POST", "/videos")
    title = world.word()
    assert "title" in refused(world.rich.post("/videos", {"title": title}), 400)
    assert world.rich.listed(search=title) == []
    identifier = world.rich.create(title=title)
    assert world.rich.listed(search=title) == [identifier]
    page = httpx.Response(200, json={"status": "success", "data": {"videos": [], "total": 0}})
    service = world.service(video(), page)
    with service.client() as client:
        client.videos.create("t")
        client.videos.page()
    sent = [(request.method, request.url.path) for request in service.requests]
    assert sent == [("POST", "/api/videos/create"), ("POST", "/api/videos")]


@ruling("A3")
def two_ways_to_authenticate(world: World) -> None:
    assert world.contract.document["security"] == [{"bearerToken": []}, {"publicKey": [], "secretKey": []}]
    keys = {"stream-public-key": "public-a", "stream-secret-key": "secret-a"}
    others = {"stream-public-key": "public-b", "stream-secret-key": "secret-b"}
    token = {"Authorization": "Bearer token-a"}
    for headers, status in (
        (token, 200),
        (keys, 200),
        ({**keys, **token}, 200),
        ({**keys, "Authorization": ""}, 200),
        ({**keys, "Authorization": "Basic Zm9vOmJhcg=="}, 200),
        ({**token, "stream-public-key": "", "stream-secret-key": ""}, 200),
        ({}, 401),
        ({"stream-public-key": "public-a"}, 401),
        ({"stream-secret-key": "secret-a"}, 401),
        ({**keys, "stream-secret-key": ""}, 401),
        ({**keys, "stream-secret-key": "secret-b"}, 401),
        ({"Authorization": "Bearer wrong"}, 401),
        ({"Authorization": "Basic token-a"}, 401),
        ({**others, **token}, 401),
    ):
        answer = world.anyone.post(f"{world.url}/videos", json={}, headers=headers)
        assert answer.status_code == status, headers
    for given, sent in (
        ({"token": "one"}, {"authorization": "Bearer one"}),
        (
            {"public_key": "two", "secret_key": "three"},
            {"stream-public-key": "two", "stream-secret-key": "three"},
        ),
    ):
        service = world.service(video())
        with service.client(credentials=given) as client:
            client.videos.get("v")
        names = ("authorization", "stream-public-key", "stream-secret-key")
        assert {
            name: service.requests[0].headers[name] for name in names if name in service.requests[0].headers
        } == sent
    for wrong in ({"token": "t", "public_key": "p", "secret_key": "s"}, {"public_key": "p"}, {"secret_key": "s"}):
        with pytest.raises(CredentialsError):
            world.service(video()).client(credentials=wrong)
    world.monkeypatch.setenv("AIOZ_STREAM_TOKEN", "")
    world.monkeypatch.setenv("AIOZ_STREAM_PUBLIC_KEY", "public-a")
    world.monkeypatch.setenv("AIOZ_STREAM_SECRET_KEY", "secret-a")
    with AiozStream(base_url=world.url) as client:
        assert client.videos.page(limit=1).total >= 0


@ruling("A4")
def ids_are_opaque(world: World) -> None:
    schema = world.contract.parameter("getVideo", "video_id")["schema"]
    assert schema == {"type": "string", "minLength": 1}
    assert not world.contract.takes(schema, "")
    assert not world.contract.takes("Video", {"id": "", "title": "t", "status": "new"})
    assert world.contract.takes("Video", {"id": "not a UUID", "title": "t", "status": "new"})
    identifier = world.rich.create()
    assert str(UUID(identifier)) == identifier
    service = world.service(video())
    with service.client() as client:
        client.videos.get("a/b?c #é%2F")
        assert service.requests[0].url.raw_path == b"/api/videos/a%2Fb%3Fc%20%23%C3%A9%252F"
        for wrong in ("", ".", "..", "cost", "create"):
            with pytest.raises(ArgumentError):
                client.videos.get(wrong)
            with pytest.raises(ArgumentError):
                client.videos.delete(wrong)
    assert len(service.requests) == 1
    for strange in ("a/b?c #é", "%", "x" * 500):
        with pytest.raises(NotFoundError):
            world.client.videos.get(strange)


@ruling("A5")
def literal_paths_win(world: World) -> None:
    paths = world.contract.document["paths"]
    assert {"/videos/cost", "/videos/create", "/videos/{video_id}"} <= set(paths)
    for path, own in (("/videos/cost", "GET"), ("/videos/create", "POST")):
        for method in ("GET", "POST", "PATCH", "DELETE", "PUT"):
            answer = world.rich.http.request(method, path)
            if method == own:
                assert answer.status_code in {400, 415}
            else:
                refused(answer, 405)
                assert answer.headers["Allow"] == own


@ruling("A6")
def strangers(world: World) -> None:
    for name, operation in world.contract.operations.items():
        assert "401" in operation["responses"], name
        assert ("404" in operation["responses"]) is ("{video_id}" in operation["path"]), name
        assert "403" not in operation["responses"], name
    identifier = world.rich.create(title="mine")
    unknown = refused(world.poor.http.get("/videos/no-such-video"), 404)
    for _, answer in on_an_id(world, identifier, as_poor=True):
        assert refused(answer, 404) == unknown
    assert world.rich.get(identifier)["title"] == "mine"
    for method, path in (("GET", f"/videos/{identifier}"), ("DELETE", f"/videos/{identifier}"), ("POST", "/videos")):
        refused(world.anyone.request(method, world.url + path), 401)
    with pytest.raises(NotFoundError) as lost:
        world.poor_client.videos.get(identifier)
    assert lost.value.status == 404
    with AiozStream(token="wrong", base_url=world.url) as client, pytest.raises(AuthenticationError):
        client.videos.get(identifier)
    with world.service(failure(403)).client() as client, pytest.raises(PermissionDeniedError):
        client.videos.get(identifier)


# Envelope and errors


@ruling("E1")
def envelope_of_success(world: World) -> None:
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
        **dict(on_an_id(world, identifier)),
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


@ruling("E2")
def envelope_of_failure(world: World) -> None:
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


@ruling("E3")
def create_says_201_or_200(world: World) -> None:
    responses = world.contract.operations["createVideo"]["responses"]
    assert responses["201"]["content"] == responses["200"]["content"]
    assert world.rich.post("/videos/create", {"title": "t"}).status_code == 201
    for status in (200, 201):
        answer = video(title="said")
        answer.status_code = status
        with world.service(answer).client() as client:
            assert client.videos.create("t").title == "said"


@ruling("E4")
def rate_limits(world: World) -> None:
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
            assert RetryPolicy(first_delay=1000).delay(caught.value, 0) == low
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


@ruling("E5")
def responses_are_open(world: World) -> None:
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
    assert set(world.contract.schemas["Video"]["properties"]) == SAMPLE_FIELDS
    assert set(world.contract.schemas["VideoAssets"]["properties"]) == SAMPLE_ASSETS
    shown = world.rich.get(world.rich.create())
    assert set(shown) == SAMPLE_FIELDS
    assert set(shown["assets"]) == SAMPLE_ASSETS


@ruling("E6")
def requests_are_closed(world: World) -> None:
    pair = {"key": "k", "value": "v"}
    sound = {**SOUND, "resolution": "720p", "video_config": {**H264, "bitrate": 3000000.0}}
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
        assert listing(world, body) is taken, body
    identifier = world.rich.create()
    for body in ({"titel": "x"}, {"qualities": [GOOD]}, {"is_public": 1}):
        assert not world.contract.takes("UpdateVideoRequest", body)
        refused(world.rich.patch(identifier, body), 400)
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=B"):
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
            client.videos.create("t", qualities=[{**GOOD, "video_config": {**H264, "crf": 1}}])
        with pytest.raises(ArgumentError, match="101"):
            client.videos.page(limit=101)
        with pytest.raises(ArgumentTypeError):
            client.videos.page(limit=True)
        with pytest.raises(ArgumentTypeError):
            client.videos.create("t", is_public=1)  # type: ignore[arg-type] # on purpose
        assert service.requests == []


@ruling("E7")
def a_delete_whose_answer_was_lost(world: World) -> None:
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


# Video


@ruling("V1")
def moments(world: World) -> None:
    timestamp = world.contract.schemas["Timestamp"]["anyOf"]
    assert timestamp[0] == {"type": "string", "format": "date-time"}
    shown = world.rich.get(world.rich.create())
    for name in ("created_at", "updated_at"):
        assert world.contract.schemas["Video"]["properties"][name] == {"$ref": "#/components/schemas/Timestamp"}
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)", shown[name])
        assert datetime.fromisoformat(shown[name]) == world.clock.now()
    for text, moment in (
        ("2026-03-01T08:30:00Z", datetime(2026, 3, 1, 8, 30, tzinfo=UTC)),
        ("2026-03-01T08:30:00.123456789Z", datetime(2026, 3, 1, 8, 30, 0, 123456, tzinfo=UTC)),
        ("2026-03-01T10:30:00.5+02:00", datetime(2026, 3, 1, 8, 30, 0, 500000, tzinfo=UTC)),
        ("2026-03-01T08:30:00", datetime(2026, 3, 1, 8, 30, tzinfo=UTC)),
        ("created_at", None),
    ):
        with world.service(video(created_at=text)).client() as client:
            assert client.videos.get("v").created_at == moment


@ruling("V2")
def what_may_be_null(world: World) -> None:
    least = {"id": "v", "title": "t", "status": "new"}
    nulls = dict.fromkeys(("metadata", "tags", "subtitles", "chapters", "player_theme", "qualities", "assets"))
    assets = {"assets": dict.fromkeys(SAMPLE_ASSETS, "")}
    shapeless = {"subtitles": [{"uri": 1}], "chapters": "text", "player_theme": {"a": [None]}}
    pairs = {"metadata": [{"key": "genre", "value": "rock"}], "tags": ["music"]}
    for fields in (nulls, assets, shapeless, pairs):
        assert world.contract.takes("Video", {**least, **fields}), fields
        with world.service(video(**fields)).client() as client:
            assert client.videos.get("v").to_dict() == {**least, **without_nulls(fields)}
    for wrong in ({"metadata": {"genre": "rock"}}, {"metadata": [{"key": 1}]}, {"tags": "music"}, {"tags": [1]}):
        assert not world.contract.takes("Video", {**least, **wrong}), wrong
    shown = world.rich.get(world.rich.create())
    assert [shown[name] for name in ("metadata", "tags", "subtitles", "chapters", "player_theme")] == [None] * 5
    shown = world.rich.get(world.rich.create(**pairs))
    assert {name: shown[name] for name in pairs} == pairs


@ruling("V3")
def length_and_size(world: World) -> None:
    least = {"id": "v", "title": "t", "status": "new"}
    for fields, taken in (
        ({"duration": 283.492426, "size": 63109470}, True),
        ({"duration": 0, "size": 2**53 + 1}, True),
        ({"duration": "283"}, False),
        ({"duration": -1}, False),
        ({"size": 1.5}, False),
        ({"size": "1"}, False),
    ):
        assert world.contract.takes("Video", {**least, **fields}) is taken, fields
    assert world.contract.schemas["Video"]["properties"]["size"]["format"] == "int64"
    with world.service(video(duration=283.492426, size=2**53 + 1)).client() as client:
        seen = client.videos.get("v")
    assert (seen.duration, seen.size) == (283.492426, 2**53 + 1)
    source = mp4(90)
    identifier = world.rich.create()
    shown = world.rich.get(identifier)
    assert (shown["duration"], shown["size"]) == (0, 0)
    world.rich.part(identifier, source)
    succeeds(world.rich.complete(identifier), "completeVideoUpload")
    world.clock.advance(2)
    shown = world.rich.get(identifier)
    assert (shown["duration"], shown["size"]) == (90, len(source))


@ruling("V4")
def qualities_in_responses(world: World) -> None:
    schema = world.contract.schemas["VideoQuality"]["properties"]
    assert set(schema) == {"name", "status", "type"}
    assert schema["status"] == world.contract.schemas["Video"]["properties"]["status"]
    identifier = world.rich.create(qualities=[GOOD, SOUND])
    assert world.rich.get(identifier)["qualities"] == [
        {"name": "720p", "status": "new", "type": "hls"},
        {"name": "audio", "status": "new", "type": "dash"},
    ]
    seen = world.client.videos.get(identifier)
    assert isinstance(seen.qualities, list)
    assert [(one.name, one.status, one.type_) for one in seen.qualities] == [
        ("720p", "new", "hls"),
        ("audio", "new", "dash"),
    ]


@ruling("V5")
def statuses(world: World) -> None:
    assert world.contract.schemas["VideoStatus"]["anyOf"][0]["enum"] == STATUSES
    title = world.word()
    answer = world.rich.post("/videos/create", {"title": title})
    assert answer.json()["data"]["status"] == "new"
    identifier = answer.json()["data"]["id"]
    world.rich.part(identifier, mp4(60))
    assert world.rich.get(identifier)["status"] == "new"
    world.rich.complete(identifier)
    assert world.rich.get(identifier)["status"] == "transcoding"
    world.clock.advance(2)
    assert world.rich.get(identifier)["status"] == "done"
    assert world.client.videos.wait(identifier).status == "done"
    world.rich.http.delete(f"/videos/{identifier}")
    (gone,) = world.rich.page(search=title, status="deleted")["videos"]
    assert gone["status"] == "deleted"
    for word in ("done", "fail", "deleted"):
        service = world.service(video(status=word))
        with service.client() as client:
            assert client.videos.wait("v").status == word
        assert len(service.requests) == 1


@ruling("V6")
def assets_come_late(world: World) -> None:
    for name, schema in world.contract.schemas["VideoAssets"]["properties"].items():
        assert schema["type"] == ["string", "null"], name
        assert not {"format", "pattern", "minLength"} & set(schema), name
    assert "required" not in world.contract.schemas["VideoAssets"]
    for assets in (None, {}, dict.fromkeys(SAMPLE_ASSETS), dict.fromkeys(SAMPLE_ASSETS, "")):
        assert world.contract.takes("Video", {"id": "v", "title": "t", "status": "new", "assets": assets})
        with world.service(video(assets=assets)).client() as client:
            assert client.videos.get("v").to_dict().get("assets") == (None if assets is None else without_nulls(assets))
    identifier = world.rich.create()
    assert world.rich.get(identifier)["assets"]["source_url"] is None
    assert world.rich.get(identifier)["is_mp4"] is False
    source = mp4(60)
    world.rich.part(identifier, source)
    world.rich.complete(identifier)
    world.clock.advance(2)
    shown = world.rich.get(identifier)
    assert world.anyone.get(shown["assets"]["source_url"]).content == source
    mp4_url = shown["assets"]["mp4_url"]
    assert shown["is_mp4"] is bool(mp4_url and world.anyone.get(mp4_url).status_code == 200)


@ruling("V7")
def limits(world: World) -> None:
    def pairs(count: int) -> list[Json]:
        return [{"key": str(number), "value": "v"} for number in range(count)]

    for fields, taken in (
        ({"title": "é" * 255}, True),
        ({"title": "🎬" * 255}, True),
        ({"title": "x" * 256}, False),
        ({"title": ""}, False),
        ({"description": "é" * 1000}, True),
        ({"description": ""}, True),
        ({"description": "x" * 1001}, False),
        ({"metadata": pairs(50)}, True),
        ({"metadata": pairs(51)}, False),
        ({"metadata": [{"key": "k" * 255, "value": "v" * 255}]}, True),
        ({"metadata": [{"key": "k" * 256, "value": "v"}]}, False),
        ({"metadata": [{"key": "k", "value": "v" * 256}]}, False),
        ({"tags": ["t"] * 50}, True),
        ({"tags": ["t"] * 51}, False),
        ({"tags": ["t" * 255]}, True),
        ({"tags": ["t" * 256]}, False),
    ):
        body: Json = {"title": "t", **fields}
        assert world.contract.takes("CreateVideoRequest", body) is taken, fields
        assert world.contract.takes("UpdateVideoRequest", fields) is taken, fields
        assert world.rich.creates(**fields) == (201 if taken else 400), fields
        service = world.service(video())
        with service.client() as client:
            if taken:
                client.videos.create(**body)
                client.videos.update("v", **fields)
                assert service.body == fields
            else:
                with pytest.raises(ArgumentError):
                    client.videos.create(**body)
                with pytest.raises(ArgumentError):
                    client.videos.update("v", **fields)
                assert service.requests == []


@ruling("V8")
def after_delete(world: World) -> None:
    title = world.word()
    identifier = world.rich.upload(title=title)
    succeeds(world.rich.http.delete(f"/videos/{identifier}"), "deleteVideo")
    for name, answer in on_an_id(world, identifier):
        refused(answer, 404)
        assert "404" in world.contract.operations[name]["responses"]
    refused(world.rich.http.get(f"/videos/{identifier}/source"), 404)
    for status in (None, "", "new", "transcoding", "done"):
        body = {} if status is None else {"status": status}
        assert world.rich.listed(search=title, **body) == []
    assert world.rich.listed(search=title, status="deleted") == [identifier]
    with pytest.raises(NotFoundError):
        world.client.videos.get(identifier)
    assert list(world.client.videos.list(search=title)) == []
    (gone,) = world.client.videos.list(search=title, status="deleted")
    assert (gone.id, gone.status) == (identifier, "deleted")


@ruling("V9")
def update_has_no_defaults(world: World) -> None:
    create, update = world.contract.schemas["CreateVideoRequest"], world.contract.schemas["UpdateVideoRequest"]
    assert create["properties"]["is_public"]["default"] is True
    assert [name for name, field in update["properties"].items() if "default" in world.contract.resolved(field)] == []
    assert world.rich.get(world.rich.create())["is_public"] is True
    identifier = world.rich.create(is_public=False)
    succeeds(world.rich.patch(identifier, {"title": "other"}), "updateVideo")
    world.client.videos.update(identifier, description="by the client")
    shown = world.rich.get(identifier)
    assert (shown["title"], shown["description"], shown["is_public"]) == ("other", "by the client", False)
    service = world.service(video(), done())
    with service.client() as client:
        client.videos.create("t")
        assert service.body["is_public"] is True
        client.videos.update("v", title="t")
        assert service.body == {"title": "t"}


@ruling("V10")
def update(world: World) -> None:
    pairs = [{"key": "a", "value": "1"}, {"key": "b", "value": "2"}]
    identifier = world.rich.create(description="text", metadata=pairs, tags=["x", "y"])
    before = world.rich.get(identifier)
    succeeds(world.rich.patch(identifier, {}), "updateVideo")
    world.client.videos.update(identifier)
    assert world.rich.get(identifier) == before
    succeeds(world.rich.patch(identifier, {"metadata": pairs[1:], "player_id": "p/1"}), "updateVideo")
    after = world.rich.get(identifier)
    changed = {"metadata": pairs[1:], "player_theme_id": "p/1", "updated_at": after["updated_at"]}
    assert after == {**before, **changed}
    world.client.videos.update(identifier, description="", player_id="", tags=[])
    shown = world.rich.get(identifier)
    assert (shown["description"], shown["player_theme_id"]) == ("", "")
    assert not shown["tags"]
    fields = ("title", "description", "is_public", "metadata", "tags", "player_id")
    assert set(world.contract.schemas["UpdateVideoRequest"]["properties"]) == set(fields)
    assert world.contract.takes("UpdateVideoRequest", {})
    assert world.contract.takes("UpdateVideoRequest", {"description": "", "player_id": "", "tags": []})
    service = world.service(done())
    with service.client() as client:
        for name in fields:
            assert not world.contract.takes("UpdateVideoRequest", {name: None})
            refused(world.rich.patch(identifier, {name: None}), 400)
            with pytest.raises(ArgumentTypeError):
                client.videos.update("v", **{name: None})  # type: ignore[arg-type] # on purpose
        assert service.requests == []
        client.videos.update("v")
        assert service.body == {}
    assert world.rich.get(identifier) == shown


# Listing


@ruling("L1")
def body_of_a_list(world: World) -> None:
    assert world.contract.operations["listVideos"]["requestBody"]["required"] is True
    fields = world.contract.schemas["ListVideosRequest"]["properties"]
    defaults = {name: field["default"] for name, field in fields.items() if "default" in field}
    assert defaults == {"offset": 0, "limit": 25, "sort_by": "created_at", "order_by": "desc"}
    assert "required" not in world.contract.schemas["ListVideosRequest"]
    bodies: Table = [
        ({}, True),
        ({"offset": 0, "limit": 1}, True),
        ({"limit": 100}, True),
        *(({"sort_by": name}, True) for name in ("created_at", "updated_at", "title", "size")),
        *(({"order_by": name}, True) for name in ("asc", "desc")),
        *(({"status": name}, True) for name in STATUSES),
        ({"tags": [], "metadata": [], "status": "", "search": ""}, True),
        ({"tags": "", "metadata": {}}, True),
        ({"offset": -1}, False),
        ({"limit": 0}, False),
        ({"limit": 101}, False),
        ({"sort_by": "id"}, False),
        ({"order_by": "DESC"}, False),
        ({"order_By": "desc"}, False),
        ({"status": "finished"}, False),
        ({"search": None}, False),
    ]
    for body, taken in bodies:
        assert listing(world, body) is taken, body
    for content in (b"", b"[]", b"null"):
        headers = {"Content-Type": "application/json"}
        refused(world.rich.http.post("/videos", content=content, headers=headers), 400)
    refused(world.rich.http.post("/videos"), 415)
    title = world.word()
    made = []
    for _ in range(26):
        made.append(world.rich.create(title=title))
        world.clock.advance(1)
    newest = [*reversed(made)]
    assert world.rich.page(search=title)["total"] == 26
    assert world.rich.listed(search=title) == newest[:25]
    assert world.rich.listed(search=title, tags=[], metadata=[], status="") == newest[:25]
    assert world.rich.listed(search=title, offset=24) == newest[24:]
    assert [one.id for one in world.client.videos.page(search=title).videos] == newest[:25]
    service = world.service(httpx.Response(200, json={"status": "success", "data": {"videos": [], "total": 0}}))
    with service.client() as client:
        client.videos.page()
        assert service.body == defaults
        for wrong in ({"offset": -1}, {"limit": 0}, {"limit": 101}, {"sort_by": "id"}, {"order_by": "DESC"}):
            with pytest.raises(ArgumentError):
                client.videos.page(**wrong)
    assert len(service.requests) == 1


@ruling("L2")
def filter_of_tags(world: World) -> None:
    word = world.word()
    both = world.rich.create(title=word, tags=[word, "music", "mp4"])
    world.rich.create(title=word, tags=[word, "music"])
    for tags in (["music", "mp4"], "music,mp4", "mp4, music"):
        assert world.contract.takes("ListVideosRequest", {"tags": tags})
        assert world.rich.listed(search=word, tags=tags) == [both], tags
    assert world.rich.page(search=word, tags="music")["total"] == 2
    assert world.rich.listed(search=word, tags=["music,mp4"]) == []
    assert not listing(world, {"tags": [1]})
    assert [one.id for one in world.client.videos.list(tags=[word, "mp4"])] == [both]
    with pytest.raises(ArgumentTypeError):
        world.client.videos.page(tags="music,mp4")
    service = world.service(httpx.Response(200, json={"status": "success", "data": {"videos": [], "total": 0}}))
    with service.client() as client:
        client.videos.page(tags=["music", "mp4"])
    assert service.body["tags"] == ["music", "mp4"]


@ruling("L3")
def filter_of_metadata(world: World) -> None:
    word = world.word()
    pairs = [{"key": "genre", "value": "rock"}, {"key": "upload", "value": word}]
    both = world.rich.create(metadata=pairs)
    world.rich.create(metadata=pairs[1:])
    for metadata in ({"genre": "rock", "upload": word}, pairs):
        assert listing(world, {"metadata": metadata})
        assert world.rich.listed(metadata=metadata) == [both]
    assert world.rich.page(metadata={"upload": word})["total"] == 2
    assert world.rich.listed(metadata={"genre": word}) == []
    for wrong in ({"genre": 1}, [{"key": "genre"}], "genre"):
        assert not listing(world, {"metadata": wrong})
    assert [one.id for one in world.client.videos.list(metadata={"genre": "rock", "upload": word})] == [both]
    objects = [MetadataPair("genre", "rock"), MetadataPair("upload", word)]
    assert [one.id for one in world.client.videos.list(metadata=objects)] == [both]
    service = world.service(httpx.Response(200, json={"status": "success", "data": {"videos": [], "total": 0}}))
    with service.client() as client:
        for given in ({"genre": "rock"}, [{"key": "genre", "value": "rock"}]):
            client.videos.page(metadata=given)
            assert service.body["metadata"] == given


@ruling("L4")
def search(world: World) -> None:
    word = world.word()
    titled = world.rich.create(title=f"A {word.upper()}z")
    described = world.rich.create(description=f"about {word}.")
    world.rich.create(tags=[word], metadata=[{"key": word, "value": word}])
    assert set(world.rich.listed(search=word)) == {titled, described}
    assert set(world.rich.listed(search=word[3:].upper())) == {titled, described}
    assert world.rich.listed(search=f"{word}Z") == [titled]
    assert {one.id for one in world.client.videos.list(search=word.title())} == {titled, described}
    assert world.contract.takes("ListVideosRequest", {"search": word})
    assert not world.contract.takes("ListVideosRequest", {"search": [word]})


@ruling("L5")
def total_and_order(world: World) -> None:
    word = world.word()
    made = {title: world.rich.create(title=f"{title} {word}") for title in ("b", "C", "a", "B")}
    same = sorted([made["b"], made["B"]])
    assert world.rich.listed(search=word, order_by="asc") == sorted(made.values())
    assert world.rich.listed(search=word, sort_by="size", order_by="asc") == sorted(made.values())
    assert world.rich.listed(search=word, sort_by="title", order_by="asc") == [made["a"], *same, made["C"]]
    down = world.rich.listed(search=word, sort_by="title", order_by="desc")
    assert (down[0], sorted(down[1:3]), down[3]) == (made["C"], same, made["a"])
    page = world.rich.page(search=word, offset=1, limit=2, sort_by="title", order_by="asc")
    assert ([one["id"] for one in page["videos"]], page["total"]) == (same, 4)
    assert world.rich.page(search=word, offset=100) == {"videos": [], "total": 4}
    ours = world.client.videos.page(search=word, limit=1)
    assert (len(ours.videos), ours.total) == (1, 4)
    for total, taken in ((0, True), (-1, False), (1.5, False), ("4", False)):
        assert world.contract.takes("VideoList", {"videos": [], "total": total}) is taken


@ruling("L6")
def iterating_while_videos_come_and_go(world: World) -> None:
    word = world.word()
    made = []
    for _ in range(3):
        made.append(world.rich.create(title=word))
        world.clock.advance(1)
    walk = world.client.videos.list(search=word, page_size=2)
    seen = [next(walk).id, next(walk).id]
    world.rich.create(title=word)
    seen += [one.id for one in walk]
    assert seen == [*reversed(made)]

    def page(*ids: str) -> httpx.Response:
        videos = [{"id": one, "title": "t", "status": "new"} for one in ids]
        return httpx.Response(200, json={"status": "success", "data": {"videos": videos, "total": 6}})

    service = world.service(page("a", "b"), page("b", "c"), page("c", "d"))
    with service.client() as client:
        assert [one.id for one in client.videos.list(page_size=2)] == ["a", "b", "c", "d"]
    assert service.body["offset"] == 4
    assert "can be missed" in " ".join((Videos.list.__doc__ or "").split())
    assert "missed" in PAGE.read_text(encoding="utf-8")


# Encoding


@ruling("Q1")
def ladder_left_out(world: World) -> None:
    assert world.contract.schemas["CreateVideoRequest"]["required"] == ["title"]
    shown = world.rich.get(world.rich.create())
    assert shown["qualities"] == [{"name": name, "status": "new", "type": "hls"} for name in ("360p", "720p", "1080p")]
    assert not accepts(world)
    audio = {"bitrate": 0, "channels": "string", "codec": "string", "index": 0, "language": "string", "sample_rate": 0}
    template = {
        "resolution": "string",
        "type": "string",
        "container_type": "string",
        "video_config": {"codec": "string", "bitrate": 0, "index": 0},
        "audio_config": audio,
    }
    assert not accepts(world, template)
    commented = b'{"title": "t" // the title\n}'
    headers = {"Content-Type": "application/json"}
    refused(world.rich.http.post("/videos/create", content=commented, headers=headers), 400)
    service = world.service(video())
    with service.client() as client:
        with pytest.raises(EncodingError, match="list is empty"):
            client.videos.create("t", qualities=[])
        assert service.requests == []
        client.videos.create("t")
        assert "qualities" not in service.body


@ruling("Q2")
def qualities_are_objects(world: World) -> None:
    hls_sound = {**SOUND, "type": "hls", "container_type": "mp4"}
    assert accepts(world, GOOD)
    assert not accepts(world, "720p")
    assert not accepts(world, GOOD, "720p")
    for name, status in (("qualities", 201), ("qualitites", 400)):
        body = {"title": "t", name: [GOOD]}
        assert world.contract.takes("CreateVideoRequest", body) is (status == 201)
        assert world.rich.post("/videos/create", body).status_code == status
    with pytest.raises(EncodingError, match="must be an object"):
        world.client.videos.create("t", qualities=["720p"])  # type: ignore[list-item] # on purpose
    service = world.service(video())
    with service.client() as client:
        client.videos.create("t", qualities=[GOOD, hls_sound])
    assert service.body["qualities"] == [GOOD, hls_sound]


@ruling("Q3")
def type_and_container(world: World) -> None:
    allowed = {("hls", "mpegts"), ("hls", "mp4"), ("dash", "fmp4")}
    for kind in ("hls", "dash", "smooth"):
        for container in ("mpegts", "mp4", "fmp4", "webm"):
            quality = {**GOOD, "type": kind, "container_type": container}
            assert accepts(world, quality) is ((kind, container) in allowed), (kind, container)
    for name in ("type", "container_type"):
        assert not accepts(world, without(GOOD, name))
        assert not accepts(world, {**GOOD, name: None})
    with pytest.raises(EncodingError, match="not in fmp4"):
        world.client.videos.create("t", qualities=[{**GOOD, "container_type": "fmp4"}])


@ruling("Q4")
def resolution(world: World) -> None:
    assert world.contract.schemas["Resolution"]["enum"] == NAMES
    neither = without(GOOD, "video_config")
    both = {**GOOD, "audio_config": AAC}
    for name in NAMES:
        assert accepts(world, *({**quality, "resolution": name} for quality in (GOOD, neither, both, SOUND)))
    for label in ("721p", "audio", "1080P", "1080"):
        assert accepts(world, {**SOUND, "resolution": label})
        for quality in (GOOD, neither, both):
            assert not accepts(world, {**quality, "resolution": label}), label
    for quality, taken in ((SOUND, True), (neither, True), (GOOD, False), (both, False)):
        assert accepts(world, without(quality, "resolution")) is taken
        errors = [one for one in check([without(quality, "resolution")]) if one.severity == "error"]
        assert (not errors) is taken
        assert not accepts(world, {**quality, "resolution": ""})
        assert not accepts(world, {**quality, "resolution": None})
    assert codes(without(neither, "resolution")) == ["service-chooses"]


@ruling("Q5")
def smallest_picture(world: World) -> None:
    assert "144p" in world.contract.schemas["Resolution"]["enum"]
    assert "144p 256 × 144" in " ".join(world.contract.schemas["Resolution"]["description"].split())
    assert accepts(world, {**GOOD, "resolution": "144p"})
    assert accepts(world, {**GOOD, "resolution": "144p", "video_config": {**H264, "bitrate": 1_000_000_000}})
    assert world.rich.http.get("/videos/cost?qualities=144p&duration=60").status_code == 200
    assert codes({**GOOD, "resolution": "144p", "audio_config": AAC}) == ["no-documented-maximum"]


@ruling("Q6")
def video_config(world: World) -> None:
    for name, most in MAXIMA.items():
        for bitrate, taken in ((1, True), (most, True), (float(most), True), (most + 1, False)):
            quality = {**GOOD, "resolution": name, "video_config": {**H264, "bitrate": bitrate}}
            assert accepts(world, quality) is taken, (name, bitrate)
    for config, taken in (
        ({"codec": "h264"}, True),
        ({"codec": "h265", "index": 0}, True),
        ({"codec": "h264", "index": 3}, True),
        ({}, False),
        ({"codec": "vp9"}, False),
        ({"codec": "H264"}, False),
        ({"codec": "h264", "bitrate": 0}, False),
        ({"codec": "h264", "bitrate": -1}, False),
        ({"codec": "h264", "bitrate": 1.5}, False),
        ({"codec": "h264", "bitrate": "1"}, False),
        ({"codec": "h264", "index": -1}, False),
        ({"codec": "h264", "index": 0.5}, False),
    ):
        assert accepts(world, {**GOOD, "video_config": config}) is taken, config
    assert world.contract.schemas["VideoConfig"]["properties"]["index"]["default"] == 0


@ruling("Q7")
def h265_in_mpegts(world: World) -> None:
    track: Json = {"codec": "aac", "bitrate": 192000, "channels": "2", "sample_rate": 48000, "language": "en"}
    example: list[Json] = [
        {
            "resolution": "1080p",
            "type": "hls",
            "container_type": "mpegts",
            "video_config": {"codec": "h265", "bitrate": 5000000, "index": 0},
            "audio_config": {**track, "index": 0},
        },
        {
            "resolution": "720p",
            "type": "dash",
            "container_type": "fmp4",
            "video_config": {"codec": "h264", "bitrate": 3000000, "index": 0},
        },
        {"resolution": "audio", "type": "dash", "container_type": "fmp4", "audio_config": {**track, "index": 0}},
    ]
    assert accepts(world, *example)
    with pytest.warns(LadderWarning, match="h265-in-mpegts") as warned:
        made = world.client.videos.create("t", qualities=example)
    assert len(warned) == 1
    assert warned[0].filename == __file__
    assert isinstance(made.qualities, list)
    assert [one.name for one in made.qualities] == ["1080p", "720p", "audio"]


@ruling("Q8")
def audio_config(world: World) -> None:
    rates = [8000, 11025, 16000, 22050, 32000, 44100, 48000, 88200, 96000]
    configs: Table = [
        *(({"sample_rate": rate}, True) for rate in rates),
        *(({"sample_rate": rate}, False) for rate in (0, 12000, 24000, 44101, 192000, "44100")),
        *(({"channels": channels}, True) for channels in ("1", "2")),
        *(({"channels": channels}, False) for channels in (1, 2, "0", "6", "stereo", "")),
        *(({"bitrate": bitrate}, True) for bitrate in (1, 64000, 128000, 256000, 256001, 192000.0)),
        *(({"bitrate": bitrate}, False) for bitrate in (0, -1, 0.5, "128000", True)),
        *(({"index": index}, True) for index in (0, 1, 7)),
        *(({"index": index}, False) for index in (-1, 0.5, "0")),
        *(({"codec": codec}, False) for codec in ("mp3", "AAC", None)),
    ]
    for config, taken in configs:
        assert accepts(world, {**SOUND, "audio_config": {**AAC, **config}}) is taken, config
    assert not accepts(world, {**SOUND, "audio_config": {"bitrate": 128000}})
    assert world.contract.schemas["AudioConfig"]["properties"]["index"]["default"] == 0


@ruling("Q9")
def language(world: World) -> None:
    schema = world.contract.schemas["AudioConfig"]["properties"]["language"]
    assert "default" not in schema
    for code, taken in (
        *((code, True) for code in ("en", "jp", "ja", "fil", "EN", "pt-BR", "zh-Hant-TW", "sl-rozaj-biske-1994")),
        *((code, False) for code in ("", "e", "english language", "pt_BR", "en-", "-en", "e1", "en\n", "x" * 9)),
    ):
        assert world.contract.takes(schema, code) is taken, code
        assert accepts(world, {**SOUND, "audio_config": {**AAC, "language": code}}) is taken, code
    service = world.service(video())
    with service.client() as client:
        client.videos.create("t", qualities=[SOUND])
    assert "language" not in service.body["qualities"][0]["audio_config"]
    [found] = check([{**SOUND, "audio_config": {**AAC, "language": "jp"}}])
    assert (found.code, found.severity, found.suggestion) == ("unknown-language", "warning", "ja")


@ruling("Q10")
def which_outputs(world: World) -> None:
    hls_sound = {**SOUND, "type": "hls", "container_type": "mp4"}
    neither = without(GOOD, "video_config")
    for quality in (neither, GOOD, SOUND, {**GOOD, "audio_config": AAC}):
        assert accepts(world, quality)
    for name in ("video_config", "audio_config"):
        assert not accepts(world, {**GOOD, "audio_config": AAC, name: None})
        with pytest.raises(EncodingError, match="is null"):
            world.client.videos.create("t", qualities=[{**neither, name: None}])
    service = world.service(video())
    with service.client() as client:
        client.videos.create("t", qualities=[neither, GOOD, hls_sound])
    assert service.body["qualities"] == [neither, GOOD, hls_sound]


@ruling("Q11")
def higher_than_the_source(world: World) -> None:
    too_high = [{**GOOD, "resolution": name} for name in ("2160p", "4320p")]
    no_such_track = {**GOOD, "video_config": {**H264, "index": 9}, "audio_config": {**AAC, "index": 9}}
    assert accepts(world, *too_high, no_such_track)
    identifier = world.rich.create(qualities=[*too_high, no_such_track])
    shown = world.rich.get(identifier)
    source = Source(height=1080, video_tracks=1, audio_tracks=1)
    both = {**GOOD, "audio_config": AAC}
    assert [one.code for one in check([both, {**both, "resolution": "2160p"}], source=source)] == ["above-source"]
    assert [one.severity for one in check([{**both, "resolution": "2160p"}], source=source)] == ["error"]
    tracks = check([no_such_track], source=source)
    assert {(one.code, one.severity) for one in tracks} == {("no-such-track", "error")}
    assert [one["name"] for one in shown["qualities"]] == ["2160p", "4320p", "720p"]
    assert "left out" in world.contract.schemas["CreateVideoRequest"]["properties"]["qualities"]["description"]


@ruling("Q12")
def the_picture_keeps_its_shape(world: World) -> None:
    text = " ".join(world.contract.schemas["Resolution"]["description"].split())
    sizes = {name: (int(w), int(h)) for name, w, h in re.findall(r"(\d+p) (\d+) × (\d+)", text)}
    assert list(sizes) == NAMES
    for name, (width, height) in sizes.items():
        assert f"{min(width, height)}p" == name
        assert width % 2 == height % 2 == 0
        assert abs(width - height * 16 / 9) < 2
    assert "shorter side" in text
    for name in ("width", "height", "dimensions"):
        assert not accepts(world, {**GOOD, name: 640})
        assert not accepts(world, {**GOOD, "video_config": {**H264, name: 640}})


@ruling("Q13")
def across_qualities(world: World) -> None:
    silent = {**GOOD, "type": "dash", "container_type": "fmp4"}
    twice = [GOOD, GOOD]
    for ladder in (twice, [silent], [silent, {**silent, "resolution": "360p", "audio_config": AAC}], [silent, SOUND]):
        assert accepts(world, *ladder)
    shown = world.rich.get(world.rich.create(qualities=twice))
    assert shown["qualities"] == [{"name": "720p", "status": "new", "type": "hls"}] * 2
    both = {**GOOD, "audio_config": AAC}
    assert codes(both, both) == ["duplicate-output"]
    assert codes(silent, {**both, "resolution": "360p"}) == ["silent-video"]
    assert codes(GOOD, SOUND) == ["silent-video"]
    assert codes(silent, SOUND) == []


@ruling("Q14")
def strictness_is_the_clients(world: World) -> None:
    warned: list[Json] = [
        {**GOOD, "resolution": "144p"},
        {**GOOD, "container_type": "mpegts", "video_config": {"codec": "h265"}},
        {**SOUND, "audio_config": {**AAC, "bitrate": 8000}},
        {**SOUND, "audio_config": {**AAC, "language": "jp"}},
        {"type": "hls", "container_type": "mp4"},
        {**GOOD, "resolution": "4320p"},
    ]
    for quality in warned:
        assert accepts(world, quality), quality
        with pytest.raises(EncodingError):
            world.client.videos.create("t", qualities=[quality], strict=True)
        with pytest.warns(LadderWarning):
            assert world.client.videos.create("t", qualities=[quality]).status == "new"
        assert not accepts(world, {**quality, "strict": True})
    assert not world.contract.takes("CreateVideoRequest", {"title": "t", "strict": True})
    assert world.rich.creates(strict=True) == 400


# Cost


@ruling("C1")
def qualities_to_price(world: World) -> None:
    schema = world.contract.parameter("getTranscodeCost", "qualities")["schema"]
    assert schema["type"] == "string"
    assert world.contract.parameter("getTranscodeCost", "qualities")["required"] is True
    priced = NAMES[:-1]
    for names, taken in (
        *((name, True) for name in priced),
        (",".join(priced), True),
        ("360p,1080p", True),
        ("4320p", False),
        ("360p,4320p", False),
        ("", False),
        ("360p,", False),
        (",360p", False),
        ("360p, 1080p", False),
        ("360P", False),
        ("audio", False),
        ("360p\n", False),
    ):
        assert world.contract.takes(schema, names) is taken, names
        answer = world.rich.http.get("/videos/cost", params={"qualities": names, "duration": "60"})
        assert answer.status_code == (200 if taken else 400), names
    refused(world.rich.http.get("/videos/cost?duration=60"), 400)
    refused(world.rich.http.get("/videos/cost?qualities=360p&qualities=720p&duration=60"), 400)
    price = httpx.Response(200, json={"status": "success", "data": {"price": 1, "is_enough": True}})
    service = world.service(price)
    with service.client() as client:
        client.videos.cost(["360p", "1080p"], 60)
        sent = service.requests[0].url.params
        assert sorted(sent.multi_items()) == [("duration", "60"), ("qualities", "360p,1080p")]
        for wrong in ([], ["4320p"], ["360p", ""], "360p", ["360p,720p"]):
            with pytest.raises(ArgumentError):
                client.videos.cost(wrong, 60)
    assert len(service.requests) == 1
    assert world.client.videos.cost(priced, 60).price > 0


@ruling("C2")
def length_to_price(world: World) -> None:
    parameter = world.contract.parameter("getTranscodeCost", "duration")
    assert parameter["required"] is True
    for seconds, taken in ((60, True), (0.001, True), (0, False), (-1, False), ("60", False), (True, False)):
        assert world.contract.takes(parameter["schema"], seconds) is taken, seconds
    for text, status in (
        ("60", 200),
        ("0.001", 200),
        ("60.5", 200),
        *((odd, 400) for odd in ("0", "-1", "NaN", "Infinity", "1e400", "one", "")),
    ):
        answer = world.rich.http.get("/videos/cost", params={"qualities": "360p", "duration": text})
        assert answer.status_code == status, text
    refused(world.rich.http.get("/videos/cost?qualities=360p"), 400)
    for wrong in (0, -1, float("nan"), float("inf"), True, "60"):
        with pytest.raises(ArgumentError):
            world.client.videos.cost(["360p"], wrong)  # type: ignore[arg-type] # on purpose
    assert world.client.videos.cost(["360p"], 0.5).price > 0


@ruling("C3")
def price(world: World) -> None:
    assert set(world.contract.schemas["TranscodeCost"]["properties"]) == {"price", "is_enough"}
    for value, exact in ((1.23, "1.23"), ("1.23", "1.23"), ("0.000100", "0.000100"), (0, "0"), (0.1, "0.1")):
        data: Json = {"price": value, "is_enough": True}
        assert world.contract.takes("TranscodeCost", data)
        with world.service(httpx.Response(200, json={"status": "success", "data": data})).client() as client:
            said = client.videos.cost(["360p"], 60).price
        assert isinstance(said, Decimal)
        assert str(said) == exact
    for wrong in ("much", "NaN", "", None, True):
        data = {"price": wrong, "is_enough": True}
        assert not world.contract.takes("TranscodeCost", data)
        nonsense = world.service(httpx.Response(200, json={"status": "success", "data": data}))
        with nonsense.client() as client, pytest.raises(UnexpectedResponseError):
            client.videos.cost(["360p"], 60)
    shown = world.rich.http.get("/videos/cost?qualities=360p,1080p&duration=60").json()["data"]
    assert set(shown) == {"price", "is_enough"}
    assert type(shown["price"]) is float
    assert world.client.videos.cost(["360p", "1080p"], 60).price == Decimal(str(shown["price"]))


@ruling("C4")
def what_is_enough(world: World) -> None:
    paid = [name for name, one in world.contract.operations.items() if "402" in one["responses"]]
    assert paid == ["completeVideoUpload"]
    assert world.client.videos.cost(["360p"], 60).is_enough is True
    assert world.poor_client.videos.cost(["144p"], 0.001).is_enough is False
    assert world.client.videos.cost(["2160p"], 1e12).is_enough is False
    identifier = world.poor.create()
    assert world.poor.part(identifier, HELLO).status_code == 200
    before = world.poor.get(identifier)
    assert "balance" in refused(world.poor.complete(identifier), 402)
    assert world.poor.get(identifier) == before
    assert before["status"] == "new"
    with pytest.raises(PaymentRequiredError) as caught:
        world.poor_client.upload(world.file())
    assert caught.value.video_id is not None
    assert world.poor.get(caught.value.video_id)["status"] == "new"


# Upload


@ruling("U1")
def part_size(world: World) -> None:
    assert DEFAULT_PART_SIZE == 52_428_800
    assert PartLimits(50_000_000, 200_000_000) == PART_LIMITS
    sizes = [part.size for part in plan(200_000_000)]
    assert sizes == [52_428_800, 52_428_800, 52_428_800, 42_713_600]
    assert {part.size for part in plan(2**40)} <= {52_428_800, 2**40 % 52_428_800}
    assert [part.size for part in plan(11)] == [11]
    for size in (50_000_000, 200_000_000):
        assert plan(2**30, size)[0].size == size
    for size in (49_999_999, 200_000_001, 0):
        with pytest.raises(ArgumentError):
            plan(2**30, size)
        with pytest.raises(ArgumentError):
            world.client.upload(world.file(), part_size=size)
    described = world.contract.operations["uploadVideoPart"]["description"]
    assert "50 MB to 200 MB" in described
    assert Settings().min_part_size == 0
    identifier = world.rich.create()
    assert world.rich.part(identifier, b"h", 0, 11).status_code == 200
    token = {"Authorization": "Bearer token-a"}
    with (
        MockServer(Settings(min_part_size=5)) as server,
        httpx.Client(base_url=server.url, headers=token) as http,
    ):
        caller = type(world.rich)(http)
        identifier = caller.create()
        assert "at least 5 bytes" in refused(caller.part(identifier, b"hell", 0, 11), 400)
        assert caller.part(identifier, b"world", 6, 11, index="2").status_code == 200
        assert caller.part(caller.create(), b"last", 7, 11).status_code == 200
        assert caller.part(caller.create(), b"only").status_code == 200


@ruling("U2")
def index(world: World) -> None:
    schema = world.contract.schemas["UploadVideoPartRequest"]["properties"]["index"]
    for text, taken in (
        *((text, True) for text in ("1", "2", "10", "9" * 30)),
        *((text, False) for text in ("0", "01", "-1", "+1", "1.0", "", "one", "1\n", "١")),
    ):
        assert world.contract.takes(schema, text) is taken, text
        answer = world.rich.part(world.rich.create(), HELLO, index=text)
        assert answer.status_code == (200 if taken else 400), text
    identifier = world.rich.create()
    assert world.rich.part(identifier, b"hello", 0, 11, index="70").status_code == 200
    assert world.rich.part(identifier, b" world", 5, 11, index="3").status_code == 200
    succeeds(world.rich.complete(identifier), "completeVideoUpload")
    assert world.rich.source(identifier) == HELLO
    service = world.service(video(), done(), done(), done(), done(), video())
    with service.client() as client:
        client.videos.upload("v", world.file(), part_size=5, part_limits=PartLimits(1, 99))
    sent = sorted(form(request)["index"] for request in service.requests if request.method == "POST")
    assert sent == [(None, b"1"), (None, b"2"), (None, b"3")]


@ruling("U3")
def hash_of_a_part(world: World) -> None:
    schema = world.contract.schemas["UploadVideoPartRequest"]["properties"]["hash"]
    for text, taken in (
        (HELLO_MD5, True),
        (HELLO_MD5.upper(), True),
        (HELLO_MD5[1:], False),
        (f"{HELLO_MD5}0", False),
        ("z" * 32, False),
        (f"{HELLO_MD5}\n", False),
        (hashlib.sha256(HELLO).hexdigest(), False),
    ):
        assert world.contract.takes(schema, text) is taken, text
        answer = world.rich.part(world.rich.create(), HELLO, hash=text)
        assert answer.status_code == (200 if taken else 400), text
    service = world.service(done())
    with service.client() as client:
        client.videos.upload_part("v", world.file(), plan(len(HELLO))[0])
    assert form(service.requests[0])["hash"] == (None, HELLO_MD5.encode())


@ruling("U4")
def content_range(world: World) -> None:
    parameter = world.contract.parameter("uploadVideoPart", "Content-Range")
    assert (parameter["in"], parameter["required"]) == ("header", True)
    for text, form_taken, taken in (
        ("bytes 0-10/11", True, True),
        ("bytes 0-10/12", True, True),
        ("bytes 0-11/11", True, False),
        ("bytes 0-11/12", True, False),
        ("bytes 1-11/11", True, False),
        ("bytes 10-0/11", True, False),
        ("bytes 0-10/*", False, False),
        ("bytes=0-10/11", False, False),
        ("0-10/11", False, False),
        ("", False, False),
    ):
        assert world.contract.takes(parameter["schema"], text) is form_taken, text
        answer = world.rich.part(world.rich.create(), HELLO, content_range=text)
        assert answer.status_code == (200 if taken else 400), text
    identifier = world.rich.create()
    files, fields = {"file": ("a", HELLO)}, {"index": "1", "hash": HELLO_MD5}
    refused(world.rich.http.post(f"/videos/{identifier}/part", files=files, data=fields), 400)
    assert world.rich.part(identifier, b"hello", 0, 11).status_code == 200
    refused(world.rich.part(identifier, b" world", 5, 12, index="2"), 400)
    assert world.rich.part(identifier, b" world", 5, 11, index="2").status_code == 200
    service = world.service(video(), done(), done(), done(), done(), video())
    with service.client() as client:
        client.videos.upload("v", world.file(), part_size=5, part_limits=PartLimits(1, 99))
    ranges = {request.headers["Content-Range"] for request in service.requests[1:4]}
    assert ranges == {"bytes 0-4/11", "bytes 5-9/11", "bytes 10-10/11"}


@ruling("U5")
def fields_of_the_form(world: World) -> None:
    def field(name: str, value: bytes, filename: str | None = None) -> bytes:
        extra = "" if filename is None else f'; filename="{filename}"'
        head = f'--B\r\nContent-Disposition: form-data; name="{name}"{extra}\r\n\r\n'
        return head.encode() + value + b"\r\n"

    file, number, digest = field("file", HELLO, "a.bin"), field("index", b"1"), field("hash", HELLO_MD5.encode())
    for body, status in (
        (file + number + digest, 200),
        (digest + number + file, 200),
        (number + file + digest, 200),
        (file + number * 2 + digest * 2, 200),
        (file * 2 + number + digest, 200),
        (file + number + field("index", b"2") + digest, 400),
        (file + number + digest + field("hash", b"0" * 32), 400),
        (file + field("file", b"HELLO WORLD", "a.bin") + number + digest, 400),
        (field("file", HELLO) + number + digest, 400),
        (field("file", HELLO, "") + number + digest, 400),
        (file + number + digest + field("more", b"1"), 400),
        (number + digest, 400),
    ):
        identifier = world.rich.create()
        headers = {"Content-Type": "multipart/form-data; boundary=B", "Content-Range": "bytes 0-10/11"}
        url = f"/videos/{identifier}/part"
        answer = world.rich.http.post(url, content=body + b"--B--\r\n", headers=headers)
        assert answer.status_code == status, (body, answer.text)
        assert world.rich.complete(identifier).status_code == status
        if status == 200:
            assert world.rich.source(identifier) == HELLO
    schema = world.contract.schemas["UploadVideoPartRequest"]
    assert set(schema["required"]) == set(schema["properties"]) == {"file", "index", "hash"}
    assert schema["additionalProperties"] is False
    service = world.service(done())
    with service.client() as client:
        client.videos.upload_part("v", world.file(name="my video.mp4"), plan(len(HELLO))[0])
    sent = form(service.requests[0])
    assert sent == {"index": (None, b"1"), "hash": (None, HELLO_MD5.encode()), "file": ("my video.mp4", HELLO)}


@ruling("U6")
def a_part_sent_again(world: World) -> None:
    identifier = world.rich.create()
    for data in (b"01234", b"01234", b"abcde"):
        succeeds(world.rich.part(identifier, data, 0, 10), "uploadVideoPart")
    (stored,) = world.server.state.store.parts(identifier)
    assert (stored.length, stored.hash) == (5, hashlib.md5(b"abcde").hexdigest())
    for data, start, number in ((b"abcde", 0, "2"), (b"abcd", 0, "1"), (b"abcdef", 0, "1"), (b"xxxxx", 4, "2")):
        refused(world.rich.part(identifier, data, start, 10, index=number), 400)
    assert len(world.server.state.store.parts(identifier)) == 1
    succeeds(world.rich.part(identifier, b"56789", 5, 10, index="2"), "uploadVideoPart")
    succeeds(world.rich.complete(identifier), "completeVideoUpload")
    assert world.rich.source(identifier) == b"abcde56789"
    made = world.client.videos.create("t").id
    (part,) = plan(len(HELLO))
    for data in (b"HELLO WORLD", HELLO, HELLO):
        world.client.videos.upload_part(made, world.file(data), part)
    world.client.videos.complete(made)
    assert world.rich.source(made) == HELLO


@ruling("U7")
def parts_in_any_order(world: World) -> None:
    identifier = world.rich.create()
    for start in (6, 0, 9, 3):
        piece = HELLO[start : start + 3]
        assert world.rich.part(identifier, piece, start, 11, index=str(start + 1)).status_code == 200
    succeeds(world.rich.complete(identifier), "completeVideoUpload")
    assert world.rich.source(identifier) == HELLO
    data = bytes(range(256)) * 40
    path = world.file(data)
    made = world.client.upload(path, part_size=777, part_limits=PartLimits(1, 1000), concurrency=6)
    assert world.rich.source(made.id) == data
    assert len(world.server.state.store.parts(made.id)) == 14


@ruling("U8")
def a_part_that_does_not_fit(world: World) -> None:
    identifier = world.rich.create()
    odds: list[Json] = [
        {"hash": hashlib.md5(b"other").hexdigest()},
        {"content_range": "bytes 0-9/11"},
        {"content_range": "bytes 0-11/12"},
        {"content_range": "bytes 1-11/11"},
        {"content_range": "bytes 11-21/11"},
        {"content_range": "bytes 10-0/11"},
    ]
    for odd in odds:
        refused(world.rich.part(identifier, HELLO, **odd), 400)
    assert world.server.state.store.parts(identifier) == []
    assert "No part" in refused(world.rich.complete(identifier), 400)
    assert "400" in world.contract.operations["uploadVideoPart"]["responses"]
    wrong = Part(1, 0, 9, 12)
    with pytest.raises(ArgumentError):
        world.client.videos.upload_part(identifier, world.file(), wrong)
    assert world.rich.part(identifier, HELLO).status_code == 200


@ruling("U9")
def complete(world: World) -> None:
    operation = world.contract.operations["completeVideoUpload"]
    assert (operation["method"], operation["path"]) == ("GET", "/videos/{video_id}/complete")
    assert {"200", "400", "402"} <= set(operation["responses"])
    for caller in (world.rich, world.poor):
        identifier = caller.create()
        refused(caller.complete(identifier), 400)
        assert caller.part(identifier, b"o w", 4, 11, index="2").status_code == 200
        assert refused(caller.complete(identifier), 400) == "Missing bytes: 0-3, 7-10 of 11."
        assert caller.get(identifier)["status"] == "new"
    identifier = world.rich.create()
    assert world.rich.part(identifier, b"hello", 0, 11).status_code == 200
    with pytest.raises(BadRequestError, match="5-10"):
        world.client.videos.complete(identifier)
    assert world.rich.part(identifier, b" world", 5, 11, index="2").status_code == 200
    before = world.balance()
    succeeds(world.rich.complete(identifier), "completeVideoUpload")
    paid, shown = world.balance(), world.rich.get(identifier)
    assert paid != before
    assert shown["status"] == "transcoding"
    succeeds(world.rich.complete(identifier), "completeVideoUpload")
    assert (world.balance(), world.rich.get(identifier)) == (paid, shown)
    world.clock.advance(60)
    shown = world.rich.get(identifier)
    assert shown["status"] != "transcoding"
    world.client.videos.complete(identifier)
    assert (world.balance(), world.rich.get(identifier)) == (paid, shown)
    for status, asked in (("new", 3), ("transcoding", 2)):  # whether it was complete is asked before it is said again
        service = world.service(httpx.ReadTimeout("lost"), video(status=status), done())
        with service.client(retries=1) as client:
            client.videos.complete("v")
        paths = [request.url.path.rpartition("/")[2] for request in service.requests]
        assert paths == ["complete", "v", "complete"][:asked]


@ruling("U10")
def a_part_after_complete(world: World) -> None:
    identifier = world.rich.upload()
    for data, number in ((HELLO, "1"), (b"HELLO WORLD", "1"), (HELLO, "2")):
        refused(world.rich.part(identifier, data, index=number), 400)
    with pytest.raises(BadRequestError) as caught:
        world.client.videos.upload_part(identifier, world.file(), plan(len(HELLO))[0])
    assert caught.value.video_id == identifier
    assert world.rich.source(identifier) == HELLO
    description = " ".join(world.contract.operations["uploadVideoPart"]["description"].split())
    assert "After the upload was completed, every part is refused." in description


@ruling("U11")
def an_empty_file(world: World) -> None:
    path = world.file(b"")
    service = world.service(video())
    with service.client() as client:
        for upload in (client.upload, lambda file: client.videos.upload("v", file)):
            with pytest.raises(EmptySourceError):
                upload(path)
        with pytest.raises(AiozStreamError):
            client.videos.upload_part("v", path, Part(1, 0, 0, 1))
    assert service.requests == []
    with pytest.raises(ArgumentError):
        plan(0)
    identifier = world.rich.create()
    refused(world.rich.part(identifier, b"", content_range="bytes 0-0/0"), 400)
    refused(world.rich.complete(identifier), 400)


@ruling("U12")
def thumbnails(world: World) -> None:
    schema = world.contract.schemas["UploadVideoThumbnailRequest"]
    assert (schema["required"], set(schema["properties"])) == (["file"], {"file"})
    content = world.contract.operations["uploadVideoThumbnail"]["requestBody"]["content"]["multipart/form-data"]
    assert content["encoding"]["file"]["contentType"] == "image/png, image/jpeg"
    identifier = world.rich.create()
    for data, name, kind in (
        (PNG, "t.png", "image/png"),
        (JPEG, "t.jpg", "image/jpeg"),
        (PNG, "T.JPG", "image/png"),
        (JPEG, "T.Png", "image/jpeg"),
    ):
        succeeds(world.rich.thumbnail(identifier, data, name), "uploadVideoThumbnail")
        shown = world.anyone.get(world.rich.get(identifier)["assets"]["thumbnail_url"])
        assert (shown.content, shown.headers["Content-Type"]) == (data, kind)
    for data, name, sent in ((PNG, "a.png", "a.png"), (JPEG, "b.JPEG", "b.jpg"), (PNG, "c.jpeg", "c.jpg")):
        world.client.videos.upload_thumbnail(identifier, world.file(data, name))
        assert world.anyone.get(world.rich.get(identifier)["assets"]["thumbnail_url"]).content == data
        service = world.service(done())
        with service.client() as client:
            client.videos.upload_thumbnail("v", world.file(data, name))
        assert form(service.requests[0])["file"] == (sent, data)
    kept = world.rich.get(identifier)
    service = world.service(done())
    with service.client() as client:
        for data, name in ((b"GIF89a", "t.png"), (b"", "t.png"), (PNG, "t.gif"), (PNG, "png"), (b"<svg/>", "t.jpg")):
            refused(world.rich.thumbnail(identifier, data, name), 400)
            with pytest.raises(AiozStreamError):
                client.videos.upload_thumbnail("v", world.file(data, name))
    assert service.requests == []
    assert world.rich.get(identifier) == kept


@ruling("U13")
def a_video_known_again(world: World) -> None:
    marker = world.word()
    pair = {"key": "upload", "value": marker}
    made = world.client.videos.create("t", metadata=[pair, {"key": "genre", "value": "rock"}])
    assert world.contract.takes("CreateVideoRequest", {"title": "t", "metadata": [pair]})
    assert world.contract.takes("ListVideosRequest", {"metadata": [pair]})
    assert world.rich.listed(metadata=[pair]) == [made.id]
    assert [one.id for one in world.client.videos.list(metadata={"upload": marker})] == [made.id]
    service = world.service(httpx.ReadTimeout("lost"), video())
    with service.client(retries=3) as client, pytest.raises(APITimeoutError) as caught:
        client.videos.create("t")
    assert isinstance(caught.value, APIConnectionError)
    assert caught.value.sent
    assert len(service.requests) == 1


# Assets


@ruling("Assets")
def assets(world: World) -> None:
    public, private = world.rich.upload(), world.rich.upload(is_public=False)
    for identifier in (public, private):
        assert world.rich.thumbnail(identifier, PNG, "t.png").status_code == 200
        shown = world.rich.get(identifier)["assets"]
        assert shown["source_url"] == f"{world.url}/videos/{identifier}/source"
        assert shown["thumbnail_url"] == f"{world.url}/videos/{identifier}/thumbnail?resolution=original"
        for name, data in (("source_url", HELLO), ("thumbnail_url", PNG)):
            url = shown[name]
            assert world.rich.http.get(url).content == data
            if identifier == public:
                assert world.anyone.get(url).content == data
                assert world.poor.http.get(url).content == data
            else:
                refused(world.anyone.get(url), 401)
                refused(world.poor.http.get(url), 404)
    token = {"Authorization": "Bearer token-a"}
    with (
        MockServer(Settings(public_url="https://videos.example/api/")) as server,
        httpx.Client(base_url=server.url, headers=token) as http,
    ):
        caller = type(world.rich)(http)
        identifier = caller.upload()
        assert (
            caller.get(identifier)["assets"]["source_url"] == f"https://videos.example/api/videos/{identifier}/source"
        )
    opaque = {"source_url": "anything at all", "hls_iframe": "<b>", "dash_player_url": "elsewhere:1"}
    elsewhere = httpx.Response(302, headers={"Location": "https://elsewhere.example/steal"})
    service = world.service(video(assets=opaque), elsewhere)
    with service.client() as client:
        seen = client.videos.get("v").assets
        assert isinstance(seen, VideoAssets)
        assert seen.to_dict() == opaque
        with pytest.raises(UnexpectedResponseError, match="Redirects are not followed"):
            client.videos.get("v")
    assert {request.url.host for request in service.requests} == {"api.aiozstream.network"}


@pytest.mark.parametrize("code", RULINGS)
def test_ruling(code: str, world: World) -> None:
    RULINGS[code](world)


def test_every_ruling_is_written_down_and_has_a_case() -> None:
    counts = {"A": 6, "E": 7, "V": 10, "L": 6, "Q": 14, "C": 4, "U": 13}
    all_of_them = [f"{letter}{number}" for letter, count in counts.items() for number in range(1, count + 1)]
    written = re.findall(r"^\| ([A-Z][0-9]+|Assets) \|", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert written == [*all_of_them, "Assets"]
    assert list(RULINGS) == written
