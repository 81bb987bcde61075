"""The addresses of a video's files (the ruling Assets of docs/contract.md)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx
import pytest

from aioz_stream import UnexpectedResponseError, VideoAssets
from aioz_stream_mock import MockServer, Settings
from tests.end_to_end.rulings.examples import HELLO, PNG
from tests.end_to_end.rulings.service import video
from tests.end_to_end.rulings.world import Caller, refused

if TYPE_CHECKING:
    from tests.end_to_end.rulings.world import World


def test_assets_follow_the_owner(world: World) -> None:
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
        caller = Caller(http)
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
