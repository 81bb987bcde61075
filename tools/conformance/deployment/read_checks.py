"""Checks of a deployment in use that change nothing there.

They read, and send requests that a deployment has to refuse. A request that would write is about a video that does not
exist, or wrong in two ways at once: without a title, and with something else wrong. So even a deployment that overlooks
one of the two does nothing.
"""

from __future__ import annotations

import json
from dataclasses import replace
from functools import lru_cache, partial
from typing import TYPE_CHECKING
from uuid import uuid4

from contract_document import SCHEMAS, find, is_list, is_object, load

from conformance.deployment.inspection import page_in, place_of, video_in
from conformance.shared.examples import ExampleMaker
from conformance.shared.listing import ORDERS, matches
from conformance.shared.requests import NOTHING, request_to, valid_request, video_operations
from conformance.shared.schema_rules import SchemaRules

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from contract_document import Json

    from conformance.deployment.inspection import Inspection
    from conformance.shared.examples import Example

STATUSES: list[str] = find(load(), f"{SCHEMAS}/VideoStatus/anyOf/0/enum")
STEADY = ("id", "title", "description", "tags", "metadata", "is_public", "created_at")
"""Fields that only an update changes."""
FILTERS = ("tags", "metadata", "status", "search")
SAMPLES = 4
TEXT = {"Content-Type": "text/plain"}


class ReadChecks:
    """Checks a deployment without writing."""

    def __init__(self, inspection: Inspection) -> None:
        self._inspection = inspection
        self._examples = examples()

    def run(self) -> None:
        self._inspection.run(
            {
                "credentials": self.credentials,
                "lists": self.lists,
                "videos": self.videos,
                "prices": self.prices,
                "requests to refuse": self.refusals,
            }
        )

    def credentials(self) -> None:
        ask, video = self._inspection.ask, unknown_id()
        refused: dict[str, dict[str, str]] = {
            "no credentials": {},
            "an unknown token": {"Authorization": f"Bearer {uuid4()}"},
        }
        for about, who in refused.items():
            ask("listVideos", valid_request("listVideos"), (401,), about, who=who)
        ask("getTranscodeCost", valid_request("getTranscodeCost"), (401,), "no credentials", who={})
        for operation in video_operations():
            ask(operation, valid_request(operation, video), (401,), "no credentials", who={})

    def lists(self) -> None:
        for example in self._examples:
            if example.operation == "listVideos":
                self._example(example)
        text = replace(request_to("listVideos"), content=b"hello", headers=TEXT)
        self._inspection.ask("listVideos", text, (400, 415), "a text")
        for sort_by in ORDERS:
            for order_by in ("asc", "desc"):
                self._page({"sort_by": sort_by, "order_by": order_by, "limit": 100})
        for status in STATUSES:
            self._page({"status": status})
        for asked in ({"limit": 3}, {"limit": 3, "offset": 2}, {"search": f"no title has {uuid4()}"}, {"search": ""}):
            self._page(asked)
        self._inspection.confirm("listVideos", self._pages_apart, "two pages, and both as one")
        for video in self._videos({})[:SAMPLES]:
            for asked in filters_of(video):
                self._page(asked, includes=video)

    def _page(self, asked: Json, includes: Json = None) -> None:
        about = json.dumps(asked, ensure_ascii=False)
        self._inspection.confirm("listVideos", lambda: self._wrong_with_page(asked, includes), about)

    def _wrong_with_page(self, asked: Json, includes: Json) -> dict[str, str]:
        videos, total = self._list(asked)
        wrong: dict[str, str] = {}
        expected = min(max(total - asked.get("offset", 0), 0), asked.get("limit", 25))
        if len(videos) != expected:
            wrong["/data/videos"] = f"{len(videos)} videos of {total}, where {expected} belong"
        strays = [video["id"] for video in videos if not fits(video, asked)]
        where = f"filter {' '.join(name for name in asked if name in FILTERS)}"
        if strays:
            wrong[where] = f"{len(strays)} videos do not match, such as {strays[0]}"
        if includes is not None and total <= len(videos) and includes["id"] not in {video["id"] for video in videos}:
            wrong[where] = f"leaves out {includes['id']}, which matches"
        if not in_order(videos, asked):
            wrong[f"sort_by {asked.get('sort_by', 'created_at')}"] = f"is not {asked.get('order_by', 'desc')}ending"
        return wrong

    def _pages_apart(self) -> dict[str, str]:
        pages = [self._videos({"limit": limit, "offset": offset}) for limit, offset in ((4, 0), (2, 0), (2, 2))]
        whole, first, second = ([video["id"] for video in page] for page in pages)
        return {} if whole == first + second else {"offset": f"{first} and {second} are not {whole}"}

    def videos(self) -> None:
        samples = [
            video["id"] for status in STATUSES if status != "deleted" for video in self._videos({"status": status})[:2]
        ]
        if not samples:
            self._inspection.notes.append("the account has no videos, so none could be looked at")
        for video in samples:
            self._inspection.confirm("getVideo", partial(self._wrong_with_video, video), f"video {video}")
        for video in self._videos({"status": "deleted"})[:1]:
            self._inspection.ask("getVideo", request_to("getVideo", video["id"]), (404,), "a deleted video")
        for operation in video_operations():
            self._inspection.ask(operation, valid_request(operation, unknown_id()), (404,), "an unknown video")

    def _wrong_with_video(self, video: str) -> dict[str, str]:
        """How a video by itself differs from the same video in a list."""
        listed = {one["id"]: one for one in self._videos({"limit": 100})}.get(video)
        shown = video_in(self._inspection.ask("getVideo", request_to("getVideo", video)))
        if listed is None or shown is None:
            return {}
        return {
            f"/data/{name}": f"{shown.get(name)!r}, and the list says {listed.get(name)!r}"
            for name in STEADY
            if shown.get(name) != listed.get(name)
        }

    def prices(self) -> None:
        for example in self._examples:
            if example.operation == "getTranscodeCost":
                self._example(example)
        once, longer, more = self._price("360p", 60), self._price("360p", 120), self._price("360p,1080p", 60)
        for name, price in {"duration": longer, "qualities": more}.items():
            if once is not None and price is not None and price < once:
                self._inspection.note("getTranscodeCost", "/data/price", f"{price}, and {once} with less {name}")

    def _price(self, names: str, seconds: int) -> float | None:
        query = (("qualities", names), ("duration", str(seconds)))
        answer = self._inspection.ask("getTranscodeCost", request_to("getTranscodeCost", query=query))
        try:
            return None if answer is None else float(answer["data"]["price"])
        except (LookupError, TypeError, ValueError):
            return None

    def refusals(self) -> None:
        for example in harmless(self._examples):
            self._inspection.ask(example.operation, example.request, (400,), example.about, is_repeatable=False)
        text = replace(request_to("createVideo"), content=b"hello", headers=TEXT)
        self._inspection.ask("createVideo", text, (400, 415), "a text", is_repeatable=False)
        self._inspection.ask("createVideo", text, (401,), "no credentials", who={}, is_repeatable=False)
        others = (one for one in self._examples if one.operation in video_operations())
        for example in one_of_each(others):
            request = example.request.about(unknown_id())
            # The contract does not say which of the two mistakes is reported.
            expected = {404} if example.is_valid else {400, 404}
            self._inspection.ask(example.operation, request, expected, f"{example.about}, of an unknown video")

    def _example(self, example: Example) -> None:
        expected = (200,) if example.is_valid else (400,)
        self._inspection.ask(example.operation, example.request, expected, example.about)

    def _list(self, asked: Json) -> tuple[list[Json], int]:
        return page_in(self._inspection.ask("listVideos", request_to("listVideos", json=asked)))

    def _videos(self, asked: Json) -> list[Json]:
        return self._list(asked)[0]


@lru_cache
def examples() -> tuple[Example, ...]:
    """All examples that follow from the contract."""
    return tuple(ExampleMaker(load()).all())


def unknown_id() -> str:
    """An id that no video has."""
    return str(uuid4())


def harmless(examples: Iterable[Example]) -> Iterator[Example]:
    """Per kind of wrong body of a create one that also lacks the title, or is no JSON at all."""
    rules = SchemaRules(load(), f"{SCHEMAS}/CreateVideoRequest")
    for example in one_of_each(one for one in examples if one.operation == "createVideo" and not one.is_valid):
        body = example.request.json
        if body is NOTHING:
            if b"title" not in (example.request.content or b""):
                yield example
            continue
        if is_object(body):
            body = {name: value for name, value in body.items() if name != "title"}
        broken = rules.broken_by(body)
        # What is no object has no title either way.
        if len(broken) > 1 or not is_object(body):
            yield replace(example, request=replace(example.request, json=body), rules=broken)


def one_of_each(examples: Iterable[Example]) -> list[Example]:
    """The first example per operation, broken rules and place: several places may refer to a rule."""
    chosen: dict[object, Example] = {}
    for example in examples:
        chosen.setdefault((example.operation, example.rules, place_of(example.about)), example)
    return list(chosen.values())


def filters_of(video: Json) -> Iterator[dict[str, Json]]:
    """List requests whose result has to include a video."""
    title, tags, pairs = (video.get(name) for name in ("title", "tags", "metadata"))
    if isinstance(title, str) and title.strip():
        yield {"search": title[:20].swapcase(), "limit": 100}
    words = [tag for tag in tags if isinstance(tag, str) and tag.strip() and "," not in tag] if is_list(tags) else []
    for tag in words[:1]:
        yield {"tags": [tag], "limit": 100}
        yield {"tags": tag, "limit": 100}
    for pair in pairs[:1] if is_list(pairs) else []:
        if is_object(pair) and isinstance(pair.get("key"), str) and isinstance(pair.get("value"), str):
            yield {"metadata": {pair["key"]: pair["value"]}, "limit": 100}
            yield {"metadata": [{"key": pair["key"], "value": pair["value"]}], "limit": 100}


def fits(video: Mapping[str, Json], asked: Json) -> bool:
    """Whether the filters of a list let a video through; null counts as empty."""
    known = {name: video.get(name) or "" for name in ("id", "title", "description", "status")}
    try:
        return matches({"tags": None, "metadata": None, **video, **known}, asked)
    except (LookupError, TypeError, AttributeError):
        # Its shape is wrong, which the schemas have reported.
        return True


def in_order(videos: list[Json], asked: Json) -> bool:
    """Whether a page is sorted, as far as its videos have the field. The schemas report a missing one."""
    order = ORDERS[asked.get("sort_by", "created_at")]
    try:
        keys = [order(video) for video in videos]
        return keys == sorted(keys, reverse=asked.get("order_by", "desc") == "desc")
    except (LookupError, TypeError, ValueError, AttributeError):
        return True
