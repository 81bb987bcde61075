"""Answers that are about something else, or can't be read (rulings X of docs/contract.md)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from aioz_stream import AiozStream, PartLimits, UnexpectedResponseError
from aioz_stream_mock import MockServer
from tests.end_to_end.rulings.service import video

if TYPE_CHECKING:
    from tests.end_to_end.rulings.world import World


def test_x1_an_answer_names_the_video_that_was_asked_for(world: World) -> None:
    service = world.service(video(id="other", title="Other", status="done"))
    with service.client(retries=3) as client:
        with pytest.raises(UnexpectedResponseError, match="'v' was asked for"):
            client.videos.get("v")
        with pytest.raises(UnexpectedResponseError, match="'v' was asked for"):
            client.videos.wait("v", timeout=5)
        with pytest.raises(UnexpectedResponseError, match="'t' was to be made"):
            client.videos.create("t")
        with pytest.raises(UnexpectedResponseError):
            client.upload(world.file(), title="t", journal=False)
    sent = {(request.method, request.url.path.rpartition("/")[2]) for request in service.requests}
    assert sent == {("GET", "v"), ("GET", "other"), ("POST", "create"), ("POST", "videos")}, "nothing was sent to it"


def test_x2_a_success_that_cannot_be_read_may_have_made_the_video(world: World) -> None:
    with MockServer() as server, AiozStream(token="token-a", base_url=server.url, max_retries=1) as client:
        server.control.fault("html", operation="createVideo", status=200, effect=True)
        video = client.upload(world.file(), title="t", journal=False, part_limits=PartLimits(1, 10**9))
        assert [one.id for one in client.videos.list()] == [video.id]
        server.control.fault("html", operation="createVideo", status=200, effect=True)
        with pytest.raises(UnexpectedResponseError, match="text/html"):
            client.videos.create("without a marker")
        assert len(list(client.videos.list())) == 2
