"""Lists: filters, order and paging (rulings L of docs/contract.md)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx
import pytest

from aioz_stream import ArgumentError, ArgumentTypeError, MetadataPair
from aioz_stream.clients.videos import Videos
from tests.end_to_end.rulings.examples import STATUSES
from tests.end_to_end.rulings.world import refused

if TYPE_CHECKING:
    from tests.end_to_end.rulings.examples import Table
    from tests.end_to_end.rulings.world import World


def test_l1_list_body_has_defaults_and_bounds(world: World) -> None:
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
        assert world.takes_list(body) is taken, body
    for content in (b"", b"[]", b"null"):
        headers = {"Content-Type": "application/json"}
        refused(world.rich.http.post("/videos", content=content, headers=headers), 400)
    refused(world.rich.http.post("/videos"), 400)
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


def test_l2_tags_filter_takes_list_or_text(world: World) -> None:
    word = world.word()
    both = world.rich.create(title=word, tags=[word, "music", "mp4"])
    world.rich.create(title=word, tags=[word, "music"])
    for tags in (["music", "mp4"], "music,mp4", "mp4, music"):
        assert world.contract.takes("ListVideosRequest", {"tags": tags})
        assert world.rich.listed(search=word, tags=tags) == [both], tags
    assert world.rich.page(search=word, tags="music")["total"] == 2
    assert world.rich.listed(search=word, tags=["music,mp4"]) == []
    assert not world.takes_list({"tags": [1]})
    assert [one.id for one in world.client.videos.list(tags=[word, "mp4"])] == [both]
    with pytest.raises(ArgumentTypeError):
        world.client.videos.page(tags="music,mp4")
    service = world.service(httpx.Response(200, json={"status": "success", "data": {"videos": [], "total": 0}}))
    with service.client() as client:
        client.videos.page(tags=["music", "mp4"])
    assert service.body["tags"] == ["music", "mp4"]


def test_l3_metadata_filter_takes_mapping_or_pairs(world: World) -> None:
    word = world.word()
    pairs = [{"key": "genre", "value": "rock"}, {"key": "upload", "value": word}]
    both = world.rich.create(metadata=pairs)
    world.rich.create(metadata=pairs[1:])
    for metadata in ({"genre": "rock", "upload": word}, pairs):
        assert world.takes_list({"metadata": metadata})
        assert world.rich.listed(metadata=metadata) == [both]
    assert world.rich.page(metadata={"upload": word})["total"] == 2
    assert world.rich.listed(metadata={"genre": word}) == []
    for wrong in ({"genre": 1}, [{"key": "genre"}], "genre"):
        assert not world.takes_list({"metadata": wrong})
    assert [one.id for one in world.client.videos.list(metadata={"genre": "rock", "upload": word})] == [both]
    objects = [MetadataPair("genre", "rock"), MetadataPair("upload", word)]
    assert [one.id for one in world.client.videos.list(metadata=objects)] == [both]
    service = world.service(httpx.Response(200, json={"status": "success", "data": {"videos": [], "total": 0}}))
    with service.client() as client:
        for given in ({"genre": "rock"}, [{"key": "genre", "value": "rock"}]):
            client.videos.page(metadata=given)
            assert service.body["metadata"] == given


def test_l4_search_finds_part_of_title_or_description(world: World) -> None:
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


def test_l5_total_counts_all_and_order_is_stable(world: World) -> None:
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


def test_l6_iteration_yields_no_video_twice(world: World) -> None:
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
    assert "missed" in world.page.read_text(encoding="utf-8")
