"""Probes that change nothing: they read, and send requests that a deployment has to refuse.

A request that would write is about a video that does not exist, or wrong in two ways at once: without a title, and with
something else wrong. So even a deployment that overlooks one of the two does nothing.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING
from uuid import uuid4

from contract_document import SCHEMAS, find, is_list, is_object, load

from conformance.deployment.examination import examples
from conformance.deployment.inspection import SUCCESSES, NotExaminedError, page_in, place_of, video_in
from conformance.shared.listing import ORDERS, matches
from conformance.shared.requests import NOTHING, Field, Request, request_to, valid_request
from conformance.shared.schema_rules import SchemaRules

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from contract_document import Json

    from conformance.deployment.examination import Examination
    from conformance.shared.examples import Example

STATUSES: list[str] = find(load(), f"{SCHEMAS}/VideoStatus/anyOf/0/enum")
STEADY = ("id", "user_id", "title", "description", "tags", "metadata", "is_public", "created_at")
"""Fields that only an update changes."""
SAMPLES = 4


def asks(
    examination: Examination, *, operation: str, expect: Sequence[int], requests: Sequence[Json], where: str = ""
) -> None:
    """Sends requests of the table, each by itself, and expects one of several statuses."""
    for number, entry in enumerate(requests):
        about = entry.get("about", f"{where} is request {number}") if where else entry.get("about", "")
        request = request_of(operation, examination.filled(entry))
        who = credentials_of(examination, entry.get("who", "owner"))
        examination.inspection.ask(operation, request, expect, about or described(entry), who=who, is_repeatable=False)


def request_of(operation: str, entry: Json) -> Request:
    """A request as the table writes it: what it does not say is that of a valid one."""
    request = valid_request(operation, entry.get("video", str(uuid4())))
    changes: dict[str, Json] = {name: entry[name] for name in ("method", "path", "json", "headers") if name in entry}
    if "query" in entry:
        changes["query"] = tuple((name, str(value)) for name, value in entry["query"])
    if "text" in entry:
        changes |= {"json": NOTHING, "form": (), "content": entry["text"].encode()}
    if "form" in entry:
        changes["form"] = [Field(name, value.encode(), *more) for name, value, *more in entry["form"]]
    return replace(request, **changes)


def described(entry: Json) -> str:
    said = {name: value for name, value in entry.items() if name != "about"}
    return json.dumps(said, ensure_ascii=False)[:120]


def credentials_of(examination: Examination, who: str) -> Mapping[str, str]:
    """Headers with credentials by the name that the table has for them."""
    own, second = examination.credentials, examination.second
    public, secret = own.keys or (None, None)
    headers: dict[str, Mapping[str, str | None]] = {
        "owner": own.headers,
        "nobody": {},
        "an unknown token": {"Authorization": f"Bearer {uuid4()}"},
        "an empty token": {"Authorization": ""},
        "unknown keys": {"stream-public-key": str(uuid4()), "stream-secret-key": str(uuid4())},
        "a public key alone": {"stream-public-key": public or str(uuid4())},
        "a secret key alone": {"stream-secret-key": secret or str(uuid4())},
        "a wrong secret key": {"stream-public-key": public, "stream-secret-key": str(uuid4())},
        "keys": {"stream-public-key": public, "stream-secret-key": secret},
        "keys and an empty token": {"stream-public-key": public, "stream-secret-key": secret, "Authorization": ""},
        "keys beside Basic": {
            "stream-public-key": public, "stream-secret-key": secret, "Authorization": "Basic eDp5"
        },
    }  # fmt: skip
    if who == "keys of two accounts":
        if second is None or own.keys is None:
            raise NotExaminedError("no second account, or no pair of keys of the first: needs TOKEN_B and PUBLIC_KEY")
        return {**headers["keys"], "Authorization": second.headers.get("Authorization", "")}  # type: ignore[dict-item]
    if None in headers[who].values():
        raise NotExaminedError("no pair of keys beside the token: needs PUBLIC_KEY and SECRET_KEY")
    return headers[who]  # type: ignore[return-value]  # no None is left


def chosen(examination: Examination, operation: str, place: str, most: int) -> list[Example]:
    """Examples about a place, a few for each set of rules that they break."""
    about = [one for one in examples() if one.operation == operation and place_in_request(one) == place]
    examination.random().shuffle(about)
    kinds: dict[object, list[Example]] = {}
    for example in about:
        kinds.setdefault((example.rules, place_of(example.about)), []).append(example)
    return [example for kind in kinds.values() for example in kind[:most]]


def place_in_request(example: Example) -> str:
    """The field of a request that an example is about; empty where it is about the whole."""
    about = example.about
    if about.startswith("/"):
        return about.split("/")[1].split(" ")[0]
    names = {"index", "hash", "file", "duration", "qualities", "Content-Range"}
    first = about.partition(" ")[0]
    is_ladder = example.operation == "createVideo" and isinstance(example.request.json, dict)
    if is_ladder and example.request.json.get("title") == "a ladder":
        return "qualities"
    return first if first in names else ""


def examples_of(examination: Examination, *, operation: str, place: str, most: int = 3) -> None:
    """Sends requests that just keep the contract's rules and others that just break them."""
    for example in chosen(examination, operation, place, most):
        expected = SUCCESSES if example.is_valid else (400,)
        examination.inspection.ask(operation, example.request, expected, example.about)


def untitled_creates(examination: Examination) -> None:
    """Sends creates without a title that also break another rule."""
    for example in harmless(examples()):
        examination.inspection.ask("createVideo", example.request, (400,), example.about, is_repeatable=False)


def harmless(examples: Iterable[Example]) -> Iterator[Example]:
    """Per broken rule of a create one example that also lacks the title, or is no JSON at all."""
    rules = SchemaRules(load(), f"{SCHEMAS}/CreateVideoRequest")
    seen: set[frozenset[str]] = set()
    for example in examples:
        body = example.request.json
        if example.operation != "createVideo" or example.is_valid or example.rules in seen:
            continue
        if body is NOTHING:
            if b"title" not in (example.request.content or b""):
                yield example
            continue
        if is_object(body):
            body = {name: value for name, value in body.items() if name != "title"}
        broken = rules.broken_by(body)
        # What is no object has no title either way.
        if len(broken) > 1 or not is_object(body):
            seen.add(example.rules)
            yield replace(example, request=replace(example.request, json=body), rules=broken)


def unknown_video(examination: Examination, *, operation: str) -> None:
    """Asks about a video that does not exist, with requests that keep the rules and others that don't."""
    ask = examination.inspection.ask
    ask(operation, valid_request(operation, str(uuid4())), (404,), "an unknown video")
    kinds: dict[object, Example] = {one.rules: one for one in examples() if one.operation == operation}
    for example in kinds.values():
        # The contract does not say which of the two mistakes is reported.
        expected = (404,) if example.is_valid else (400, 404)
        about = f"{example.about}, of an unknown video"
        ask(operation, example.request.about(str(uuid4())), expected, about)


# Lists


def listed(examination: Examination, asked: Json) -> tuple[list[Json], int]:
    return page_in(examination.inspection.ask("listVideos", request_to("listVideos", json=asked)))


def videos_of_account(examination: Examination) -> list[Json]:
    """Videos that the account has, of each status a few; what others made is only looked at."""

    def look() -> list[Json]:
        found = [
            video
            for status in STATUSES
            if status != "deleted"
            for video in listed(examination, {"status": status})[0][:SAMPLES]
        ]
        if not found:
            raise NotExaminedError("the account has no videos, so none could be looked at")
        return found

    return examination.once("videos of the account", look)


def pages(examination: Examination, *, asks: Sequence[Json]) -> None:
    """Compares a page with its own request: how many, which ones, in which order."""
    for asked in asks:
        page(examination, examination.filled(asked))


def page(examination: Examination, asked: Json, includes: Json = None) -> None:
    about = json.dumps(asked, ensure_ascii=False)
    look = examination.inspection.confirm
    look("listVideos", lambda: wrong_with_page(*listed(examination, asked), asked, includes), about)


def wrong_with_page(videos: list[Json], total: int, asked: Json, includes: Json = None) -> dict[str, str]:
    wrong: dict[str, str] = {}
    expected = min(max(total - asked.get("offset", 0), 0), asked.get("limit", 25))
    if len(videos) != expected:
        wrong["/data/total"] = f"{len(videos)} videos of {total}, where {expected} belong"
    strays = [video["id"] for video in videos if not fits(video, asked)]
    where = filter_name(asked)
    if strays:
        wrong[where] = f"{len(strays)} videos do not match, such as {strays[0]}"
    if includes is not None and total <= len(videos) and includes["id"] not in {video["id"] for video in videos}:
        wrong[where] = f"leaves out {includes['id']}, which matches"
    if not in_order(videos, asked):
        wrong[f"sort_by {asked.get('sort_by', 'created_at')}"] = f"is not {asked.get('order_by', 'desc')}ending"
    return wrong


def filter_name(asked: Json) -> str:
    return f"filter {' '.join(name for name in asked if name in ('tags', 'metadata', 'status', 'search'))}".strip()


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
    is_down = asked.get("order_by", "desc") == "desc"
    try:
        keys = [(order(video), video["id"]) for video in videos]
        pairs = list(zip(keys, keys[1:], strict=False))
        # Equal ones come by their ids, whichever way the order goes.
        return all(a[0] > b[0] if is_down and a[0] != b[0] else a <= b for a, b in pairs)
    except (LookupError, TypeError, ValueError, AttributeError):
        return True


def windows(examination: Examination, *, limit: int) -> None:
    """Compares two pages with both as one."""

    def look() -> dict[str, str]:
        sizes = ((2 * limit, 0), (limit, 0), (limit, limit))
        found = [listed(examination, {"limit": size, "offset": offset})[0] for size, offset in sizes]
        whole, first, second = ([video["id"] for video in page] for page in found)
        return {} if whole == first + second else {"offset": f"{first} and {second} are not {whole}"}

    examination.inspection.confirm("listVideos", look, f"two pages of {limit}, and both as one")


def own_filters(examination: Examination) -> None:
    """Finds videos of the account by what they have."""
    for video in videos_of_account(examination)[:SAMPLES]:
        for asked in filters_of(video):
            page(examination, asked, includes=video)


def filters_of(video: Json) -> Iterator[dict[str, Json]]:
    """List requests whose result has to include a video."""
    title, tags, pairs = (video.get(name) for name in ("title", "tags", "metadata"))
    if isinstance(title, str) and title.strip():
        yield {"search": title[:20].swapcase(), "limit": 100}
        yield {"search": title[:20], "status": video.get("status"), "limit": 100}
    words = [tag for tag in tags if isinstance(tag, str) and tag.strip() and "," not in tag] if is_list(tags) else []
    for tag in words[:1]:
        yield {"tags": [tag], "limit": 100}
        yield {"tags": tag, "limit": 100}
    for pair in pairs[:1] if is_list(pairs) else []:
        if is_object(pair) and isinstance(pair.get("key"), str) and isinstance(pair.get("value"), str):
            yield {"metadata": {pair["key"]: pair["value"]}, "limit": 100}
            yield {"metadata": [{"key": pair["key"], "value": pair["value"]}], "limit": 100}


# Videos and prices


def same_everywhere(examination: Examination, *, field: str) -> None:
    """Compares a field of a video in two answers of its own and in a list."""
    for video in videos_of_account(examination)[:SAMPLES]:
        views = examination.once(f"views of {video['id']}", lambda video=video: views_of(examination, video))
        shown = [one.get(field) for one in views]
        if any(one != shown[0] for one in shown[1:]):
            said = f"{shown[0]!r} by itself, then {shown[1]!r}, and {shown[-1]!r} in the list"
            examination.inspection.note("getVideo", f"/data/{field}", said, f"video {video['id']}")


def views_of(examination: Examination, video: Json) -> list[Json]:
    """A video by itself, twice, and as the list has it; compared only where nothing has changed meanwhile."""
    get = request_to("getVideo", video["id"])
    shown = [video_in(examination.inspection.ask("getVideo", get)) for _ in range(2)]
    views = [one for one in shown if one is not None] + [video]
    stamps = {str(one.get("updated_at")) for one in views}
    return views if len(stamps) == 1 or "created_at" not in stamps else []


def promised_files(examination: Examination) -> None:
    """Looks whether there is something behind `is_mp4` and the addresses of videos of the account."""
    for video in videos_of_account(examination):
        get = request_to("getVideo", video["id"])
        shown = video_in(examination.inspection.ask("getVideo", get)) or {}
        assets = shown.get("assets") if is_object(shown.get("assets")) else {}
        url = assets.get("mp4_url")
        if shown.get("is_mp4") and not (url and examination.inspection.fetch(url).is_success):
            examination.inspection.note("getVideo", "/data/is_mp4", "true, and mp4_url does not answer")


def prices(examination: Examination, *, less: Sequence[Json], more: Sequence[Json]) -> None:
    """Compares the price of two transcodings, of which one is longer or has more."""
    small, large = (price_of(examination, *one) for one in (less, more))
    if small is None or large is None:
        raise NotExaminedError("there are no prices to compare")
    if large <= small:
        said = f"{large:g} for {more[0]}, {more[1]} s, and {small:g} for {less[0]}, {less[1]} s"
        examination.inspection.note("getTranscodeCost", "/data/price", said, exchanges=2)


def price_of(examination: Examination, names: str, seconds: float) -> float | None:
    query = (("qualities", names), ("duration", str(seconds)))
    answer = examination.inspection.ask("getTranscodeCost", request_to("getTranscodeCost", query=query))
    try:
        return None if answer is None else float(answer["data"]["price"])
    except (LookupError, TypeError, ValueError):
        return None


def answers(examination: Examination, *, of: Sequence[str], place: str, words: Sequence[str] = ()) -> None:
    """Held if an answer had the place, and nothing was wrong there."""
    seen = examination.inspection.seen
    names = [place, *(place.replace("/data/", "/data/videos/*/", 1),)]
    wanted = [f"{name}={word}" for name in names for word in words] or names
    if place != "*" and not any((operation, one) in seen for operation in of for one in wanted):
        raise NotExaminedError("no answer had it")


def nothing(_: Examination, *, why: str) -> None:
    """For what no inspection can see."""
    raise NotExaminedError(why)
