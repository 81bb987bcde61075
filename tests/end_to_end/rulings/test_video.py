"""The video object, and what update and delete do to it (rulings V of docs/contract.md)."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from aioz_stream import ArgumentError, NotFoundError
from tests.end_to_end.rulings.examples import AUDIO_ONLY, QUALITY, SAMPLE_ASSETS, STATUSES, mp4, without_nulls
from tests.end_to_end.rulings.service import done, video
from tests.end_to_end.rulings.world import refused, succeeds

if TYPE_CHECKING:
    from tests.end_to_end.rulings.examples import Json
    from tests.end_to_end.rulings.world import World


def test_v1_times_are_rfc_3339(world: World) -> None:
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


def test_v2_optional_fields_may_be_null(world: World) -> None:
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


def test_v3_duration_and_size_are_numbers(world: World) -> None:
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


def test_v4_qualities_have_name_status_and_type(world: World) -> None:
    schema = world.contract.schemas["VideoQuality"]["properties"]
    assert set(schema) == {"name", "status", "type"}
    assert schema["status"] == world.contract.schemas["Video"]["properties"]["status"]
    identifier = world.rich.create(qualities=[QUALITY, AUDIO_ONLY])
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


def test_v5_video_statuses_follow_each_other(world: World) -> None:
    assert set(STATUSES) <= set(world.contract.schemas["VideoStatus"]["anyOf"][0]["enum"])
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


def test_v6_assets_appear_late(world: World) -> None:
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


def test_v7_text_limits_hold_on_all_sides(world: World) -> None:
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
        service = world.service(video(title=body["title"]))
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


def test_v8_deleted_videos_are_not_found(world: World) -> None:
    title = world.word()
    identifier = world.rich.upload(title=title)
    succeeds(world.rich.http.delete(f"/videos/{identifier}"), "deleteVideo")
    for name, answer in world.calls_on(identifier):
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


def test_v9_update_has_no_defaults(world: World) -> None:
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


def test_v10_update_changes_only_given_fields(world: World) -> None:
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
    assert set(fields) <= set(world.contract.schemas["UpdateVideoRequest"]["properties"])
    assert world.contract.takes("UpdateVideoRequest", {})
    assert world.contract.takes("UpdateVideoRequest", {"description": "", "player_id": "", "tags": []})
    service = world.service(done())
    with service.client() as client:
        for name in fields:
            assert not world.contract.takes("UpdateVideoRequest", {name: None})
            refused(world.rich.patch(identifier, {name: None}), 400)
            not_given: Any = {name: None}
            client.videos.update("v", **not_given)
            assert service.body == {}
        client.videos.update("v")
        assert service.body == {}
    assert world.rich.get(identifier) == shown
