"""A contract that has grown: what is new and optional is served without a change of the server."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx
import pytest
import yaml

from aioz_stream_mock import MockServer, Settings
from aioz_stream_mock.api.answers import AnswerCompleter
from aioz_stream_mock.contract import Contract, load_contract

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NEW_FIELDS: dict[str, tuple[Any, Any]] = {
    "views": ({"type": ["integer", "null"]}, None),
    "region": ({"type": "string", "default": "eu", "example": "us"}, "eu"),
    "folder": ({"type": "string", "example": "talks"}, "talks"),
    "likes": ({"type": "integer", "minimum": 0}, 0),
    "visibility": ({"anyOf": [{"type": "string", "enum": ["open", "closed"]}]}, "open"),
    "statistics": ({"$ref": "#/components/schemas/Statistics"}, {}),
    "labels": ({"type": "array", "items": {"type": "string"}}, []),
}
"""Optional fields, and the values that the server gives them."""


def grown_document() -> dict[str, Any]:
    document = load_contract().document
    schemas = document["components"]["schemas"]
    schemas["Statistics"] = {"type": "object", "properties": {"seconds": {"type": "number"}}}
    schemas["Video"]["properties"] |= {name: schema for name, (schema, _) in NEW_FIELDS.items()}
    schemas["VideoAssets"]["properties"]["preview_url"] = {"type": ["string", "null"]}
    schemas["VideoQuality"]["properties"]["bitrate"] = {"type": ["integer", "null"]}
    schemas["VideoStatus"]["anyOf"][0]["enum"].append("queued")
    schemas["CreateVideoRequest"]["properties"]["folder"] = {"type": "string"}
    schemas["UpdateVideoRequest"]["properties"]["folder"] = {"type": "string"}
    schemas["ListVideosRequest"]["properties"]["status"]["enum"].append("queued")
    schemas["ListVideosRequest"]["properties"]["sort_by"]["enum"].append("duration")
    return document


@pytest.fixture(scope="module")
def caller(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """A caller of a server whose contract has grown."""
    path: Path = tmp_path_factory.mktemp("contract") / "openapi.yaml"
    path.write_text(yaml.safe_dump(grown_document()), encoding="utf-8")
    with (
        MockServer(Settings(contract=path)) as server,
        httpx.Client(base_url=server.url, headers={"Authorization": "Bearer token-a"}) as http,
    ):
        yield http


def create(caller: httpx.Client, **body: Any) -> dict[str, Any]:
    video: dict[str, Any] = caller.post("/videos/create", json={"title": "t", **body}).raise_for_status().json()["data"]
    return video


@pytest.mark.parametrize("name", NEW_FIELDS)
def test_a_new_optional_field_is_served_everywhere(caller: httpx.Client, name: str) -> None:
    made = create(caller)
    listed = caller.post("/videos", json={}).raise_for_status().json()["data"]["videos"]
    for video in (made, caller.get(f"/videos/{made['id']}").raise_for_status().json()["data"], *listed):
        assert video[name] == NEW_FIELDS[name][1]


def test_new_fields_inside_a_video_are_served(caller: httpx.Client) -> None:
    video = create(caller)
    assert video["assets"]["preview_url"] is None
    assert [quality["bitrate"] for quality in video["qualities"]] == [None, None, None]


def test_a_new_status_filters_a_list(caller: httpx.Client) -> None:
    create(caller)
    assert caller.post("/videos", json={"status": "queued"}).raise_for_status().json()["data"]["total"] == 0


def test_a_new_word_to_sort_by_gives_the_usual_order(caller: httpx.Client) -> None:
    create(caller)
    usual = caller.post("/videos", json={}).raise_for_status().json()
    assert caller.post("/videos", json={"sort_by": "duration"}).raise_for_status().json() == usual


def test_new_fields_of_requests_are_taken(caller: httpx.Client) -> None:
    video = create(caller, folder="talks")["id"]
    before = caller.get(f"/videos/{video}").json()["data"]
    caller.patch(f"/videos/{video}", json={"folder": "other", "title": "u"}).raise_for_status()
    after = caller.get(f"/videos/{video}").json()["data"]
    assert after == {**before, "title": "u", "updated_at": after["updated_at"]}


def test_a_required_field_is_never_made_up() -> None:
    document = load_contract().document
    schema: dict[str, Any] = {"type": "object", "required": ["a"], "properties": {"a": {}, "b": {}}}
    fields: dict[str, Any] = {}
    AnswerCompleter(Contract(document)).complete(fields, schema)
    assert fields == {"b": None}


def test_a_field_without_a_simple_value_is_left_out() -> None:
    schema: dict[str, Any] = {"type": "object", "properties": {"code": {"type": "string", "pattern": "^[A-Z]{2}$"}}}
    fields: dict[str, Any] = {}
    AnswerCompleter(Contract(load_contract().document)).complete(fields, schema)
    assert fields == {}
