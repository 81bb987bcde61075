"""The video object: made, shown, changed, listed, deleted."""

from __future__ import annotations

import re
import uuid
from typing import TYPE_CHECKING, Any

import pytest

from aioz_stream_mock.contract import load_contract

if TYPE_CHECKING:
    from tests.mock.conftest import Caller

FIELDS = [
    "id",
    "user_id",
    "title",
    "description",
    "metadata",
    "tags",
    "qualities",
    "subtitles",
    "chapters",
    "player_theme",
    "duration",
    "size",
    "is_mp4",
    "is_public",
    "is_panoramic",
    "status",
    "created_at",
    "updated_at",
    "assets",
    "player_theme_id",
]
ASSETS = [
    "source_url",
    "thumbnail_url",
    "hls_url",
    "hls_iframe",
    "hls_player_url",
    "dash_url",
    "dash_iframe",
    "dash_player_url",
    "mp4_url",
]
VIDEO = {"codec": "h264"}
AUDIO = {"codec": "aac"}


def has_every_field(video: dict[str, Any]) -> bool:
    """Whether a video has the fields of the reference's sample, and those that the contract has gained since."""
    schemas = load_contract().document["components"]["schemas"]
    fields, assets = {*FIELDS, *schemas["Video"]["properties"]}, {*ASSETS, *schemas["VideoAssets"]["properties"]}
    return (set(video), set(video["assets"])) == (fields, assets)


def test_a_new_video_has_every_field_of_the_sample(rich: Caller) -> None:
    video = rich.get(rich.create(title="x"))
    assert has_every_field(video)
    assert (video["subtitles"], video["chapters"], video["player_theme"]) == (None, None, None)
    assert uuid.UUID(video["id"])
    assert uuid.UUID(video["user_id"])
    assert (video["status"], video["size"], video["duration"]) == ("new", 0, 0)
    assert (video["metadata"], video["tags"], video["description"]) == (None, None, "")
    assert video["is_public"] is True
    assert [quality["name"] for quality in video["qualities"]] == ["360p", "720p", "1080p"]
    for moment in (video["created_at"], video["updated_at"]):
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", moment)


def test_a_deleted_and_a_finished_video_have_every_field_too(rich: Caller) -> None:
    done = rich.upload()
    rich.clock.advance(10)
    gone = rich.create(title="gone for good")
    rich.http.delete(f"/videos/{gone}")
    listed = rich.http.post("/videos", json={"status": "deleted"}).json()["data"]["videos"]
    for video in (rich.get(done), *listed):
        assert has_every_field(video)


@pytest.mark.parametrize(
    ("quality", "name"),
    [
        ({"resolution": "720p", "type": "hls", "container_type": "mpegts", "video_config": VIDEO}, "720p"),
        ({"resolution": "144p", "type": "dash", "container_type": "fmp4"}, "144p"),
        ({"resolution": "loud", "type": "dash", "container_type": "fmp4", "audio_config": AUDIO}, "loud"),
        ({"type": "hls", "container_type": "mp4", "audio_config": AUDIO}, "audio"),
        ({"type": "hls", "container_type": "mp4"}, "720p"),
        (
            {
                "resolution": "1080p",
                "type": "hls",
                "container_type": "mpegts",
                "video_config": {"codec": "h265", "bitrate": 3000000.0, "index": 1},
                "audio_config": {"codec": "aac", "channels": "2", "sample_rate": 44100, "language": "jp"},
            },
            "1080p",
        ),
    ],
)
def test_qualities_are_shown_by_name(rich: Caller, quality: dict[str, Any], name: str) -> None:
    video = rich.get(rich.create(qualities=[quality]))
    assert video["qualities"] == [{"name": name, "status": "new", "type": quality["type"]}]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"title": ""},
        {"title": "x" * 256},
        {"title": None},
        {"title": 1},
        {"title": "x", "unknown": 1},
        {"title": "x", "qualitites": []},
        {"title": "x", "description": "x" * 1001},
        {"title": "x", "is_public": 1},
        {"title": "x", "is_public": "true"},
        {"title": "x", "metadata": {"genre": "rock"}},
        {"title": "x", "metadata": [{"key": "genre"}]},
        {"title": "x", "metadata": [{"key": "a", "value": "b", "more": "c"}]},
        {"title": "x", "metadata": [{"key": "a", "value": 1}]},
        {"title": "x", "metadata": [{"key": "a", "value": "b"}] * 51},
        {"title": "x", "tags": "music"},
        {"title": "x", "tags": ["x" * 256]},
        {"title": "x", "tags": ["x"] * 51},
    ],
)
def test_create_refuses(rich: Caller, body: dict[str, Any]) -> None:
    rich.refused(rich.http.post("/videos/create", json=body), 400)


@pytest.mark.parametrize(
    "change",
    [
        {"type": None},
        {"type": "smooth"},
        {"container_type": "fmp4"},
        {"type": "dash"},
        {"resolution": "721p"},
        {"resolution": ""},
        {"video_config": None},
        {"video_config": {}},
        {"video_config": {"codec": "vp9"}},
        {"video_config": {"codec": "h264", "bitrate": 0}},
        {"video_config": {"codec": "h264", "bitrate": True}},
        {"video_config": {"codec": "h264", "bitrate": 1.5}},
        {"video_config": {"codec": "h264", "bitrate": 4_000_001}},
        {"video_config": {"codec": "h264", "index": -1}},
        {"video_config": {"codec": "h264", "index": 2**63}},
        {"video_config": {"codec": "h264", "crf": 20}},
        {"audio_config": {"codec": "mp3"}},
        {"audio_config": {"codec": "aac", "channels": 2}},
        {"audio_config": {"codec": "aac", "channels": "6"}},
        {"audio_config": {"codec": "aac", "sample_rate": 12345}},
        {"audio_config": {"codec": "aac", "language": "english language"}},
    ],
)
def test_create_refuses_qualities(rich: Caller, change: dict[str, Any]) -> None:
    good = {"resolution": "720p", "type": "hls", "container_type": "mp4", "video_config": VIDEO}
    answer = rich.http.post("/videos/create", json={"title": "x", "qualities": [{**good, **change}]})
    assert rich.refused(answer, 400).startswith("/qualities/0")


def test_an_empty_ladder_and_a_quality_without_resolution_are_refused(rich: Caller) -> None:
    bare = {"type": "hls", "container_type": "mp4", "video_config": VIDEO}
    for qualities in ([], [bare], "720p", ["720p"]):
        rich.refused(rich.http.post("/videos/create", json={"title": "x", "qualities": qualities}), 400)


def test_update_changes_what_is_given_and_nothing_else(rich: Caller) -> None:
    pairs = [{"key": "a", "value": "b"}]
    video = rich.create(title="x", description="d", is_public=False, metadata=pairs, tags=["t"])
    before = rich.get(video)
    answer = rich.http.patch(f"/videos/{video}", json={"title": "y", "player_id": "p"})
    assert answer.json() == {"status": "success", "message": "Update video info successfully."}
    after = rich.get(video)
    assert after == {**before, "title": "y", "player_theme_id": "p", "updated_at": after["updated_at"]}
    assert after["updated_at"] > before["updated_at"]
    assert after["is_public"] is False


def test_update_clears_with_empty_values_and_replaces_lists(rich: Caller) -> None:
    video = rich.create(description="d", tags=["a", "b"])
    rich.http.patch(f"/videos/{video}", json={"player_id": "p"})
    rich.http.patch(f"/videos/{video}", json={"description": "", "player_id": "", "tags": ["c"]})
    shown = rich.get(video)
    assert (shown["description"], shown["player_theme_id"], shown["tags"]) == ("", "", ["c"])


def test_an_empty_update_changes_nothing(rich: Caller) -> None:
    video = rich.create()
    before = rich.get(video)
    assert rich.http.patch(f"/videos/{video}", json={}).status_code == 200
    assert rich.get(video) == before


@pytest.mark.parametrize("body", [{"title": None}, {"title": ""}, {"tags": None}, {"player_id": 1}, {"x": 1}, []])
def test_update_refuses(rich: Caller, body: Any) -> None:
    video = rich.create()
    rich.refused(rich.http.patch(f"/videos/{video}", json=body), 400)


def test_a_deleted_video_answers_nothing_but_the_list(rich: Caller) -> None:
    video = rich.upload(title="to be deleted")
    answer = rich.http.delete(f"/videos/{video}")
    assert answer.json() == {"status": "success", "message": "Delete video successfully."}
    rich.refused(rich.http.delete(f"/videos/{video}"), 404)
    rich.refused(rich.http.get(f"/videos/{video}"), 404)
    rich.refused(rich.http.patch(f"/videos/{video}", json={}), 404)
    rich.refused(rich.part(video, b"x"), 404)
    rich.refused(rich.complete(video), 404)
    rich.refused(rich.http.get(f"/videos/{video}/source"), 404)
    assert video not in rich.listed(search="to be deleted")
    assert rich.listed(search="to be deleted", status="deleted") == [video]


def test_listing_filters(alone: Caller) -> None:
    pairs = [{"key": "genre", "value": "rock"}, {"key": "year", "value": "1999"}]
    rock = alone.create(title="Straße", tags=["music", "mp4", "a,b"], metadata=pairs)
    plain = alone.create(title="other", description="about MUSIC")
    for match in (
        {"tags": ["music", "mp4"]},
        {"tags": " music , mp4 ,"},
        {"tags": ["a,b"]},
        {"metadata": {"genre": "rock", "year": "1999"}},
        {"metadata": pairs[:1]},
        {"search": "STRASSE"},
        {"search": "straße", "tags": "mp4", "status": "new"},
    ):
        assert alone.listed(**match) == [rock], match
    assert alone.listed(search="music") == [plain]
    for nothing in (
        {"tags": "music,jazz"},
        {"metadata": {"genre": "jazz"}},
        {"status": "done"},
        {"tags": ["music"], "search": "other"},
        {"tags": "a,b"},
    ):
        assert alone.listed(**nothing) == [], nothing
    for everything in ({}, {"tags": [], "metadata": [], "status": "", "search": ""}, {"tags": "", "metadata": {}}):
        assert sorted(alone.listed(**everything)) == sorted([rock, plain]), everything


def test_listing_orders_and_pages(alone: Caller) -> None:
    videos = []
    for title in ("b", "A", "c", "B"):
        videos.append(alone.create(title=title))
        alone.clock.advance(1)
    first, second, third, fourth = videos
    assert alone.listed() == [fourth, third, second, first]
    assert alone.listed(sort_by="title", order_by="asc") == [second, *sorted([first, fourth]), third]
    assert alone.listed(sort_by="size", order_by="desc") == sorted(videos)
    alone.http.patch(f"/videos/{first}", json={"description": "newer"})
    assert alone.listed(sort_by="updated_at")[0] == first
    page = alone.http.post("/videos", json={"offset": 1.0, "limit": 2, "order_by": "asc"}).json()["data"]
    assert ([video["id"] for video in page["videos"]], page["total"]) == ([second, third], 4)
    assert alone.listed(offset=2**63 - 1) == []


@pytest.mark.parametrize(
    "body",
    [
        {"limit": 0},
        {"limit": 101},
        {"limit": True},
        {"limit": "10"},
        {"offset": -1},
        {"offset": 1.5},
        {"offset": 2**63},
        {"offset": 2**70},
        {"sort_by": "name"},
        {"order_by": "DESC"},
        {"order_By": "desc"},
        {"status": "finished"},
        {"tags": [1]},
        {"metadata": {"genre": 1}},
        {"search": None},
        [],
    ],
)
def test_listing_refuses(rich: Caller, body: Any) -> None:
    rich.refused(rich.http.post("/videos", json=body), 400)


def test_listing_needs_a_body(rich: Caller) -> None:
    rich.refused(rich.http.post("/videos"), 415)
