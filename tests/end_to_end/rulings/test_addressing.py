"""Addressing and authentication (rulings A of docs/contract.md)."""

from __future__ import annotations

from base64 import b64encode
from typing import TYPE_CHECKING
from uuid import UUID

import httpx
import pytest

from aioz_stream import (
    AiozStream,
    ArgumentError,
    AuthenticationError,
    CredentialsError,
    NotFoundError,
    PermissionDeniedError,
)
from tests.end_to_end.rulings.service import failure, video
from tests.end_to_end.rulings.world import refused

if TYPE_CHECKING:
    from tests.end_to_end.rulings.world import World


def test_a1_every_path_starts_at_the_base_url(world: World) -> None:
    base = "https://api.aiozstream.network/api"
    assert [server["url"] for server in world.contract.document["servers"]] == [base]
    service = world.service(video())
    with service.client() as client:
        client.videos.get("v")
    assert str(service.requests[0].url) == f"{base}/videos/v"
    assert world.url.endswith("/api")
    assert world.rich.post("/videos", {}).status_code == 200
    refused(world.anyone.post(f"{world.url.removesuffix('/api')}/videos", json={}), 404)


def test_a2_create_has_a_path_of_its_own(world: World) -> None:
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


def test_a3_token_and_key_pair_both_authenticate(world: World) -> None:
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
        ({"Authorization": f"Basic {b64encode(b'public-a:secret-a').decode()}"}, 200),
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
        (
            {"token": "one", "public_key": "two", "secret_key": "three"},
            {"authorization": "Bearer one", "stream-public-key": "two", "stream-secret-key": "three"},
        ),
    ):
        service = world.service(video())
        with service.client(credentials=given) as client:
            client.videos.get("v")
        names = ("authorization", "stream-public-key", "stream-secret-key")
        assert {
            name: service.requests[0].headers[name] for name in names if name in service.requests[0].headers
        } == sent
    for wrong in ({"token": "t", "public_key": "p"}, {"public_key": "p"}, {"secret_key": "s"}):
        with pytest.raises(CredentialsError):
            world.service(video()).client(credentials=wrong)
    world.monkeypatch.setenv("AIOZ_STREAM_TOKEN", "")
    world.monkeypatch.setenv("AIOZ_STREAM_PUBLIC_KEY", "public-a")
    world.monkeypatch.setenv("AIOZ_STREAM_SECRET_KEY", "secret-a")
    with AiozStream(base_url=world.url) as client:
        assert client.videos.page(limit=1).total >= 0


def test_a4_video_ids_are_opaque(world: World) -> None:
    schema = world.contract.parameter("getVideo", "video_id")["schema"]
    assert schema == {"type": "string", "minLength": 1}
    assert not world.contract.takes(schema, "")
    assert not world.contract.takes("Video", {"id": "", "title": "t", "status": "new"})
    assert world.contract.takes("Video", {"id": "not a UUID", "title": "t", "status": "new"})
    identifier = world.rich.create()
    assert str(UUID(identifier)) == identifier
    service = world.service(video(id="a/b?c #é%2F"))
    with service.client() as client:
        client.videos.get("a/b?c #é%2F")
        assert service.requests[0].url.raw_path == b"/api/videos/a%2Fb%3Fc%20%23%C3%A9%252F"
        for wrong in ("", ".", "..", "../create", "a/./b", "cost", "create"):
            with pytest.raises(ArgumentError):
                client.videos.get(wrong)
            with pytest.raises(ArgumentError):
                client.videos.delete(wrong)
    assert len(service.requests) == 1
    for strange in ("a/b?c #é", "%", "x" * 500):
        with pytest.raises(NotFoundError):
            world.client.videos.get(strange)


def test_a5_paths_without_a_parameter_win(world: World) -> None:
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


def test_a6_videos_of_another_account_are_not_found(world: World) -> None:
    for name, operation in world.contract.operations.items():
        assert "401" in operation["responses"], name
        assert ("404" in operation["responses"]) is ("{video_id}" in operation["path"]), name
        assert "403" not in operation["responses"], name
    identifier = world.rich.create(title="mine")
    unknown = refused(world.poor.http.get("/videos/no-such-video"), 404)
    for _, answer in world.calls_on(identifier, as_poor=True):
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
